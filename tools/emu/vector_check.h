// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "emu/fleet.h"
#include "types/s6a.h"

namespace bindhss::emu {

/// Why a vector is not what the subscriber's card and device need.
enum class VectorFault : std::uint8_t {
    no_vector,
    separation_bit,  ///< not set in a vector for EPS
    not_encrypted,   ///< a regular vector for a bound subscriber (invariant I1)
    encrypted,       ///< a marked vector for a subscriber that is not bound
    mac_a,           ///< wrong key, wrong RAND encryption or altered AUTN
    xres,
    kasme,
    sqn_reused,   ///< this SQN was seen before for this IMSI
    sqn_too_old,  ///< far below what was seen: the HSS went back
};
inline constexpr std::size_t vector_fault_count = 9;
[[nodiscard]] std::string_view name_of(VectorFault fault);

/// Does what card and device of a fleet member would do, but for the freshness of the SQN, which it returns.
/// Any thread may call it.
[[nodiscard]] std::variant<Sqn, VectorFault> check_vector(const FleetMember& member,
                                                          const s6a::EutranVector& vector,
                                                          const Plmn& serving_network);

}  // namespace bindhss::emu
