// SPDX-License-Identifier: Apache-2.0
// DOWNLINK and UPLINK GENERIC NAS TRANSPORT (TS 24.301 8.2.31, 8.2.32), in which an MME with the KME AVPs
// carries containers between HSS and device (spec 4.6). Plain NAS: security protection is around it.
#pragma once

#include <optional>

#include "types/octets.h"

namespace bindhss::emu {

struct GenericNasTransport {
    enum class Direction : std::uint8_t { downlink = 0x68, uplink = 0x69 };
    Direction direction = Direction::downlink;
    std::uint8_t container_type = 75;  ///< 9.9.3.42: of those that are not used
    OctetString container;
    bool operator==(const GenericNasTransport&) const = default;
};

/// REQUIRES: the container has 65535 octets at most.
[[nodiscard]] OctetString encode(const GenericNasTransport& message);
/// Nothing for anything else, and for one that is cut off. What comes behind the container is skipped.
[[nodiscard]] std::optional<GenericNasTransport> parse_nas_transport(OctetView octets);

}  // namespace bindhss::emu
