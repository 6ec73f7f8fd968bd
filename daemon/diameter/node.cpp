// SPDX-License-Identifier: Apache-2.0
#include "diameter/node.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <stdexcept>

#include "diameter/avp_id.h"
#include "diameter/connector.h"
#include "diameter/peer.h"
#include "diameter/route.h"
#include "diameter/tls_stream.h"
#include "types/diameter_identity.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);
constexpr auto accept_pause = std::chrono::milliseconds(100);

std::uint32_t seconds_now() {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
}

// RFC 6733 3: 12 bits of the time, then 20 random ones, so that a restart does not repeat identifiers.
std::uint32_t first_end_to_end() {
    return seconds_now() << 20 | (std::random_device{}() & 0xf'ffffU);
}

// The coroutine may start later, in another thread; until it holds the connection itself this does.
void start_coroutine(const std::shared_ptr<Peer>& peer, asio::awaitable<void> coroutine) {
    asio::co_spawn(peer->strand(), std::move(coroutine), [peer](const std::exception_ptr&) {});
}

// A port that peers connect to.
struct Door {
    tcp::acceptor acceptor;
    Endpoint bound;
    bool tls;
};

void check(const std::vector<PeerSettings>& peers, bool tls) {
    for (const auto& peer : peers) {
        if (peer.transport == Transport::tls && !tls) {
            throw std::runtime_error("peer " + peer.identity +
                                     " needs TLS, for which there is no certificate");
        }
    }
}

void tell_of_reroute(NodeContext& context, const Message& request, const Peer& peer,
                     const Result<Message>& answer) {
    const auto detail = answer ? std::string("refused on the way") : answer.error().detail;
    context.log.info(
        "request_rerouted",
        {{"command", request.header().command_code}, {"peer", peer.who().identity}, {"detail", detail}});
}

void tell_of_another(NodeContext& context, const Message& request, const Message& answer) {
    const auto host = answered_by_another(request, answer);
    if (!host) return;
    context.tell_of_stranger(log::Level::warning, "answer_of_another_host",
                             {{"command", request.header().command_code},
                              {"destination_host", request.find(avp_id::destination_host)->text()},
                              {"origin_host", *host}});
}

// Each way gets its share of the time that is left, so that the last one still has some. With `patience` each
// gets all of it: silence is then no sign of a way that does not work.
asio::awaitable<Result<Message>> exchange(std::shared_ptr<NodeContext> context, Message request,
                                          std::vector<std::shared_ptr<Peer>> routes,
                                          std::optional<std::chrono::milliseconds> patience = std::nullopt) {
    const auto end = steady_clock::now() + patience.value_or(context->settings.request_timeout);
    request.set_end_to_end(context->next_end_to_end++);
    Result<Message> answer = fail(Cause::unable_to_deliver, "no connected peer leads to the destination");
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto now = steady_clock::now();
        if (now >= end) break;
        const auto& peer = *routes[i];
        auto octets = request.serialise();
        const auto ways_left = static_cast<int>(routes.size() - i);
        const auto until = patience ? end : now + (end - now) / ways_left;
        answer = co_await routes[i]->request(std::move(octets), until);
        if (!try_another_route(request, answer)) break;
        if (i + 1 < routes.size()) tell_of_reroute(*context, request, peer, answer);
        // RFC 6733 3: it may be known at its destination already. A peer that was too busy never had it.
        if (answer || answer.error().cause != Cause::too_busy) {
            request.set_flag(Header::flag_retransmitted, true);
        }
    }
    if (answer) tell_of_another(*context, request, *answer);
    co_return answer;
}

}  // namespace

struct Node::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::io_context& io, const diameter_dict::Dictionary& dictionary, NodeSettings settings,
         RequestHandler handler, log::Logger& log)
        : context(std::make_shared<NodeContext>(std::move(settings), dictionary, std::move(handler), log,
                                                io.get_executor())),
          control(io.get_executor()),
          tls_timer(control) {
        check(context->settings.peers, context->settings.tls.has_value());
        if (context->settings.tls) {
            context->tls = std::make_unique<net::TlsKeeper>(
                context->settings.tls->files, context->settings.identity, context->log, SystemClock().now());
        }
        context->next_end_to_end = first_end_to_end();
        context->next_session = std::uint64_t{seconds_now()} << 32;
    }

    void listen(const Endpoint& endpoint, bool tls);
    asio::awaitable<void> accept(Door& door);
    void welcome(tcp::socket socket, bool tls);
    asio::awaitable<void> keep_certificates();
    [[nodiscard]] std::vector<Endpoint> bound(bool tls) const;
    void serve(std::unique_ptr<Stream> stream);
    void connect(const PeerSettings& peer);
    void follow_neighbours();
    asio::awaitable<void> stop(DisconnectCause cause, steady_clock::time_point deadline);
    asio::awaitable<void> until_no_peers(steady_clock::time_point deadline) const;
    void close_doors();

    std::shared_ptr<NodeContext> context;
    asio::strand<asio::io_context::executor_type> control;
    asio::steady_timer tls_timer;
    std::vector<std::unique_ptr<Door>> doors;
    std::vector<std::shared_ptr<Connector>> connectors;
    bool doors_closed = false;
};

