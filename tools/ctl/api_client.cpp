// SPDX-License-Identifier: Apache-2.0
#include "ctl/api_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>
#include <thread>

#include "types/base64.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

constexpr std::string_view problem_prefix = "urn:bindhss:problem:";

std::string encoded(std::string_view text) {
    constexpr std::string_view plain = "-._~";
    std::string result;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || plain.find(c) != std::string_view::npos) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

std::string text_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<store::LineError> errors_in(const json::object& problem) {
    std::vector<store::LineError> errors;
    const auto* list = problem.if_contains("errors");
    if (list == nullptr || !list->is_array()) return errors;
    for (const auto& each : list->get_array()) {
        if (!each.is_object()) continue;
        const auto* line = each.get_object().if_contains("line");
        const auto number = line != nullptr && line->is_int64() && line->get_int64() > 0
                                ? static_cast<std::size_t>(line->get_int64())
                                : 0;
        errors.push_back({number, text_in(each.get_object(), "detail")});
    }
    return errors;
}

/// A sentence of the API as the messages of a program are written: it ends without a full stop.
std::string as_message(std::string text) {
    while (text.ends_with('.')) text.pop_back();
    return text;
}

/// Nothing is wrong with the request: it may be sent again later.
bool is_passing(unsigned status) {
    constexpr std::array<unsigned, 4> passing{429, 502, 503, 504};
    return std::find(passing.begin(), passing.end(), status) != passing.end();
}

[[noreturn]] void raise(const ApiClient& api, const http::Response& response) {
    json::error_code error;
    const auto body = json::parse(response.body, error);
    const auto* problem = error ? nullptr : body.if_object();
    const auto type = problem != nullptr ? text_in(*problem, "type") : std::string();
    if (!type.starts_with(problem_prefix)) {
        const auto detail = problem != nullptr ? as_message(text_in(*problem, "detail")) : std::string();
        const auto text = fmt::format("{} answered {} {}{}", api.where(), response.status,
                                      http::reason_of(response.status), detail.empty() ? "" : ": " + detail);
        if (is_passing(response.status)) throw store::Unavailable(text);
        throw ApiProblem(response.status, {}, text);
    }
    const auto name = type.substr(problem_prefix.size());
    auto detail = as_message(text_in(*problem, "detail"));
    if (is_passing(response.status) && name != "no-daemon") throw store::Unavailable(detail);
    if (name == "unauthenticated") detail += " (--token-file, or --certificate)";
    throw ApiProblem(response.status, name, detail, errors_in(*problem));
}

}  // namespace

Query& Query::add(std::string_view name, std::string_view value) {
    text_ += (text_.empty() ? "" : "&") + std::string(name) + "=" + encoded(value);
    return *this;
}

std::string path_of(std::initializer_list<std::string_view> parts) {
    std::string path = "/v1";
    for (const auto part : parts) path += "/" + encoded(part);
    return path;
}

http::Request get_of(std::string path, const Query& query) {
    http::Request request;
    request.method = "GET";
    request.path = std::move(path);
    request.query = query.text();
    return request;
}

http::Request request_of(std::string method, std::string path, const json::object& body, const Query& query) {
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = query.text();
    request.fields.emplace_back("content-type", "application/json");
    request.body = json::serialize(body);
    return request;
}

http::Response done_by(ApiClient& api, const http::Request& request) {
    constexpr unsigned too_many = 429;
    auto pause = std::chrono::milliseconds(50);
    for (int tries = 0;; ++tries) {
        auto response = api.ask(request);
        if (response.status < 400) return response;
        if (response.status != too_many || tries == limits::ctl_busy_tries) raise(api, response);
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(2'000));
    }
}

json::object object_from(const http::Response& response) {
    json::error_code error;
    auto body = json::parse(response.body, error);
    if (error || !body.is_object())
        throw Refused("the answer of the API is not a JSON object: is it a BindHSS that answers?");
    return std::move(body.get_object());
}

json::object fetch(ApiClient& api, const std::string& path, const Query& query) {
    return object_from(done_by(api, get_of(path, query)));
}

std::optional<json::object> find(ApiClient& api, const std::string& path, const Query& query) {
    try {
        return fetch(api, path, query);
    } catch (const ApiProblem& problem) {
        if (problem.status() == 404 && problem.name() == "not-found") return std::nullopt;
        throw;
    }
}

namespace {

void take_items(json::object& body, std::vector<json::object>& rows) {
    auto* items = body.if_contains("items");
    if (items == nullptr || !items->is_array())
        throw Refused("the answer of the API has no \"items\": is it a BindHSS that answers?");
    for (auto& item : items->get_array()) {
        if (!item.is_object()) throw Refused("the answer of the API has items that are no objects");
        rows.push_back(std::move(item.get_object()));
    }
}

}  // namespace

std::vector<json::object> fetch_items(ApiClient& api, const std::string& path) {
    std::vector<json::object> rows;
    auto body = fetch(api, path);
    take_items(body, rows);
    return rows;
}

std::vector<json::object> fetch_list(ApiClient& api, const std::string& path, const Query& query,
                                     const store::Page& page) {
    std::vector<json::object> rows;
    auto cursor = page.after.empty() ? std::string() : to_base64url(as_octets(page.after));
    do {
        auto asked = query;
        asked.add("limit", std::to_string(std::min(page.limit - rows.size(), limits::api_page_rows_max)));
        asked.add_if("cursor", cursor);
        auto body = fetch(api, path, asked);
        take_items(body, rows);
        cursor = text_in(body, "next");
    } while (!cursor.empty() && rows.size() < page.limit);
    return rows;
}

}  // namespace bindhss::ctl
