// SPDX-License-Identifier: Apache-2.0
#include "store/equipment.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace bindhss::store {

namespace {

constexpr std::array<std::string_view, 3> names{"white", "black", "grey"};  // by the protocol's number

auto rank(const EquipmentEntry& entry) {
    return std::tuple(entry.range.high.number() - entry.range.low.number(), entry.svn ? 0 : 1,
                      entry.range.low);
}

}  // namespace

bool more_specific(const EquipmentEntry& a, const EquipmentEntry& b) {
    return rank(a) < rank(b);
}

std::optional<s6a::EquipmentStatus> parse_equipment_status(std::string_view text) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) return std::nullopt;
    return static_cast<s6a::EquipmentStatus>(found - names.begin());
}

std::string_view name_of(s6a::EquipmentStatus status) {
    return names[static_cast<std::size_t>(status)];
}

bool is_software_version(std::string_view text) {
    return text.size() == 2 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace bindhss::store
