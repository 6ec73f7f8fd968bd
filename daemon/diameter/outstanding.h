// SPDX-License-Identifier: Apache-2.0
// Our own requests to one peer that await their answer (RFC 6733 5.5.4: matched by Hop-by-Hop Identifier).
#pragma once

#include <chrono>
#include <memory>
#include <set>
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
    std::chrono::steady_clock::time_point deadline{};
    std::unique_ptr<Waiter> waiter;
};

/// Used on the connection's strand.
class Outstanding {
  public:
    using Time = std::chrono::steady_clock::time_point;

    void add(SentRequest request);
    /// The request that this answers; null: none.
    [[nodiscard]] std::unique_ptr<Waiter> take(const Header& answer);
    [[nodiscard]] std::vector<std::unique_ptr<Waiter>> take_expired(Time now);
    [[nodiscard]] std::vector<std::unique_ptr<Waiter>> take_all();
    /// Time::max() when there is none.
    [[nodiscard]] Time deadline() const { return order_.empty() ? Time::max() : order_.begin()->first; }

  private:
    std::unordered_map<std::uint32_t, SentRequest> requests_;
    std::set<std::pair<Time, std::uint32_t>> order_;  ///< by deadline
};

}  // namespace bindhss::diameter
