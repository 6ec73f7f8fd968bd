// SPDX-License-Identifier: Apache-2.0
#include "management/router.h"

#include <algorithm>
#include <stdexcept>

#include "management/problem.h"

namespace bindhss::management {

namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto segment = path.substr(0, path.find('/'));
        segments.push_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

bool is_variable(std::string_view segment) {
    return segment.starts_with('{');
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
    return pattern.size() == path.size() &&
           std::equal(pattern.begin(), pattern.end(), path.begin(), [](auto expected, auto segment) {
               return is_variable(expected) ? !segment.empty() : expected == segment;
           });
}

std::ptrdiff_t variables_in(const Route& route) {
    return std::count(route.path.begin(), route.path.end(), '{');
}

bool is_among(std::string_view name, std::string_view known) {
    while (!known.empty()) {
        const auto each = known.substr(0, known.find(' '));
        if (each == name) return true;
        known.remove_prefix(std::min(each.size() + 1, known.size()));
    }
    return false;
}

/// Control characters, which belong into no name.
bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7f;
    });
}

std::string shown_name(std::string_view name) {
    constexpr std::size_t shown_max = 40;
    std::string text(name.substr(0, shown_max));
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
    return text;
}

}  // namespace

std::vector<Route> all_routes() {
    std::vector<Route> all;
    for (const auto table :
         {subscriber_routes(), profile_routes(), device_routes(), key_routes(), binding_routes(),
          policy_routes(), change_routes(), record_routes(), daemon_routes()})
        all.insert(all.end(), table.begin(), table.end());
    return all;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = digit_of(text[i + 1]);
        const int low = digit_of(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (has_controls(result)) return std::nullopt;
    return result;
}

std::map<std::string, std::string, std::less<>> read_query(std::string_view query, std::string_view known) {
    std::map<std::string, std::string, std::less<>> result;
    while (!query.empty()) {
        std::string pair(query.substr(0, query.find('&')));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty()) continue;
        std::replace(pair.begin(), pair.end(), '+', ' ');
        const std::string_view view = pair;
        const auto equals = view.find('=');
        const auto name = percent_decoded(view.substr(0, equals));
        auto value = percent_decoded(equals == std::string_view::npos ? "" : view.substr(equals + 1));
        if (!name || !value) {
            throw Problem(bad_request,
                          "The query has a percent sign or a character that does not belong there.");
        }
        if (!is_among(*name, known)) {
            throw Problem(bad_request,
                          "There is no parameter " + shown_name(*name) + " here" +
                              (known.empty() ? "." : "; there are: " + std::string(known) + "."));
        }
        if (!result.emplace(*name, std::move(*value)).second)
            throw Problem(bad_request, "The parameter " + *name + " is there twice.");
    }
    return result;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
    std::stable_sort(routes_.begin(), routes_.end(),
                     [](const Route& a, const Route& b) { return variables_in(a) < variables_in(b); });
    for (const auto& route : routes_) segments_.push_back(split(route.path));
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (routes_[i].method == routes_[j].method && routes_[i].path == routes_[j].path) {
                throw std::logic_error("two operations for " + std::string(routes_[i].method) + " " +
                                       std::string(routes_[i].path));
            }
        }
    }
}

Router::Found Router::find(std::string_view method, std::string_view path) const {
    const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
    const auto segments = split(path);
    std::string allowed;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!fits(segments_[i], segments)) continue;
        const auto& route = routes_[i];
        if (route.method != wanted) {
            allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
            if (route.method == "GET") allowed += ", HEAD";
            continue;
        }
        Found found{&route, {}};
        for (std::size_t k = 0; k < segments.size(); ++k) {
            if (!is_variable(segments_[i][k])) continue;
            auto part = percent_decoded(segments[k]);
            if (!part) {
                throw Problem(bad_request,
                              "The path has a percent sign or a character that does not belong there.");
            }
            found.parts.push_back(std::move(*part));
        }
        return found;
    }
    if (!allowed.empty()) throw MethodUnknown(std::move(allowed));
    throw Problem(not_found, "There is nothing under this path; GET /v1/openapi.json tells what there is.");
}

http::Response MethodUnknown::response() const {
    auto response = Problem(method_not_allowed, "The path takes " + allowed_ + ".").response();
    response.fields.emplace_back("allow", allowed_);
    return response;
}

}  // namespace bindhss::management
