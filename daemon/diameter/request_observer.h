// SPDX-License-Identifier: Apache-2.0
// Who is told of each request, ours and the nodes': metrics and the journal of the daemon.
#pragma once

#include <chrono>
#include <string_view>

#include "types/result.h"

namespace bindhss::diameter {

/// A request of a node, and how it ended. Borrows, for the length of the call.
struct ServedRequest {
    std::string_view command;          ///< request_name()
    std::string_view imsi;             ///< as it came; may be empty, or none
    std::string_view session;          ///< Session-Id, fit for a log
    std::string_view peer;             ///< that is connected
    std::string_view origin_host;      ///< the node that asks
    const Failure* failure = nullptr;  ///< null: answered with success
    bool retransmitted = false;
    std::chrono::microseconds took{0};
};

/// A request of ours to a node.
struct SentRequestOutcome {
    std::string_view command;
    std::string_view imsi;  ///< empty: it is about none
    std::string_view session;
    std::string_view node;  ///< Destination-Host
    const Failure* failure = nullptr;
    std::chrono::microseconds took{0};
};

/// Never blocks for longer than a lock, and never throws; any thread may call it.
class RequestObserver {
  public:
    virtual ~RequestObserver() = default;
    /// Every request that begins ends, by served().
    virtual void begins() noexcept = 0;
    virtual void served(const ServedRequest& request) noexcept = 0;
    /// A retransmission waits for the answer to the first one, or found too many that do.
    virtual void joined(bool refused) noexcept = 0;
    virtual void sent(const SentRequestOutcome& request) noexcept = 0;
};

}  // namespace bindhss::diameter
