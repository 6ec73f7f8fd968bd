// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace bindhss::emu {

/// What a message or an outcome says, value by value under names with dots ("ambr.uplink"). Scenarios expect
/// some of them. A value that is not there is not in the map; `absent` in an expectation means just that.
using Fields = std::map<std::string, std::string>;

inline constexpr const char* absent_field = "absent";

/// Whether each expected field came with its value.
[[nodiscard]] bool fits(const Fields& expected, const Fields& came);
/// "name value, name value"
[[nodiscard]] std::string text_of(const Fields& fields);
/// What came in the fields that are expected.
[[nodiscard]] Fields selected(const Fields& expected, const Fields& came);
/// Adds all fields of `from` under "prefix.".
void add_fields(Fields& into, const std::string& prefix, const Fields& from);

}  // namespace bindhss::emu
