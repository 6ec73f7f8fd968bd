// SPDX-License-Identifier: Apache-2.0
#include "emu/options.h"

#include <charconv>

#include "emu/duration.h"

namespace bindhss::emu {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::chrono::milliseconds parse_duration(const std::string& option, const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration) throw UsageError(option + " is no duration such as 500ms, 10s or 2m");
    return *duration;
}

std::uint64_t parse_every(const std::string& option, const std::string& text, bool none_allowed) {
    if (none_allowed && text == "none") return 0;
    const auto number =
        text.starts_with("every:") ? whole_number(std::string_view(text).substr(6)) : std::nullopt;
    if (!number || *number == 0) {
        throw UsageError(option + " has to be every:N" + (none_allowed ? " or none" : ""));
    }
    return *number;
}

FleetSettings fleet_settings(FleetSettings settings, const std::string& bound) {
    settings.bound_every = parse_every("--bound", bound, true);
    try {
        const Fleet checked(settings);
    } catch (const std::invalid_argument& error) {
        throw UsageError(error.what());
    }
    return settings;
}

Plmn parse_plmn(const std::string& text) {
    const auto plmn = Plmn::parse(text);
    if (!plmn) throw UsageError("--plmn is no MCC and MNC such as 00101 or 310410");
    return *plmn;
}

S6aSettings s6a_settings(const ConnectionOptions& options, const std::string& connect,
                         const ServingNode& identity) {
    const auto endpoint = parse_endpoint(connect);
    if (!endpoint) throw UsageError("--connect is no host:port");
    S6aSettings settings;
    settings.identity = identity;
    settings.connect = *endpoint;
    settings.peer_identity = options.peer_identity;
    settings.peer_realm = options.peer_realm;
    settings.destination_realm =
        options.destination_realm.empty() ? identity.realm : options.destination_realm;
    settings.destination_host = options.destination_host;
    settings.connect_timeout = parse_duration("--connect-timeout", options.connect_timeout);
    return settings;
}

std::unique_ptr<const diameter_dict::Dictionary> dictionary(const ConnectionOptions& options) {
    using diameter_dict::Dictionary;
    if (options.kme_vendor == 0) throw UsageError("--kme-vendor-id is a number above 0");
    return std::make_unique<const Dictionary>(Dictionary::extensions_default, options.kme_vendor);
}

log::Settings log_settings(const ConnectionOptions& options) {
    log::Settings settings;
    if (options.log_level == "debug") {
        settings.level = log::Level::debug;
    } else if (options.log_level == "info") {
        settings.level = log::Level::info;
    } else if (options.log_level == "warning") {
        settings.level = log::Level::warning;
    } else if (options.log_level == "error") {
        settings.level = log::Level::error;
    } else {
        throw UsageError("--log-level is one of debug, info, warning, error");
    }
    return settings;
}

}  // namespace bindhss::emu
