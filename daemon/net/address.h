// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>

namespace bindhss::net {

/// Where a server listens.
struct Endpoint {
    std::string host;  ///< an address, or a name
    std::uint16_t port = 0;
};

/// ::ffff:192.0.2.1 is 192.0.2.1 for every comparison of ours.
[[nodiscard]] boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

/// What is counted as one where a limit is for each address: whoever has one address of an IPv6 network has
/// all of its 64 bits.
[[nodiscard]] std::string origin_of(const boost::asio::ip::address& address);

}  // namespace bindhss::net
