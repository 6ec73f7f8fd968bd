// SPDX-License-Identifier: Apache-2.0
// limits.*: how many requests pass.
#include <fmt/format.h>

#include "config/table.h"

namespace bindhss::config {

namespace {

constexpr std::uint64_t count_max = 1'000'000;
constexpr milliseconds per_min = std::chrono::seconds(1);
constexpr milliseconds per_max = std::chrono::hours(24);

Rate read_rate_up_to(const YAML::Node& node, milliseconds longest) {
    const auto text = read_text(node);
    if (text == "off" || text == "0") return {};
    const auto slash = text.find('/');
    if (slash == std::string::npos)
        throw BadValue("is not a rate, such as 60/1min, 1000/1s, or off for no limit");
    Rate rate;
    rate.count = static_cast<std::uint32_t>(read_number(YAML::Node(text.substr(0, slash)), 1, count_max));
    rate.per = read_duration(YAML::Node(text.substr(slash + 1)), per_min, longest);
    return rate;
}

}  // namespace

Rate read_rate(const YAML::Node& node) {
    return read_rate_up_to(node, per_max);
}

std::string write_rate(const Rate& rate) {
    return rate.off() ? "off" : fmt::format("{}/{}", rate.count, write_duration(rate.per));
}

namespace {

template <class Get>
Setting<Settings> rate(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(key, "rate as 60/1min, or off", true, description, get, read_rate, write_rate);
}

void add_imsi(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.imsi.air",
        "Authentication-Information. A phone that fails tries again every 10 s; some MMEs ask at each attach "
        "and each tracking area update.",
        [](auto& s) -> auto& { return s.limits.imsi.air; }));
    table.push_back(rate(
        "limits.imsi.resync",
        "Those of them with an AUTS, which is tried under every key it may have been made with. One an "
        "attach is usual, two where vectors overtake one another.",
        [](auto& s) -> auto& { return s.limits.imsi.resync; }));
    table.push_back(rate(
        "limits.imsi.update",
        "Update-Location, Purge, Notify and ME-Identity-Check together: an attach makes one to four of them.",
        [](auto& s) -> auto& { return s.limits.imsi.update; }));
}

void add_connection(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.connection.air", "Authentication-Information.",
        [](auto& s) -> auto& { return s.limits.connection.air; }));
    table.push_back(rate(
        "limits.connection.resync", "Re-synchronisations.",
        [](auto& s) -> auto& { return s.limits.connection.resync; }));
    table.push_back(rate(
        "limits.connection.update", "Update-Location, Purge, Notify and ME-Identity-Check.",
        [](auto& s) -> auto& { return s.limits.connection.update; }));
}

void add_device(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.device.air",
        "Authentication-Information that tells the device. Whole series of modules were sold with one and "
        "the same IMEI.",
        [](auto& s) -> auto& { return s.limits.device.air; }));
    table.push_back(rate(
        "limits.device.resync", "Re-synchronisations of the device.",
        [](auto& s) -> auto& { return s.limits.device.resync; }));
    table.push_back(rate(
        "limits.device.update", "Update-Location, Notify and ME-Identity-Check.",
        [](auto& s) -> auto& { return s.limits.device.update; }));
}

void add_network(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.network.air", "What a roaming partner may take of this HSS.",
        [](auto& s) -> auto& { return s.limits.network.air; }));
    table.push_back(rate(
        "limits.network.resync", "Re-synchronisations.",
        [](auto& s) -> auto& { return s.limits.network.resync; }));
    table.push_back(rate(
        "limits.network.update", "Update-Location.",
        [](auto& s) -> auto& { return s.limits.network.update; }));
}

