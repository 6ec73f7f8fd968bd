// SPDX-License-Identifier: Apache-2.0
// Delivers notices in their order, behind the back of whoever raises alarms.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "alarm/outlet.h"
#include "log/log.h"
#include "types/limits.h"

namespace bindhss::alarm {

struct CourierSettings {
    std::string name;  ///< in the log: "syslog", "webhook", ...
    std::size_t waiting_max = limits::alarm_queue_max;
    std::chrono::milliseconds retry_min{limits::alarm_retry_ms_min};
    std::chrono::milliseconds retry_max{limits::alarm_retry_ms_max};
    std::size_t together_max = 1;  ///< notices of one attempt
};

/// A bounded queue, and a coroutine that empties it in its order. What comes on top of waiting_max is counted
/// as dropped. A notice that cannot be delivered is tried again, with growing pauses, and the others wait
/// behind it; the log is told when that begins and when it has ended (alarm_outlet_failed, alarm_outlet_works
/// with the number of those dropped meanwhile).
///
/// tell() may be called by any thread. Is owned by a shared_ptr; its coroutine keeps it alive. The logger
/// outlives the executor's work.
class Courier : public Outlet, public std::enable_shared_from_this<Courier> {
  public:
    void tell(const Notice& notice) noexcept override;

    /// Nothing more will come. What waits is tried once more each, until one fails: the rest is dropped,
    /// which the log is told (alarm_outlet_ended). Any thread may call it.
    void retire();

    [[nodiscard]] const std::string& name() const { return settings_.name; }
    /// Including the one that is under way.
    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] std::uint64_t delivered() const;
    [[nodiscard]] std::uint64_t dropped() const;

  protected:
    struct Item {
        std::uint64_t number;  ///< of this courier's notices, the same in every attempt
        Notice notice;
    };
    struct Outcome {
        enum class Kind : std::uint8_t { delivered, again, refused };
        Kind kind = Kind::delivered;
        std::string reason;  ///< one sentence, unless it was delivered
    };

    /// What attempt() does runs on a strand of `executor`.
    Courier(const boost::asio::any_io_executor& executor, CourierSettings settings, log::Logger& log);
    /// One attempt, never several at once, at those that have waited longest: one at least,
    /// CourierSettings::together_max at most. `refused`: another attempt would not help.
    virtual boost::asio::awaitable<Outcome> attempt(std::vector<Item> items) = 0;

    [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] log::Logger& log() { return log_; }

  private:
    static boost::asio::awaitable<void> run(std::shared_ptr<Courier> self);
    boost::asio::awaitable<Outcome> guarded_attempt(std::vector<Item> items);
    std::vector<Item> next();
    void finish(const Outcome& outcome, const std::vector<Item>& items);
    void report_failure(const Outcome& outcome);
    [[nodiscard]] bool give_up();

    const boost::asio::any_io_executor executor_;
    const CourierSettings settings_;
    log::Logger& log_;
    mutable std::mutex mutex_;
    std::deque<Item> queue_;
    bool running_ = false;
    bool retired_ = false;
    bool failing_ = false;  ///< of the coroutine alone
    std::uint64_t last_number_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t dropped_before_ = 0;  ///< when the failure began
};

}  // namespace bindhss::alarm
