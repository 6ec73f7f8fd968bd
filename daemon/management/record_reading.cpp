// SPDX-License-Identifier: Apache-2.0
#include "management/record_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "records/convert.h"
#include "records/readers.h"

namespace bindhss::management {

namespace {

bool is_key(const store::Item& item) {
    return std::holds_alternative<store::PutKme>(item.put) ||
           std::holds_alternative<store::RetireKme>(item.put);
}

Problem bad_member(std::string_view name, std::string_view why) {
    return {bad_request, fmt::format("The member {} of the body {}.", name, why)};
}

/// What is wrong is told in the words of whoever read it.
Problem problem_of(ProblemKind kind, const std::vector<store::LineError>& errors) {
    return {kind,
            errors.size() > 1 ? fmt::format("Nothing was stored: {} things are wrong.", errors.size())
                              : "Nothing was stored: " + errors.front().text,
            errors_of(errors)};
}

}  // namespace

records::Record record_of(const Call& call, records::Kind kind, std::initializer_list<Named> path) {
    records::Record record{kind, 1, {}};
    records::Reading reading;
    if (!call.request.body.empty()) {
        auto read = records::read_object(kind, body_text(call, {"application/json"}), reading);
        if (!read) throw problem_of(bad_request, reading.errors);
        record = std::move(*read);
    }
    for (const auto& [field, value] : path) {
        auto& there = record.fields[std::string(field)];
        if (!there.values.empty() && there.values != std::vector{value})
            reading.errors.push_back({there.line, fmt::format("{} is not that of the path", field)});
        there = {{value}, record.line};
    }
    if (const auto change = record.fields.find("change"); change != record.fields.end())
        reading.errors.push_back({change->second.line, "change is for /v1/changes alone"});
    if (!reading.errors.empty()) records::wipe(record);
    refuse_errors(reading);
    return record;
}

store::Item item_of(records::Record record) {
    records::Reading reading;
    records::convert(record, reading);
    records::wipe(record);
    refuse_errors(reading);
    return std::move(reading.items.front());
}

store::Item item_of(const Call& call, records::Kind kind, std::initializer_list<Named> path) {
    return item_of(record_of(call, kind, path));
}

void refuse_errors(const records::Reading& reading) {
    if (!reading.errors.empty()) throw problem_of(refused, reading.errors);
}

Imei path_imei(const Call& call, std::size_t index) {
    const auto imei = Imei::parse(call.parts.at(index));
    if (!imei) throw Problem(bad_request, "The path has no IMEI (14 to 16 digits) where one belongs.");
    return *imei;
}

ImeiRange path_range(const Call& call, std::size_t index) {
    const auto range = ImeiRange::parse(call.parts.at(index));
    if (!range) {
        throw Problem(
            bad_request,
            "The path has no IMEI (14 to 16 digits), TAC (8) or range (IMEI-IMEI) where one belongs.");
    }
    return *range;
}

std::int64_t path_number(const Call& call, std::size_t index) {
    const auto& text = call.parts.at(index);
    std::int64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || number < 1)
        throw Problem(bad_request, "The path has no number where one belongs.");
    return number;
}

std::variant<Imei, std::string> owner_of(const std::string& text) {
    auto owner = records::parse_owner(text);
    if (!owner) throw Problem(bad_request, "An owner of keys is an IMEI or group:NAME.");
    return std::move(*owner);
}

std::variant<Imei, std::string> path_owner(const Call& call, std::size_t index) {
    return owner_of(call.parts.at(index));
}

void none_there(const std::string& what) {
    throw Problem(not_found, "There is no " + what + ".");
}

std::optional<std::string> text_member(const boost::json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_string()) throw bad_member(name, "is no text");
    return std::string(member->get_string());
}

bool flag_member(const boost::json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (member == nullptr) return false;
    if (!member->is_bool()) throw bad_member(name, "is neither true nor false");
    return member->get_bool();
}

void only_members(const boost::json::object& body, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : body) {
        if (std::find(names.begin(), names.end(), std::string_view(name)) == names.end())
            throw bad_member(records::shown(name), "belongs to something else");
    }
}

void check_keys(const Call& call, const std::vector<store::Item>& items) {
    if (call.caller.roles.may(Role::keys) || std::none_of(items.begin(), items.end(), is_key)) return;
    throw Problem(role_missing,
                  "This changes keys: it needs the role keys, which " + call.caller.name + " does not have.");
}

http::Response apply_one(Call& call, Desk& desk, store::Item item) {
    const std::vector<store::Item> items{std::move(item)};
    check_keys(call, items);
    return applied_answer(call, apply(call, desk, items), 1);
}

http::Response remove_one(Call& call, Desk& desk, store::Item item) {
    const auto applied = apply(call, desk, {std::move(item)});
    return call.options.dry_run ? applied_answer(call, applied, 1) : gone(applied);
}

}  // namespace bindhss::management
