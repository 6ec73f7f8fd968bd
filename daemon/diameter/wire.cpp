// SPDX-License-Identifier: Apache-2.0
#include "diameter/wire.h"

#include "types/limits.h"

namespace bindhss::diameter {

namespace {

constexpr std::size_t avp_header_octets = 8;
constexpr std::size_t vendor_octets = 4;

std::uint32_t read_u24(OctetView octets) {
    return static_cast<std::uint32_t>(octets[0]) << 16 | static_cast<std::uint32_t>(octets[1]) << 8 |
           octets[2];
}

std::uint32_t read_u32(OctetView octets) {
    return static_cast<std::uint32_t>(octets[0]) << 24 | read_u24(octets.subspan(1));
}

void append_u32(OctetString& to, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(number >> shift));
}

}  // namespace

std::optional<Header> Header::read(OctetView octets) {
    static constexpr std::uint8_t version = 1;
    if (octets.size() < header_octets || octets[0] != version) return std::nullopt;
    Header header;
    header.length = read_u24(octets.subspan(1));
    if (header.length < header_octets || header.length > limits::message_octets_max ||
        header.length % 4 != 0) {
        return std::nullopt;
    }
    header.flags = octets[4];
    header.command_code = read_u24(octets.subspan(5));
    header.application_id = read_u32(octets.subspan(8));
    header.hop_by_hop = read_u32(octets.subspan(12));
    header.end_to_end = read_u32(octets.subspan(16));
    return header;
}

std::optional<RawAvp> AvpCursor::next() {
    if (rest_.size() < avp_header_octets) return std::nullopt;
    RawAvp avp;
    avp.id.code = read_u32(rest_);
    avp.flags = rest_[4];
    const std::size_t length = read_u24(rest_.subspan(5));
    const std::size_t header = avp_header_octets + (avp.has_vendor() ? vendor_octets : 0);
    if (length < header || length > rest_.size()) return std::nullopt;
    if (avp.has_vendor()) avp.id.vendor = read_u32(rest_.subspan(avp_header_octets));
    avp.encoded = rest_.first(length);
    avp.payload = avp.encoded.subspan(header);
    // Padding after the last AVP of a group is there by RFC 6733 4.1, and missing in practice.
    rest_ = rest_.subspan(std::min(rest_.size(), (length + 3) / 4 * 4));
    return avp;
}

void set_hop_by_hop(OctetString& message, std::uint32_t id) {
    static constexpr std::size_t place = 12;
    for (std::size_t i = 0; i < 4; ++i) message.at(place + i) = static_cast<std::uint8_t>(id >> (24 - 8 * i));
}

OctetString encode_avp(AvpId id, std::uint8_t flags, OctetView payload) {
    const bool vendor = id.vendor != 0;
    const auto length = avp_header_octets + (vendor ? vendor_octets : 0) + payload.size();
    const auto sent_flags =
        static_cast<std::uint8_t>(vendor ? flags | avp_flag::vendor : flags & ~avp_flag::vendor);
    OctetString encoded;
    encoded.reserve(length);
    append_u32(encoded, id.code);
    append_u32(encoded, static_cast<std::uint32_t>(sent_flags) << 24 | static_cast<std::uint32_t>(length));
    if (vendor) append_u32(encoded, id.vendor);
    encoded.insert(encoded.end(), payload.begin(), payload.end());
    return encoded;
}

}  // namespace bindhss::diameter
