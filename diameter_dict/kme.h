// SPDX-License-Identifier: Apache-2.0
// The AVPs of the KME extension (spec 4.4) as tables. Private to diameter_dict and its tool.
#pragma once

#include "diameter_dict/s6a.h"

namespace bindhss::diameter_dict {

/// Stands for the vendor in the tables: which number it is, the operator decides.
inline constexpr std::uint32_t kme_vendor_placeholder = 0xffff'ffff;

/// A value that has a name.
struct ValueRow {
    std::string_view avp;
    std::uint32_t number;
    std::string_view name;
};

[[nodiscard]] std::span<const AvpRow> kme_avps();
[[nodiscard]] std::span<const GroupRow> kme_groups();
[[nodiscard]] std::span<const ValueRow> kme_values();

}  // namespace bindhss::diameter_dict
