// SPDX-License-Identifier: Apache-2.0
#include "app/monitor.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "types/limits.h"

namespace bindhss {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string text_of(const std::vector<diameter::Endpoint>& endpoints) {
    std::string text;
    for (const auto& [host, port] : endpoints)
        text += (text.empty() ? "" : ", ") + host + ":" + std::to_string(port);
    return text;
}

/// Of several connections with one identity the one that serves.
bool goes_before(diameter::PeerState a, diameter::PeerState b) {
    return a == diameter::PeerState::open && b != diameter::PeerState::open;
}

}  // namespace

Monitor::Watch::Watch(Monitor& monitor, Parts parts) : monitor_(monitor) {
    const std::lock_guard lock(monitor_.mutex_);
    monitor_.parts_.emplace(std::move(parts));
}

Monitor::Watch::~Watch() {
    const std::lock_guard lock(monitor_.mutex_);
    monitor_.parts_.reset();
}

Monitor::Monitor(std::string identity, const Clock& clock)
    : identity_(std::move(identity)), clock_(clock), since_(clock.now()), observer_(clock) {}

boost::asio::awaitable<void> Monitor::run(boost::asio::any_io_executor patient) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    constexpr int rounds = limits::metrics_census_ms / limits::metrics_sample_ms;
    for (int round = 0;; round = (round + 1) % rounds) {
        const auto due = steady_clock::now() + milliseconds(limits::metrics_sample_ms);
        timer.expires_at(due);
        co_await timer.async_wait(boost::asio::use_awaitable);
        co_await boost::asio::post(patient, boost::asio::use_awaitable);
        take_sample(steady_clock::now() - due);
        if (round == 0) {
            co_await take_census();
        }
    }
}

void Monitor::take_sample(steady_clock::duration delay) {
    const auto now = steady_clock::now();
    came_round_ = now.time_since_epoch().count();
    Sample sample{now, observer_.requests(), {}};
    const std::lock_guard lock(mutex_);
    delay_ = std::chrono::duration<double>(delay).count();
    for (const auto& [name, peer] : peers_by_name()) sample.received[name] = peer.requests_received;
    samples_.push_back(std::move(sample));
    if (samples_.size() > limits::metrics_window_samples + 1) samples_.pop_front();
}

boost::asio::awaitable<void> Monitor::take_census() {
    store::postgres::PostgresStore* store = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (parts_) store = &parts_->store;
    }
    if (store == nullptr) co_return;
    // The store outlives the threads that this runs on.
    auto census = co_await store::postgres::take_census(store->jobs(), limits::metrics_census_rows_max);
    if (!census) co_return;
    const std::lock_guard lock(mutex_);
    census_ = std::move(*census);
    census_at_ = steady_clock::now();
}

bool Monitor::alive() const {
    const auto last = came_round_.load();
    if (last == 0) return true;
    const auto silent = steady_clock::now().time_since_epoch() - steady_clock::duration(last);
    return silent < milliseconds(limits::metrics_stalled_ms);
}

Monitor::Peers Monitor::peers_by_name() const {
    Peers peers;
    if (!parts_) return peers;
    for (auto& peer : parts_->node.peers()) {
        if (peer.identity.empty()) continue;
        const auto [known, added] = peers.try_emplace(peer.identity, peer);
        if (!added && goes_before(peer.state, known->second.state)) known->second = std::move(peer);
    }
    return peers;
}

std::vector<Monitor::Check> Monitor::checks() const {
    const auto phase = phase_.load();
    const bool serving = phase == Phase::serving && parts_;
    std::vector<Check> checks;
    const auto* what = phase == Phase::starting ? "the daemon is starting" : "the daemon is stopping";
    checks.push_back({"serving", serving, serving ? "" : what});
    std::string places;
    if (serving) {
        places = text_of(parts_->node.listening());
        const auto protected_places = text_of(parts_->node.listening_tls());
        if (!protected_places.empty()) places += (places.empty() ? "" : ", ") + protected_places + " (tls)";
        if (places.empty()) places = "no listener: this daemon connects to its peers";
    }
    checks.push_back({"diameter", serving, serving ? places : "not listening"});
    const bool database = parts_ && parts_->store.usable();
    checks.push_back({"database", database, database ? "" : "the database cannot be reached"});
    return checks;
}

boost::json::object Monitor::health() {
    const std::lock_guard lock(mutex_);
    boost::json::array list;
    bool ready = true;
    for (const auto& check : checks()) {
        ready = ready && check.good;
        boost::json::object entry;
        entry["name"] = check.name;
        entry["good"] = check.good;
        entry["detail"] = check.detail;
        list.push_back(std::move(entry));
    }
    boost::json::object health;
    health["ready"] = ready;
    health["checks"] = std::move(list);
    return health;
}

double Monitor::window() const {
    if (samples_.size() < 2) return 0;
    return std::chrono::duration<double>(samples_.back().at - samples_.front().at).count();
}

}  // namespace bindhss
