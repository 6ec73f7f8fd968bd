// SPDX-License-Identifier: Apache-2.0
#include "types/json_object.h"

#include <boost/json/parse.hpp>

namespace bindhss {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 8;

}  // namespace

std::variant<json::object, std::string> parse_json_object(std::string_view text) {
    json::parse_options options;
    options.max_depth = depth_max;
    json::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error) return "is not JSON: " + error.message();
    if (!value.is_object()) return "is no JSON object";
    return std::move(value.get_object());
}

}  // namespace bindhss
