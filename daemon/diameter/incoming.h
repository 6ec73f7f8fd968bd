// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "diameter/peer.h"

namespace bindhss::diameter {

/// A request that a peer sent, with the connection that its answer goes to. Any thread may answer.
class PeerRequest final : public IncomingRequest {
  public:
    PeerRequest(std::shared_ptr<Peer> peer, Message message);
    ~PeerRequest() override;
    PeerRequest(const PeerRequest&) = delete;
    PeerRequest& operator=(const PeerRequest&) = delete;

    /// Why it cannot be passed to the handler: header, dictionary, origin, route, destination (RFC
    /// 6733 6.1, 7.1). REQUIRES: called once, before anything reads the message's AVPs.
    [[nodiscard]] std::optional<Rejection> judge();

    [[nodiscard]] const Message& message() const override { return message_; }
    [[nodiscard]] const std::string& peer() const override { return peer_->who().identity; }
    [[nodiscard]] Quirks quirks() const override;
    [[nodiscard]] bool secured() const override { return peer_->who().secured; }
    [[nodiscard]] Message make_answer() override;
    void answer(const Message& answer) override;
    void reject(const Rejection& rejection) override;
    void abandon() override;
    [[nodiscard]] boost::asio::any_io_executor executor() const override { return peer_->node().executor; }

  private:
    [[nodiscard]] std::optional<Rejection> judge_application() const;
    [[nodiscard]] std::optional<Rejection> judge_route() const;
    [[nodiscard]] std::optional<Rejection> judge_origin() const;
    [[nodiscard]] std::optional<Rejection> judge_hops() const;
    [[nodiscard]] bool passed_by(std::string_view identity) const;

    std::shared_ptr<Peer> peer_;
    Message message_;
    bool answered_ = false;
};

}  // namespace bindhss::diameter
