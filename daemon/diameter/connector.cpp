// SPDX-License-Identifier: Apache-2.0
#include "diameter/connector.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "diameter/peer.h"
#include "diameter/tls_stream.h"

namespace bindhss::diameter {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

}  // namespace

Connector::Connector(std::shared_ptr<NodeContext> node, Strand strand, PeerSettings peer)
    : node_(std::move(node)),
      strand_(std::move(strand)),
      peer_(std::move(peer)),
      resolver_(node_->executor),
      socket_(node_->executor),
      timer_(strand_) {}

void Connector::stop() {
    stopped_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    resolver_.cancel();
    timer_.cancel();
}

asio::awaitable<void> Connector::run() {
    while (!stopped_) {
        const bool unwanted = node_->table.stays_away(peer_.identity, std::chrono::steady_clock::now());
        if (!unwanted && !node_->table.holds(peer_.identity)) {
            auto stream = co_await connect();
            if (stopped_) co_return;
            if (stream) {
                const auto peer = std::make_shared<Peer>(node_, std::move(stream), peer_);
                co_await asio::co_spawn(peer->strand(), peer->run(), asio::use_awaitable);
            }
        }
        if (stopped_) co_return;
        timer_.expires_after(node_->settings.reconnect_interval);
        co_await timer_.async_wait(with_error);
    }
}

asio::awaitable<std::vector<tcp::endpoint>> Connector::resolve() {
    const auto& target = *peer_.connect;
    boost::system::error_code not_numeric;
    const auto address = asio::ip::make_address(target.host, not_numeric);
    std::vector<tcp::endpoint> endpoints;
    if (!not_numeric) {
        endpoints.emplace_back(address, target.port);
        co_return endpoints;
    }
    const auto port = std::to_string(target.port);
    const auto [error, results] = co_await resolver_.async_resolve(target.host, port, with_error);
    if (error) report(error);
    for (const auto& result : results) endpoints.push_back(result.endpoint());
    co_return endpoints;
}

asio::awaitable<std::unique_ptr<Stream>> Connector::connect() {
    const auto endpoints = co_await resolve();
    if (endpoints.empty() || stopped_) co_return nullptr;
    socket_ = tcp::socket(node_->executor);
    // TCP alone would try for minutes.
    timer_.expires_after(node_->settings.capabilities_timeout);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
        boost::system::error_code ignored;
        if (!cancelled) self->socket_.close(ignored);
    });
    const auto [error, endpoint] = co_await asio::async_connect(socket_, endpoints, with_error);
    timer_.cancel();
    report(error);
    if (error || stopped_) co_return nullptr;
    co_return stream();
}

std::unique_ptr<Stream> Connector::stream() {
    if (peer_.transport == Transport::tcp) return std::make_unique<TcpStream>(std::move(socket_));
    const auto certificates = node_->tls->current();
    return std::make_unique<TlsStream>(std::move(socket_), *certificates, crypto::TlsSession::Role::client,
                                       peer_.identity);
}

// Once for each reason: a peer may be away for days.
void Connector::report(const boost::system::error_code& error) {
    const bool news = std::exchange(reported_, error) != error;
    if (!news || !error || stopped_) return;
    node_->log.warning("peer_unreachable", {{"peer", peer_.identity},
                                            {"host", peer_.connect->host},
                                            {"port", peer_.connect->port},
                                            {"detail", error.message()}});
}

}  // namespace bindhss::diameter
