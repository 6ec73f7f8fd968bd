// SPDX-License-Identifier: Apache-2.0
// The transport under one Diameter connection (RFC 6733 2.1): TCP here; TLS and SCTP are further Streams.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <span>

#include "types/octets.h"

namespace bindhss::diameter {

struct ReadResult {
    boost::system::error_code error;
    std::size_t octets = 0;
};

/// A connected stream of octets. Used by one connection on its strand: at most one read and one write at a
/// time.
class Stream {
  public:
    virtual ~Stream() = default;
    /// At least one octet, or the error that ended the stream (eof included).
    virtual boost::asio::awaitable<ReadResult> read_some(std::span<std::uint8_t> into) = 0;
    /// All of the octets, which live until the coroutine has ended.
    virtual boost::asio::awaitable<boost::system::error_code> write(OctetView octets) = 0;
    /// Ends both directions; a read or write under way returns an error. May be called more than once.
    virtual void close() noexcept = 0;
    /// As they were when the connection was made; IPv4 also where a socket shows it mapped into IPv6.
    [[nodiscard]] virtual boost::asio::ip::address local_address() const = 0;
    [[nodiscard]] virtual boost::asio::ip::address remote_address() const = 0;
};

class TcpStream final : public Stream {
  public:
    /// REQUIRES: the socket is connected, and its executor is that of the io_context.
    explicit TcpStream(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<ReadResult> read_some(std::span<std::uint8_t> into) override;
    boost::asio::awaitable<boost::system::error_code> write(OctetView octets) override;
    void close() noexcept override;
    [[nodiscard]] boost::asio::ip::address local_address() const override { return local_; }
    [[nodiscard]] boost::asio::ip::address remote_address() const override { return remote_; }

  private:
    boost::asio::ip::tcp::socket socket_;
    boost::asio::ip::address local_;
    boost::asio::ip::address remote_;
};

/// ::ffff:192.0.2.1 is 192.0.2.1 for every comparison of ours.
[[nodiscard]] boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

}  // namespace bindhss::diameter
