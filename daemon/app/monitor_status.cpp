// SPDX-License-Identifier: Apache-2.0
// What `bindhssctl top` shows.
#include "app/monitor.h"
#include "types/time_text.h"

namespace bindhss {

namespace {

constexpr std::array<std::string_view, 6> states{"closed", "connecting", "waiting_cea",
                                                 "open",   "suspect",    "closing"};

double rate(std::uint64_t before, std::uint64_t now, double seconds) {
    // A connection that was made anew counts from 0.
    return seconds > 0 && now >= before ? static_cast<double>(now - before) / seconds : 0;
}

boost::json::value in_microseconds(std::optional<std::uint32_t> us) {
    return us ? boost::json::value(*us) : boost::json::value(nullptr);
}

boost::json::object lane_of(const store::postgres::LaneLoad& load) {
    boost::json::object lane;
    lane["name"] = load.name;
    lane["waiting"] = load.waiting;
    lane["waiting_max"] = load.waiting_max;
    lane["connections"] = load.connections;
    lane["connections_wanted"] = load.connections_wanted;
    lane["busy"] = load.busy;
    lane["errors"] = load.failed + load.late + load.refused_busy + load.refused_down;
    return lane;
}

}  // namespace

boost::json::array Monitor::peers() {
    const std::lock_guard lock(mutex_);
    boost::json::array list;
    for (const auto& [name, peer] : peers_by_name()) {
        boost::json::object entry;
        entry["identity"] = peer.identity;
        entry["realm"] = peer.realm;
        entry["address"] = peer.address;
        entry["state"] = states[static_cast<std::size_t>(peer.state)];
        entry["protection"] = peer.protection;
        entry["requests_received"] = peer.requests_received;
        entry["requests_sent"] = peer.requests_sent;
        entry["answers_dropped"] = peer.answers_dropped;
        entry["requests_per_second"] = 0.0;
        if (samples_.size() >= 2) {
            const auto& before = samples_.front().received;
            const auto& after = samples_.back().received;
            const auto then = before.find(name), now = after.find(name);
            if (now != after.end()) {
                const auto from = then == before.end() ? 0 : then->second;
                entry["requests_per_second"] = rate(from, now->second, window());
            }
        }
        list.push_back(std::move(entry));
    }
    return list;
}

boost::json::array Monitor::procedures_now() const {
    const auto all = observer_.requests();
    boost::json::array list;
    for (std::size_t i = 0; i < metrics::commands.size(); ++i) {
        if (all[i].latency.total() == 0) continue;
        boost::json::object entry;
        entry["name"] = metrics::commands[i];
        entry["answered"] = all[i].succeeded;
        entry["refused"] = all[i].refused();
        metrics::LatencyCounts lately;
        if (samples_.size() >= 2)
            lately = samples_.back().requests[i].latency.since(samples_.front().requests[i].latency);
        entry["per_second"] = rate(0, lately.total(), window());
        entry["p50_us"] = in_microseconds(lately.quantile_us(0.5));
        entry["p99_us"] = in_microseconds(lately.quantile_us(0.99));
        list.push_back(std::move(entry));
    }
    return list;
}

boost::json::object Monitor::store_now() const {
    boost::json::object store;
    store["usable"] = parts_ && parts_->store.usable();
    boost::json::array lanes;
    if (parts_)
        for (const auto& load : parts_->store.loads()) lanes.push_back(lane_of(load));
    store["lanes"] = std::move(lanes);
    return store;
}

boost::json::object Monitor::status() {
    const std::lock_guard lock(mutex_);
    boost::json::object status;
    status["version"] = BINDHSS_VERSION;
    status["identity"] = identity_;
    status["since"] = time_text(since_);
    status["window_seconds"] = window();
    status["procedures"] = procedures_now();
    status["in_flight"] = observer_.in_flight();
    status["sequence_used"] = observer_.sequence_used();
    status["store"] = store_now();
    boost::json::object alarms;
    if (census_) {
        std::map<std::string, std::uint64_t> open;
        for (const auto& one : census_->alarms) open[one.severity] += one.open;
        for (const auto& [severity, number] : open) alarms[severity] = number;
        status["subscribers"] = census_->subscribers;
        status["registrations"] = census_->registrations;
        status["node_requests_waiting"] = census_->node_requests;
    }
    status["alarms"] = std::move(alarms);
    return status;
}

}  // namespace bindhss
