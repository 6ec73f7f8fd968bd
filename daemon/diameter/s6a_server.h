// SPDX-License-Identifier: Apache-2.0
// The HSS on S6a: requests of MMEs find their procedure, and procedures reach MMEs (TS 29.272 5, 7).
#pragma once

#include <atomic>

#include "diameter/node.h"
#include "log/event_budget.h"
#include "procedure/ports.h"
#include "types/limits.h"
#include "types/s6a.h"

namespace bindhss::diameter {

/// Any thread may call it. Node, Ports and this one need each other, hence two steps: the node is made with
/// handler(), the ports with this as NodeClient, and serve() connects them. All outlive it; it outlives the
/// running of `io`.
class S6aServer final : public procedure::NodeClient {
  public:
    S6aServer(boost::asio::io_context& io, log::Logger& log) : io_(io), log_(log) {}

    /// For the node. Until serve() every request is answered TOO_BUSY.
    [[nodiscard]] RequestHandler handler();
    /// REQUIRES: called once, before Node::start().
    void serve(Node& node, const procedure::Ports& ports);

    /// CLR (7.2.7) to the MME. unable_to_deliver as Node::send().
    boost::asio::awaitable<Result<s6a::CancelLocationAnswer>> cancel_location(
        s6a::CancelLocationRequest request) override;

  private:
    void receive(std::unique_ptr<IncomingRequest> request);
    boost::asio::awaitable<void> answer(std::unique_ptr<IncomingRequest> request);
    bool tell_of_failure();
    boost::asio::awaitable<std::optional<Failure>> run(IncomingRequest& request);

    boost::asio::io_context& io_;
    log::Logger& log_;
    log::EventBudget failures_told_{limits::failure_events_per_second_max};
    Node* node_ = nullptr;
    const procedure::Ports* ports_ = nullptr;
};

}  // namespace bindhss::diameter
