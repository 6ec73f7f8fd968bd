// SPDX-License-Identifier: Apache-2.0
// Joins the alarm detector with its outlets, as they are configured.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "alarm/counters.h"
#include "alarm/detector.h"
#include "alarm/log_outlet.h"
#include "alarm_outlets/json_lines.h"
#include "alarm_outlets/webhook.h"
#include "alarm_table.h"
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
    };
    Alarms(const config::Settings& settings, std::optional<alarm::WebhookSettings> webhook, World world);
    ~Alarms();
    Alarms(const Alarms&) = delete;
    Alarms& operator=(const Alarms&) = delete;

    [[nodiscard]] alarm::Sink& sink() { return *detector_; }
    /// Numbers for metrics.
    [[nodiscard]] const alarm::Counters& counters() const { return counters_; }
    /// Alarms that are open in the table since before the start go on, and can end.
    void remember(const std::vector<store::AlarmRow>& open);
    /// A file that was rotated is opened anew.
    void reopen() noexcept;
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
    [[nodiscard]] bool all_delivered() const;
    void tell(const store::AlarmAct& act, WallTime asked_at);

    boost::asio::thread_pool disk_{1};  ///< may block; outlives whoever works on it
    World world_;
    alarm::LogOutlet log_outlet_;
    alarm::Counters counters_;
    std::shared_ptr<alarm::JsonLines> json_lines_;
    std::vector<std::shared_ptr<alarm::Courier>> couriers_;
    std::unique_ptr<alarm::Detector> detector_;
    std::optional<std::int64_t> heard_;  ///< number of the last act
};

}  // namespace bindhss
