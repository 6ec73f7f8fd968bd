// SPDX-License-Identifier: Apache-2.0
// The E-UTRAN-Vector that both reference servers answer with: right in size, and nothing else.
#pragma once

#include <array>
#include <cstdint>

namespace bindhss::bench {

inline constexpr std::array<std::uint8_t, 16> canned_rand{0x23, 0x55};
inline constexpr std::array<std::uint8_t, 8> canned_xres{0xa5, 0x42};
inline constexpr std::array<std::uint8_t, 16> canned_autn{0xaa, 0x68};
inline constexpr std::array<std::uint8_t, 32> canned_kasme{0x87, 0x01};

}  // namespace bindhss::bench
