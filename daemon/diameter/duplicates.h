// SPDX-License-Identifier: Apache-2.0
// Requests that are being answered, so that a retransmission joins the first one and gets its answer (RFC
// 6733 3, spec 1.0). One that comes later is served anew: every procedure may be repeated.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "diameter/node.h"

namespace bindhss::diameter {

/// Any thread may call it. It holds as many requests as connections may have in flight
/// (limits::peer_requests_in_flight_max), and limits::duplicates_joined_max for each first one.
class Duplicates {
  public:
    /// What a request has in common with its retransmissions, whichever way they came: Origin-Host and
    /// End-to-End Identifier (RFC 6733 3), and, because not every peer keeps that identifier unique, command,
    /// Session-Id and User-Name.
    [[nodiscard]] static std::string key_of(const Message& request);

    enum class Entry : std::uint8_t {
        first,   ///< to be served; leave() when it is answered
        joined,  ///< it was taken, and waits for the first one's leave()
        full,    ///< limits::duplicates_joined_max wait already
    };
    /// Takes `request` when it is joined.
    [[nodiscard]] Entry enter(const std::string& key, std::unique_ptr<IncomingRequest>& request);
    /// Those that joined the request, for the same answer.
    [[nodiscard]] std::vector<std::unique_ptr<IncomingRequest>> leave(const std::string& key);

  private:
    std::mutex mutex_;
    // guarded by mutex_:
    std::unordered_map<std::string, std::vector<std::unique_ptr<IncomingRequest>>> joined_;
};

}  // namespace bindhss::diameter
