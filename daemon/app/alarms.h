// SPDX-License-Identifier: Apache-2.0
// Joins the alarm detector with its outlets, as they are configured.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <mutex>

#include "alarm/counters.h"
#include "alarm/detector.h"
#include "alarm/log_outlet.h"
#include "alarm_outlets/json_lines.h"
#include "alarm_outlets/webhook.h"
#include "app/alarm_table.h"
#include "config/settings.h"
#include "store/provisioning.h"

namespace bindhss {

/// The secret and the certificates of the webhook; nothing: there is none. Throws std::runtime_error that
/// names the file at fault.
[[nodiscard]] std::optional<alarm::WebhookSettings> load_webhook(const config::Settings& settings);

/// All that a daemon does with alarms. The executor's work ends before this does; all references outlive it.
class Alarms {
  public:
    struct World {
        boost::asio::any_io_executor executor;
        store::Store& store;
        Random& random;
        const Clock& clock;
        log::Logger& log;
        alarm::Outlet* observer = nullptr;  ///< told of them too; outlives it
    };
    Alarms(const config::Settings& settings, std::optional<alarm::WebhookSettings> webhook, World world);
    ~Alarms();
    Alarms(const Alarms&) = delete;
    Alarms& operator=(const Alarms&) = delete;

    [[nodiscard]] alarm::Sink& sink() { return *detector_; }
    /// Numbers for metrics: also those that are 0 so far and need not stay so. Any thread may call it.
    [[nodiscard]] std::vector<alarm::Counters::Count> counts() const;
    /// Alarms that are open in the table since before the start go on, and can end.
    void remember(const std::vector<store::AlarmRow>& open);
    /// What is returned takes over rules, outlets and secrets, and opens a file anew that was rotated. What
    /// waits for an outlet that stays is not lost. Throws std::runtime_error with one clear line.
    [[nodiscard]] std::function<void()> prepare(const config::Settings& wanted,
                                                std::optional<alarm::WebhookSettings> webhook);
    /// Tells what is due, until the executor stops.
    boost::asio::awaitable<void> run();
    /// Tells what operators did with alarms of the table since the last call; of the first one it is only
    /// known where to go on. While the database is away nothing happens.
    boost::asio::awaitable<void> hear_operators();
    /// The same time and again, until the executor stops.
    boost::asio::awaitable<void> keep_hearing_operators();
    /// Tells all that is counted, and waits a while until it is delivered. What has been counted since the
    /// start, and what is not delivered, is logged.
    boost::asio::awaitable<void> finish();

  private:
    /// The outlets that a reload may change.
    struct Outside {
        std::string json_path;
        config::SyslogSettings syslog_settings;
        std::shared_ptr<alarm::JsonLines> json_lines;
        std::shared_ptr<alarm::Courier> syslog;
        std::shared_ptr<alarm::Webhook> webhook;

        [[nodiscard]] std::vector<std::shared_ptr<alarm::Courier>> all() const;
    };
    /// Tells those of them that there are at the time.
    class Switch final : public alarm::Outlet {
      public:
        void tell(const alarm::Notice& notice) noexcept override;
        [[nodiscard]] Outside now() const;
        /// Those that are in use no more retire.
        void change(Outside outside);

      private:
        struct Outlets {
            std::shared_ptr<alarm::JsonLines> json_lines;
            std::shared_ptr<alarm::Courier> syslog;
            std::shared_ptr<alarm::Webhook> webhook;
        };
        [[nodiscard]] Outlets outlets() const noexcept;

        mutable std::mutex mutex_;
        Outside outside_;  // guarded by mutex_
    };

    [[nodiscard]] Outside outside(const config::Settings& settings, Outside before, bool webhook);
    void add_webhook(Outside& outside, alarm::WebhookSettings settings);
    [[nodiscard]] std::vector<std::shared_ptr<alarm::Courier>> couriers() const;
    [[nodiscard]] bool all_delivered() const;
    void tell(const store::AlarmAct& act, WallTime asked_at);

    boost::asio::thread_pool disk_{1};  ///< may block; outlives whoever works on it
    World world_;
    alarm::LogOutlet log_outlet_;
    alarm::Counters counters_;
    std::shared_ptr<AlarmTable> table_;
    Switch switch_;
    std::unique_ptr<alarm::Detector> detector_;
    std::optional<std::int64_t> heard_;  ///< number of the last act
};

}  // namespace bindhss
