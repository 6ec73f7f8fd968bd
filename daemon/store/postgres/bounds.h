// SPDX-License-Identifier: Apache-2.0
// What keeps a connection of operators from being busy for as long as it takes.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

namespace bindhss::store::postgres {

/// Has the statement given up that a connection is at, whatever the server does: the connection is broken
/// off. Any thread may call it.
class Breaker {
  public:
    /// From now on nothing begins. Does not block. It may be called again.
    void stop();
    [[nodiscard]] bool stopped() const;

    /// As long as it lives, stop() shuts the descriptor down, which lives as long. Throws Overdue when it was
    /// stopped before. REQUIRES: one at a time for each breaker.
    class Watch {
      public:
        Watch(Breaker* breaker, int descriptor);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

      private:
        Breaker* const breaker_;
    };

  private:
    mutable std::mutex mutex_;
    bool stopped_ = false;
    int descriptor_ = -1;
};

/// A second descriptor of a connection: libpq closes its own when it likes.
class SecondDescriptor {
  public:
    SecondDescriptor() = default;
    explicit SecondDescriptor(int descriptor);
    ~SecondDescriptor();
    SecondDescriptor(SecondDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    SecondDescriptor& operator=(SecondDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_ = -1;
};

/// Of the connection of somebody who waits for an answer. Without them it takes as long as it takes.
struct Bounds {
    std::chrono::milliseconds statement{0};  ///< 0: a statement takes as long as it takes
    std::chrono::milliseconds lock_wait{0};  ///< how long it waits for what somebody else has locked
    std::shared_ptr<Breaker> breaker = {};   ///< null: nobody stops it
};

}  // namespace bindhss::store::postgres
