// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <algorithm>

namespace bindhss::net {

namespace ip = boost::asio::ip;

ip::address unmapped(const ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

std::string origin_of(const ip::address& address) {
    if (address.is_v4()) return address.to_string();
    auto octets = address.to_v6().to_bytes();
    std::fill(octets.begin() + octets.size() / 2, octets.end(), std::uint8_t{0});
    return ip::address_v6(octets).to_string();
}

}  // namespace bindhss::net
