// SPDX-License-Identifier: Apache-2.0
#include "procedure/refusal_report.h"

#include <functional>

#include "types/limits.h"

namespace bindhss::procedure {

namespace {

constexpr std::chrono::hours names_renewed{1};
constexpr Rate pause{1, std::chrono::milliseconds(limits::gate_alarm_pause_ms)};
constexpr Rate names{limits::gate_alarms_per_node_max, names_renewed};

/// Objects are fingerprints already; the limits are few and not of anybody's choosing.
std::uint64_t key_of(std::string_view limit, std::uint64_t object) {
    return object ^ std::hash<std::string_view>{}(limit);
}

}  // namespace

RefusalReport::RefusalReport(alarm::Sink& alarms)
    : alarms_(alarms),
      pauses_(pause, limits::gate_node_slots),
      names_(names, limits::gate_node_slots),
      named_(limits::gate_node_slots) {}

bool RefusalReport::named(const Refusal& refusal, std::uint64_t key) {
    if (!refusal.imsi && !refusal.imei) return false;
    const auto now = refusal.now.time_since_epoch().count();
    const auto since = named_.value(key);
    if (since != 0 && now - since < std::chrono::milliseconds(names_renewed).count()) return true;
    if (!names_.take(refusal.node, refusal.now)) return false;
    named_.put(key, now);
    return true;
}

void RefusalReport::tell(const Refusal& refusal) {
    const auto key = key_of(refusal.limit, refusal.object);
    const bool by_name = named(refusal, key);
    if (!pauses_.take(by_name ? key : key_of(refusal.limit, refusal.node), refusal.now)) return;
    alarm::Alarm alarm{alarm::Id::rate_limited,   std::nullopt, std::nullopt,
                       std::string(refusal.host), {},           refusal.now};
    if (by_name) {
        if (refusal.imsi != nullptr) alarm.imsi = *refusal.imsi;
        if (refusal.imei != nullptr) alarm.imei = *refusal.imei;
    }
    alarm.detail = std::string(refusal.text) + "; refused since the start: " + std::to_string(refusal.count);
    alarms_.raise(alarm);
}

}  // namespace bindhss::procedure
