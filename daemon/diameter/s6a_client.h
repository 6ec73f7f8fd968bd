// SPDX-License-Identifier: Apache-2.0
// An MME on S6a (TS 29.272 5, 7): for the emulator and for tests.
#pragma once

#include "diameter/node.h"
#include "types/s6a.h"

namespace bindhss::diameter {

/// Any thread may call it. The node is made with handler(), then attach() tells it the node, which outlives
/// it.
class S6aClient {
  public:
    using CancelLocation = std::function<void(const s6a::CancelLocationRequest&)>;

    /// Where requests go: `host` empty lets the realm decide; `peer` names the connection to use, empty: any
    /// that leads there.
    struct Destination {
        std::string realm;
        std::string host;
        std::string peer;
    };

    /// `on_cancel_location` is called on a peer's strand; CLA success follows.
    explicit S6aClient(Destination destination, CancelLocation on_cancel_location = {})
        : destination_(std::move(destination)), on_cancel_location_(std::move(on_cancel_location)) {}

    [[nodiscard]] RequestHandler handler();
    /// REQUIRES: called once, before Node::start().
    void attach(Node& node) { node_ = &node; }

    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request);
    boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request);

    /// The raw way: a request with the common AVPs, and the answer whatever its result is.
    [[nodiscard]] Message make_request(std::uint32_t command_code);
    boost::asio::awaitable<Result<Message>> exchange(Message request);

  private:
    void receive(std::unique_ptr<IncomingRequest> request) const;

    const Destination destination_;
    const CancelLocation on_cancel_location_;
    Node* node_ = nullptr;
};

}  // namespace bindhss::diameter
