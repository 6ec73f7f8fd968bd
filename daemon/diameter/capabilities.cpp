// SPDX-License-Identifier: Apache-2.0
#include "diameter/capabilities.h"

#include <algorithm>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <utility>

#include "diameter/avp_id.h"
#include "types/diameter_identity.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

namespace {

constexpr std::uint32_t no_inband_security = 0;
constexpr std::uint32_t diameter_no_common_security = 5017;
constexpr AvpId acct_application_id{259};

// RFC 6733 4.3.1: AddressType of two octets, then the address.
OctetString encode_address(const asio::ip::address& address) {
    OctetString octets{0, static_cast<std::uint8_t>(address.is_v4() ? 1 : 2)};
    const auto append = [&octets](const auto& bytes) {
        octets.insert(octets.end(), bytes.begin(), bytes.end());
    };
    if (address.is_v4()) {
        append(address.to_v4().to_bytes());
    } else {
        append(address.to_v6().to_bytes());
    }
    return octets;
}

void add_capabilities(const NodeSettings& settings, const asio::ip::address& local, Message& message) {
    message.add(avp_id::origin_host, settings.identity);
    message.add(avp_id::origin_realm, settings.realm);
    message.add(avp_id::host_ip_address, OctetView(encode_address(local)));
    message.add(avp_id::vendor_id, std::uint32_t{0});  // the manufacturer has no enterprise number
    message.add(avp_id::product_name, settings.product_name);
    if (settings.origin_state_id != 0) message.add(avp_id::origin_state_id, settings.origin_state_id);
    message.add(avp_id::supported_vendor_id, vendor_3gpp);
    message.add(avp_id::inband_security_id, no_inband_security);
    for (const auto application : settings.applications) {
        message.add_group(avp_id::vendor_specific_application_id, [application](Message::Group& group) {
            group.add(avp_id::vendor_id, vendor_3gpp);
            group.add(avp_id::auth_application_id, application);
        });
    }
}

bool has_common_application(const NodeSettings& settings, const Message& message) {
    const auto ours = [&settings](const AvpView& avp) {
        return avp.u32() == application_relay ||
               std::ranges::find(settings.applications, avp.u32()) != settings.applications.end();
    };
    bool common = false;
    message.each([&common, &ours](const AvpView& avp) {
        if (avp.id() == avp_id::auth_application_id || avp.id() == acct_application_id) {
            common = common || ours(avp);
        } else if (avp.id() == avp_id::vendor_specific_application_id) {
            const auto inner = avp.find(avp_id::auth_application_id);
            common = common || (inner && ours(*inner));
        }
    });
    return common;
}

// RFC 6733 6.10: absent means none, and ours is none.
bool has_common_security(const Message& message) {
    bool offered = false;
    bool common = false;
    message.each([&offered, &common](const AvpView& avp) {
        if (avp.id() != avp_id::inband_security_id) return;
        offered = true;
        common = common || avp.u32() == no_inband_security;
    });
    return common || !offered;
}

// "10.0.0.4" is all of itself, "10.0.0.0/24" a prefix.
bool is_within(const std::string& range, const asio::ip::address& address) {
    boost::system::error_code error;
    const bool prefix = range.find('/') != std::string::npos;
    if (!prefix) return asio::ip::make_address(range, error) == address && !error;
    if (address.is_v4()) {
        const auto network = asio::ip::make_network_v4(range, error);
        if (error) return false;
        return asio::ip::network_v4(address.to_v4(), network.prefix_length()).network() == network.network();
    }
    const auto network = asio::ip::make_network_v6(range, error);
    if (error) return false;
    return asio::ip::network_v6(address.to_v6(), network.prefix_length()).network() == network.network();
}

bool address_allowed(const PeerSettings& peer, const asio::ip::address& remote) {
    return peer.addresses.empty() || std::ranges::any_of(peer.addresses, [&remote](const std::string& range) {
               return is_within(range, remote);
           });
}

// What a stranger tells, as it may stand in a sentence.
std::string shortened(std::string_view value) {
    return std::string(value.substr(0, 255));
}

// What the operator has to write for this peer to be let in.
std::string unknown_peer(std::string_view identity, std::string_view realm, const RemoteEnd& remote) {
    return "not a configured peer; to allow it, add under diameter.peers: {identity: \"" +
           shortened(identity) + "\", realm: \"" + shortened(realm) + "\"" +
           (remote.certificate == nullptr ? ", transport: tcp" : "") + ", addresses: [\"" +
           remote.address.to_string() + "\"]}";
}

std::optional<Refusal> judge_protection(const PeerSettings& peer, std::string_view identity,
                                        const RemoteEnd& remote) {
    if (remote.certificate == nullptr) {
        if (peer.transport == Transport::tcp) return std::nullopt;
        return Refusal{
            diameter_no_common_security,
            shortened(identity) +
                " comes without TLS; let it connect to a port of diameter.tls.listen "
                "with TLS, or, to leave it unprotected, write in its entry under diameter.peers: transport: "
                "tcp, addresses: [\"" +
                remote.address.to_string() + "\"]"};
    }
    if (crypto::is_for_host(*remote.certificate, identity)) return std::nullopt;
    std::string names;
    for (const auto& name : remote.certificate->names) names += (names.empty() ? "" : ", ") + name;
    return Refusal{diameter_unknown_peer, "its certificate is made out to [" + shortened(names) +
                                              "], not to " + shortened(identity) +
                                              ": it needs a subjectAltName DNS:" + shortened(identity) +
                                              ", or the Identity that it tells is wrong"};
}

}  // namespace

