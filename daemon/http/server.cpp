// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>

#include "http/session.h"
#include "net/tls_keeper.h"

namespace bindhss::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);
/// After an error that passes by itself, such as too many open files.
constexpr std::chrono::milliseconds accept_pause{100};

std::unique_ptr<net::TlsKeeper> keeper_of(const ServerSettings& settings, const Clock& clock,
                                          log::Logger& log) {
    if (!settings.tls) return nullptr;
    return std::make_unique<net::TlsKeeper>(*settings.tls, std::string(), log, clock.now());
}

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::io_context& io, ServerSettings settings, Handler handler, const Clock& clock, log::Logger& log)
        : executor_(io.get_executor()),
          context_(std::make_shared<ServerContext>(std::move(settings), std::move(handler), clock, log)),
          control_(executor_),
          tls_timer_(control_),
          tls_(keeper_of(context_->settings, clock, log)) {}

    void bind() {
        for (const auto& endpoint : context_->settings.listen) bind(endpoint);
        if (context_->settings.unix_socket) {
            file_.emplace(control_, *context_->settings.unix_socket);
            doors_.push_back({Acceptor(file_->take()), {}});
        }
    }
    void start() {
        for (auto& door : doors_) asio::co_spawn(control_, accept(door), asio::detached);
        if (tls_) asio::co_spawn(control_, keep_certificates(), asio::detached);
    }
    asio::awaitable<void> stop(std::chrono::milliseconds deadline);

    [[nodiscard]] std::vector<net::Endpoint> listening() const {
        std::vector<net::Endpoint> all;
        for (const auto& door : doors_)
            if (!door.endpoint.host.empty()) all.push_back(door.endpoint);
        return all;
    }
    [[nodiscard]] std::optional<std::chrono::sys_seconds> certificate_expires() const {
        if (!tls_) return std::nullopt;
        return tls_->current()->expires();
    }
    [[nodiscard]] std::size_t connections() const {
        const std::lock_guard lock(mutex_);
        return sessions_.size();
    }
    void close_doors() {
        asio::post(control_, [self = shared_from_this()] {
            boost::system::error_code ignored;
            // First: who finds the file finds somebody.
            self->file_.reset();
            for (auto& door : self->doors_) door.acceptor.close(ignored);
            self->tls_timer_.cancel();
        });
    }
    void reload_certificates() {
        if (tls_) tls_->reload(context_->clock.now());
    }

  private:
    using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
    using Socket = net::Connection::Socket;

    struct Door {
        Acceptor acceptor;
        net::Endpoint endpoint;  ///< of a Unix socket: none
    };

    void bind(const net::Endpoint& endpoint);
    asio::awaitable<void> accept(Door& door);
    asio::awaitable<void> keep_certificates();
    asio::awaitable<void> serve(std::shared_ptr<Session> session, bool with_tls);
    void welcome(Socket socket);
    void welcome(Socket socket, const asio::ip::address& address, std::optional<UnixPeer> unix_peer);
    /// Where a connection comes from, and which of the two limits it counts for.
    struct Origin {
        std::string name;
        bool local = false;
    };
    /// false: there are too many.
    [[nodiscard]] bool admit(const std::shared_ptr<Session>& session, const Origin& origin);
    void forget(const std::shared_ptr<Session>& session);
    [[nodiscard]] std::vector<std::shared_ptr<Session>> sessions() const;

    const asio::io_context::executor_type executor_;
    const std::shared_ptr<ServerContext> context_;
    const asio::strand<asio::io_context::executor_type> control_;
    asio::steady_timer tls_timer_;
    const std::unique_ptr<net::TlsKeeper> tls_;
    std::optional<UnixSocketFile> file_;
    std::vector<Door> doors_;
    mutable std::mutex mutex_;
    bool stopping_ = false;
    std::map<std::shared_ptr<Session>, Origin> sessions_;
    std::map<std::string, std::size_t> of_origin_;
    std::size_t local_ = 0;  // of the sessions
};

void Server::Impl::bind(const net::Endpoint& endpoint) {
    try {
        tcp::resolver resolver(control_);
        const auto found =
            resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive);
        // The constructor sets SO_REUSEADDR, binds and listens.
        tcp::acceptor acceptor(control_, found.begin()->endpoint(), true);
        const auto port = acceptor.local_endpoint().port();
        doors_.push_back({Acceptor(std::move(acceptor)), {endpoint.host, port}});
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + endpoint.host + " port " +
                                 std::to_string(endpoint.port) + " for " + context_->settings.name + ": " +
                                 error.code().message());
    }
}

