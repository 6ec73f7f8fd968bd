// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/courier.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace bindhss::alarm {

namespace asio = boost::asio;

Courier::Courier(const asio::any_io_executor& executor, CourierSettings settings, log::Logger& log)
    : executor_(asio::make_strand(executor)), settings_(std::move(settings)), log_(log) {}

void Courier::tell(const Notice& notice) noexcept {
    bool starting = false;
    try {
        {
            const std::lock_guard lock(mutex_);
            if (retired_ || queue_.size() >= settings_.waiting_max) {
                ++dropped_;
                return;
            }
            queue_.push_back({++last_number_, notice});
            starting = !std::exchange(running_, true);
        }
        // Outside of the lock: the coroutine may begin here.
        if (starting) asio::co_spawn(executor_, run(shared_from_this()), asio::detached);
    } catch (...) {  // no memory; without a coroutine the next notice starts it
        const std::lock_guard lock(mutex_);
        if (starting) {
            running_ = false;
        } else {
            ++dropped_;
        }
    }
}

std::size_t Courier::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

std::uint64_t Courier::delivered() const {
    const std::lock_guard lock(mutex_);
    return delivered_;
}

std::uint64_t Courier::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

asio::awaitable<void> Courier::run(std::shared_ptr<Courier> self) {
    auto pause = self->settings_.retry_min;
    asio::steady_timer timer(self->executor_);
    for (auto items = self->next(); !items.empty(); items = self->next()) {
        const auto outcome = co_await self->guarded_attempt(items);
        if (outcome.kind == Outcome::Kind::again) {
            if (self->give_up()) co_return;
            self->report_failure(outcome);
            timer.expires_after(pause);
            const auto waited = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            (void)waited;
            pause = std::min(pause * 2, self->settings_.retry_max);
        } else {
            self->finish(outcome, items);
            pause = self->settings_.retry_min;
        }
    }
}

asio::awaitable<Courier::Outcome> Courier::guarded_attempt(std::vector<Item> items) {
    Outcome outcome;
    try {
        outcome = co_await attempt(std::move(items));
    } catch (const std::exception& error) {
        outcome = {Outcome::Kind::again, error.what()};
    }
    co_return outcome;
}

/// The first ones, which stay in the queue until finish(); none: the coroutine has ended.
std::vector<Courier::Item> Courier::next() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) running_ = false;
    const auto count = std::min(queue_.size(), settings_.together_max);
    return {queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count)};
}

void Courier::finish(const Outcome& outcome, const std::vector<Item>& items) {
    std::uint64_t dropped = 0;
    {
        const std::lock_guard lock(mutex_);
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(items.size()));
        const bool refused = outcome.kind == Outcome::Kind::refused;
        (refused ? dropped_ : delivered_) += items.size();
        dropped = dropped_ - dropped_before_;
    }
    if (outcome.kind == Outcome::Kind::refused) {
        log_.warning("alarm_notice_refused", {{"outlet", settings_.name},
                                              {"id", describe(items.front().notice.alarm.id).name},
                                              {"reason", outcome.reason}});
    }
    if (std::exchange(failing_, false))
        log_.info("alarm_outlet_works", {{"outlet", settings_.name}, {"dropped", dropped}});
}

void Courier::retire() {
    const std::lock_guard lock(mutex_);
    retired_ = true;
}

/// After a failure: true when nobody is to wait for it to pass.
bool Courier::give_up() {
    std::size_t lost = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!retired_) return false;
        lost = queue_.size();
        dropped_ += lost;
        queue_.clear();
        running_ = false;
    }
    log_.warning("alarm_outlet_ended", {{"outlet", settings_.name}, {"dropped", lost}});
    return true;
}

void Courier::report_failure(const Outcome& outcome) {
    if (std::exchange(failing_, true)) return;
    {
        const std::lock_guard lock(mutex_);
        dropped_before_ = dropped_;
    }
    log_.warning("alarm_outlet_failed", {{"outlet", settings_.name}, {"reason", outcome.reason}});
}

}  // namespace bindhss::alarm
