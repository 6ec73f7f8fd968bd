// SPDX-License-Identifier: Apache-2.0
// The page that Prometheus reads.
#include <algorithm>

#include "app/monitor.h"
#include "metrics/page.h"
#include "metrics/process.h"
#include "types/limits.h"

namespace bindhss {

namespace {

using metrics::Page;

template <class T>
double number(T value) {
    return static_cast<double>(value);
}

/// Alarms of later versions, and whatever else the table has, share one name.
std::string known_alarm(const std::string& name) {
    const auto all = alarm::catalogue();
    const bool known =
        std::any_of(all.begin(), all.end(), [&name](const auto& one) { return one.name == name; });
    return known ? name : "other";
}

/// `kind`: the alarm's name and its severity.
metrics::Labels labels_of(const std::pair<std::string, std::string>& kind) {
    return {{"alarm", kind.first}, {"severity", kind.second}};
}

void put_peer(Page& page, const std::string& name, const diameter::PeerStatus& peer) {
    page.add("bindhss_peer_up", peer.state == diameter::PeerState::open ? 1 : 0, {{"peer", name}});
    page.add("bindhss_peer_state", number(static_cast<int>(peer.state)), {{"peer", name}});
    page.add("bindhss_peer_requests_received_total", number(peer.requests_received), {{"peer", name}});
    page.add("bindhss_peer_requests_sent_total", number(peer.requests_sent), {{"peer", name}});
    page.add("bindhss_peer_answers_dropped_total", number(peer.answers_dropped), {{"peer", name}});
}

void put_lane(Page& page, const store::postgres::LaneLoad& load) {
    const std::string lane(load.name);
    page.add("bindhss_store_queue_length", number(load.waiting), {{"lane", lane}});
    page.add("bindhss_store_queue_limit", number(load.waiting_max), {{"lane", lane}});
    const auto connections = [&](const char* state, std::size_t count) {
        page.add("bindhss_store_connections", number(count), {{"lane", lane}, {"state", state}});
    };
    connections("wanted", load.connections_wanted);
    connections("open", load.connections);
    connections("busy", load.busy);
    std::vector<double> bounds(store::postgres::batch_bounds.begin(), store::postgres::batch_bounds.end());
    page.add_histogram("bindhss_store_batch_size", bounds, {load.batches.begin(), load.batches.end()},
                       number(load.requests), {{"lane", lane}});
    page.add("bindhss_store_busy_seconds_total", std::chrono::duration<double>(load.served).count(),
             {{"lane", lane}});
    const auto errors = [&](const char* kind, std::uint64_t count) {
        page.add("bindhss_store_errors_total", number(count), {{"lane", lane}, {"kind", kind}});
    };
    errors("unreachable", load.unreachable);
    errors("failed", load.failed);
    errors("retried", load.retried);
    errors("late", load.late);
    errors("busy", load.refused_busy);
    errors("down", load.refused_down);
}

}  // namespace

void Monitor::put_health(Page& page) const {
    bool ready = true;
    for (const auto& check : checks()) {
        ready = ready && check.good;
        page.add("bindhss_check_good", check.good ? 1 : 0, {{"check", std::string(check.name)}});
    }
    page.add("bindhss_ready", ready ? 1 : 0);
    page.add("bindhss_loop_delay_seconds", delay_);
}

void Monitor::put_peers(Page& page) const {
    page.add("bindhss_connections", number(std::ranges::count_if(parts_->node.peers(), [](const auto& peer) {
                 return peer.state != diameter::PeerState::closed;
             })));
    diameter::PeerStatus others{};
    std::size_t told = 0;
    for (const auto& [name, peer] : peers_by_name()) {
        if (told++ < limits::metrics_peers_max) {
            put_peer(page, name, peer);
            continue;
        }
        others.state = std::max(others.state, peer.state);
        others.requests_received += peer.requests_received;
        others.requests_sent += peer.requests_sent;
        others.answers_dropped += peer.answers_dropped;
    }
    if (told > limits::metrics_peers_max) put_peer(page, "(others)", others);
}

void Monitor::put_store(Page& page) const {
    page.add("bindhss_database_up", parts_->store.usable() ? 1 : 0);
    for (const auto& load : parts_->store.loads()) put_lane(page, load);
}

void Monitor::put_alarms(Page& page) const {
    std::map<std::pair<std::string, std::string>, std::uint64_t> open;
    for (const auto& count : parts_->alarms()) {
        const std::pair kind(std::string(alarm::describe(count.id).name),
                             std::string(alarm::name_of(count.severity)));
        page.add("bindhss_alarms_raised_total", number(count.occurrences), labels_of(kind));
        open[kind] = 0;
    }
    if (!census_) return;
    for (const auto& alarms : census_->alarms)
        open[{known_alarm(alarms.name), alarms.severity}] += alarms.open;
    for (const auto& [kind, count] : open) page.add("bindhss_alarms_open", number(count), labels_of(kind));
}

void Monitor::put_census(Page& page) const {
    if (!census_) return;
    page.add("bindhss_subscribers", number(census_->subscribers));
    page.add("bindhss_registrations", number(census_->registrations));
    page.add("bindhss_exchanges_open", number(census_->exchanges));
    page.add("bindhss_node_requests_waiting", number(census_->node_requests));
    page.add("bindhss_approvals_waiting", number(census_->approvals));
    page.add("bindhss_census_age_seconds",
             std::chrono::duration<double>(std::chrono::steady_clock::now() - census_at_).count());
}

void Monitor::put_certificates(Page& page) const {
    const auto put = [&page](const std::string& listener, std::optional<std::chrono::sys_seconds> expires) {
        if (!expires) return;
        page.add("bindhss_tls_certificate_expiry_timestamp_seconds",
                 number(expires->time_since_epoch().count()), {{"listener", listener}});
    };
    put("diameter", parts_->node.certificate_expires());
    for (const auto& [name, server] : parts_->listeners) put(name, server->certificate_expires());
}

std::string Monitor::page() {
    Page page;
    page.add("bindhss_build_info", 1, {{"version", BINDHSS_VERSION}, {"identity", identity_}});
    observer_.put(page);
    metrics::put_process(page);
    {
        const std::lock_guard lock(mutex_);
        put_health(page);
        if (parts_) {
            put_peers(page);
            put_store(page);
            put_alarms(page);
            put_census(page);
            put_certificates(page);
            for (const auto& count : parts_->gate_refusals())
                page.add("bindhss_gate_refusals_total", number(count.refused), {{"limit", count.limit}});
        }
    }
    return page.text();
}

}  // namespace bindhss
