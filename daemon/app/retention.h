// SPDX-License-Identifier: Apache-2.0
// The end of records that nobody needs any more: alarms that were cleared long ago, and old entries of the
// audit.
#pragma once

#include <mutex>

#include "log/log.h"
#include "store/store.h"

namespace bindhss {

/// Deletes them a page at a time, with pauses; several daemons may do so at once. While the database is away
/// it waits. References outlive the executor's work.
class Retention {
  public:
    /// 0: for ever.
    struct Settings {
        std::chrono::milliseconds cleared_alarms;
        std::chrono::milliseconds audit;
    };
    Retention(Settings settings, store::Store& store, log::Logger& log)
        : settings_(settings), store_(store), log_(log) {}

    /// From the next page on. Any thread.
    void change(Settings settings) {
        const std::lock_guard lock(mutex_);
        settings_ = settings;
    }
    /// Until the executor stops.
    boost::asio::awaitable<void> run();

  private:
    /// One page of each kind. Returns whether there is more.
    boost::asio::awaitable<bool> turn();
    boost::asio::awaitable<bool> page(store::OldRecords what, std::chrono::milliseconds keep,
                                      std::uint64_t& deleted);

    [[nodiscard]] Settings settings() const {
        const std::lock_guard lock(mutex_);
        return settings_;
    }

    mutable std::mutex mutex_;
    Settings settings_;  // guarded by mutex_
    store::Store& store_;
    log::Logger& log_;
    std::uint64_t alarms_ = 0;  ///< deleted since the last pause
    std::uint64_t entries_ = 0;
    std::uint64_t requests_ = 0;
};

}  // namespace bindhss
