// SPDX-License-Identifier: Apache-2.0
#include "diameter/tls_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/address.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace asio = boost::asio;
using crypto::TlsProblem;
using Outcome = crypto::TlsSession::Outcome;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

// What an operator has to do about it.
std::string_view remedy(TlsProblem::Kind kind) {
    switch (kind) {
        case TlsProblem::Kind::untrusted:
            return "its certificate is of a CA that is not in the file diameter.tls.ca: add the CA there, or "
                   "give "
                   "the peer a certificate of a CA that is";
        case TlsProblem::Kind::expired:
            return "its certificate is not valid at this time: renew it at the peer, and compare the clocks";
        case TlsProblem::Kind::revoked:
            return "its certificate is revoked by the list in diameter.tls.crl";
        case TlsProblem::Kind::crl:
            return "diameter.tls.crl holds no valid list of the CA that signed its certificate: renew the "
                   "list";
        case TlsProblem::Kind::purpose:
            return "its certificate's extended key usage allows this side of a connection not: it needs "
                   "clientAuth "
                   "and serverAuth";
        case TlsProblem::Kind::no_certificate:
            return "it shows no certificate: give it one (TLS_Cred in freeDiameter)";
        case TlsProblem::Kind::refused:
            return "it refuses us: let it trust the CA of diameter.tls.certificate";
        case TlsProblem::Kind::not_tls:
            return "what it sends is not TLS: let it use TLS right after connect, or connect to the port of "
                   "diameter.listen";
        case TlsProblem::Kind::version:
            return "it offers neither TLS 1.2 nor 1.3";
        case TlsProblem::Kind::other:
            return "TLS failed";
    }
    return "TLS failed";
}

std::string sentence(const TlsProblem& problem) {
    return std::string(remedy(problem.kind)) + " (" + problem.text + ")";
}

}  // namespace

TlsStream::TlsStream(asio::ip::tcp::socket socket, const crypto::TlsContext& context,
                     crypto::TlsSession::Role role, const std::string& host)
    : socket_(std::move(socket)),
      session_(context, role, host),
      turn_(socket_.get_executor(), asio::steady_timer::time_point::max()),
      received_(limits::tls_read_octets) {
    // The other side may be gone already: the first read will tell.
    boost::system::error_code ignored;
    local_ = net::unmapped(socket_.local_endpoint(ignored).address());
    remote_ = net::unmapped(socket_.remote_endpoint(ignored).address());
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

asio::awaitable<std::string> TlsStream::start() {
    for (;;) {
        const auto outcome = session_.handshake();
        // Also when it failed: the alert tells the other side.
        const auto unsent = co_await flush();
        if (outcome == Outcome::failed) {
            broken_ = true;
            co_return sentence(session_.problem());
        }
        ready_ = outcome == Outcome::done;
        auto error = unsent;
        if (!error && !ready_) {
            error = co_await receive();
        }
        if (error) co_return "the connection ended during the TLS handshake: " + error.message();
        if (ready_) co_return std::string();
    }
}

asio::awaitable<ReadResult> TlsStream::read_some(std::span<std::uint8_t> into) {
    for (;;) {
        std::size_t octets = 0;
        const auto outcome = session_.read(into, octets);
        if (outcome == Outcome::done) co_return ReadResult{{}, octets};
        broken_ = broken_ || outcome == Outcome::failed;
        // TLS answers some messages by itself. If a write is under way it takes them along.
        boost::system::error_code error;
        if (!flushing_) {
            error = co_await flush();
        }
        if (outcome != Outcome::wants_input) error = asio::error::eof;
        if (!error) {
            error = co_await receive();
        }
        if (error) co_return ReadResult{error, 0};
    }
}

asio::awaitable<boost::system::error_code> TlsStream::write(OctetView octets) {
    while (!octets.empty()) {
        while (flushing_ && !closed_) {
            co_await turn_.async_wait(with_error);
        }
        if (closed_ || broken_) co_return asio::error::operation_aborted;
        // Piece by piece, so that what is encrypted and not yet sent stays small.
        const auto piece = octets.first(std::min(octets.size(), limits::tls_write_octets));
        octets = octets.subspan(piece.size());
        broken_ = session_.write(piece) != Outcome::done;
        const auto error = co_await flush();
        if (error) co_return error;
        if (broken_) co_return asio::error::broken_pipe;
    }
    co_return boost::system::error_code();
}

// REQUIRES: no other one is under way.
asio::awaitable<boost::system::error_code> TlsStream::flush() {
    boost::system::error_code failure;
    flushing_ = true;
    while (!failure && !closed_ && session_.take_output(sending_)) {
        const auto buffer = asio::buffer(sending_);
        const auto [error, written] = co_await asio::async_write(socket_, buffer, with_error);
        sending_.clear();
        failure = error;
    }
    flushing_ = false;
    turn_.cancel();
    co_return failure;
}

asio::awaitable<boost::system::error_code> TlsStream::receive() {
    if (closed_) co_return asio::error::operation_aborted;
    const auto buffer = asio::buffer(received_);
    const auto [error, octets] = co_await socket_.async_read_some(buffer, with_error);
    if (!error) session_.received(OctetView(received_).first(octets));
    co_return error;
}

void TlsStream::close() noexcept {
    if (std::exchange(closed_, true)) return;
    boost::system::error_code ignored;
    // That nothing follows is said if it can be said at once; in the midst of a record it cannot.
    if (ready_ && !broken_ && !flushing_) {
        session_.shut_down();
        sending_.clear();
        session_.take_output(sending_);
        socket_.non_blocking(true, ignored);
        socket_.send(asio::buffer(sending_), 0, ignored);
    }
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    turn_.cancel();
}

const crypto::Certificate* TlsStream::certificate() const {
    return ready_ ? &session_.peer() : nullptr;
}

std::string TlsStream::explain(const boost::system::error_code& error) const {
    return broken_ ? sentence(session_.problem()) : error.message();
}

}  // namespace bindhss::diameter
