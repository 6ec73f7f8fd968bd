// SPDX-License-Identifier: Apache-2.0
// Subscription-Data as TS 29.272 7.3.2 carries it, and what the HSS itself acts on. Every part is optional,
// because an Insert-Subscriber-Data carries only what changed: an empty text or list, like an empty optional,
// is not sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "types/identity.h"

namespace bindhss {

/// AMBR (7.3.41) in bit/s; beyond 4294967295 the codec adds the extended AVPs.
struct Ambr {
    std::uint64_t uplink = 0;
    std::uint64_t downlink = 0;
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

/// PDN-GW-Allocation-Type (7.3.44); the numbers are the protocol's.
enum class PdnGwAllocation : std::uint8_t { fixed = 0, dynamic = 1 };

/// SIPTO-Permission (7.3.135) and LIPA-Permission (7.3.133); the numbers are the protocol's.
enum class SiptoPermission : std::uint8_t { allowed = 0, not_allowed = 1 };
enum class LipaPermission : std::uint8_t { prohibited = 0, only = 1, conditional = 2 };

/// Specific-APN-Info (7.3.82): the PDN-GW of an APN that the UE uses under the wildcard.
struct SpecificApn {
    std::string service_selection;
    PdnGateway gateway;
    std::string visited_network;  ///< Visited-Network-Identifier; empty: not sent
    bool operator==(const SpecificApn&) const = default;
};

/// APN-Configuration (7.3.35).
struct ApnConfiguration {
    std::uint32_t context_identifier = 1;  ///< unique within the subscription, 1 to 50
    std::string service_selection;         ///< the APN network identifier, or "*"
    PdnType pdn_type = PdnType::ipv4;
    /// Served-Party-IP-Address: the static addresses of the UE, as text; of IPv6 the prefix, its lower 64
    /// bits zero.
    std::string static_ipv4;
    std::string static_ipv6;
    std::uint32_t qci = 9;  ///< non-GBR: 5 to 9 (7.3.37), and the non-GBR ones of later releases
    AllocationRetentionPriority arp;
    std::optional<Ambr> ambr;
    std::string charging_characteristics;  ///< four hexadecimal digits
    std::optional<bool> vplmn_dynamic_address_allowed;
    std::optional<PdnGateway> gateway;  ///< MIP6-Agent-Info
    std::optional<PdnGwAllocation> gateway_allocation;
    std::string visited_network;  ///< Visited-Network-Identifier: where a dynamically allocated PDN-GW is
    std::vector<SpecificApn> specific_apns;  ///< only under "*"
    std::string apn_oi_replacement;
    std::optional<SiptoPermission> sipto;
    std::optional<LipaPermission> lipa;
    std::optional<std::uint32_t> restoration_priority;  ///< 0 (highest) to 15
    std::optional<std::uint32_t> sipto_local_network;   ///< SIPTO-Local-Network-Permission
    std::optional<std::uint32_t> wlan_offloadability;   ///< WLAN-offloadability-EUTRAN
    std::optional<bool> non_ip;                         ///< Non-IP-PDN-Type-Indicator
    std::optional<std::uint32_t> non_ip_delivery;       ///< Non-IP-Data-Delivery-Mechanism: 0 SGi, 1 SCEF
    std::string scef_id;                                ///< with SCEF delivery
    std::string scef_realm;                             ///< the same
    std::optional<std::uint32_t> preferred_data_mode;   ///< bit 0 user plane, bit 1 control plane
    std::optional<std::uint32_t> pdn_connection_continuity;  ///< 0 to 2
    std::optional<bool> rds;                                 ///< RDS-Indicator
    std::optional<bool> interworking_5gs;                    ///< Interworking-5GS-Indicator
    std::optional<bool> ethernet;                            ///< Ethernet-PDN-Type-Indicator
    bool operator==(const ApnConfiguration&) const = default;
};

/// APN-Configuration-Profile (7.3.34).
struct ApnConfigurationProfile {
    std::uint32_t default_context_identifier = 1;
    std::optional<std::uint32_t> additional_context_identifier;  ///< a second default APN (7.3.206)
    std::optional<std::uint32_t> third_context_identifier;
    /// All-APN-Configurations-Included-Indicator (7.3.33); false: only those that were modified or added.
    bool all_included = true;
    std::vector<ApnConfiguration> apns;
    bool operator==(const ApnConfigurationProfile&) const = default;
};

/// PDP-Context (7.3.74).
struct PdpContext {
    std::uint32_t context_identifier = 1;  ///< 1 to 50
    std::string service_selection;
    /// PDP-Type (7.3.75). ipv4v6 is sent as IPv4 with Ext-PDP-Type (7.3.75A).
    PdnType pdp_type = PdnType::ipv4;
    std::string static_ipv4;  ///< PDP-Address
    std::string static_ipv6;  ///< PDP-Address, or Ext-PDP-Address beside an IPv4 one
    /// QoS-Subscribed (7.3.77): QoS-Subscribed of TS 29.002, then Ext-QoS-Subscribed and its successors.
    OctetString qos_subscribed;
    std::optional<bool> vplmn_dynamic_address_allowed;
    std::string charging_characteristics;
    std::optional<Ambr> ambr;
    std::string apn_oi_replacement;
    std::optional<SiptoPermission> sipto;
    std::optional<LipaPermission> lipa;
    std::optional<std::uint32_t> restoration_priority;
    bool operator==(const PdpContext&) const = default;
};

/// GPRS-Subscription-Data (7.3.72).
struct GprsSubscriptionData {
    bool all_included = true;  ///< Complete-Data-List-Included-Indicator (7.3.73)
    std::vector<PdpContext> contexts;
    bool operator==(const GprsSubscriptionData&) const = default;
};

/// Trace-Data (7.3.63), octets as TS 32.422 has them.
struct TraceData {
    OctetString reference;          ///< MCC, MNC and Trace ID: 6 octets
    std::uint32_t depth = 0;        ///< Trace-Depth (7.3.67): 0 minimum to 5
    OctetString ne_types;           ///< Trace-NE-Type-List
    OctetString interfaces;         ///< Trace-Interface-List; empty: all
    OctetString events;             ///< Trace-Event-List
    OctetString omc_id;             ///< empty: not sent
    std::string collection_entity;  ///< Trace-Collection-Entity: an address
    bool operator==(const TraceData&) const = default;
};

/// CSG-Subscription-Data (7.3.78).
struct CsgSubscription {
    std::uint32_t csg_id = 0;                      ///< 27 bits
    std::optional<std::uint32_t> expiration_time;  ///< Time of RFC 6733 4.3.1: seconds since 1900
    std::vector<std::string> service_selections;   ///< APNs with local access
    std::optional<Plmn> visited_plmn;
    bool operator==(const CsgSubscription&) const = default;
};

/// Adjacent-Access-Restriction-Data (7.3.187).
struct AdjacentAccessRestriction {
    Plmn plmn;
    std::uint32_t access_restriction_data = 0;
    bool operator==(const AdjacentAccessRestriction&) const = default;
};

/// IMSI-Group-Id (7.3.189).
struct ImsiGroup {
    std::uint32_t service_id = 1;  ///< 1 congestion control, 2 monitoring, above 1000 the operator's
    Plmn plmn;
    OctetString local_id;  ///< 1 to 10 octets
    bool operator==(const ImsiGroup&) const = default;
};

/// eDRX-Cycle-Length (7.3.215).
struct EdrxCycleLength {
    std::uint32_t rat_type = 1004;  ///< RAT-Type
    std::uint8_t value = 0;         ///< half an octet (TS 24.008 10.5.5.32)
    bool operator==(const EdrxCycleLength&) const = default;
};

/// Paging-Time-Window (7.3.226).
struct PagingTimeWindow {
    std::uint32_t operation_mode = 0;  ///< 7.3.227
    std::uint8_t length = 0;           ///< half an octet (TS 24.008 10.5.5.32)
    bool operator==(const PagingTimeWindow&) const = default;
};

/// Subscriber-Status (7.3.29) and Network-Access-Mode (7.3.21); the numbers are the protocol's.
enum class SubscriberStatus : std::uint8_t { service_granted = 0, operator_determined_barring = 1 };
enum class NetworkAccessMode : std::uint8_t { packet_and_circuit = 0, only_packet = 2 };

/// Access-Restriction-Data (7.3.31): a set bit forbids the access.
namespace access_restriction {
inline constexpr std::uint32_t utran = 1U << 0;
inline constexpr std::uint32_t geran = 1U << 1;
inline constexpr std::uint32_t gan = 1U << 2;
inline constexpr std::uint32_t hspa_evolution = 1U << 3;
inline constexpr std::uint32_t wb_eutran = 1U << 4;
inline constexpr std::uint32_t handover_to_non_3gpp = 1U << 5;
inline constexpr std::uint32_t nb_iot = 1U << 6;
inline constexpr std::uint32_t enhanced_coverage = 1U << 7;
inline constexpr std::uint32_t nr_as_secondary_rat = 1U << 8;
inline constexpr std::uint32_t unlicensed_as_secondary_rat = 1U << 9;
inline constexpr std::uint32_t nr_in_5gs = 1U << 10;
inline constexpr std::uint32_t lte_m = 1U << 11;                ///< looked at only while wb_eutran is clear
inline constexpr std::uint32_t wb_eutran_but_lte_m = 1U << 12;  ///< the same
}  // namespace access_restriction

/// Operator-Determined-Barring (7.3.30).
namespace operator_determined_barring {
inline constexpr std::uint32_t all_packet_services = 1U << 0;
inline constexpr std::uint32_t roamer_access_hplmn_ap = 1U << 1;
inline constexpr std::uint32_t roamer_access_vplmn_ap = 1U << 2;
inline constexpr std::uint32_t defined = 0x1ff;  ///< bits 0 to 8
}  // namespace operator_determined_barring

/// Core-Network-Restrictions (7.3.230).
namespace core_network_restriction {
/// Reserved on the wire, and never sent: the HSS's own mark that the EPC may not serve the subscriber.
inline constexpr std::uint32_t no_epc = 1U << 0;
inline constexpr std::uint32_t no_5gc = 1U << 1;
}  // namespace core_network_restriction

/// What the HSS sends in ULA and IDR. A default-constructed one says nothing of anything.
struct SubscriptionData {
    std::optional<SubscriberStatus> subscriber_status;
    std::string msisdn;       ///< decimal digits of the E.164 number
    std::string a_msisdn;     ///< the additional one
    std::string stn_sr;       ///< session transfer number for SRVCC, digits
    std::optional<bool> ics;  ///< ICS-Indicator
    std::optional<NetworkAccessMode> network_access_mode;
    std::optional<std::uint32_t> operator_determined_barring;
    std::optional<std::uint32_t> hplmn_odb;
    std::vector<std::uint16_t> zone_codes;  ///< Regional-Subscription-Zone-Code, up to 10
    std::optional<std::uint32_t> access_restriction_data;
    std::string apn_oi_replacement;
    std::string charging_characteristics;  ///< four hexadecimal digits
    std::optional<Ambr> ambr;
    std::optional<ApnConfigurationProfile> apn_configuration_profile;
    std::optional<std::uint32_t> rat_frequency_selection_priority;  ///< 1 to 256
    std::optional<TraceData> trace_data;
    std::optional<GprsSubscriptionData> gprs_subscription_data;
    std::vector<CsgSubscription> csg_subscriptions;
    bool roaming_restricted = false;  ///< Roaming-Restricted-Due-To-Unsupported-Feature
    std::optional<std::uint32_t> subscribed_rau_tau_timer_s;
    std::optional<std::uint32_t> mps_priority;
    std::optional<bool> vplmn_lipa_allowed;
    std::optional<bool> relay_node;
    std::optional<bool> mdt_user_consent;
    bool vsrvcc = false;  ///< Subscribed-VSRVCC
    std::optional<std::uint32_t> subscription_data_flags;
    std::vector<AdjacentAccessRestriction> adjacent_access_restrictions;
    std::optional<std::int32_t> dl_buffering_packet_count;  ///< -1: the node's own choice
    std::vector<ImsiGroup> imsi_groups;
    std::optional<std::uint32_t> ue_usage_type;  ///< 0 to 255
    std::string external_identifier;             ///< local@domain (TS 23.003 19.7.2)
    std::optional<std::uint32_t> aerial_ue;      ///< 0 allowed, 1 not
    std::optional<std::uint32_t> active_time_s;  ///< power saving mode
    std::optional<std::uint32_t> service_gap_time_s;
    std::vector<EdrxCycleLength> edrx_cycle_lengths;
    std::vector<PagingTimeWindow> paging_time_windows;
    std::optional<std::uint32_t> core_network_restrictions;
    bool operator==(const SubscriptionData&) const = default;

