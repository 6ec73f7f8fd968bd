// SPDX-License-Identifier: Apache-2.0
// What waits for an outlet that takes several notices at once.
#include <future>

#include "outlet_world.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

class Collector final : public alarm::Courier {
  public:
    Collector(const boost::asio::any_io_executor& executor, alarm::CourierSettings settings, log::Logger& log)
        : Courier(executor, std::move(settings), log) {}
    /// The details of each attempt.
    [[nodiscard]] std::vector<std::vector<std::string>> attempts() const {
        const std::lock_guard lock(mutex_);
        return attempts_;
    }
    std::promise<void> go_on;         ///< the first attempt waits for it
    std::atomic<int> failing = 0;     ///< so many attempts
    std::atomic<bool> begun = false;  ///< the first attempt

  private:
    boost::asio::awaitable<Outcome> attempt(std::vector<Item> items) override {
        if (!begun.exchange(true)) go_on.get_future().wait();
        const std::lock_guard lock(mutex_);
        auto& details = attempts_.emplace_back();
        for (const auto& item : items) details.push_back(item.notice.alarm.detail);
        if (failing-- > 0) co_return Outcome{Outcome::Kind::again, "not now"};
        co_return Outcome{};
    }
    mutable std::mutex mutex_;
    std::vector<std::vector<std::string>> attempts_;
};

using Attempts = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("Notices that wait are delivered together, in their order, so many at once and no more",
          "[courier]") {
    OutletWorld world;
    auto settings = OutletWorld::courier("collector");
    settings.together_max = 3;
    const auto outlet = std::make_shared<Collector>(world.io.get_executor(), settings, world.log());
    outlet->tell(notice_of("1"));
    wait_until([&] { return outlet->begun.load(); });
    for (const auto* detail : {"2", "3", "4", "5"}) outlet->tell(notice_of(detail));
    SECTION("") {}
    SECTION("and again when that failed, with what has come meanwhile") {
        outlet->failing = 1;
    }
    const bool fails = outlet->failing > 0;
    outlet->go_on.set_value();
    wait_until([&] { return outlet->delivered() == 5; });
    CHECK(outlet->attempts() ==
          (fails ? Attempts{{"1"}, {"1", "2", "3"}, {"4", "5"}} : Attempts{{"1"}, {"2", "3", "4"}, {"5"}}));
    CHECK(outlet->waiting() == 0);
    CHECK(outlet->dropped() == 0);
}