// An entry with the very identity speaks for it alone: nobody may come in under "*" with the name of a peer
// that has to come from elsewhere, or with a certificate.
const PeerSettings* find_peer(const std::vector<PeerSettings>& peers, std::string_view identity,
                              std::string_view realm, const asio::ip::address& remote) {
    const PeerSettings* found = nullptr;
    bool named = false;
    for (const auto& peer : peers) {
        const bool very = same_identity(peer.identity, identity);
        if (very && !std::exchange(named, true)) found = nullptr;
        const bool fits = very || (!named && found == nullptr && peer.identity == "*");
        if (fits && same_identity(peer.realm, realm) && address_allowed(peer, remote)) found = &peer;
    }
    return found;
}

Message make_cer(const NodeSettings& settings, const diameter_dict::Dictionary& dictionary,
                 const asio::ip::address& local) {
    auto cer = Message::request(dictionary, command_capabilities_exchange, 0);
    add_capabilities(settings, local, cer);
    return cer;
}

Message make_cea(const NodeSettings& settings, const diameter_dict::Dictionary& dictionary,
                 const asio::ip::address& local, const Header& cer) {
    auto cea = Message::answer(dictionary, cer);
    add_capabilities(settings, local, cea);
    return cea;
}

void encode_result(const Refusal* refusal, Message& cea) {
    if (refusal == nullptr) return encode_success(cea);
    const auto& refused = *refusal;
    cea.add(avp_id::result_code, refused.result_code);
    // RFC 6733 7.1.3: a protocol error has the E bit.
    cea.set_flag(Header::flag_error, refused.result_code / 1000 == 3);
    if (refused.failed_avp.empty()) return;
    cea.add_group(avp_id::failed_avp,
                  [&refused](Message::Group& group) { group.add_raw(refused.failed_avp); });
}

std::variant<PeerIdentity, Refusal> judge_capabilities(const NodeSettings& settings, const Message& message,
                                                       const RemoteEnd& remote) {
    const auto host = message.find(avp_id::origin_host);
    const auto realm = message.find(avp_id::origin_realm);
    if (!host || !realm || host->text().empty() || realm->text().empty()) {
        return Refusal{result_code(Cause::missing_avp).number, "no Origin-Host or Origin-Realm"};
    }
    const auto* peer = find_peer(settings.peers, host->text(), realm->text(), remote.address);
    if (peer == nullptr || same_identity(host->text(), settings.identity)) {
        return Refusal{diameter_unknown_peer, unknown_peer(host->text(), realm->text(), remote)};
    }
    if (const auto refusal = judge_protection(*peer, host->text(), remote)) return *refusal;
    if (!has_common_application(settings, message)) {
        return Refusal{diameter_no_common_application, "offers no application of ours, and is no relay"};
    }
    if (!has_common_security(message)) {
        return Refusal{diameter_no_common_security,
                       "asks for in-band TLS, which RFC 6733 13.1 has deprecated"};
    }
    return PeerIdentity{std::string(host->text()), std::string(realm->text()), peer->relay};
}

}  // namespace bindhss::diameter
