// SPDX-License-Identifier: Apache-2.0
// TLS from the first octet, with mutual authentication (RFC 6733 13.1).
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "crypto/tls_session.h"
#include "diameter/stream.h"

namespace bindhss::diameter {

/// As every Stream, used on one strand. Whose certificate is shown is for the caller to compare
/// (capabilities.h): who speaks is known with CER or CEA only.
class TlsStream final : public Stream {
  public:
    /// REQUIRES: as TcpStream. `host`: for a client, the identity that it means to reach.
    TlsStream(boost::asio::ip::tcp::socket socket, const crypto::TlsContext& context,
              crypto::TlsSession::Role role, const std::string& host = {});

    /// The handshake. The sentence that it returns names the setting to mend, if it is one of ours.
    boost::asio::awaitable<std::string> start() override;
    boost::asio::awaitable<ReadResult> read_some(std::span<std::uint8_t> into) override;
    boost::asio::awaitable<boost::system::error_code> write(OctetView octets) override;
    void close() noexcept override;
    [[nodiscard]] boost::asio::ip::address local_address() const override { return local_; }
    [[nodiscard]] boost::asio::ip::address remote_address() const override { return remote_; }
    [[nodiscard]] const crypto::Certificate* certificate() const override;
    [[nodiscard]] std::string_view protection() const override { return session_.version(); }
    [[nodiscard]] std::string explain(const boost::system::error_code& error) const override;

  private:
    boost::asio::awaitable<boost::system::error_code> flush();
    boost::asio::awaitable<boost::system::error_code> receive();

    boost::asio::ip::tcp::socket socket_;
    boost::asio::ip::address local_;
    boost::asio::ip::address remote_;
    crypto::TlsSession session_;
    boost::asio::steady_timer turn_;  ///< cancelled when a flush has ended
    OctetString received_;
    OctetString sending_;
    bool flushing_ = false;
    bool ready_ = false;
    bool broken_ = false;
    bool closed_ = false;
};

}  // namespace bindhss::diameter
