// SPDX-License-Identifier: Apache-2.0
// Our own AVPs in the words of other programs.
#pragma once

#include <cstdint>
#include <iosfwd>

namespace bindhss::diameter_dict {

/// As Dictionary::kme_vendor_default.
inline constexpr std::uint32_t wireshark_vendor_default = 32'473;

/// The KME AVPs as Wireshark's diameter/Custom.xml has them (its format: diameter/dictionary.dtd).
void write_wireshark(std::ostream& out, std::uint32_t vendor);

}  // namespace bindhss::diameter_dict