asio::awaitable<void> Server::Impl::accept(Door& door) {
    const auto self = shared_from_this();
    asio::steady_timer timer(control_);
    while (door.acceptor.is_open()) {
        const asio::any_io_executor strand = asio::make_strand(executor_);
        auto [error, socket] = co_await door.acceptor.async_accept(strand, with_error);
        if (!door.acceptor.is_open()) co_return;
        if (!error) {
            welcome(std::move(socket));
            continue;
        }
        timer.expires_after(accept_pause);
        co_await timer.async_wait(with_error);
    }
}

void Server::Impl::welcome(Socket socket) {
    boost::system::error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (gone) return;
    if (remote.protocol().family() == AF_UNIX) {
        auto unix_peer = unix_peer_of(socket.native_handle());
        if (unix_peer) welcome(std::move(socket), {}, std::move(unix_peer));
        return;
    }
    tcp::endpoint endpoint;
    if (remote.size() > endpoint.capacity()) return;
    std::memcpy(endpoint.data(), remote.data(), remote.size());
    endpoint.resize(remote.size());
    welcome(std::move(socket), net::unmapped(endpoint.address()), std::nullopt);
}

void Server::Impl::welcome(Socket socket, const asio::ip::address& address,
                           std::optional<UnixPeer> unix_peer) {
    const asio::any_io_executor strand = socket.get_executor();
    const bool with_tls = !unix_peer;
    const Origin origin = unix_peer ? Origin{"uid " + std::to_string(unix_peer->user), true}
                                    : Origin{net::origin_of(address), false};
    auto session = std::make_shared<Session>(context_, std::move(socket), address, std::move(unix_peer));
    if (!admit(session, origin)) {
        return context_->tell_of_stranger(log::Level::warning, "http_connection_refused", address,
                                          "there are too many connections");
    }
    asio::co_spawn(strand, serve(std::move(session), with_tls), asio::detached);
}

asio::awaitable<void> Server::Impl::serve(std::shared_ptr<Session> session, bool with_tls) {
    const auto self = shared_from_this();
    try {
        std::shared_ptr<const crypto::TlsContext> tls;
        if (tls_ && with_tls) tls = tls_->current();
        co_await session->run(std::move(tls));
    } catch (const std::exception& error) {
        context_->log.error("http_connection_fault",
                            {{"listener", context_->settings.name}, {"detail", error.what()}});
    }
    forget(session);
}

bool Server::Impl::admit(const std::shared_ptr<Session>& session, const Origin& origin) {
    const auto& settings = context_->settings;
    const std::lock_guard lock(mutex_);
    const auto known = of_origin_.find(origin.name);
    const auto neighbours = known == of_origin_.end() ? 0 : known->second;
    // Whoever fills the one limit keeps nobody out who comes by the other way.
    const bool full = origin.local ? local_ >= settings.local_connections_max
                                   : sessions_.size() - local_ >= settings.connections_max;
    if (stopping_ || full || neighbours >= settings.connections_per_address_max) return false;
    sessions_.emplace(session, origin);
    ++of_origin_[origin.name];
    if (origin.local) ++local_;
    return true;
}

void Server::Impl::forget(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    const auto origin = of_origin_.find(found->second.name);
    if (--origin->second == 0) of_origin_.erase(origin);
    if (found->second.local) --local_;
    sessions_.erase(found);
}

std::vector<std::shared_ptr<Session>> Server::Impl::sessions() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [session, origin] : sessions_) all.push_back(session);
    return all;
}

asio::awaitable<void> Server::Impl::keep_certificates() {
    const auto self = shared_from_this();
    for (;;) {
        tls_timer_.expires_after(std::chrono::milliseconds(limits::tls_files_check_ms));
        const auto [cancelled] = co_await tls_timer_.async_wait(with_error);
        if (cancelled) co_return;
        tls_->look(context_->clock.now());
    }
}

asio::awaitable<void> Server::Impl::stop(std::chrono::milliseconds deadline) {
    const auto self = shared_from_this();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    close_doors();
    for (const auto& session : sessions()) session->ask_to_end();
    asio::steady_timer timer(executor_);
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (connections() != 0 && std::chrono::steady_clock::now() < until) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(with_error);
    }
    for (const auto& session : sessions()) session->end();
}

Server::Server(asio::io_context& io, ServerSettings settings, Handler handler, const Clock& clock,
               log::Logger& log)
    : impl_(std::make_shared<Impl>(io, std::move(settings), std::move(handler), clock, log)) {
    impl_->bind();
}

Server::~Server() {
    impl_->close_doors();
}

void Server::start() {
    impl_->start();
}

asio::awaitable<void> Server::stop(std::chrono::milliseconds deadline) {
    return impl_->stop(deadline);
}

std::vector<net::Endpoint> Server::listening() const {
    return impl_->listening();
}

std::optional<std::chrono::sys_seconds> Server::certificate_expires() const {
    return impl_->certificate_expires();
}

std::size_t Server::connections() const {
    return impl_->connections();
}

void Server::reload_certificates() {
    impl_->reload_certificates();
}

}  // namespace bindhss::http
