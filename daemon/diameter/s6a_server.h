// SPDX-License-Identifier: Apache-2.0
// The HSS on S6a/S6d and S13: requests of nodes find their procedure, and procedures reach nodes (TS 29.272
// 5, 6, 7).
#pragma once

#include <atomic>

#include "diameter/duplicates.h"
#include "diameter/node.h"
#include "diameter/request_observer.h"
#include "log/event_budget.h"
#include "procedure/live_ports.h"
#include "types/limits.h"
#include "types/s6a.h"

namespace bindhss::diameter {

/// Any thread may call it. Node, Ports and this one need each other, hence two steps: the node is made with
/// handler(), the ports with this as NodeClient, and serve() connects them. What they refer to outlives it;
/// it outlives the running of `io` and `patient`.
class S6aServer final : public procedure::NodeClient {
  public:
    /// Authentication-Informations are served on `io`, all other requests on `patient`, which may be the
    /// same: with threads of its own it keeps them from waiting behind exchanges of keys. `observer`:
    /// outlives it; absent: nobody.
    S6aServer(boost::asio::io_context& io, boost::asio::io_context& patient, log::Logger& log,
              RequestObserver* observer = nullptr)
        : io_(io), patient_(patient), log_(log), observer_(observer) {}

    /// For the node. Until serve() every request is answered TOO_BUSY.
    [[nodiscard]] RequestHandler handler();
    /// REQUIRES: called once, before Node::start().
    void serve(Node& node, procedure::LivePorts ports);

    // To the node named in the request (7.2.7, 7.2.9, 7.2.11, 7.2.15). unable_to_deliver and too_busy as
    // Node::send(), else what the node answers.
    boost::asio::awaitable<Result<s6a::CancelLocationAnswer>> cancel_location(
        s6a::CancelLocationRequest request) override;
    boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> insert_subscriber_data(
        s6a::InsertSubscriberDataRequest request) override;
    boost::asio::awaitable<Result<s6a::DeleteSubscriberDataAnswer>> delete_subscriber_data(
        s6a::DeleteSubscriberDataRequest request) override;
    boost::asio::awaitable<Result<s6a::ResetAnswer>> reset(s6a::ResetRequest request) override;
    [[nodiscard]] store::Reach reach() const override;

  private:
    class Line;
    /// How a request ended: with an answer, refused by its procedure, or not understood.
    using Outcome = std::variant<s6a::Answer, Failure, Rejection>;

    void receive(std::unique_ptr<IncomingRequest> request);
    void start(std::unique_ptr<IncomingRequest> request, std::string key);
    boost::asio::awaitable<void> answer(std::unique_ptr<IncomingRequest> request, std::string key);
    boost::asio::awaitable<Outcome> run(const IncomingRequest& incoming, std::string session,
                                        const procedure::Ports& ports);
    static void respond(IncomingRequest& request, const Outcome& outcome, const procedure::Ports& ports);
    void tell(const Line& line, const Outcome& outcome);
    void observe(const Line& line, const Failure* failure) const;
    bool tell_of_failure();
    template <class Answer, class Request>
    boost::asio::awaitable<Result<Answer>> ask(std::uint32_t command_code, Request request,
                                               Result<Answer> (*decode)(const Message&));

    boost::asio::io_context& io_;
    boost::asio::io_context& patient_;
    log::Logger& log_;
    RequestObserver* observer_;
    log::EventBudget failures_told_{limits::failure_events_per_second_max};
    Duplicates duplicates_;
    Node* node_ = nullptr;
    std::optional<procedure::LivePorts> ports_;
};

}  // namespace bindhss::diameter
