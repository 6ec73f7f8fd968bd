// SPDX-License-Identifier: Apache-2.0
#include "subscription/context_fields.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "subscription/text_rules.h"

namespace bindhss::subscription {

namespace {

template <class T>
struct Named {
    T number;
    std::string_view name;
};

constexpr std::array<Named<PdnType>, 4> pdn_types{{{PdnType::ipv4, "ipv4"},
                                                   {PdnType::ipv6, "ipv6"},
                                                   {PdnType::ipv4v6, "ipv4v6"},
                                                   {PdnType::ipv4_or_ipv6, "ipv4_or_ipv6"}}};
constexpr std::array<Named<PdnType>, 3> pdp_types{
    {{PdnType::ipv4, "ipv4"}, {PdnType::ipv6, "ipv6"}, {PdnType::ipv4v6, "ipv4v6"}}};
constexpr std::array<Named<PdnGwAllocation>, 2> allocations{
    {{PdnGwAllocation::fixed, "static"}, {PdnGwAllocation::dynamic, "dynamic"}}};
constexpr std::array<Named<SiptoPermission>, 2> sipto_permissions{
    {{SiptoPermission::allowed, "allowed"}, {SiptoPermission::not_allowed, "not_allowed"}}};
constexpr std::array<Named<LipaPermission>, 3> lipa_permissions{
    {{LipaPermission::prohibited, "prohibited"},
     {LipaPermission::only, "only"},
     {LipaPermission::conditional, "conditional"}}};
constexpr std::array<Named<std::uint32_t>, 2> local_networks{{{0, "allowed"}, {1, "not_allowed"}}};
constexpr std::array<Named<std::uint32_t>, 2> offloads{{{1, "allowed"}, {0, "not_allowed"}}};
constexpr std::array<Named<std::uint32_t>, 2> deliveries{{{0, "sgi"}, {1, "scef"}}};
constexpr std::array<Named<std::uint32_t>, 2> data_modes{{{1, "user_plane"}, {2, "control_plane"}}};
constexpr std::array<Named<std::uint32_t>, 3> continuities{
    {{0, "maintain"}, {1, "disconnect_with_reactivation"}, {2, "disconnect_without_reactivation"}}};

/// QoS-Class-Identifier of a default bearer, which has no guaranteed bit rate.
struct Qci : Plain {
    static constexpr std::array<std::uint32_t, 9> non_gbr{5, 6, 7, 8, 9, 69, 70, 79, 80};
    static std::string type() { return "5 to 9, 69, 70, 79, 80"; }
    static void read(const json::value& value, std::uint32_t& member, Complaints& complaints) {
        const auto qci = whole_number(value, 1, 254, complaints);
        if (!qci) return;
        member = static_cast<std::uint32_t>(*qci);
        if (std::find(non_gbr.begin(), non_gbr.end(), member) != non_gbr.end()) return;
        const bool gbr = member <= 4 || (member >= 65 && member <= 67);
        complaints.add(std::to_string(member) +
                       (gbr ? " is a GBR class" : " is no class of default bearers") +
                       "; 5 to 9 are for default bearers (TS 29.272 7.3.37)");
    }
    static json::value write(std::uint32_t member) { return json::value(member); }
};

// QoS-Subscribed of TS 29.002: octets 3 to 5 of TS 24.008 10.5.6.5, best effort; then Ext-QoS-Subscribed:
// allocation and retention priority 2, octets 6 to 13, background class, 8640 kbit/s.
const OctetString qos_by_default{0x23, 0x92, 0x1f, 0x02, 0x93, 0x96, 0xfe, 0xfe, 0x74, 0xfb, 0xff, 0xff};

using A = ApnConfiguration;
using P = PdpContext;

template <class Codec, auto Member>
constexpr auto apn(std::string_view name, std::string_view clause, std::string_view meaning,
                   bool required = false) {
    return field_of<Codec, Member, ApnConfiguration>(name, clause, meaning, required);
}
template <class Codec, auto Member>
constexpr auto pdp(std::string_view name, std::string_view clause, std::string_view meaning,
                   bool required = false) {
    return field_of<Codec, Member, PdpContext>(name, clause, meaning, required);
}

constexpr std::array ambr_fields{
    field_of<BitRate, &Ambr::uplink, Ambr>("uplink", "7.3.41", "Max-Requested-Bandwidth-UL", true),
    field_of<BitRate, &Ambr::downlink, Ambr>("downlink", "7.3.41", "Max-Requested-Bandwidth-DL", true)};

using Arp = AllocationRetentionPriority;
constexpr std::array arp_fields{
    field_of<Number<1, 15>, &Arp::priority_level, Arp>("priority_level", "TS 29.212 5.3.45",
                                                       "Priority-Level: 1 is the highest; 8"),
    field_of<Flag, &Arp::preemption_capability, Arp>("preemption_capability", "TS 29.212 5.3.46",
                                                     "may take the resources of others; false"),
    field_of<Flag, &Arp::preemption_vulnerability, Arp>("preemption_vulnerability", "TS 29.212 5.3.47",
                                                        "may lose its resources to others; true")};

constexpr std::array gateway_fields{
    field_of<Text<DomainName>, &PdnGateway::host, PdnGateway>("host", "RFC 5447 4.2.1",
                                                              "MIP-Home-Agent-Host: its name"),
    field_of<Text<DomainName>, &PdnGateway::realm, PdnGateway>("realm", "RFC 5447 4.2.1",
                                                               "MIP-Home-Agent-Host: its realm"),
    field_of<ListOf<Text<IpAddress>, std::string, 2>, &PdnGateway::addresses, PdnGateway>(
        "addresses", "RFC 5447 4.2.1", "MIP-Home-Agent-Address, one of a family")};

constexpr std::array specific_apn_fields{
    field_of<Text<ApnName>, &SpecificApn::service_selection, SpecificApn>(
        "apn", "7.3.82", "Service-Selection, not \"*\"", true),
    field_of<ObjectOf<PdnGateway>, &SpecificApn::gateway, SpecificApn>("pdn_gw", "7.3.82", "MIP6-Agent-Info",
                                                                       true),
    field_of<Text<DomainName>, &SpecificApn::visited_network, SpecificApn>("visited_network", "7.3.82",
                                                                           "Visited-Network-Identifier")};

constexpr std::array apn_fields{
    apn<Text<ApnName>, &A::service_selection>(
        "apn", "7.3.36", "Service-Selection: the APN network identifier, or the wildcard", true),
    apn<Choice<pdn_types>, &A::pdn_type>("pdn_type", "7.3.62", "PDN-Type; ipv4v6"),
    apn<Text<Ipv4Address>, &A::static_ipv4>("static_ipv4", "7.3.35",
                                            "Served-Party-IP-Address: the UE's own address"),
    apn<Text<Ipv6Prefix>, &A::static_ipv6>("static_ipv6", "7.3.35",
                                           "Served-Party-IP-Address: the UE's own prefix"),
    apn<Qci, &A::qci>("qci", "7.3.37", "QoS-Class-Identifier; 9"),
    apn<ObjectOf<Arp>, &A::arp>("arp", "7.3.37", "Allocation-Retention-Priority"),
    apn<ObjectOf<Ambr>, &A::ambr>("ambr", "7.3.41", "AMBR of the APN"),
    apn<Text<ChargingCharacteristics>, &A::charging_characteristics>(
        "charging_characteristics", "TS 29.061 16.4.7", "instead of the subscription's"),
    apn<Flag, &A::vplmn_dynamic_address_allowed>("vplmn_dynamic_address_allowed", "7.3.38",
                                                 "a PDN-GW of the visited network may be used"),
    apn<ObjectOf<PdnGateway>, &A::gateway>("pdn_gw", "7.3.45", "MIP6-Agent-Info: the PDN-GW to use"),
    apn<Choice<allocations>, &A::gateway_allocation>("pdn_gw_allocation", "7.3.44",
                                                     "PDN-GW-Allocation-Type, with pdn_gw"),
    apn<Text<DomainName>, &A::visited_network>("visited_network", "7.3.35",
                                               "Visited-Network-Identifier of pdn_gw"),
    apn<ListOf<ObjectOf<SpecificApn>, SpecificApn, 50>, &A::specific_apns>(
        "specific_apns", "7.3.82", "PDN-GWs of APNs under the wildcard"),
    apn<Text<ApnOiReplacement>, &A::apn_oi_replacement>("apn_oi_replacement", "7.3.32",
                                                        "instead of the subscription's"),
    apn<Choice<sipto_permissions>, &A::sipto>("sipto", "7.3.135", "SIPTO-Permission: offload above the RAN"),
    apn<Choice<lipa_permissions>, &A::lipa>("lipa", "7.3.133", "LIPA-Permission"),
    apn<Number<0, 15>, &A::restoration_priority>("restoration_priority", "7.3.174", "0 is restored first"),
    apn<Choice<local_networks>, &A::sipto_local_network>("sipto_local_network", "7.3.176",
                                                         "SIPTO-Local-Network-Permission"),
    apn<Choice<offloads>, &A::wlan_offloadability>("wlan_offloadability", "7.3.181",
                                                   "WLAN-offloadability-EUTRAN"),
    apn<Flag, &A::non_ip>("non_ip", "7.3.204", "Non-IP-PDN-Type-Indicator; only to nodes that know it"),
    apn<Choice<deliveries>, &A::non_ip_delivery>("non_ip_delivery", "7.3.205",
                                                 "Non-IP-Data-Delivery-Mechanism, with non_ip"),
    apn<Text<DomainName>, &A::scef_id>("scef_id", "TS 29.336 8.4.5", "SCEF-ID, with delivery by SCEF"),
    apn<Text<DomainName>, &A::scef_realm>("scef_realm", "7.3.207", "SCEF-Realm, with delivery by SCEF"),
    apn<Bits<data_modes>, &A::preferred_data_mode>("preferred_data_mode", "7.3.209", "Preferred-Data-Mode"),
    apn<Choice<continuities>, &A::pdn_connection_continuity>("pdn_connection_continuity", "7.3.214",
                                                             "between broadband and NB-IoT"),
    apn<Flag, &A::rds>("rds", "7.3.222", "RDS-Indicator: reliable data service"),
    apn<Flag, &A::interworking_5gs>("interworking_5gs", "7.3.231", "Interworking-5GS-Indicator"),
    apn<Flag, &A::ethernet>("ethernet", "7.3.232",
                            "Ethernet-PDN-Type-Indicator; only to nodes that know it")};

constexpr std::array pdp_fields{
    pdp<Text<ApnName>, &P::service_selection>("apn", "7.3.74", "Service-Selection", true),
    pdp<Choice<pdp_types>, &P::pdp_type>("pdp_type", "7.3.75", "PDP-Type and Ext-PDP-Type; ipv4"),
    pdp<Text<Ipv4Address>, &P::static_ipv4>("static_ipv4", "7.3.74", "PDP-Address: the UE's own"),
    pdp<Text<Ipv6Prefix>, &P::static_ipv6>("static_ipv6", "7.3.74",
                                           "PDP-Address or Ext-PDP-Address: the UE's own"),
    pdp<Hex<3, 32>, &P::qos_subscribed>("qos_subscribed", "7.3.77",
                                        "QoS-Subscribed and its extensions (TS 29.002); best effort"),
    pdp<Flag, &P::vplmn_dynamic_address_allowed>("vplmn_dynamic_address_allowed", "7.3.38",
                                                 "a GGSN of the visited network may be used"),
    pdp<Text<ChargingCharacteristics>, &P::charging_characteristics>(
        "charging_characteristics", "TS 29.061 16.4.7", "instead of the subscription's"),
    pdp<ObjectOf<Ambr>, &P::ambr>("ambr", "7.3.41", "AMBR of the APN"),
    pdp<Text<ApnOiReplacement>, &P::apn_oi_replacement>("apn_oi_replacement", "7.3.32",
                                                        "instead of the subscription's"),
    pdp<Choice<sipto_permissions>, &P::sipto>("sipto", "7.3.135", "SIPTO-Permission"),
    pdp<Choice<lipa_permissions>, &P::lipa>("lipa", "7.3.133", "LIPA-Permission"),
    pdp<Number<0, 15>, &P::restoration_priority>("restoration_priority", "7.3.174", "0 is restored first")};

}  // namespace

template <>
std::span<const Field<Ambr>> fields<Ambr>() {
    return ambr_fields;
}
template <>
std::span<const Field<AllocationRetentionPriority>> fields<AllocationRetentionPriority>() {
    return arp_fields;
}
template <>
std::span<const Field<PdnGateway>> fields<PdnGateway>() {
    return gateway_fields;
}
template <>
std::span<const Field<SpecificApn>> fields<SpecificApn>() {
    return specific_apn_fields;
}
template <>
std::span<const Field<ApnConfiguration>> fields<ApnConfiguration>() {
    return apn_fields;
}
template <>
std::span<const Field<PdpContext>> fields<PdpContext>() {
    return pdp_fields;
}

template <>
ApnConfiguration blank<ApnConfiguration>() {
    ApnConfiguration apn;
    apn.pdn_type = PdnType::ipv4v6;
    return apn;
}

template <>
PdpContext blank<PdpContext>() {
    PdpContext context;
    context.qos_subscribed = qos_by_default;
    return context;
}

std::uint32_t context_of(std::string_view key) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    const bool good = error == std::errc() && end == key.data() + key.size() && !key.starts_with('0');
    return good && number <= context_max ? number : 0;
}

}  // namespace bindhss::subscription
