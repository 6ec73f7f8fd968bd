// SPDX-License-Identifier: Apache-2.0
// The transport under one Diameter connection (RFC 6733 2.1): TCP here, TLS in tls_stream.h.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <span>
#include <string>
#include <string_view>

#include "types/octets.h"

namespace bindhss::crypto {
struct Certificate;
}

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
    /// What comes before the first octet of Diameter, called once and before all else. Returns why the stream
    /// cannot be used; empty when it can.
    virtual boost::asio::awaitable<std::string> start() { co_return std::string(); }
    /// At least one octet, or the error that ended the stream (eof included).
    virtual boost::asio::awaitable<ReadResult> read_some(std::span<std::uint8_t> into) = 0;
    /// All of the octets, which live until the coroutine has ended.
    virtual boost::asio::awaitable<boost::system::error_code> write(OctetView octets) = 0;
    /// Ends both directions; a read or write under way returns an error. May be called more than once.
    virtual void close() noexcept = 0;
    /// As they were when the connection was made; IPv4 also where a socket shows it mapped into IPv6.
    [[nodiscard]] virtual boost::asio::ip::address local_address() const = 0;
    [[nodiscard]] virtual boost::asio::ip::address remote_address() const = 0;
    /// The certificate whose key the other end has; null: the stream is not protected. After start().
    [[nodiscard]] virtual const crypto::Certificate* certificate() const { return nullptr; }
    /// "tcp", or the version of TLS.
    [[nodiscard]] virtual std::string_view protection() const { return "tcp"; }
    /// Why a read or write returned this error.
    [[nodiscard]] virtual std::string explain(const boost::system::error_code& error) const {
        return error.message();
    }
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

}  // namespace bindhss::diameter
