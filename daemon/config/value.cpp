// SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <numeric>

namespace bindhss::config {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t milliseconds;
};
constexpr std::array<Unit, 4> units{{{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}}};

const std::string& scalar(const YAML::Node& node, std::string_view wanted) {
    if (node.IsNull())
        throw BadValue(fmt::format("has no value; it is {}, or leave the line out for the default", wanted));
    if (!node.IsScalar())
        throw BadValue(fmt::format("is {}, not a {}", node.IsMap() ? "a section" : "a list", wanted));
    return node.Scalar();
}

bool quoted(const YAML::Node& node) {
    return node.Tag() == "!";
}

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::uint16_t port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, port);
    if (text.empty() || error != std::errc() || end != last)
        throw BadValue("has a port that is not 0 to 65535");
    return port;
}

}  // namespace

std::string read_text(const YAML::Node& node) {
    const auto& text = scalar(node, "text");
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        throw BadValue("holds a control character");
    return text;
}

std::uint64_t read_number(const YAML::Node& node, std::uint64_t min, std::uint64_t max) {
    std::string_view digits = scalar(node, "number");
    if (quoted(node)) throw BadValue("is a text in quotes, not a number");
    const bool hexadecimal = digits.starts_with("0x");
    if (hexadecimal) digits.remove_prefix(2);
    std::uint64_t value = 0;
    const auto* const last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, value, hexadecimal ? 16 : 10);
    if (error == std::errc::invalid_argument || end != last) throw BadValue("is not a whole number");
    if (error != std::errc() || value < min || value > max) {
        throw BadValue(hexadecimal ? fmt::format("is outside {:#06x} to {:#06x}", min, max)
                                   : fmt::format("is outside {} to {}", min, max));
    }
    return value;
}

std::uint16_t read_mask(const YAML::Node& node, std::uint16_t max) {
    const auto& text = scalar(node, "mask");
    // 0080 would be read as eighty.
    if (text != "0" && !text.starts_with("0x"))
        throw BadValue("is no mask: write it in hexadecimal, as 0x0080");
    return static_cast<std::uint16_t>(read_number(node, 0, max));
}

bool read_bool(const YAML::Node& node) {
    const auto& text = scalar(node, "true or false");
    if (quoted(node) || (text != "true" && text != "false")) throw BadValue("is neither true nor false");
    return text == "true";
}

milliseconds read_duration(const YAML::Node& node, milliseconds min, milliseconds max) {
    const std::string_view text = scalar(node, "duration");
    std::uint64_t value = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    const std::string_view unit_name(end, static_cast<std::size_t>(last - end));
    if (error == std::errc::invalid_argument)
        throw BadValue("is not a duration, such as 30s, 500ms, 10min or 1h");
    if (unit_name.empty()) throw BadValue("has no unit: write a duration as 30s, 500ms, 10min or 1h");
    const auto* const unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit_name; });
    if (unit == units.end())
        throw BadValue("has an unknown unit: write a duration as 30s, 500ms, 10min or 1h");
    const auto limit = static_cast<std::uint64_t>(max.count());
    const bool too_long = error != std::errc() || value > limit / unit->milliseconds;
    const auto result = too_long ? max : milliseconds(value * unit->milliseconds);
    if (too_long || result < min)
        throw BadValue(fmt::format("is outside {} to {}", write_duration(min), write_duration(max)));
    return result;
}

std::string read_identity(const YAML::Node& node) {
    auto text = read_text(node);
    bool label_open = false;
    for (const char c : text) {
        if (c == '.' ? !label_open : !is_name_char(c))
            throw BadValue("is not a name such as mme1.epc.mnc001.mcc001.3gppnetwork.org");
        label_open = c != '.';
    }
    if (!label_open || text.size() > 255)
        throw BadValue("is not a name such as mme1.epc.mnc001.mcc001.3gppnetwork.org");
    return text;
}

