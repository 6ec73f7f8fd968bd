// SPDX-License-Identifier: Apache-2.0
// How one value of the configuration file is read and written; not for other layers.
#pragma once

#include <yaml-cpp/yaml.h>

#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/settings.h"

namespace bindhss::config {

/// Why a value is refused; says nothing of where.
class BadValue : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A choice among names, e.g. of the levels of the log; the first name of a value is the one written.
template <class T>
using Choice = std::pair<std::string_view, T>;

// All of these throw BadValue.
[[nodiscard]] std::string read_text(const YAML::Node& node);
[[nodiscard]] std::uint64_t read_number(const YAML::Node& node, std::uint64_t min, std::uint64_t max);
[[nodiscard]] std::uint16_t read_mask(const YAML::Node& node, std::uint16_t max);
[[nodiscard]] bool read_bool(const YAML::Node& node);
[[nodiscard]] milliseconds read_duration(const YAML::Node& node, milliseconds min, milliseconds max);
/// A DiameterIdentity (RFC 6733 4.3.1): the name of a host or of a realm.
[[nodiscard]] std::string read_identity(const YAML::Node& node);
/// Ports of Diameter (RFC 6733 2.1).
inline constexpr std::uint16_t port_tcp = 3868;
inline constexpr std::uint16_t port_tls = 5868;
/// "host:port", "[IPv6]:port", or a host alone for the usual port.
[[nodiscard]] Endpoint read_endpoint(const YAML::Node& node, std::uint16_t usual_port);
/// An IP address or a prefix such as 10.0.0.0/24.
[[nodiscard]] std::string read_address(const YAML::Node& node);
[[nodiscard]] bool is_address(const std::string& text);
/// An absolute path.
[[nodiscard]] std::string read_path(const YAML::Node& node);
/// What stands before the name of a credential of systemd.
inline constexpr std::string_view credential_scheme = "credential:";
/// The absolute path of a file, or "credential:NAME".
[[nodiscard]] std::string read_file(const YAML::Node& node);

[[nodiscard]] std::string write_text(std::string_view text);
[[nodiscard]] std::string write_mask(std::uint16_t mask);
[[nodiscard]] std::string write_duration(milliseconds duration);
[[nodiscard]] std::string write_endpoint(const Endpoint& endpoint);

[[nodiscard]] std::string unknown_choice(std::string_view text, std::span<const std::string_view> names);

template <class T>
T read_choice(const YAML::Node& node, std::span<const Choice<T>> choices) {
    const auto text = read_text(node);
    std::vector<std::string_view> names;
    for (const auto& [name, value] : choices) {
        if (name == text) return value;
        names.push_back(name);
    }
    throw BadValue(unknown_choice(text, names));
}

template <class T>
std::string write_choice(T value, std::span<const Choice<T>> choices) {
    for (const auto& [name, candidate] : choices)
        if (candidate == value) return std::string(name);
    return {};
}

/// A text that Address::parse() understands, or that is empty.
template <class Address>
std::string read_address_of(const YAML::Node& node) {
    auto text = read_text(node);
    try {
        if (!text.empty()) (void)Address::parse(text);
    } catch (const alarm::BadAddress& error) {
        throw BadValue(error.what());
    }
    return text;
}

/// ", did you mean 'x'?" when one of the names is close to `text`, else empty.
[[nodiscard]] std::string did_you_mean(std::string_view text, std::span<const std::string_view> names);

}  // namespace bindhss::config
