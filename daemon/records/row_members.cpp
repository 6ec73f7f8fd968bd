// SPDX-License-Identifier: Apache-2.0
#include "records/row_members.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "types/time_text.h"

namespace bindhss::records {

namespace json = boost::json;

std::string time_member(WallTime time) {
    auto text = time_text(time);
    const auto fraction = time - std::chrono::floor<std::chrono::seconds>(time);
    if (fraction.count() != 0) text.insert(text.size() - 1, fmt::format(".{:03}", fraction.count()));
    return text;
}

json::value document_member(const std::string& text) {
    json::error_code error;
    auto value = json::parse(text, error);
    if (error || !value.is_object()) return json::value(text);
    return value;
}

const json::value& RowReader::required(std::string_view name) const {
    const auto* member = object_.if_contains(name);
    if (member == nullptr) throw bad(name, "is missing");
    return *member;
}

std::string RowReader::string_of(std::string_view name, const json::value& value) {
    if (!value.is_string()) throw bad(name, "is no text");
    return std::string(value.get_string());
}

bool RowReader::flag_of(std::string_view name, const json::value& value) {
    if (!value.is_bool()) throw bad(name, "is neither true nor false");
    return value.get_bool();
}

WallTime RowReader::time_of(std::string_view name, const json::value& value) {
    const auto time = parse_rfc3339(string_of(name, value));
    if (!time) throw bad(name, "is no time");
    return *time;
}

const json::object& RowReader::object_of_member(std::string_view name, const json::value& value) {
    if (!value.is_object()) throw bad(name, "is no object");
    return value.get_object();
}

void RowReader::document(std::string_view name, std::string& text) {
    const auto* member = object_.if_contains(name);
    if (member == nullptr) {
        text.clear();
    } else if (member->is_object()) {
        text = json::serialize(*member);
    } else {
        text = string_of(name, *member);
    }
}

}  // namespace bindhss::records
