// SPDX-License-Identifier: Apache-2.0
// The outlet that keeps alarms in the store's table.
#pragma once

#include "alarm_outlets/courier.h"
#include "store/store.h"

namespace bindhss {

/// Writes notices behind the request's back, in their order; what the database refuses has reached the log.
/// The store outlives the executor's work.
class AlarmTable final : public alarm::Courier {
  public:
    AlarmTable(const boost::asio::any_io_executor& executor, alarm::CourierSettings settings,
               store::Store& store, log::Logger& log)
        : Courier(executor, std::move(settings), log), store_(store) {}

    [[nodiscard]] bool wants_unknown_ends() const noexcept override { return true; }
    [[nodiscard]] bool knows_acts() const noexcept override { return true; }

  private:
    boost::asio::awaitable<Outcome> attempt(Item item) override {
        co_await store_.record_alarm(std::move(item.notice));
        co_return Outcome{};
    }

    store::Store& store_;
};

}  // namespace bindhss
