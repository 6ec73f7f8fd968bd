// SPDX-License-Identifier: Apache-2.0
// What ties a subscription to devices (spec 4.1), and what the HSS knows about it when it has to decide.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "types/aka.h"
#include "types/identity.h"
#include "types/seams.h"

namespace bindhss::binding {

/// spec 4.1. `off`: not managed. `imei_*`: the IMEI that ADD reports is compared. `kme*`: every vector is
/// pre-processed.
enum class Policy : std::uint8_t { off, imei_monitor, imei_enforce, kme, kme_imei };

[[nodiscard]] std::optional<Policy> parse_policy(std::string_view text);
[[nodiscard]] std::string_view name_of(Policy policy);

[[nodiscard]] constexpr bool needs_kme(Policy policy) {
    return policy == Policy::kme || policy == Policy::kme_imei;
}
[[nodiscard]] constexpr bool enforces_imei(Policy policy) {
    return policy == Policy::imei_enforce || policy == Policy::kme_imei;
}

/// A device key. 16 octets select AES-128 (rand-alg 1), 32 AES-256 (rand-alg 2).
struct Kme {
    std::int64_t id = 0;  ///< row in the store, for the ledger
    SecretString key;     ///< 16 or 32 octets
    std::uint32_t generation = 0;
};

/// The AMF bits that mark a pre-processed vector (spec 4.2).
struct AmfMarks {
    std::uint16_t pre_processed = 0x0080;  ///< P: AMF bit 8
    std::uint16_t generation = 0x0040;     ///< G: AMF bit 9, the parity of the generation
};

/// A binding as the decisions need it.
struct Binding {
    Policy policy = Policy::off;
    /// Devices authorised for the subscription (R1): single devices, ranges, TACs, and those of its device
    /// group.
    std::vector<ImeiRange> devices;
    /// true: the subscription has a KME (its device's or its group's).
    bool has_kme = false;
};

}  // namespace bindhss::binding
