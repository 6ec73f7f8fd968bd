// SPDX-License-Identifier: Apache-2.0
// A connection of TCP or by a Unix socket, with or without TLS: as receivers of alarms, servers and clients
// of HTTP need it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "crypto/tls_session.h"

namespace bindhss::net {

/// Used on one strand, which is its executor, one call at a time. What returns a text returns why it failed,
/// empty when it did not; a connection that failed is of no more use.
class Connection {
  public:
    /// Of TCP, or a Unix socket.
    using Socket = boost::asio::generic::stream_protocol::socket;

    /// One that is to be opened.
    explicit Connection(const boost::asio::any_io_executor& executor);
    /// One that somebody has opened to us: accept() comes next. REQUIRES: the socket's executor is the
    /// strand.
    explicit Connection(Socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Closes the connection when what follows takes longer.
    void deadline(std::chrono::milliseconds time);
    /// No deadline any more.
    void at_rest();

    /// With a context the certificate has to be made out to `host`.
    boost::asio::awaitable<std::string> open(std::string host, std::uint16_t port,
                                             std::shared_ptr<const crypto::TlsContext> tls);
    /// The server's side of the handshake; without a context there is none.
    boost::asio::awaitable<std::string> accept(std::shared_ptr<const crypto::TlsContext> tls);
    boost::asio::awaitable<std::string> send(std::string octets);
    /// Appends what came; nothing appended and no text: the other side has ended the connection.
    boost::asio::awaitable<std::string> receive(std::string* into);
    /// Says that we send nothing any more; what the other side still sends may be received.
    boost::asio::awaitable<std::string> finish();
    /// A send or receive that is under way fails.
    void close();
    /// The other side has ended an idle connection, or sent what nobody asked for.
    [[nodiscard]] bool is_over();
    /// What the other side has shown; null: no TLS, or nobody asked for it. After open() or accept().
    [[nodiscard]] const crypto::Certificate* certificate() const;

  private:
    boost::asio::awaitable<std::string> handshake();
    boost::asio::awaitable<std::string> flush();
    boost::asio::awaitable<std::string> fill(bool* ended);
    [[nodiscard]] std::string text_of(const boost::system::error_code& error) const;

    std::shared_ptr<Socket> socket_;  ///< shared with the deadline
    boost::asio::steady_timer timer_;
    std::shared_ptr<bool> late_ = std::make_shared<bool>(false);
    std::shared_ptr<const crypto::TlsContext> context_;
    std::optional<crypto::TlsSession> session_;
    std::array<std::uint8_t, 16'384> buffer_{};
};

}  // namespace bindhss::net
