// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "ctl/foreign.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> whole(double number) {
    constexpr double beyond = 9'007'199'254'740'992.0;  // 2^53: above, a double is not every whole number
    if (!(std::abs(number) <= beyond) || number != std::floor(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> number_of(const json::value& value) {
    if (const auto* number = value.if_int64()) return *number;
    if (const auto* number = value.if_uint64()) {
        if (*number > INT64_MAX) return std::nullopt;
        return static_cast<std::int64_t>(*number);
    }
    if (const auto* number = value.if_double()) return whole(*number);
    const auto* extended = value.if_object();
    if (extended == nullptr || extended->size() != 1) return std::nullopt;
    const auto& [kind, inner] = *extended->begin();
    if (kind == "$numberLong" || kind == "$numberInt") {
        if (const auto* text = inner.if_string()) return parse_number({text->data(), text->size()});
        return number_of(inner);
    }
    if (kind == "$numberDouble") {
        if (const auto* text = inner.if_string()) {
            std::string_view digits(text->data(), text->size());
            if (digits.ends_with(".0")) digits.remove_suffix(2);
            return parse_number(digits);
        }
        return number_of(inner);
    }
    return std::nullopt;
}

bool is_empty(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return true;
        case json::kind::bool_:
            return !value.get_bool();
        case json::kind::string:
            return value.get_string().empty();
        case json::kind::array:
            return std::all_of(value.get_array().begin(), value.get_array().end(), is_empty);
        case json::kind::object:
            return value.get_object().empty();
        default:
            return number_of(value) == 0;
    }
}

}  // namespace

void Notes::error(const std::string& text) {
    reading_.errors.push_back({line_, who_ + text});
    good_ = false;
}

void Notes::warn(const std::string& text) {
    reading_.warnings.push_back({line_, who_ + text});
}

const json::value* Fields::find(std::string_view name) {
    read_.emplace(name);
    const auto found = object_.find(json::string_view(name.data(), name.size()));
    return found == object_.end() || found->value().is_null() ? nullptr : &found->value();
}

void Fields::wrong(std::string_view name, std::string_view what) {
    notes_.error(fmt::format("{}{} is not {}", path_, name, what));
}

std::optional<std::string> Fields::text(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* text = value->if_string()) return std::string(text->data(), text->size());
    wrong(name, "a text");
    return std::nullopt;
}

std::optional<std::int64_t> Fields::number(std::string_view name, std::int64_t least, std::int64_t greatest) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto number = number_of(*value);
    if (number && *number >= least && *number <= greatest) return number;
    wrong(name, fmt::format("a whole number from {} to {}", least, greatest));
    return std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* flag = value->if_bool()) return *flag;
    if (const auto number = number_of(*value); number && (*number == 0 || *number == 1)) return *number == 1;
    wrong(name, "true or false");
    return std::nullopt;
}

std::optional<Fields> Fields::object(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* object = value->if_object())
        return Fields(*object, path_ + std::string(name) + ".", notes_);
    wrong(name, "an object");
    return std::nullopt;
}

void Fields::each_object(std::string_view name, const std::function<void(Fields, std::size_t)>& visit) {
    const auto* value = find(name);
    if (value == nullptr) return;
    const auto* list = value->if_array();
    if (list == nullptr) return wrong(name, "a list");
    std::size_t number = 0;
    for (const auto& item : *list) {
        const auto where = fmt::format("{} {}", name, ++number);
        if (const auto* object = item.if_object()) {
            visit(Fields(*object, path_ + where + ", ", notes_), number);
        } else {
            wrong(where, "an object");
        }
    }
}

std::vector<std::string> Fields::texts(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return {};
    const auto* list = value->if_array();
    if (list == nullptr) {
        wrong(name, "a list");
        return {};
    }
    std::vector<std::string> texts;
    for (const auto& item : *list) {
        if (const auto* text = item.if_string()) {
            texts.emplace_back(text->data(), text->size());
        } else {
            wrong(name, "a list of texts");
        }
    }
    return texts;
}

std::optional<OctetString> Fields::hex(std::string_view name, std::size_t octets) {
    auto given = text(name);
    if (!given) return std::nullopt;
    auto& digits = *given;
    const auto whole = digits.size();
    digits.erase(std::remove(digits.begin(), digits.end(), ' '), digits.end());
    auto value = from_hex(digits);
    const auto size = digits.size();
    digits.resize(whole);  // the last of them stand behind the end too, once spaces are gone
    explicit_bzero(digits.data(), whole);
    if (value && value->size() == octets) return value;
    notes_.error(
        fmt::format("{}{} has {} characters; it needs {} hexadecimal digits", path_, name, size, octets * 2));
    return std::nullopt;
}

std::string Fields::address(std::string_view name, int family) {
    const auto given = text(name);
    if (!given || given->empty()) return {};
    unsigned char octets[16];
    char canonical[INET6_ADDRSTRLEN];
    if (inet_pton(family, given->c_str(), octets) != 1 ||
        inet_ntop(family, octets, canonical, sizeof canonical) == nullptr) {
        wrong(name, family == AF_INET ? "an IPv4 address" : "an IPv6 address");
        return {};
    }
    return canonical;
}

std::string Fields::ipv6_prefix(std::string_view name) {
    auto whole = address(name, AF_INET6);
    if (whole.empty()) return whole;
    in6_addr octets{};
    char prefix[INET6_ADDRSTRLEN];
    inet_pton(AF_INET6, whole.c_str(), &octets);
    std::fill(octets.s6_addr + 8, octets.s6_addr + 16, std::uint8_t{0});
    inet_ntop(AF_INET6, &octets, prefix, sizeof prefix);
    if (whole != prefix)
        notes_.warn(fmt::format("{}{}: of {} the first 64 bits are taken over", path_, name, whole));
    return prefix;
}

void Fields::pass_over(std::initializer_list<std::string_view> names) {
    for (const auto name : names) read_.emplace(name);
}

bool Fields::says_something(std::string_view name) {
    const auto* value = find(name);
    return value != nullptr && !is_empty(*value);
}

void Fields::warn_of_rest() const {
    for (const auto& [name, value] : object_) {
        const std::string_view key(name.data(), name.size());
        if (read_.find(key) != read_.end() || is_empty(value)) continue;
        notes_.warn(fmt::format("{}{} is not known here and not taken over", path_, shown(key)));
    }
}

}  // namespace bindhss::ctl
