// SPDX-License-Identifier: Apache-2.0
// One connection of a server; not for other layers.
#pragma once

#include "http/incoming.h"
#include "http/server.h"
#include "log/event_budget.h"
#include "net/connection.h"

namespace bindhss::http {

/// What all connections of one server share; the coroutine of a connection may end after the server.
struct ServerContext {
    ServerContext(ServerSettings s, Handler h, const Clock& c, log::Logger& l)
        : settings(std::move(s)), handler(std::move(h)), clock(c), log(l) {}

    /// An event that anybody may cause: those may not fill the disk.
    void tell_of_stranger(log::Level level, std::string_view event, const boost::asio::ip::address& peer,
                          std::string_view detail);

    const ServerSettings settings;
    const Handler handler;
    const Clock& clock;
    log::Logger& log;
    log::EventBudget strangers_told{limits::failure_events_per_second_max};
};

/// Used on the strand of its socket, but for ask_to_end() and end().
class Session : public std::enable_shared_from_this<Session> {
  public:
    /// `unix_peer`: the socket is a Unix socket, and `peer` says nothing.
    Session(std::shared_ptr<ServerContext> context, net::Connection::Socket socket,
            boost::asio::ip::address peer, std::optional<UnixPeer> unix_peer);

    /// Serves one request after another, until either side has enough.
    boost::asio::awaitable<void> run(std::shared_ptr<const crypto::TlsContext> tls);

    /// No request after the one under way.
    void ask_to_end();
    void end();

  private:
    enum class Next : std::uint8_t { request, refused, over };

    /// Reads one request into `request`, or its refusal into `refusal`.
    boost::asio::awaitable<Next> read(Request* request, Response* refusal);
    boost::asio::awaitable<Response> handle(Request request);
    /// Says who it is from.
    void complete(Request& request) const;
    /// false: the connection is of no more use.
    boost::asio::awaitable<bool> answer(Response response, bool close, bool head);
    boost::asio::awaitable<void> linger();

    const std::shared_ptr<ServerContext> context_;
    const boost::asio::any_io_executor strand_;
    const boost::asio::ip::address peer_;
    const std::optional<UnixPeer> unix_peer_;
    net::Connection connection_;
    std::string octets_;       ///< that came and belong to no request yet
    bool keep_alive_ = false;  ///< after the request that was read last
    bool idle_ = false;        ///< waits for a request of which nothing has come
    bool ending_ = false;
};

}  // namespace bindhss::http
