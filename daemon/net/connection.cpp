// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <vector>

namespace bindhss::net {

namespace asio = boost::asio;
using boost::system::error_code;
using Outcome = crypto::TlsSession::Outcome;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

}  // namespace

Connection::Connection(const asio::any_io_executor& executor)
    : socket_(std::make_shared<Socket>(executor)), timer_(executor) {}

Connection::Connection(Socket socket)
    : socket_(std::make_shared<Socket>(std::move(socket))), timer_(socket_->get_executor()) {
    error_code ignored;
    socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() {
    close();
}

void Connection::close() {
    error_code ignored;
    socket_->close(ignored);
}

void Connection::deadline(std::chrono::milliseconds time) {
    *late_ = false;
    timer_.expires_after(time);
    timer_.async_wait([socket = std::weak_ptr(socket_), late = late_](const error_code& cancelled) {
        const auto open = socket.lock();
        if (cancelled || !open) return;
        *late = true;
        error_code ignored;
        open->close(ignored);
    });
}

void Connection::at_rest() {
    timer_.cancel();
}

std::string Connection::text_of(const error_code& error) const {
    return *late_ ? "it took too long" : error.message();
}

asio::awaitable<std::string> Connection::open(std::string host, std::uint16_t port,
                                              std::shared_ptr<const crypto::TlsContext> tls) {
    asio::ip::tcp::resolver resolver(socket_->get_executor());
    const auto service = std::to_string(port);
    const auto [unresolved, found] = co_await resolver.async_resolve(host, service, with_error);
    if (unresolved || *late_) co_return "the name " + host + " leads nowhere: " + text_of(unresolved);
    std::vector<Socket::endpoint_type> endpoints;
    for (const auto& entry : found) endpoints.emplace_back(entry.endpoint());
    const auto [error, endpoint] = co_await asio::async_connect(*socket_, endpoints, with_error);
    if (error) co_return host + " cannot be connected to: " + text_of(error);
    error_code ignored;
    socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
    if (tls == nullptr) co_return std::string();
    context_ = std::move(tls);
    error_code no_address;
    (void)asio::ip::make_address(host, no_address);
    // A name alone may be told to the server (RFC 6066 3).
    session_.emplace(*context_, crypto::TlsSession::Role::client, no_address ? host : std::string());
    auto problem = co_await handshake();
    if (problem.empty() && !crypto::is_for_host(session_->peer(), host))
        problem = "its certificate is not made out to " + host;
    co_return problem;
}

asio::awaitable<std::string> Connection::accept(std::shared_ptr<const crypto::TlsContext> tls) {
    if (tls == nullptr) co_return std::string();
    context_ = std::move(tls);
    session_.emplace(*context_, crypto::TlsSession::Role::server);
    co_return co_await handshake();
}

asio::awaitable<std::string> Connection::handshake() {
    auto outcome = Outcome::wants_input;
    while (outcome == Outcome::wants_input) {
        outcome = session_->handshake();
        // Also when it failed: the alert tells the other side.
        auto problem = co_await flush();
        if (outcome == Outcome::failed) co_return "TLS failed: " + session_->problem().text;
        bool ended = false;
        if (problem.empty() && outcome == Outcome::wants_input) {
            problem = co_await fill(&ended);
        }
        if (!problem.empty() || ended) co_return "it ended during the TLS handshake: " + problem;
    }
    co_return std::string();
}

asio::awaitable<std::string> Connection::finish() {
    std::string problem;
    if (session_) {
        session_->shut_down();
        problem = co_await flush();
    }
    error_code ignored;
    socket_->shutdown(Socket::shutdown_send, ignored);
    co_return problem;
}

const crypto::Certificate* Connection::certificate() const {
    const bool shown = session_ && session_->peer().not_after != std::chrono::sys_seconds{};
    return shown ? &session_->peer() : nullptr;
}

asio::awaitable<std::string> Connection::flush() {
    OctetString wire;
    while (session_->take_output(wire)) {
        const auto buffer = asio::buffer(wire);
        const auto [error, written] = co_await asio::async_write(*socket_, buffer, with_error);
        if (error) co_return text_of(error);
        wire.clear();
    }
    co_return std::string();
}

asio::awaitable<std::string> Connection::fill(bool* ended) {
    const auto buffer = asio::buffer(buffer_);
    const auto [error, octets] = co_await socket_->async_read_some(buffer, with_error);
    *ended = error == asio::error::eof && !*late_;
    if (!error) session_->received(OctetView(buffer_).first(octets));
    co_return !error || *ended ? std::string() : text_of(error);
}

asio::awaitable<std::string> Connection::send(std::string octets) {
    if (session_) {
        if (session_->write(as_octets(octets)) != Outcome::done)
            co_return "TLS failed: " + session_->problem().text;
        co_return co_await flush();
    }
    const auto buffer = asio::buffer(octets);
    const auto [error, written] = co_await asio::async_write(*socket_, buffer, with_error);
    co_return error ? text_of(error) : std::string();
}

asio::awaitable<std::string> Connection::receive(std::string* into) {
    if (!session_) {
        const auto buffer = asio::buffer(buffer_);
        const auto [error, octets] = co_await socket_->async_read_some(buffer, with_error);
        if (error) co_return error == asio::error::eof && !*late_ ? std::string() : text_of(error);
        into->append(reinterpret_cast<const char*>(buffer_.data()), octets);
        co_return std::string();
    }
    for (;;) {
        std::array<std::uint8_t, 4'096> plain{};
        std::size_t octets = 0;
        const auto outcome = session_->read(plain, octets);
        if (outcome == Outcome::done) {
            into->append(reinterpret_cast<const char*>(plain.data()), octets);
            co_return std::string();
        }
        if (outcome == Outcome::ended) co_return std::string();
        if (outcome == Outcome::failed) co_return "TLS failed: " + session_->problem().text;
        auto problem = co_await flush();
        bool ended = false;
        if (problem.empty()) {
            problem = co_await fill(&ended);
        }
        if (!problem.empty() || ended) co_return problem;
    }
}

bool Connection::is_over() {
    error_code error;
    char octet = 0;
    socket_->non_blocking(true, error);
    if (error) return true;
    socket_->receive(asio::buffer(&octet, 1), Socket::message_peek, error);
    return error != asio::error::would_block;
}

}  // namespace bindhss::net
