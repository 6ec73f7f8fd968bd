// SPDX-License-Identifier: Apache-2.0
// The outlet that keeps alarms in the store's table.
#pragma once

#include "alarm_outlets/courier.h"
#include "store/store.h"

namespace bindhss {

/// Writes notices behind the request's back, in their order. They wait for a database that is away.
/// The store outlives the executor's work.
class AlarmTable final : public alarm::Courier {
  public:
    AlarmTable(const boost::asio::any_io_executor& executor, alarm::CourierSettings settings,
               store::Store& store, log::Logger& log)
        : Courier(executor, std::move(settings), log), store_(store) {}

    [[nodiscard]] bool wants_unknown_ends() const noexcept override { return true; }
    [[nodiscard]] bool knows_acts() const noexcept override { return true; }

  private:
    boost::asio::awaitable<Outcome> attempt(std::vector<Item> items) override {
        std::vector<alarm::Notice> notices;
        for (auto& item : items) notices.push_back(std::move(item.notice));
        const auto recorded = co_await store_.record_alarms(std::move(notices));
        if (recorded) co_return Outcome{};
        co_return Outcome{Outcome::Kind::again, recorded.error().detail};
    }

    store::Store& store_;
};

}  // namespace bindhss
