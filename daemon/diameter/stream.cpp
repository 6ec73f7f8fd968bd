// SPDX-License-Identifier: Apache-2.0
#include "diameter/stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/address.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

}  // namespace

TcpStream::TcpStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    // The other side may be gone already: the first read will tell.
    boost::system::error_code ignored;
    local_ = net::unmapped(socket_.local_endpoint(ignored).address());
    remote_ = net::unmapped(socket_.remote_endpoint(ignored).address());
    // Output is coalesced by us; Nagle's algorithm would only delay it.
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

asio::awaitable<ReadResult> TcpStream::read_some(std::span<std::uint8_t> into) {
    const auto buffer = asio::buffer(into.data(), into.size());
    auto [error, octets] = co_await socket_.async_read_some(buffer, with_error);
    co_return ReadResult{error, octets};
}

asio::awaitable<boost::system::error_code> TcpStream::write(OctetView octets) {
    const auto buffer = asio::buffer(octets.data(), octets.size());
    auto [error, written] = co_await asio::async_write(socket_, buffer, with_error);
    co_return error;
}

void TcpStream::close() noexcept {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace bindhss::diameter
