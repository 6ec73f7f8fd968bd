// SPDX-License-Identifier: Apache-2.0
// Keeps an event that may come with every request from filling the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace bindhss::log {

/// So many events a second pass; the rest is counted. Any thread may call it.
class EventBudget {
  public:
    using Time = std::chrono::steady_clock::time_point;
    explicit EventBudget(std::uint64_t per_second) : per_second_(per_second) {}

    /// Nothing: keep this event back. Otherwise it passes, with the number of those kept back before it.
    std::optional<std::uint64_t> take(Time now) {
        const std::lock_guard lock(mutex_);
        if (now - second_ >= std::chrono::seconds(1)) {
            second_ = now;
            passed_ = 0;
        }
        if (passed_ >= per_second_) {
            ++kept_back_;
            return std::nullopt;
        }
        ++passed_;
        const auto before = kept_back_;
        kept_back_ = 0;
        return before;
    }

  private:
    const std::uint64_t per_second_;
    std::mutex mutex_;
    Time second_{};
    std::uint64_t passed_ = 0;
    std::uint64_t kept_back_ = 0;
};

}  // namespace bindhss::log