Endpoint read_endpoint(const YAML::Node& node, std::uint16_t usual_port) {
    const auto text = read_text(node);
    std::string_view host = text;
    Endpoint endpoint;
    endpoint.port = usual_port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string::npos) throw BadValue("has a [ without its ]");
        host = host.substr(1, close - 1);
        const auto rest = std::string_view(text).substr(close + 1);
        if (!rest.empty() && rest[0] != ':') throw BadValue("is not a [IPv6]:port");
        if (!rest.empty()) endpoint.port = port_of(rest.substr(1));
        in6_addr address{};
        if (inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1)
            throw BadValue("is not a [IPv6]:port");
    } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        if (host.find(':', colon + 1) != std::string_view::npos)
            throw BadValue("has several colons: write an IPv6 address as [address]:port");
        endpoint.port = port_of(host.substr(colon + 1));
        host = host.substr(0, colon);
    }
    const auto good = [](char c) { return is_name_char(c) || c == '.' || c == ':'; };
    if (host.empty() || !std::all_of(host.begin(), host.end(), good)) throw BadValue("is not a host:port");
    endpoint.host = host;
    return endpoint;
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

std::string read_address(const YAML::Node& node) {
    auto text = read_text(node);
    const auto slash = text.find('/');
    const auto host = text.substr(0, slash);
    if (!is_address(host)) throw BadValue("is not an IP address, nor a prefix such as 10.0.0.0/24");
    if (slash == std::string::npos) return text;
    const auto length = std::string_view(text).substr(slash + 1);
    const auto longest = host.find(':') == std::string::npos ? 32U : 128U;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc() || end != length.data() + length.size() || bits > longest)
        throw BadValue(fmt::format("has a prefix length that is not 0 to {}", longest));
    return text;
}

std::string read_path(const YAML::Node& node) {
    auto text = read_text(node);
    if (!text.empty() && text[0] != '/') throw BadValue("is not an absolute path");
    return text;
}

std::string read_file(const YAML::Node& node) {
    auto text = read_text(node);
    if (!text.starts_with(credential_scheme)) return read_path(node);
    const auto name = std::string_view(text).substr(credential_scheme.size());
    const auto good = [](char c) { return is_name_char(c) || c == '.'; };
    if (name.empty() || name[0] == '.' || !std::all_of(name.begin(), name.end(), good))
        throw BadValue("is not credential:NAME, with the name of a LoadCredential= of the unit");
    return text;
}

std::string write_text(std::string_view text) {
    const bool plain =
        !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || text[0] == '/') && text != "true" &&
        text != "false" && text != "null" &&
        std::all_of(text.begin(), text.end(), [](char c) { return is_name_char(c) || c == '.' || c == '/'; });
    if (plain) return std::string(text);
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

std::string write_mask(std::uint16_t mask) {
    return fmt::format("0x{:04x}", mask);
}

std::string write_duration(milliseconds duration) {
    const auto count = static_cast<std::uint64_t>(duration.count());
    const Unit* best = units.data();
    for (const auto& unit : units)
        if (count > 0 && count % unit.milliseconds == 0) best = &unit;
    return fmt::format("{}{}", count / best->milliseconds, best->name);
}

std::string write_endpoint(const Endpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return fmt::format("\"{}{}{}:{}\"", v6 ? "[" : "", endpoint.host, v6 ? "]" : "", endpoint.port);
}

std::string unknown_choice(std::string_view text, std::span<const std::string_view> names) {
    return fmt::format("'{}' is none of {}{}", text, fmt::join(names, ", "), did_you_mean(text, names));
}

std::string did_you_mean(std::string_view text, std::span<const std::string_view> names) {
    if (text.size() > 64) return {};
    std::string_view best;
    auto best_distance = std::numeric_limits<std::size_t>::max();
    for (const auto name : names) {
        const auto d = distance(text, name);
        if (d < best_distance) {
            best_distance = d;
            best = name;
        }
    }
    if (best_distance > std::max<std::size_t>(2, text.size() / 3)) return {};
    return fmt::format(", did you mean '{}'?", best);
}

}  // namespace bindhss::config
