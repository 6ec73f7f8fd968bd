// SPDX-License-Identifier: Apache-2.0
#include "app/retention.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "types/limits.h"

namespace bindhss {

namespace asio = boost::asio;

asio::awaitable<void> Retention::run() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    bool more = true;  // not at once: a daemon that starts has other things to do
    for (;;) {
        timer.expires_after(
            std::chrono::milliseconds(more ? limits::retention_page_pause_ms : limits::retention_pause_ms));
        co_await timer.async_wait(asio::use_awaitable);
        more = co_await turn();
        if (more || alarms_ + entries_ == 0) continue;
        log_.info("old_records_deleted",
                  {{"alarms", std::exchange(alarms_, 0)}, {"audit", std::exchange(entries_, 0)}});
    }
}

asio::awaitable<bool> Retention::turn() {
    const auto keep = settings();
    const bool more_alarms = co_await page(store::OldRecords::cleared_alarms, keep.cleared_alarms, alarms_);
    const bool more_entries = co_await page(store::OldRecords::audit, keep.audit, entries_);
    const bool more_requests = co_await page(store::OldRecords::operator_requests,
                                             std::chrono::hours(limits::idempotency_kept_hours), requests_);
    co_return more_alarms || more_entries || more_requests;
}

asio::awaitable<bool> Retention::page(store::OldRecords what, std::chrono::milliseconds keep,
                                      std::uint64_t& deleted) {
    if (keep.count() == 0) co_return false;
    const auto done = co_await store_.delete_old(what, std::chrono::ceil<std::chrono::seconds>(keep),
                                                 limits::retention_page_max);
    if (!done) co_return false;
    deleted += *done;
    co_return *done == limits::retention_page_max;
}

}  // namespace bindhss
