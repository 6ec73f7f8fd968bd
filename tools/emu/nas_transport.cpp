// SPDX-License-Identifier: Apache-2.0
#include "emu/nas_transport.h"

#include <algorithm>

namespace bindhss::emu {

namespace {

constexpr std::uint8_t emm_plain = 0x07;  // EPS mobility management, no security header (9.2, 9.3.1)
constexpr std::size_t header_octets = 5;  // discriminator, message type, container type, length in two octets

}  // namespace

OctetString encode(const GenericNasTransport& message) {
    const auto size = message.container.size();
    OctetString octets(header_octets + size);
    octets[0] = emm_plain;
    octets[1] = static_cast<std::uint8_t>(message.direction);
    octets[2] = message.container_type;
    octets[3] = static_cast<std::uint8_t>(size >> 8);
    octets[4] = static_cast<std::uint8_t>(size & 0xff);
    std::copy(message.container.begin(), message.container.end(), octets.begin() + header_octets);
    return octets;
}

std::optional<GenericNasTransport> parse_nas_transport(OctetView octets) {
    if (octets.size() < header_octets || octets[0] != emm_plain) return std::nullopt;
    GenericNasTransport message;
    message.direction = static_cast<GenericNasTransport::Direction>(octets[1]);
    if (message.direction != GenericNasTransport::Direction::downlink &&
        message.direction != GenericNasTransport::Direction::uplink)
        return std::nullopt;
    message.container_type = octets[2];
    const std::size_t size = static_cast<std::size_t>(octets[3] << 8 | octets[4]);
    if (octets.size() - header_octets < size) return std::nullopt;
    const auto container = octets.subspan(header_octets, size);
    message.container.assign(container.begin(), container.end());
    return message;
}

}  // namespace bindhss::emu
