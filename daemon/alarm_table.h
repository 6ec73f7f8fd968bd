// SPDX-License-Identifier: Apache-2.0
// The sink that counts alarms in the store's table.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>

#include "alarm/alarm.h"
#include "store/store.h"

namespace bindhss {

/// Writes alarms behind the request's back. At most limits::alarm_queue_max wait; what comes on top is
/// counted as dropped here and has reached the log sink all the same. Any thread may call raise(). The store
/// outlives the executor's work.
class AlarmTable final : public alarm::Sink {
  public:
    AlarmTable(boost::asio::any_io_executor executor, store::Store& store)
        : executor_(std::move(executor)), store_(store) {}

    void raise(const alarm::Alarm& alarm) noexcept override;
    [[nodiscard]] std::size_t waiting() const { return waiting_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  private:
    boost::asio::any_io_executor executor_;
    store::Store& store_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace bindhss
