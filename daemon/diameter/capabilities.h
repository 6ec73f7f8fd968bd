// SPDX-License-Identifier: Apache-2.0
// CER and CEA (RFC 6733 5.3): built, and checked against who may talk to us.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <variant>

#include "diameter/node.h"
#include "diameter/result.h"

namespace bindhss::diameter {

inline constexpr std::uint32_t command_capabilities_exchange = 257;
inline constexpr std::uint32_t command_device_watchdog = 280;
inline constexpr std::uint32_t command_disconnect_peer = 282;
/// Application-Id of a relay (RFC 6733 2.4).
inline constexpr std::uint32_t application_relay = 0xffff'ffff;

/// Who is at the other end, as CER/CEA told and settings allowed.
struct PeerIdentity {
    std::string identity;
    std::string realm;
    bool relay = false;
    std::string protection = {};  ///< Stream::protection()
    bool secured = false;         ///< that is TLS
};

/// What is known of the other end before it says anything.
struct RemoteEnd {
    boost::asio::ip::address address;
    const crypto::Certificate* certificate = nullptr;  ///< null: it came without TLS
};

/// The entry that lets such a peer in from there; null: none does. The closest one: see settings.peers.
[[nodiscard]] const PeerSettings* find_peer(const std::vector<PeerSettings>& peers, std::string_view identity,
                                            std::string_view realm, const boost::asio::ip::address& remote);

/// Why a connection is refused: the Result-Code of the CEA and a sentence for the log.
struct Refusal {
    std::uint32_t result_code;
    std::string detail;
    OctetString failed_avp = {};
};

[[nodiscard]] Message make_cer(const NodeSettings& settings, const diameter_dict::Dictionary& dictionary,
                               const boost::asio::ip::address& local);
[[nodiscard]] Message make_cea(const NodeSettings& settings, const diameter_dict::Dictionary& dictionary,
                               const boost::asio::ip::address& local, const Header& cer);
/// `refusal` null: DIAMETER_SUCCESS.
void encode_result(const Refusal* refusal, Message& cea);

/// Judges a CER or CEA after Message::check(): a peer of ours, by identity, realm and address; with TLS if it
/// has to, and a certificate made out to the identity that it tells; with an application and a security
/// mechanism in common.
[[nodiscard]] std::variant<PeerIdentity, Refusal> judge_capabilities(const NodeSettings& settings,
                                                                     const Message& message,
                                                                     const RemoteEnd& remote);

}  // namespace bindhss::diameter
