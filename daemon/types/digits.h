// SPDX-License-Identifier: Apache-2.0
// Decimal digits as identities are made of.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace bindhss {

[[nodiscard]] inline bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// REQUIRES: all_digits(), and 19 of them at most.
[[nodiscard]] inline std::uint64_t to_number(std::string_view digits) {
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

}  // namespace bindhss
