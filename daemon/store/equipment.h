// SPDX-License-Identifier: Apache-2.0
// The equipment register (EIR): which devices are listed white, grey or black (TS 22.016, TS 29.272 6).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "types/s6a.h"

namespace bindhss::store {

/// What is registered of the devices in a range. A plain value.
struct EquipmentEntry {
    ImeiRange range;
    std::optional<std::string> svn;  ///< two digits: only while they have this software version
    s6a::EquipmentStatus status = s6a::EquipmentStatus::permitted;
    std::string comment;
    bool operator==(const EquipmentEntry&) const = default;
};

/// Does `a` decide when both entries cover a device? The narrower range does; of equal ranges the one for a
/// software version; of ranges that overlap by the same width the lower one. So an IMEISV is before its IMEI,
/// the IMEI before a range, and a range before the TAC when it is narrower than it.
[[nodiscard]] bool more_specific(const EquipmentEntry& a, const EquipmentEntry& b);

/// white, grey, black: as TS 22.016 names the lists.
[[nodiscard]] std::optional<s6a::EquipmentStatus> parse_equipment_status(std::string_view text);
[[nodiscard]] std::string_view name_of(s6a::EquipmentStatus status);
/// Two digits (TS 23.003 6.2.2).
[[nodiscard]] bool is_software_version(std::string_view text);

}  // namespace bindhss::store
