// SPDX-License-Identifier: Apache-2.0
// limits.*: how many requests pass.
#include <fmt/format.h>

#include "config/table.h"

namespace bindhss::config {

namespace {

constexpr std::uint64_t count_max = 1'000'000;
constexpr milliseconds per_min = std::chrono::seconds(1);
constexpr milliseconds per_max = std::chrono::hours(24);

Rate read_rate(const YAML::Node& node) {
    const auto text = read_text(node);
    if (text == "off" || text == "0") return {};
    const auto slash = text.find('/');
    if (slash == std::string::npos)
        throw BadValue("is not a rate, such as 60/1min, 1000/1s, or off for no limit");
    Rate rate;
    rate.count = static_cast<std::uint32_t>(read_number(YAML::Node(text.substr(0, slash)), 1, count_max));
    rate.per = read_duration(YAML::Node(text.substr(slash + 1)), per_min, per_max);
    return rate;
}

std::string write_rate(const Rate& rate) {
    return rate.off() ? "off" : fmt::format("{}/{}", rate.count, write_duration(rate.per));
}

template <class Get>
Setting<Settings> rate(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(key, "rate as 60/1min, or off", false, description, get, read_rate,
                               write_rate);
}

void add_imsi(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.imsi.air",
        "Authentication-Information-Requests for one IMSI from one node: that many at once, refilled evenly "
        "in "
        "the time. A phone that fails and tries again asks every 10 s; some MMEs ask at each attach and each "
        "tracking area update.",
        [](auto& s) -> auto& { return s.limits.imsi.air; }));
    table.push_back(rate(
        "limits.imsi.resync",
        "Those of them that bring an AUTS, which is tried under every key it may have been made with. One an "
        "attach is usual, two where vectors overtake one another.",
        [](auto& s) -> auto& { return s.limits.imsi.resync; }));
    table.push_back(rate(
        "limits.imsi.update",
        "Update-Location, Purge, Notify and ME-Identity-Check for one IMSI from one node, together: an "
        "attach "
        "makes one to four of them.",
        [](auto& s) -> auto& { return s.limits.imsi.update; }));
}

void add_device(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.device.air",
        "The same for one IMEI from one node, where an AIR tells it. Generous, for whole series of modules "
        "were "
        "sold with one and the same IMEI.",
        [](auto& s) -> auto& { return s.limits.device.air; }));
    table.push_back(rate(
        "limits.device.resync", "Re-synchronisations of one IMEI.",
        [](auto& s) -> auto& { return s.limits.device.resync; }));
    table.push_back(rate(
        "limits.device.update", "Update-Location, Notify and ME-Identity-Check of one IMEI.",
        [](auto& s) -> auto& { return s.limits.device.update; }));
}

void add_network(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.network.air",
        "AIRs for roamers in one visited network (Visited-PLMN-Id of one realm), that is where the IMSI does "
        "not begin with the PLMN: what a roaming partner may take of this HSS.",
        [](auto& s) -> auto& { return s.limits.network.air; }));
    table.push_back(rate(
        "limits.network.resync", "Re-synchronisations of roamers in one network.",
        [](auto& s) -> auto& { return s.limits.network.resync; }));
    table.push_back(rate(
        "limits.network.update", "Update-Locations of roamers in one network.",
        [](auto& s) -> auto& { return s.limits.network.update; }));
}

void add_peer(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.peer.air",
        "AIRs from one node (Origin-Host). A restarted MME with a million UEs asks some thousands of times a "
        "second.",
        [](auto& s) -> auto& { return s.limits.peer.air; }));
    table.push_back(rate(
        "limits.peer.resync",
        "Re-synchronisations from one node. After a restore from a backup every card asks for one.",
        [](auto& s) -> auto& { return s.limits.peer.resync; }));
    table.push_back(rate(
        "limits.peer.update", "Update-Location, Purge, Notify and ME-Identity-Check from one node.",
        [](auto& s) -> auto& { return s.limits.peer.update; }));
}

void add_refused(std::vector<Setting<Settings>>& table) {
    table.push_back(rate(
        "limits.refused.air",
        "AIRs for all UEs together that were refused when they last came, or left their vector unanswered: "
        "the "
        "share of a population of unauthorised devices. An admitted Update-Location takes a UE out of it. It "
        "is also how fast a fleet comes back after a binding that was wrong has been put right.",
        [](auto& s) -> auto& { return s.limits.refused.air; }));
    table.push_back(rate(
        "limits.refused.resync", "Re-synchronisations of all these UEs together.",
        [](auto& s) -> auto& { return s.limits.refused.resync; }));
    table.push_back(rate(
        "limits.refused.update", "Update-Locations, and the like, of all these UEs together.",
        [](auto& s) -> auto& { return s.limits.refused.update; }));
    table.push_back(rate(
        "limits.newcomers.air",
        "AIRs that are refused at one node for UEs that were neither admitted nor refused before: somebody "
        "who tries one IMSI after the other. Those that are not refused do not count.",
        [](auto& s) -> auto& { return s.limits.newcomers.air; }));
    table.push_back(rate(
        "limits.newcomers.resync", "The same of re-synchronisations.",
        [](auto& s) -> auto& { return s.limits.newcomers.resync; }));
    table.push_back(rate(
        "limits.newcomers.update", "The same of Update-Location, Purge and Notify.",
        [](auto& s) -> auto& { return s.limits.newcomers.update; }));
    table.push_back(one_value<Settings>(
        "limits.remembered", "duration, 1min to 720h", false,
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
    add_device(table);
    add_network(table);
    add_peer(table);
    add_refused(table);
}

}  // namespace bindhss::config
