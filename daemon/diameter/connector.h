// SPDX-License-Identifier: Apache-2.0
// Keeps one connection to a configured peer (RFC 6733 2.1: Tc; 5.6).
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "diameter/node_context.h"
#include "diameter/stream.h"

namespace bindhss::diameter {

/// Used on the node's control strand; lives until run() and its last timer have ended.
class Connector : public std::enable_shared_from_this<Connector> {
  public:
    using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;

    /// REQUIRES: `peer.connect` is set.
    Connector(std::shared_ptr<NodeContext> node, Strand strand, PeerSettings peer);
    /// Connects again and again until stop().
    boost::asio::awaitable<void> run();
    void stop();
    [[nodiscard]] const PeerSettings& peer() const { return peer_; }

  private:
    boost::asio::awaitable<std::unique_ptr<Stream>> connect();
    std::unique_ptr<Stream> stream();
    boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>> resolve();
    void report(const boost::system::error_code& error);

    std::shared_ptr<NodeContext> node_;
    Strand strand_;
    PeerSettings peer_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer timer_;
    boost::system::error_code reported_;
    bool stopped_ = false;
};

}  // namespace bindhss::diameter
