// SPDX-License-Identifier: Apache-2.0
// What keeps a connection of operators from being busy for as long as it takes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace bindhss::store::postgres {

/// Has the statement given up that a connection is at. Any thread may call it.
class Breaker {
  public:
    /// From now on nothing begins. Cancels the statement under way; one that began meanwhile is cancelled by
    /// the next call. It asks the server over a connection of its own, and waits for that.
    void stop();
    [[nodiscard]] bool stopped() const;

    /// As long as it lives, stop() calls `cancel`. Throws Overdue when it was stopped before. REQUIRES: one
    /// at a time for each breaker.
    class Watch {
      public:
        Watch(Breaker* breaker, std::function<void()> cancel);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

      private:
        Breaker* const breaker_;
    };

  private:
    mutable std::mutex mutex_;
    bool stopped_ = false;
    std::function<void()> cancel_;
};

/// Of the connection of somebody who waits for an answer. Without them it takes as long as it takes.
struct Bounds {
    std::chrono::milliseconds statement{0};  ///< 0: a statement takes as long as it takes
    std::chrono::milliseconds lock_wait{0};  ///< how long it waits for what somebody else has locked
    std::shared_ptr<Breaker> breaker = {};   ///< null: nobody stops it
};

}  // namespace bindhss::store::postgres
