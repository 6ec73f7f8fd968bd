// SPDX-License-Identifier: Apache-2.0
// What operations take from a request.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>

#include "management/answers.h"
#include "types/base64.h"
#include "types/limits.h"
#include "types/time_text.h"

namespace bindhss::management {

namespace {

Problem bad_parameter(std::string_view name, std::string_view why) {
    return {bad_request, fmt::format("The parameter {} {}.", name, why)};
}

}  // namespace

std::optional<std::string> query_text(const Call& call, std::string_view name) {
    const auto found = call.query.find(name);
    if (found == call.query.end()) return std::nullopt;
    if (found->second.empty()) throw bad_parameter(name, "is empty: leave it out when any will do");
    return found->second;
}

std::string query_or_empty(const Call& call, std::string_view name) {
    return query_text(call, name).value_or(std::string());
}

bool query_flag(const Call& call, std::string_view name) {
    const auto text = query_text(call, name);
    if (!text || *text == "false") return false;
    if (*text != "true") throw bad_parameter(name, "is neither true nor false");
    return true;
}

std::optional<std::uint64_t> query_number(const Call& call, std::string_view name, std::uint64_t max) {
    const auto text = query_text(call, name);
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    const auto* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc() || stop != end || number > max)
        throw bad_parameter(name, fmt::format("is not a number from 0 to {}", max));
    return number;
}

std::optional<WallTime> query_time(const Call& call, std::string_view name) {
    const auto text = query_text(call, name);
    if (!text) return std::nullopt;
    const auto time = parse_rfc3339(*text);
    if (!time) throw bad_parameter(name, "is not a time, such as 2026-03-01T08:30:00Z");
    return time;
}

std::optional<Imsi> query_imsi(const Call& call, std::string_view name) {
    const auto text = query_text(call, name);
    if (!text) return std::nullopt;
    const auto imsi = Imsi::parse(*text);
    if (!imsi) throw bad_parameter(name, "is not an IMSI: 6 to 15 digits");
    return imsi;
}

std::optional<Imei> query_imei(const Call& call, std::string_view name) {
    const auto text = query_text(call, name);
    if (!text) return std::nullopt;
    const auto imei = Imei::parse(*text);
    if (!imei) throw bad_parameter(name, "is not an IMEI: 14 to 16 digits");
    return imei;
}

Imsi path_imsi(const Call& call, std::size_t index) {
    const auto imsi = Imsi::parse(call.parts.at(index));
    if (!imsi) throw Problem(bad_request, "The path has no IMSI (6 to 15 digits) where one belongs.");
    return *imsi;
}

std::string_view body_text(const Call& call, std::initializer_list<std::string_view> types) {
    const auto type = call.request.media_type();
    if (std::find(types.begin(), types.end(), type) != types.end()) return call.request.body;
    std::string known;
    for (const auto each : types) known += (known.empty() ? "" : " or ") + std::string(each);
    throw Problem(media_type_unknown, type.empty()
                                          ? "The body has no Content-Type; it is to be " + known + "."
                                          : "The body is to be " + known + ".");
}

boost::json::object body_object(const Call& call) {
    if (call.request.body.empty()) return {};
    const auto text = body_text(call, {"application/json"});
    boost::json::parse_options options;
    options.max_depth = limits::api_json_depth_max;
    boost::json::error_code error;
    auto value = boost::json::parse(text, error, {}, options);
    if (error) throw Problem(bad_request, "The body is not JSON: " + error.message() + ".");
    if (!value.is_object()) throw Problem(bad_request, "The body is not a JSON object.");
    return std::move(value.get_object());
}

std::size_t limit_of(const Call& call) {
    const auto limit = query_number(call, "limit", limits::api_page_rows_max);
    if (limit == 0U) throw bad_parameter("limit", "is 0");
    return limit.value_or(limits::api_page_rows);
}

std::optional<std::string> cursor_of(const Call& call) {
    const auto text = query_text(call, "cursor");
    if (!text) return std::nullopt;
    const auto octets = from_base64(*text);
    if (!octets || octets->empty()) throw bad_parameter("cursor", "is not the \"next\" of any answer");
    return std::string(octets->begin(), octets->end());
}

store::Page page_of(const Call& call) {
    return {cursor_of(call).value_or(std::string()), limit_of(call) + 1};
}

}  // namespace bindhss::management
