// SPDX-License-Identifier: Apache-2.0
// How far long work has come, on a terminal; nothing elsewhere.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "ctl/commands.h"

namespace bindhss::ctl {

/// "12m05s"; "less than a second" is "0s".
[[nodiscard]] std::string duration_text(std::chrono::seconds time);

/// One line that is drawn over and over, a few times a second at most. REQUIRES: the streams outlive it.
class ProgressBar {
  public:
    using Clock = std::chrono::steady_clock;

    /// "imported [=====>      ]  42 %  1680000 of 4000000 records  25400/s  1m31s left"
    ProgressBar(Streams& io, std::string_view what, std::string_view things, std::uint64_t total)
        : io_(io), what_(what), things_(things), total_(total) {}
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar() { clear(); }

    /// So much was done before: the rate is of what comes now.
    void begin_at(std::uint64_t done) { begun_at_ = done; }
    /// `note`, if there is one, instead of the rate.
    void show(std::uint64_t done, std::string_view note = {});
    /// Of work whose length nobody knows yet: "checked 120000 records".
    void count(std::uint64_t done);
    void clear();
    /// The line, for tests. `since`: how long it has taken.
    [[nodiscard]] std::string line(std::uint64_t done, std::chrono::milliseconds since,
                                   std::string_view note) const;

  private:
    [[nodiscard]] bool is_due();
    Streams& io_;
    std::string what_;
    std::string things_;
    std::uint64_t total_;
    std::uint64_t begun_at_ = 0;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point shown_at_{};
    bool shown_ = false;
};

}  // namespace bindhss::ctl
