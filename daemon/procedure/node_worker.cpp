// SPDX-License-Identifier: Apache-2.0
#include "procedure/node_worker.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "procedure/node_requests.h"
#include "procedure/subscription_update.h"
#include "types/limits.h"

namespace bindhss::procedure {

namespace asio = boost::asio;

namespace {

/// The grain of the pace.
constexpr std::chrono::milliseconds tick{50};

/// One configuration from its beginning to its end.
asio::awaitable<void> tell_by(std::shared_ptr<const Ports> ports, store::Untold untold) {
    co_await tell_node(*ports, std::move(untold));
}

}  // namespace

NodeWorker::NodeWorker(const asio::any_io_executor& executor, LivePorts ports, NodeWorkerSettings settings)
    : strand_(asio::make_strand(executor)),
      ports_(std::move(ports)),
      settings_(std::move(settings)),
      timer_(strand_),
      ended_(strand_) {}

asio::awaitable<void> NodeWorker::run() {
    co_await asio::co_spawn(strand_, work(), asio::use_awaitable);
}

void NodeWorker::stop() {
    asio::post(strand_, [this] {
        stopping_ = true;
        timer_.cancel();
    });
}

asio::awaitable<void> NodeWorker::finish(std::chrono::milliseconds at_most) {
    co_await asio::co_spawn(strand_, end(at_most), asio::use_awaitable);
}

asio::awaitable<void> NodeWorker::end(std::chrono::milliseconds at_most) {
    stopping_ = true;
    timer_.cancel();
    if (!running_) co_return;
    ended_.expires_after(at_most);
    boost::system::error_code cancelled;
    co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

/// A burst of changes is looked for once a tick.
void NodeWorker::wake() {
    asio::post(strand_, [this] {
        const auto soon = std::max(Steady::now(), last_poll_ + tick);
        if (soon >= next_poll_) return;
        next_poll_ = soon;
        timer_.expires_at(soon);
    });
}

void NodeWorker::set_update_rate(std::uint32_t rate) {
    asio::post(strand_, [this, rate] { settings_.update_rate = rate; });
}

asio::awaitable<void> NodeWorker::work() {
    running_ = true;
    earned_ = next_poll_ = next_announcement_ = Steady::now();
    while (!stopping_) {
        try {
            co_await step();
        } catch (...) {
            settings_.on_fault(std::current_exception());
        }
        if (stopping_) break;
        timer_.expires_after(tick);
        boost::system::error_code cancelled;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    try {
        co_await withdraw();
    } catch (...) {
        settings_.on_fault(std::current_exception());
    }
    running_ = false;
    ended_.cancel();
}

asio::awaitable<void> NodeWorker::step() {
    const auto now = Steady::now();
    earn(now);
    if (now >= next_poll_) {
        co_await poll(now);
    }
    if (sweeping_ && swept_.size() < settings_.update_rate / 2 + 1) {
        co_await sweep();
    }
    tell(Steady::now());
}

store::Claim NodeWorker::claim(std::size_t limit) const {
    return {ports_.now()->clock.now(), settings_.lease, limit, reach_now_};
}

/// A second's worth at most is saved up, so that a pause is not followed by a flood.
void NodeWorker::earn(Steady::time_point now) {
    const std::chrono::duration<double> passed = now - earned_;
    earned_ = now;
    const auto most = std::max(1.0, settings_.update_rate * std::chrono::duration<double>(2 * tick).count());
    tokens_ = std::min(most, tokens_ + passed.count() * settings_.update_rate);
}

asio::awaitable<void> NodeWorker::poll(Steady::time_point now) {
    last_poll_ = now;
    next_poll_ = now + settings_.poll;
    reach_now_ = ports_.now()->nodes.reach();
    if (reach_now_ != reach_ || now >= next_announcement_) {
        co_await announce(now);
    }
    co_await take_due();
    co_await watch_profiles(now);
}

/// A store that is away is told by the next poll.
asio::awaitable<void> NodeWorker::announce(Steady::time_point now) {
    if (reach_now_.daemon.empty()) co_return;
    const auto& before = reach_.hosts;
    std::vector<std::string> come;
    for (const auto& host : reach_now_.hosts)
        if (std::find(before.begin(), before.end(), host) == before.end()) come.push_back(host);
    const auto wall = ports_.now()->clock.now();
    const auto announced = reach_now_;
    const auto done =
        co_await ports_.now()->store.announce_reach(announced, std::move(come), wall, wall + settings_.reach);
    if (!done) co_return;
    reach_ = announced;
    next_announcement_ = now + settings_.reach / 3;
}

/// What is for these nodes is anybody's from now on.
asio::awaitable<void> NodeWorker::withdraw() {
    if (reach_.daemon.empty()) co_return;
    const store::Reach nobody{reach_.daemon, {}};
    const auto wall = ports_.now()->clock.now();
    std::vector<std::string> come;
    (void)co_await ports_.now()->store.announce_reach(nobody, std::move(come), wall, wall);
}

asio::awaitable<void> NodeWorker::take_due() {
    const auto ports = ports_.now();
    auto requests = co_await ports->store.take_requests(claim(limits::node_requests_taken_max));
    if (requests) {
        co_await send_in_background(*ports, std::move(*requests));
    }
    // Those that are taken should be told long before their lease ends.
    if (changed_.size() >= settings_.update_rate) co_return;
    auto untold = co_await ports->store.take_untold(
        claim(std::min<std::size_t>(settings_.update_rate, limits::untold_taken_max)));
    if (untold) keep(changed_, std::move(*untold));
}

asio::awaitable<void> NodeWorker::watch_profiles(Steady::time_point now) {
    const auto clock = co_await ports_.now()->store.profile_clock();
    if (!clock) co_return;
    if (profile_clock_ && *profile_clock_ != *clock) {
        look_through();
        sweep_again_ = now + settings_.settle;
    }
    profile_clock_ = *clock;
    if (!sweeping_ && sweep_again_ && now >= *sweep_again_) {
        sweep_again_.reset();
        look_through();
    }
}

/// From the start: a sweep that is under way begins anew, once; were it more often than it takes to come to
/// the end, those at the end would never be told.
void NodeWorker::look_through() {
    if (sweeping_ && begun_anew_) {
        once_more_ = true;
        return;
    }
    begun_anew_ = sweeping_;
    sweeping_ = true;
    position_.reset();
}

asio::awaitable<void> NodeWorker::sweep() {
    const auto ports = ports_.now();
    auto page = co_await ports->store.sweep_untold(
        position_, claim(std::min<std::size_t>(settings_.update_rate, limits::untold_taken_max)));
    if (!page) co_return;  // the store is away: from here on, later
    keep(swept_, std::move(page->untold));
    position_ = std::move(page->next);
    if (position_) co_return;
    begun_anew_ = false;
    sweeping_ = std::exchange(once_more_, false);
}

void NodeWorker::keep(std::deque<Taken>& queue, std::vector<store::Untold> untold) {
    const auto now = Steady::now();
    for (auto& one : untold) queue.push_back({std::move(one), now});
}

void NodeWorker::tell(Steady::time_point now) {
    while (tokens_ >= 1 && in_flight_ < limits::untold_in_flight_max &&
           !(changed_.empty() && swept_.empty())) {
        auto& queue = changed_.empty() ? swept_ : changed_;
        auto taken = std::move(queue.front());
        queue.pop_front();
        // Its lease may end while the node is told: it is taken anew, by us or by another daemon.
        if (now - taken.at > settings_.lease / 2) continue;
        tokens_ -= 1;
        start(std::move(taken.untold));
    }
}

void NodeWorker::start(store::Untold untold) {
    ++in_flight_;
    asio::co_spawn(strand_, tell_by(ports_.now(), std::move(untold)),
                   [this](const std::exception_ptr& fault) {
                       --in_flight_;
                       if (fault) settings_.on_fault(fault);
                   });
}

}  // namespace bindhss::procedure
