// SPDX-License-Identifier: Apache-2.0
// The AVPs of the KME extension (spec 4.4) as tables. Private to diameter_dict and its tool.
#pragma once

#include "diameter_dict/s6a.h"

namespace bindhss::diameter_dict {

/// Stands for the vendor in the tables: which number it is, the operator decides.
inline constexpr std::uint32_t kme_vendor_placeholder = 0xffff'ffff;

[[nodiscard]] std::span<const AvpRow> kme_avps();
[[nodiscard]] std::span<const GroupRow> kme_groups();

}  // namespace bindhss::diameter_dict