    /// With no APN configuration the subscription has no EPS part (5420, TS 29.272 5.2.1.1.3).
    [[nodiscard]] bool has_eps() const {
        return apn_configuration_profile && !apn_configuration_profile->apns.empty();
    }
    [[nodiscard]] bool has_gprs() const {
        return gprs_subscription_data && !gprs_subscription_data->contexts.empty();
    }
    /// The bits, 0 when nothing is said.
    [[nodiscard]] std::uint32_t barred() const { return operator_determined_barring.value_or(0); }
    [[nodiscard]] std::uint32_t restricted() const { return access_restriction_data.value_or(0); }
};

/// Which PLMNs may serve a subscriber: rules are "*", an MCC ("262") or a PLMN ("26201", "310410").
struct RoamingRules {
    std::vector<std::string> allowed;
    std::vector<std::string> denied;

    /// The most specific rule decides, of two alike the denial. A PLMN that no rule names is admitted unless
    /// there are allowed ones.
    [[nodiscard]] bool admits(const Plmn& plmn) const;
    bool operator==(const RoamingRules&) const = default;
};

/// A subscription as its HSS knows it: what nodes are told, and what it acts on itself.
struct Subscription {
    SubscriptionData data;
    RoamingRules roaming;
    bool operator==(const Subscription&) const = default;
};

}  // namespace bindhss
