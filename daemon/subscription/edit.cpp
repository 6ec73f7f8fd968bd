// SPDX-License-Identifier: Apache-2.0
#include "subscription/edit.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "subscription/root.h"

namespace bindhss::subscription {

namespace {

/// The parts of a text between separators; one at least.
std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        if (end == text.size()) return parts;
        text.remove_prefix(end + 1);
    }
}

/// The row of the reference for a field; null: there is none.
const DocumentField* field_named(const std::vector<std::string>& path) {
    static const auto fields = document_fields();
    std::string name;
    for (const auto& part : path) name += (name.empty() ? "" : ".") + (context_of(part) == 0 ? part : "N");
    const bool context = path.size() == 2 && context_of(path[1]) != 0;
    const auto& wanted = context ? path[0] : name;
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.name == wanted; });
    return found == fields.end() ? nullptr : &*found;
}

/// Nothing when the text cannot be a value of that type.
std::optional<json::value> value_from(const std::string& text, const std::string& type) {
    if (text == "null") return json::value(nullptr);
    const bool list = type.starts_with("list");
    const bool rate = type.starts_with("bit/s");
    const bool literal = rate || list || type.starts_with("number") || type.starts_with("object") ||
                         type.starts_with("true") || type.starts_with("seconds") ||
                         type.starts_with("5 to 9");
    if (!literal) return json::value(text);
    if (list && !text.starts_with('[')) {
        json::array items;
        for (const auto& item : split(text, ',')) items.emplace_back(item);
        return items;
    }
    json::error_code error;
    auto value = json::parse(text, error);
    if (!error) return value;
    return rate ? std::optional(json::value(text)) : std::nullopt;
}

/// What is wrong; empty: it has been applied.
std::string apply(json::object& document, const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) return "is not KEY=VALUE";
    const auto path = split(std::string_view(assignment).substr(0, equals), '.');
    const auto text = assignment.substr(equals + 1);
    const auto* field = field_named(path);
    if (field == nullptr) return "is no field (see bindhssctl profile fields)";
    auto* object = &document;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        auto* inner = object->if_contains(path[i]);
        if (inner == nullptr && text.empty()) return {};
        if (inner == nullptr || !inner->is_object()) inner = &((*object)[path[i]] = json::object());
        object = &inner->get_object();
    }
    if (text.empty()) {
        object->erase(path.back());
        return {};
    }
    auto value = value_from(text, field->type);
    if (!value) return "is not " + field->type;
    (*object)[path.back()] = std::move(*value);
    return {};
}

}  // namespace

Result<std::string> edited(std::string_view document, const std::vector<std::string>& assignments) {
    Complaints complaints(true);
    auto value = parse(document, {}, complaints);
    if (!complaints.none()) return fail(Cause::unable_to_comply, complaints.str());
    for (const auto& assignment : assignments) {
        if (const auto problem = apply(value.get_object(), assignment); !problem.empty())
            complaints.add("'" + Complaints::shown(assignment) + "' " + problem);
    }
    if (!complaints.none()) return fail(Cause::unable_to_comply, complaints.str());
    return json::serialize(value);
}

}  // namespace bindhss::subscription