void Node::Impl::listen(const Endpoint& endpoint, bool tls) {
    try {
        tcp::resolver resolver(context->executor);
        const auto found =
            resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive);
        // The constructor sets SO_REUSEADDR, binds and listens.
        tcp::acceptor acceptor(context->executor, found.begin()->endpoint(), true);
        const auto port = acceptor.local_endpoint().port();
        doors.push_back(std::make_unique<Door>(Door{std::move(acceptor), {endpoint.host, port}, tls}));
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error("cannot listen on " + endpoint.host + " port " +
                                 std::to_string(endpoint.port) + ": " + e.code().message());
    }
}

asio::awaitable<void> Node::Impl::accept(Door& door) {
    const auto self = shared_from_this();
    asio::steady_timer timer(control);
    while (door.acceptor.is_open()) {
        auto [error, socket] = co_await door.acceptor.async_accept(with_error);
        if (!door.acceptor.is_open()) co_return;
        if (!error) {
            welcome(std::move(socket), door.tls);
            continue;
        }
        // Most of all: no descriptor left. Existing peers are served on.
        context->log.error("accept_failed", {{"detail", error.message()}});
        timer.expires_after(accept_pause);
        co_await timer.async_wait(with_error);
    }
}

void Node::Impl::welcome(tcp::socket socket, bool tls) {
    try {
        if (!tls) return serve(std::make_unique<TcpStream>(std::move(socket)));
        const auto certificates = context->tls->current();
        serve(
            std::make_unique<TlsStream>(std::move(socket), *certificates, crypto::TlsSession::Role::server));
    } catch (const std::exception& e) {
        context->log.error("accept_failed", {{"detail", e.what()}});
    }
}

asio::awaitable<void> Node::Impl::keep_certificates() {
    const auto self = shared_from_this();
    while (!doors_closed) {
        tls_timer.expires_after(context->settings.tls->check_interval);
        co_await tls_timer.async_wait(with_error);
        if (!doors_closed) context->tls->look(SystemClock().now());
    }
}

std::vector<Endpoint> Node::Impl::bound(bool tls) const {
    std::vector<Endpoint> endpoints;
    for (const auto& door : doors) {
        if (door->tls == tls) endpoints.push_back(door->bound);
    }
    return endpoints;
}

void Node::Impl::serve(std::unique_ptr<Stream> stream) {
    const auto peer = std::make_shared<Peer>(context, std::move(stream), std::nullopt);
    start_coroutine(peer, peer->run());
}

void Node::Impl::connect(const PeerSettings& peer) {
    const auto connector = std::make_shared<Connector>(context, control, peer);
    connectors.push_back(connector);
    asio::co_spawn(control, connector->run(), [connector](const std::exception_ptr&) {});
}

/// On `control`. Connections of entries that are gone end by themselves; nobody connects them again.
void Node::Impl::follow_neighbours() {
    if (doors_closed) return;
    const auto neighbours = context->neighbours();
    const auto& peers = neighbours->peers;
    const auto wanted = [&peers](const Connector& connector) {
        return std::ranges::any_of(peers, [&connector](const PeerSettings& peer) {
            return peer.connect == connector.peer().connect && peer.identity == connector.peer().identity &&
                   peer.realm == connector.peer().realm && peer.transport == connector.peer().transport;
        });
    };
    std::erase_if(connectors, [&wanted](const auto& connector) {
        if (wanted(*connector)) return false;
        connector->stop();
        return true;
    });
    for (const auto& peer : peers) {
        const bool there = std::ranges::any_of(connectors, [&peer](const auto& connector) {
            return connector->peer().identity == peer.identity && connector->peer().realm == peer.realm &&
                   connector->peer().connect == peer.connect;
        });
        if (peer.connect && !there) connect(peer);
    }
    for (const auto& peer : context->table.all()) peer->neighbours_changed();
}

void Node::Impl::close_doors() {
    // When stop() has, the destructor must not touch what still ends on `control`, nor write what is read
    // there.
    if (doors_closed) return;
    doors_closed = true;
    boost::system::error_code ignored;
    for (auto& door : doors) door->acceptor.close(ignored);
    tls_timer.cancel();
    for (auto& connector : connectors) connector->stop();
}

asio::awaitable<void> Node::Impl::stop(DisconnectCause cause, steady_clock::time_point deadline) {
    const auto self = shared_from_this();
    close_doors();
    for (const auto& peer : context->table.close()) {
        start_coroutine(peer, peer->disconnect(cause, deadline));
    }
    const auto closing = std::chrono::milliseconds(limits::disconnect_answer_ms);
    co_await until_no_peers(std::max(deadline, steady_clock::now()) + closing);
    for (const auto& peer : context->table.all()) peer->close_soon("this node has stopped");
    co_await until_no_peers(steady_clock::now() + closing);
}

