// SPDX-License-Identifier: Apache-2.0
// Subscription-Data as TS 29.272 7.3.2 carries it, reduced to what an MME needs to let a UE attach.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bindhss {

/// AMBR (7.3.41) in bit/s.
struct Ambr {
    std::uint32_t uplink = 0;
    std::uint32_t downlink = 0;
    bool operator==(const Ambr&) const = default;
};

/// PDN-Type (7.3.62); the numbers are the protocol's.
enum class PdnType : std::uint8_t { ipv4 = 0, ipv6 = 1, ipv4v6 = 2, ipv4_or_ipv6 = 3 };

/// Allocation-Retention-Priority (TS 29.212 5.3.32). priority_level 1 (highest) to 15.
struct AllocationRetentionPriority {
    std::uint32_t priority_level = 8;
    bool preemption_capability = false;
    bool preemption_vulnerability = true;
    bool operator==(const AllocationRetentionPriority&) const = default;
};

/// MIP6-Agent-Info (RFC 5447 4.2.1): the PDN-GW of an APN, by name or by address.
struct PdnGateway {
    std::string host;                    ///< Destination-Host of MIP-Home-Agent-Host; empty: not known
    std::string realm;                   ///< its Destination-Realm
    std::vector<std::string> addresses;  ///< MIP-Home-Agent-Address, at most one of each family
    bool operator==(const PdnGateway&) const = default;
};

/// APN-Configuration (7.3.35).
struct ApnConfiguration {
    std::uint32_t context_identifier = 1;  ///< unique within the subscription, not 0
    std::string service_selection;         ///< the APN network identifier, or "*"
    PdnType pdn_type = PdnType::ipv4;
    std::uint32_t qci = 9;  ///< non-GBR: 5 to 9 (7.3.37)
    AllocationRetentionPriority arp;
    std::optional<Ambr> ambr;
    bool operator==(const ApnConfiguration&) const = default;
};

/// Access-Restriction-Data (7.3.31): a set bit forbids the access.
namespace access_restriction {
inline constexpr std::uint32_t utran = 1U << 0;
inline constexpr std::uint32_t geran = 1U << 1;
inline constexpr std::uint32_t wb_eutran = 1U << 4;
inline constexpr std::uint32_t nb_iot = 1U << 6;
}  // namespace access_restriction

/// Operator-Determined-Barring (7.3.30).
namespace operator_determined_barring {
inline constexpr std::uint32_t all_packet_services = 1U << 0;
}  // namespace operator_determined_barring

/// What the HSS sends in ULA. With no APN configuration the subscription has no EPS part (5420).
struct SubscriptionData {
    std::string msisdn;  ///< decimal digits of the E.164 number, may be empty
    std::uint32_t access_restriction_data = 0;
    std::uint32_t operator_determined_barring = 0;
    std::uint32_t subscribed_rau_tau_timer_s = 0;  ///< 0: not sent
    std::string charging_characteristics;          ///< four hexadecimal digits or empty
    Ambr ambr;
    std::uint32_t default_context_identifier = 1;
    std::vector<ApnConfiguration> apn_configurations;
    bool operator==(const SubscriptionData&) const = default;
};

}  // namespace bindhss
