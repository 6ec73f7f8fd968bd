// SPDX-License-Identifier: Apache-2.0
// Our own requests to one peer that await their answer (RFC 6733 5.5.4: matched by Hop-by-Hop Identifier).
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "diameter/message.h"

namespace bindhss::diameter {

/// The coroutine that awaits an answer. Completed once; destroyed otherwise, and the coroutine with it.
class Waiter {
  public:
    virtual ~Waiter() = default;
    virtual void complete(Result<Message> result) = 0;
};

struct SentRequest {
    std::uint32_t hop_by_hop = 0;
    std::uint32_t command_code = 0;
    std::uint32_t application_id = 0;
    std::unique_ptr<Waiter> waiter;
};

/// Used on the connection's strand.
class Outstanding {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// REQUIRES: deadlines never decrease.
    void add(SentRequest request, Time deadline);
    /// The request that this answers; null: none.
    [[nodiscard]] std::unique_ptr<Waiter> take(const Header& answer);
    [[nodiscard]] std::vector<std::unique_ptr<Waiter>> take_expired(Time now);
    [[nodiscard]] std::vector<std::unique_ptr<Waiter>> take_all();
    /// Time::max() when there is none.
    [[nodiscard]] Time deadline() const { return order_.empty() ? Time::max() : order_.front().deadline; }

  private:
    struct Entry {
        Time deadline;
        std::uint32_t hop_by_hop;
    };
    void forget_answered();

    std::unordered_map<std::uint32_t, SentRequest> requests_;
    std::deque<Entry> order_;  ///< by deadline; answered ones leave when they come first
};

}  // namespace bindhss::diameter
