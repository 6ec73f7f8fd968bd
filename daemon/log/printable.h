// SPDX-License-Identifier: Apache-2.0
// Text of peers, for places where no line of the log is written.
#pragma once

#include <string>
#include <string_view>

namespace bindhss::log {

/// Well-formed UTF-8 of at most so many octets: octets that are none become U+FFFD, control characters, and
/// what separates lines or changes their direction, a blank.
[[nodiscard]] std::string printable(std::string_view text, std::size_t octets_max = std::string_view::npos);

}  // namespace bindhss::log