void add_peer(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.peer.air", "An MME that restarts with a million UEs asks some thousands of times a second.",
        [](auto& s) -> auto& { return s.limits.peer.air; }));
    table.push_back(rate(
        "limits.peer.resync", "After a restore from a backup every card asks for one.",
        [](auto& s) -> auto& { return s.limits.peer.resync; }));
    table.push_back(rate(
        "limits.peer.update", "Update-Location, Purge, Notify and ME-Identity-Check.",
        [](auto& s) -> auto& { return s.limits.peer.update; }));
}

void add_refused(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.refused.air",
        "Also how fast a fleet comes back after a binding that was wrong has been put right.",
        [](auto& s) -> auto& { return s.limits.refused.air; }));
    table.push_back(rate(
        "limits.refused.resync", "Re-synchronisations.",
        [](auto& s) -> auto& { return s.limits.refused.resync; }));
    table.push_back(rate(
        "limits.refused.update", "Update-Location, Purge and Notify.",
        [](auto& s) -> auto& { return s.limits.refused.update; }));
    table.push_back(rate(
        "limits.newcomers.air",
        "Authentication-Information; those that are answered with vectors do not count.",
        [](auto& s) -> auto& { return s.limits.newcomers.air; }));
    table.push_back(rate(
        "limits.newcomers.resync", "Re-synchronisations.",
        [](auto& s) -> auto& { return s.limits.newcomers.resync; }));
    table.push_back(rate(
        "limits.newcomers.update", "Update-Location, Purge and Notify.",
        [](auto& s) -> auto& { return s.limits.newcomers.update; }));
    table.push_back(one_value<Settings>(
        "limits.new_nodes", "rate as 4096/720h, or off", true,
        "Nodes (Origin-Host and Origin-Realm) that one connection brings for the first time since the daemon "
        "started. The database keeps a row of each: a peer that invents names does not fill it. Those that "
        "are "
        "known go on.",
        [](auto& s) -> auto& { return s.limits.new_nodes; },
        [](const YAML::Node& node) { return read_rate_up_to(node, std::chrono::hours(720)); }, write_rate));
    table.push_back(one_value<Settings>(
        "limits.remembered", "duration, 1min to 720h", true,
        "For how long a UE counts as refused after it was. Memory: 32 MB when two million are, and no more.",
        [](auto& s) -> auto& { return s.limits.remembered; },
        [](const YAML::Node& node) {
            return read_duration(node, std::chrono::minutes(1), std::chrono::hours(720));
        },
        write_duration));
}

}  // namespace

void add_limits(std::vector<Setting<Settings>>& table) {
    add_imsi(table);
    add_connection(table);
    add_device(table);
    add_network(table);
    add_peer(table);
    add_refused(table);
}

std::string_view describe_limits(std::string_view section) {
    if (section == "limits") {
        return "How many requests pass before a key or the database is touched. A rate is a bucket: so many "
               "at "
               "once, refilled evenly in the time. What is beyond is answered 4181 (AIR) or 5012, at which a "
               "phone waits and tries again, and raises the alarm rate_limited.";
    }
    if (section == "limits.imsi") return "One IMSI at one node.";
    if (section == "limits.connection") {
        return "One IMSI over one connection, whatever nodes ask for it there: a peer that invents an "
               "Origin-Host for each request has no more than this. The peer is the one that is connected, "
               "so behind a relay all its nodes together; four times what one node may, by default.";
    }
    if (section == "limits.device") return "One IMEI at one node, where the request reports it.";
    if (section == "limits.network")
        return "Roamers in one visited network: where the IMSI does not begin with Visited-PLMN-Id.";
    if (section == "limits.peer") return "One node (Origin-Host), whatever relays are between.";
    if (section == "limits.refused") {
        return "All UEs together that were refused when they last came, or left a vector of a bound device "
               "unanswered: the share of a population of unauthorised devices. An admitted Update-Location "
               "takes a UE out of it.";
    }
    if (section == "limits.newcomers") {
        return "UEs that were neither admitted nor refused before, at one node: those of their requests that "
               "are refused. Stops who tries one IMSI after the other.";
    }
    return {};
}

}  // namespace bindhss::config
