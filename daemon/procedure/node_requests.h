// SPDX-License-Identifier: Apache-2.0
// Requests to nodes that must not be lost (TS 29.272 5.2.1.2, 5.2.2, 5.2.4): they are stored before they are
// sent, and tried again, by whichever daemon has the node as its peer, until it answers.
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// A request of the store that its caller has alone: longer than the node's answer may take
/// (diameter.request_timeout is a minute at most).
inline constexpr std::chrono::milliseconds request_lease{75'000};
/// Pauses between attempts: doubled from the first to the second; after the third there is no further one.
inline constexpr std::chrono::seconds request_retry_min{5};
inline constexpr std::chrono::seconds request_retry_max{600};
inline constexpr std::chrono::hours request_given_up_after{24};

/// The pause after `attempts` that failed.
[[nodiscard]] std::chrono::seconds retry_pause(std::uint32_t attempts);

/// The node could not be reached and is no peer of this daemon, so that another one may reach it: then
/// `daemon` is this one's identity.
[[nodiscard]] bool is_out_of_reach(const Ports& ports, const Failure& failure, const ServingNode& node,
                                   std::string& daemon);

/// One attempt. A node that is the peer of another daemon is left to that one. A node that answers SUCCESS,
/// or that does not know the UE, ends the request; whatever else postpones it, and after a day it is given up
/// with an alarm. Takes its arguments by value: it outlives the procedure that started it, never the ports.
boost::asio::awaitable<void> send_node_request(const Ports& ports, store::NodeRequest request);

/// Starts an attempt of each on the caller's executor, without waiting; `after` for requests that must not
/// overtake an answer. An exception goes to Ports::on_fault, and the request is sent again when its lease
/// ends.
boost::asio::awaitable<void> send_in_background(
    const Ports& ports, std::vector<store::NodeRequest> requests,
    std::chrono::milliseconds after = std::chrono::milliseconds(0));

}  // namespace bindhss::procedure
