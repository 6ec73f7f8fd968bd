// SPDX-License-Identifier: Apache-2.0
#include "diameter/gateway_codec.h"

#include <arpa/inet.h>

#include <array>

#include "diameter/avp_id.h"

namespace bindhss::diameter {

namespace {

// IANA address family numbers.
constexpr std::uint8_t family_ipv4 = 1;
constexpr std::uint8_t family_ipv6 = 2;
constexpr std::size_t ipv4_octets = 4;
constexpr std::size_t ipv6_octets = 16;

}  // namespace

OctetString encode_address(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return {};
    const std::string terminated(text);
    std::array<std::uint8_t, ipv6_octets> address{};
    OctetString octets;
    if (::inet_pton(AF_INET, terminated.c_str(), address.data()) == 1) {
        octets = {0, family_ipv4};
        octets.insert(octets.end(), address.begin(), address.begin() + ipv4_octets);
    } else if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) {
        octets = {0, family_ipv6};
        octets.insert(octets.end(), address.begin(), address.end());
    }
    return octets;
}

std::optional<std::string> decode_address(OctetView octets) {
    if (octets.size() < 2 || octets[0] != 0) return std::nullopt;
    const auto address = octets.subspan(2);
    const bool ipv4 = octets[1] == family_ipv4 && address.size() == ipv4_octets;
    const bool ipv6 = octets[1] == family_ipv6 && address.size() == ipv6_octets;
    if (!ipv4 && !ipv6) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_ntop(ipv4 ? AF_INET : AF_INET6, address.data(), text.data(), text.size()) == nullptr) {
        return std::nullopt;
    }
    return std::string(text.data());
}

void encode(const PdnGateway& gateway, Message::Group& mip6_agent_info) {
    for (const auto& address : gateway.addresses) {
        const auto octets = encode_address(address);
        if (!octets.empty()) mip6_agent_info.add(avp_id::mip_home_agent_address, OctetView(octets));
    }
    if (gateway.host.empty()) return;
    mip6_agent_info.add_group(avp_id::mip_home_agent_host, [&gateway](Message::Group& host) {
        host.add(avp_id::destination_realm, gateway.realm);
        host.add(avp_id::destination_host, gateway.host);
    });
}

PdnGateway decode_gateway(const AvpView& mip6_agent_info) {
    PdnGateway gateway;
    std::array<bool, 3> seen{};  // by family
    mip6_agent_info.each([&gateway, &seen](const AvpView& avp) {
        if (avp.id() != avp_id::mip_home_agent_address) return;
        const auto octets = avp.octets();
        auto address = decode_address(octets);
        if (!address || std::exchange(seen.at(octets[1]), true)) return;
        gateway.addresses.push_back(std::move(*address));
    });
    if (const auto host = mip6_agent_info.find(avp_id::mip_home_agent_host)) {
        const auto name = host->find(avp_id::destination_host);
        const auto realm = host->find(avp_id::destination_realm);
        if (name && realm) {
            gateway.host = name->text();
            gateway.realm = realm->text();
        }
    }
    return gateway;
}

}  // namespace bindhss::diameter
