// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace bindhss {

/// The object that the whole text is, or what is wrong with it, as the end of a sentence. Nested no deeper
/// than a few levels, whoever wrote it. Of a member that is there twice the last one counts.
[[nodiscard]] std::variant<boost::json::object, std::string> parse_json_object(std::string_view text);

}  // namespace bindhss
