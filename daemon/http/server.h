// SPDX-License-Identifier: Apache-2.0
// A listener of HTTP/1.1 over TLS, for what the daemon offers besides Diameter.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/tls_context.h"
#include "http/message.h"
#include "http/unix_socket.h"
#include "log/log.h"
#include "net/address.h"
#include "types/limits.h"
#include "types/seams.h"

namespace bindhss::http {

/// Answers one request. Runs on the strand of its connection, which brings no other one meanwhile; what it
/// throws is logged and answered 500.
using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

struct ServerSettings {
    std::string name;  ///< in the log: which listener
    std::vector<net::Endpoint> listen;
    /// Without TLS, whoever listens on addresses: the kernel says who comes.
    std::optional<UnixListen> unix_socket;
    /// Absent: HTTP without TLS, for this machine alone or behind something that has TLS.
    std::optional<crypto::TlsFiles> tls;
    std::size_t connections_max = limits::http_connections_max;             ///< over addresses
    std::size_t local_connections_max = limits::api_local_connections_max;  ///< over the Unix socket, besides
    /// From one address, and of one user.
    std::size_t connections_per_address_max = limits::http_connections_per_address_max;
    std::size_t requests_per_connection_max = limits::http_requests_per_connection_max;
    std::size_t body_octets_max = limits::http_body_octets_max;
    std::chrono::milliseconds handshake{limits::http_handshake_ms};
    std::chrono::milliseconds request{limits::http_request_ms};
    std::chrono::milliseconds response{limits::http_response_ms};
    std::chrono::milliseconds idle{limits::http_idle_ms};
    /// Looks at a request of which all is there but the body, on the strand of its connection; an answer: the
    /// body is not read, and the connection is closed after it. Absent: all may come. Must not throw.
    std::function<std::optional<Response>(const Request& head)> admit;
};

/// On addresses (TLS 1.2 or 1.3 from the first octet) and on a Unix socket. Who is slower than the limits, or
/// brings too many connections, is closed; what is no HTTP, or too long, is answered as RFC 9457 has it and
/// then closed. Certificates are read again when their files change.
///
/// Any thread may call it. The logger, the clock, and what the handler borrows outlive the work of `io`.
class Server {
  public:
    /// Binds; accepts nothing before start(). Throws std::runtime_error that says which address, or which
    /// file, cannot be used.
    Server(boost::asio::io_context& io, ServerSettings settings, Handler handler, const Clock& clock,
           log::Logger& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    /// Accepts no more, lets requests under way be answered, and closes what is left at the deadline.
    boost::asio::awaitable<void> stop(std::chrono::milliseconds deadline);

    /// With the ports that were chosen where 0 was asked for.
    [[nodiscard]] std::vector<net::Endpoint> listening() const;
    /// When our certificate, or one of the CAs sent with it, becomes invalid; nothing: without TLS.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> certificate_expires() const;
    /// Connections that are open.
    [[nodiscard]] std::size_t connections() const;
    void reload_certificates();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace bindhss::http