asio::awaitable<void> Node::Impl::until_no_peers(steady_clock::time_point deadline) const {
    asio::steady_timer timer(control);
    while (!context->table.empty() && steady_clock::now() < deadline) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(with_error);
    }
}

Node::Node(asio::io_context& io, const diameter_dict::Dictionary& dictionary, NodeSettings settings,
           RequestHandler handler, log::Logger& log)
    : impl_(std::make_shared<Impl>(io, dictionary, std::move(settings), std::move(handler), log)) {}

Node::~Node() {
    impl_->context->gone = true;
    impl_->close_doors();
    for (const auto& peer : impl_->context->table.clear()) peer->close("the node is gone");
}

void Node::start() {
    const auto& settings = impl_->context->settings;
    for (const auto& endpoint : settings.listen) impl_->listen(endpoint, false);
    if (settings.tls) {
        for (const auto& endpoint : settings.tls->listen) impl_->listen(endpoint, true);
        asio::co_spawn(impl_->control, impl_->keep_certificates(),
                       [impl = impl_](const std::exception_ptr&) {});
    }
    for (auto& door : impl_->doors) {
        asio::co_spawn(impl_->control, impl_->accept(*door), [impl = impl_](const std::exception_ptr&) {});
    }
    for (const auto& peer : impl_->context->neighbours()->peers) {
        if (peer.connect) impl_->connect(peer);
    }
}

void Node::adopt(std::unique_ptr<Stream> stream) {
    impl_->serve(std::move(stream));
}

asio::awaitable<void> Node::stop(DisconnectCause cause, std::chrono::milliseconds deadline) {
    const auto until = steady_clock::now() + deadline;
    co_await asio::co_spawn(impl_->control, impl_->stop(cause, until), asio::use_awaitable);
}

asio::awaitable<Result<Message>> Node::send(Message request,
                                            std::optional<std::chrono::milliseconds> patience) {
    const auto context = impl_->context;
    const auto routes = routes_of(context->table, request);
    if (routes.empty()) {
        co_return fail(Cause::unable_to_deliver, "no connected peer leads to the destination");
    }
    co_return co_await exchange(context, std::move(request), routes, patience);
}

asio::awaitable<Result<Message>> Node::send_to(std::string identity, Message request) {
    const auto context = impl_->context;
    std::vector<std::shared_ptr<Peer>> routes;
    if (auto peer = context->table.find(identity)) routes.push_back(std::move(peer));
    if (routes.empty()) co_return fail(Cause::unable_to_deliver, identity + " is not connected");
    co_return co_await exchange(context, std::move(request), routes);
}

std::string Node::new_session_id() {
    const auto number = impl_->context->next_session++;
    return impl_->context->settings.identity + ";" + std::to_string(number >> 32) + ";" +
           std::to_string(number & 0xffff'ffffU);
}

const NodeSettings& Node::settings() const {
    return impl_->context->settings;
}
const diameter_dict::Dictionary& Node::dictionary() const {
    return impl_->context->dictionary;
}
std::vector<Endpoint> Node::listening() const {
    return impl_->bound(false);
}
std::vector<Endpoint> Node::listening_tls() const {
    return impl_->bound(true);
}

std::optional<std::chrono::sys_seconds> Node::certificate_expires() const {
    if (!impl_->context->tls) return std::nullopt;
    return impl_->context->tls->current()->expires();
}

void Node::check_peers(const std::vector<PeerSettings>& peers) const {
    check(peers, impl_->context->settings.tls.has_value());
}

void Node::set_peers(std::vector<PeerSettings> peers, std::vector<NodeQuirks> quirks) {
    check_peers(peers);
    impl_->context->set_neighbours({std::move(peers), std::move(quirks)});
    asio::post(impl_->control, [impl = impl_] { impl->follow_neighbours(); });
}

bool Node::reload_certificates() {
    return !impl_->context->tls || impl_->context->tls->reload(SystemClock().now());
}

std::vector<std::string> Node::open_peers() const {
    return impl_->context->table.open_identities();
}

std::vector<PeerStatus> Node::peers() const {
    std::vector<PeerStatus> statuses;
    for (const auto& peer : impl_->context->table.all()) statuses.push_back(peer->status());
    const auto neighbours = impl_->context->neighbours();
    for (const auto& peer : neighbours->peers) {
        const bool shown = std::ranges::any_of(statuses, [&peer](const PeerStatus& status) {
            return same_identity(status.identity, peer.identity);
        });
        if (!shown && peer.identity != "*") {
            statuses.push_back({peer.identity, peer.realm, {}, PeerState::closed});
        }
    }
    return statuses;
}

}  // namespace bindhss::diameter
