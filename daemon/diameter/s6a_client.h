// SPDX-License-Identifier: Apache-2.0
// An MME or SGSN on S6a and S13 (TS 29.272 5, 6, 7): for the emulator and for tests.
#pragma once

#include "diameter/node.h"
#include "diameter/s6a_codec.h"
#include "types/s6a.h"

namespace bindhss::diameter {

/// Any thread may call it. The node is made with handler(), then attach() tells it the node, which outlives
/// it.
class S6aClient {
  public:
    using CancelLocation = std::function<void(const s6a::CancelLocationRequest&)>;
    /// A request of the HSS, decoded. Called on a peer's strand; the IncomingRequest may be kept and answered
    /// later (answer(), refuse()), or abandoned.
    using Serve = std::function<void(std::unique_ptr<IncomingRequest>, NodeRequest)>;

    /// Where requests go: `host` empty lets the realm decide; `peer` names the connection to use, empty: any
    /// that leads there.
    struct Destination {
        std::string realm;
        std::string host;
        std::string peer;
    };

    /// A node that serves CLR only: `on_cancel_location` is called on a peer's strand; CLA success follows.
    explicit S6aClient(Destination destination, CancelLocation on_cancel_location = {});
    /// A node that serves all that an HSS asks.
    S6aClient(Destination destination, Serve serve)
        : destination_(std::move(destination)), serve_(std::move(serve)) {}

    /// The answer of a node to a request of the HSS.
    static void answer(IncomingRequest& request, const NodeAnswer& answer);
    /// An error answer with any number, experimental: as Experimental-Result of 3GPP.
    static void refuse(IncomingRequest& request, std::uint32_t number, bool experimental);

    [[nodiscard]] RequestHandler handler();
    /// REQUIRES: called once, before Node::start().
    void attach(Node& node) { node_ = &node; }

    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request);
    boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request);
    boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(s6a::PurgeUeRequest request);
    boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(s6a::NotifyRequest request);
    boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> me_identity_check(
        s6a::MeIdentityCheckRequest request);

    /// The raw way: a request with the common AVPs, and the answer whatever its result is.
    [[nodiscard]] Message make_request(std::uint32_t command_code);
    boost::asio::awaitable<Result<Message>> exchange(Message request);

  private:
    template <class Answer, class Request>
    boost::asio::awaitable<Result<Answer>> ask(std::uint32_t command_code, Request request,
                                               Result<Answer> (*decode)(const Message&));
    void receive(std::unique_ptr<IncomingRequest> request) const;

    const Destination destination_;
    const Serve serve_;
    Node* node_ = nullptr;
};

}  // namespace bindhss::diameter
