// SPDX-License-Identifier: Apache-2.0
// A Diameter message over libfdproto's codec: parsed and checked against the dictionary, or built and
// serialised. Nothing above diameter/ sees freeDiameter's types.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "types/octets.h"
#include "types/result_code.h"

struct msg;
struct avp;

namespace bindhss::diameter_dict {
class Dictionary;
}

namespace bindhss::diameter {

inline constexpr std::size_t header_octets = 20;

/// RFC 6733 3: what every message begins with.
struct Header {
    std::uint32_t length = 0;
    std::uint8_t flags = 0;
    std::uint32_t command_code = 0;
    std::uint32_t application_id = 0;
    std::uint32_t hop_by_hop = 0;
    std::uint32_t end_to_end = 0;

    static constexpr std::uint8_t flag_request = 0x80;
    static constexpr std::uint8_t flag_proxiable = 0x40;
    static constexpr std::uint8_t flag_error = 0x20;
    static constexpr std::uint8_t flag_retransmitted = 0x10;
    [[nodiscard]] bool is_request() const { return (flags & flag_request) != 0; }
    [[nodiscard]] bool is_error() const { return (flags & flag_error) != 0; }

    /// Reads the header of a frame; nothing when the version is not 1 or the length is below 20, above
    /// limits::message_octets_max or no multiple of 4: such a stream cannot be followed any further.
    static std::optional<Header> read(OctetView octets);
};

/// An AVP by code and vendor (0: IETF).
struct AvpId {
    std::uint32_t code;
    std::uint32_t vendor = 0;
    bool operator==(const AvpId&) const = default;
};

/// A view of one parsed AVP; lives as long as its Message.
class AvpView {
  public:
    explicit AvpView(avp* handle) : handle_(handle) {}
    [[nodiscard]] AvpId id() const;
    /// V and M as received or as our dictionary has them.
    [[nodiscard]] std::uint8_t flags() const;
    /// True: u32() is its value.
    [[nodiscard]] bool is_number() const;
    /// Empty or 0 unless the AVP is of that format in the dictionary (OctetString or derived; Unsigned32,
    /// Enumerated) and Message::check() accepted it.
    [[nodiscard]] OctetView octets() const;
    [[nodiscard]] std::string_view text() const;
    [[nodiscard]] std::uint32_t u32() const;
    [[nodiscard]] std::optional<AvpView> find(AvpId id) const;
    void each(const std::function<void(AvpView)>& visit) const;
    [[nodiscard]] avp* handle() const { return handle_; }

  private:
    avp* handle_;
};

/// Why a request cannot be served as it stands, and the AVP at fault as Failed-AVP will carry it (RFC
/// 6733 7.5).
struct Rejection {
    Cause cause;
    std::string detail;
    OctetString failed_avp;  ///< one encoded AVP with its header, empty: none
};

/// One message. One thread at a time; movable. Owns libfdproto's object.
class Message {
  public:
    /// Parses a whole frame without looking into the dictionary: nothing when the frame is no Diameter
    /// message. Broken AVP lengths are no reason: the AVPs before stay readable, and check() rejects the
    /// message.
    static std::optional<Message> parse(OctetView frame);
    /// A new request of the dictionary's command with flag P as the command has it; ids are 0 until send().
    static Message request(const diameter_dict::Dictionary& dictionary, std::uint32_t command_code,
                           std::uint32_t application_id);
    /// The answer skeleton to a request header: same code, application and ids, P copied; AVPs come from the
    /// caller.
    static Message answer(const diameter_dict::Dictionary& dictionary, const Header& request);

    Message(Message&&) noexcept;
    Message& operator=(Message&&) noexcept;
    ~Message();

    [[nodiscard]] Header header() const;
    /// REQUIRES: made by request() or answer(), or checked.
    [[nodiscard]] const diameter_dict::Dictionary& dictionary() const { return *dictionary_; }
    void set_hop_by_hop(std::uint32_t id);
    void set_end_to_end(std::uint32_t id);
    void set_flag(std::uint8_t flag, bool on);

    /// Resolves AVPs in the dictionary and checks types, flags, nesting (limits::avp_*_max) and the command's
    /// rules. The values of AVPs can be read afterwards, also when it rejects: of all AVPs but those that are
    /// at fault, hence an error answer can be built. REQUIRES: made by parse(); called once.
    [[nodiscard]] std::optional<Rejection> check(const diameter_dict::Dictionary& dictionary);

    [[nodiscard]] std::optional<AvpView> find(AvpId id) const;
    void each(const std::function<void(AvpView)>& visit) const;
    /// The AVPs with that id as they were received, header included, for add_raw(). Live as long as the
    /// message.
    [[nodiscard]] std::vector<OctetView> encoded(AvpId id) const;

    /// Appends AVPs, in call order. REQUIRES: made by request() or answer(), or checked; the dictionary knows
    /// the AVP (or std::logic_error) and its type fits the call.
    class Group;
    void add(AvpId id, std::string_view text);
    void add(AvpId id, OctetView octets);
    void add(AvpId id, std::uint32_t number);
    void add_group(AvpId id, const std::function<void(Group&)>& fill);
    /// An AVP already encoded with its header (Proxy-Info copied from a request, Failed-AVP contents).
    void add_raw(OctetView encoded_avp);

    [[nodiscard]] OctetString serialise() const;

  private:
    Message(msg* handle, const diameter_dict::Dictionary* dictionary);
    static Message with_header(const Header& header, const diameter_dict::Dictionary* dictionary);
    [[nodiscard]] OctetView avps() const;
    struct Deleter {
        void operator()(msg* handle) const;
    };
    std::unique_ptr<msg, Deleter> handle_;
    const diameter_dict::Dictionary* dictionary_ = nullptr;
    OctetString received_;  ///< the whole frame; empty in a message of ours
};

/// A grouped AVP that is being filled; offers the add functions of Message.
class Message::Group {
  public:
    Group(avp* handle, const diameter_dict::Dictionary& dictionary)
        : handle_(handle), dictionary_(dictionary) {}
    void add(AvpId id, std::string_view text);
    void add(AvpId id, OctetView octets);
    void add(AvpId id, std::uint32_t number);
    void add_group(AvpId id, const std::function<void(Group&)>& fill);
    void add_raw(OctetView encoded_avp);

  private:
    avp* handle_;
    const diameter_dict::Dictionary& dictionary_;
};

}  // namespace bindhss::diameter
