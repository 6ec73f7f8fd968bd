// SPDX-License-Identifier: Apache-2.0
// Alarms as lines of JSON in a file of their own.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>

#include "alarm_outlets/courier.h"

namespace bindhss::alarm {

/// Appends json_of() of each notice to a file, which it makes with mode 0640. A file that was renamed or
/// removed is opened anew under its name, before the next line; or by reopen(), for those who truncate.
/// REQUIRES: the executor is a thread that may block on a disk.
class JsonLines final : public Courier {
  public:
    JsonLines(const boost::asio::any_io_executor& executor, CourierSettings settings, std::string path,
              std::string origin, log::Logger& log);
    ~JsonLines() override;
    JsonLines(const JsonLines&) = delete;
    JsonLines& operator=(const JsonLines&) = delete;

    /// Any thread may call it.
    void reopen() noexcept { reopen_ = true; }

  private:
    boost::asio::awaitable<Outcome> attempt(std::vector<Item> items) override;
    /// Empty: it is open.
    std::string open_if_needed();
    [[nodiscard]] bool is_still_there() const;
    void close() noexcept;

    const std::string path_;
    const std::string origin_;
    std::atomic<bool> reopen_{false};
    int file_ = -1;
    bool torn_ = false;  ///< the file ends within a line
};

}  // namespace bindhss::alarm
