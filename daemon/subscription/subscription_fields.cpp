// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "subscription/root.h"
#include "subscription/text_rules.h"

namespace bindhss::subscription {

template <>
std::span<const Field<RoamingRules>> fields<RoamingRules>();
template <>
std::span<const Field<TraceData>> fields<TraceData>();
template <>
std::span<const Field<CsgSubscription>> fields<CsgSubscription>();
template <>
std::span<const Field<AdjacentAccessRestriction>> fields<AdjacentAccessRestriction>();
template <>
std::span<const Field<ImsiGroup>> fields<ImsiGroup>();
template <>
std::span<const Field<EdrxCycleLength>> fields<EdrxCycleLength>();
template <>
std::span<const Field<PagingTimeWindow>> fields<PagingTimeWindow>();
template <>
AdjacentAccessRestriction blank<AdjacentAccessRestriction>();
template <>
ImsiGroup blank<ImsiGroup>();

namespace {

template <class T>
struct Named {
    T number;
    std::string_view name;
};
using Bit = Named<std::uint32_t>;

constexpr std::array<Bit, 9> odb_bits{{{1U << 0, "all_packet_services"},
                                       {1U << 1, "roamer_access_hplmn_ap"},
                                       {1U << 2, "roamer_access_vplmn_ap"},
                                       {1U << 3, "outgoing_calls"},
                                       {1U << 4, "outgoing_international"},
                                       {1U << 5, "outgoing_international_but_home"},
                                       {1U << 6, "outgoing_interzonal"},
                                       {1U << 7, "outgoing_interzonal_but_home"},
                                       {1U << 8, "outgoing_international_but_home_and_interzonal"}}};
constexpr std::array<Bit, 4> hplmn_odb_bits{
    {{1U << 0, "type_1"}, {1U << 1, "type_2"}, {1U << 2, "type_3"}, {1U << 3, "type_4"}}};
constexpr std::array<Bit, 13> access_bits{
    {{access_restriction::utran, "utran"},
     {access_restriction::geran, "geran"},
     {access_restriction::gan, "gan"},
     {access_restriction::hspa_evolution, "hspa_evolution"},
     {access_restriction::wb_eutran, "wb_eutran"},
     {access_restriction::handover_to_non_3gpp, "handover_to_non_3gpp"},
     {access_restriction::nb_iot, "nb_iot"},
     {access_restriction::enhanced_coverage, "enhanced_coverage"},
     {access_restriction::nr_as_secondary_rat, "nr_as_secondary_rat"},
     {access_restriction::unlicensed_as_secondary_rat, "unlicensed_as_secondary_rat"},
     {access_restriction::nr_in_5gs, "nr_in_5gs"},
     {access_restriction::lte_m, "lte_m"},
     {access_restriction::wb_eutran_but_lte_m, "wb_eutran_but_lte_m"}}};
constexpr std::array<Bit, 5> data_flags{{{1U << 0, "ps_and_sms_only"},
                                         {1U << 1, "sms_in_sgsn_allowed"},
                                         {1U << 2, "user_plane_integrity"},
                                         {1U << 3, "pdn_connection_restricted"},
                                         {1U << 4, "no_acknowledged_downlink_nas_data"}}};
constexpr std::array<Bit, 2> mps_bits{{{1U << 0, "cs"}, {1U << 1, "eps"}}};
constexpr std::array<Bit, 2> core_network_bits{
    {{core_network_restriction::no_epc, "no_epc"}, {core_network_restriction::no_5gc, "no_5gc"}}};
constexpr std::array<Bit, 2> aerial_permissions{{{0, "allowed"}, {1, "not_allowed"}}};
constexpr std::array<Bit, 5> edrx_rats{
    {{1000, "utran"}, {1001, "geran"}, {1004, "wb_eutran"}, {1005, "nb_iot"}, {1007, "lte_m"}}};
constexpr std::array<Named<NetworkAccessMode>, 2> access_modes{
    {{NetworkAccessMode::packet_and_circuit, "packet_and_circuit"},
     {NetworkAccessMode::only_packet, "only_packet"}}};

using R = Root;
using D = SubscriptionData;

template <class Codec, auto Member>
constexpr auto root(std::string_view name, std::string_view clause, std::string_view meaning) {
    return field_of<Codec, Member, Root>(name, clause, meaning);
}

constexpr std::array roaming_fields{
    field_of<ListOf<Text<PlmnRule>, std::string, 1'000>, &RoamingRules::allowed, RoamingRules>(
        "allowed", "ours", "PLMNs that may serve; none named: all that are not denied"),
    field_of<ListOf<Text<PlmnRule>, std::string, 1'000>, &RoamingRules::denied, RoamingRules>(
        "denied", "ours", "PLMNs that may not; the most specific rule of both lists decides")};

constexpr std::array trace_fields{
    field_of<Hex<6, 6>, &TraceData::reference, TraceData>("reference", "7.3.64",
                                                          "Trace-Reference: PLMN and Trace ID", true),
    field_of<Number<0, 5>, &TraceData::depth, TraceData>("depth", "7.3.67", "Trace-Depth: 0 minimum to 5",
                                                         true),
    field_of<Hex<1, 64>, &TraceData::ne_types, TraceData>("ne_types", "7.3.68",
                                                          "Trace-NE-Type-List (TS 32.422)", true),
    field_of<Hex<1, 64>, &TraceData::interfaces, TraceData>("interfaces", "7.3.69",
                                                            "Trace-Interface-List; without it all"),
    field_of<Hex<1, 64>, &TraceData::events, TraceData>("events", "7.3.70", "Trace-Event-List", true),
    field_of<Hex<1, 64>, &TraceData::omc_id, TraceData>("omc_id", "7.3.71", "OMC-Id"),
    field_of<Text<IpAddress>, &TraceData::collection_entity, TraceData>("collection_entity", "7.3.98",
                                                                        "Trace-Collection-Entity", true)};

constexpr std::array csg_fields{
    field_of<Number<0, 134'217'727>, &CsgSubscription::csg_id, CsgSubscription>("csg_id", "7.3.79",
                                                                                "CSG-Id, 27 bits", true),
    field_of<UnixTime, &CsgSubscription::expiration_time, CsgSubscription>(
        "expires", "7.3.80", "Expiration-Date; without it never"),
    field_of<ListOf<Text<ApnName>, std::string, 50>, &CsgSubscription::service_selections, CsgSubscription>(
        "apns", "7.3.78", "APNs with local access"),
    field_of<PlmnCode, &CsgSubscription::visited_plmn, CsgSubscription>(
        "plmn", "7.3.78", "Visited-PLMN-Id; without it the home's")};

using Adjacent = AdjacentAccessRestriction;
constexpr std::array adjacent_fields{
    field_of<PlmnCode, &Adjacent::plmn, Adjacent>("plmn", "7.3.187", "Visited-PLMN-Id", true),
    field_of<Bits<access_bits>, &Adjacent::access_restriction_data, Adjacent>(
        "access_restriction", "7.3.31", "Access-Restriction-Data there", true)};

constexpr std::array imsi_group_fields{
    field_of<Number<1, UINT32_MAX>, &ImsiGroup::service_id, ImsiGroup>(
        "service", "7.3.190",
        "Group-Service-Id: 1 congestion control, 2 monitoring, above 1000 the operator's", true),
    field_of<PlmnCode, &ImsiGroup::plmn, ImsiGroup>("plmn", "7.3.191", "Group-PLMN-Id", true),
    field_of<Hex<1, 10>, &ImsiGroup::local_id, ImsiGroup>("id", "7.3.192", "Local-Group-Id", true)};

constexpr std::array edrx_fields{
    field_of<Choice<edrx_rats>, &EdrxCycleLength::rat_type, EdrxCycleLength>("rat", "7.3.215", "RAT-Type",
                                                                             true),
    field_of<Number<0, 15>, &EdrxCycleLength::value, EdrxCycleLength>(
        "value", "7.3.216", "eDRX-Cycle-Length-Value (TS 24.008 10.5.5.32)", true)};

constexpr std::array window_fields{
    field_of<Number<0, 255>, &PagingTimeWindow::operation_mode, PagingTimeWindow>("mode", "7.3.227",
                                                                                  "Operation-Mode", true),
    field_of<Number<0, 15>, &PagingTimeWindow::length, PagingTimeWindow>(
        "length", "7.3.228", "Paging-Time-Window-Length (TS 24.008 10.5.5.32)", true)};

constexpr std::array root_fields{
    root<Text<E164Number>, &D::a_msisdn>("a_msisdn", "7.3.157",
                                         "A-MSISDN, the additional number; of one subscriber"),
    root<Text<E164Number>, &D::stn_sr>("stn_sr", "7.3.39", "STN-SR, the number for SRVCC"),
    root<Flag, &D::ics>("ics", "7.3.104", "ICS-Indicator"),
    root<Choice<access_modes>, &D::network_access_mode>("network_access_mode", "7.3.21",
                                                        "Network-Access-Mode; only_packet"),
    root<Bits<odb_bits>, &D::operator_determined_barring>("operator_determined_barring", "7.3.30",
                                                          "what is barred; Subscriber-Status follows it"),
    root<Bits<hplmn_odb_bits>, &D::hplmn_odb>("hplmn_odb", "7.3.22",
                                              "HPLMN-ODB: barring of the operator's own types"),
    root<ListOf<ZoneCode, std::uint16_t, 10>, &D::zone_codes>(
        "zone_codes", "7.3.52", "Regional-Subscription-Zone-Code: where service is given"),
    root<Bits<access_bits>, &D::access_restriction_data>(
        "access_restriction", "7.3.31", "Access-Restriction-Data: accesses that are forbidden"),
    root<Text<ApnOiReplacement>, &D::apn_oi_replacement>("apn_oi_replacement", "7.3.32",
                                                         "APN-OI-Replacement"),
    root<Text<ChargingCharacteristics>, &D::charging_characteristics>(
        "charging_characteristics", "TS 29.061 16.4.7", "3GPP-Charging-Characteristics"),
    root<ObjectOf<Ambr>, &D::ambr>("ambr", "7.3.41", "AMBR of the UE; needed with apns"),
    root<Number<1, context_max>, &R::default_context>(
        "default_context", "7.3.34", "Context-Identifier of the default APN; the lowest that is no wildcard"),
    root<Number<1, context_max>, &R::additional_context>(
        "additional_context", "7.3.206", "Additional-Context-Identifier: a second default APN"),
    root<Number<1, context_max>, &R::third_context>("third_context", "7.3.34",
                                                    "Third-Context-Identifier: a third default APN"),
    root<ContextMap<ApnConfiguration>, &R::apns>(
        "apns", "7.3.35", "APN-Configuration by Context-Identifier; none: no EPS part"),
    root<Number<1, 256>, &D::rat_frequency_selection_priority>("rat_frequency_selection_priority", "7.3.46",
                                                               "RAT-Frequency-Selection-Priority-ID"),
    root<ObjectOf<TraceData>, &D::trace_data>("trace", "7.3.63", "Trace-Data"),
    root<ContextMap<PdpContext>, &R::pdp_contexts>("pdp_contexts", "7.3.74",
                                                   "PDP-Context by Context-Identifier; none: no GPRS part"),
    root<ListOf<ObjectOf<CsgSubscription>, CsgSubscription, 50>, &D::csg_subscriptions>(
        "csg_subscriptions", "7.3.78", "CSG-Subscription-Data"),
    root<Number<0, UINT32_MAX>, &D::subscribed_rau_tau_timer_s>("rau_tau_timer_s", "7.3.134",
                                                                "Subscribed-Periodic-RAU-TAU-Timer"),
    root<Bits<mps_bits>, &D::mps_priority>("mps_priority", "7.3.131", "MPS-Priority"),
    root<Flag, &D::vplmn_lipa_allowed>("vplmn_lipa_allowed", "7.3.132", "VPLMN-LIPA-Allowed"),
    root<Flag, &D::relay_node>("relay_node", "7.3.147", "Relay-Node-Indicator"),
    root<Flag, &D::mdt_user_consent>("mdt_user_consent", "7.3.148", "MDT-User-Consent"),
    root<FlagWhenSet, &D::vsrvcc>("vsrvcc", "7.3.150", "Subscribed-VSRVCC"),
    root<Bits<data_flags>, &D::subscription_data_flags>("subscription_data_flags", "7.3.165",
                                                        "Subscription-Data-Flags"),
    root<ListOf<ObjectOf<Adjacent>, Adjacent, 50>, &D::adjacent_access_restrictions>(
        "adjacent_access_restrictions", "7.3.187", "Adjacent-Access-Restriction-Data"),
    root<Number<-1, INT32_MAX>, &D::dl_buffering_packet_count>(
        "dl_buffering_packet_count", "7.3.188", "DL-Buffering-Suggested-Packet-Count; -1: the node's choice"),
    root<ListOf<ObjectOf<ImsiGroup>, ImsiGroup, 50>, &D::imsi_groups>("imsi_groups", "7.3.189",
                                                                      "IMSI-Group-Id"),
    root<Number<0, 255>, &D::ue_usage_type>("ue_usage_type", "7.3.202",
                                            "UE-Usage-Type: which dedicated core network"),
    root<Text<ExternalIdentifier>, &D::external_identifier>("external_identifier", "TS 29.336 6.4.11",
                                                            "External-Identifier; of one subscriber"),
    root<Choice<aerial_permissions>, &D::aerial_ue>("aerial_ue", "7.3.224",
                                                    "Aerial-UE-Subscription-Information"),
    root<Number<0, UINT32_MAX>, &D::active_time_s>("active_time_s", "TS 29.128 6.4.13",
                                                   "Active-Time of power saving"),
    root<Number<0, UINT32_MAX>, &D::service_gap_time_s>("service_gap_time_s", "7.3.223", "Service-Gap-Time"),
    root<ListOf<ObjectOf<EdrxCycleLength>, EdrxCycleLength, 8>, &D::edrx_cycle_lengths>("edrx", "7.3.215",
                                                                                        "eDRX-Cycle-Length"),
    root<ListOf<ObjectOf<PagingTimeWindow>, PagingTimeWindow, 8>, &D::paging_time_windows>(
        "paging_time_windows", "7.3.226", "Paging-Time-Window"),
    root<Bits<core_network_bits>, &D::core_network_restrictions>("core_network_restrictions", "7.3.230",
                                                                 "Core-Network-Restrictions"),
    root<ObjectWhenSaid<RoamingRules>, &R::roaming>("roaming", "ours",
                                                    "which PLMNs may serve the subscriber")};

}  // namespace

template <>
std::span<const Field<RoamingRules>> fields<RoamingRules>() {
    return roaming_fields;
}
template <>
std::span<const Field<TraceData>> fields<TraceData>() {
    return trace_fields;
}
template <>
std::span<const Field<CsgSubscription>> fields<CsgSubscription>() {
    return csg_fields;
}
template <>
std::span<const Field<AdjacentAccessRestriction>> fields<AdjacentAccessRestriction>() {
    return adjacent_fields;
}
template <>
std::span<const Field<ImsiGroup>> fields<ImsiGroup>() {
    return imsi_group_fields;
}
template <>
std::span<const Field<EdrxCycleLength>> fields<EdrxCycleLength>() {
    return edrx_fields;
}
template <>
std::span<const Field<PagingTimeWindow>> fields<PagingTimeWindow>() {
    return window_fields;
}
template <>
std::span<const Field<Root>> fields<Root>() {
    return root_fields;
}

// A Plmn is always one of somebody's: these are read into this one.
template <>
AdjacentAccessRestriction blank<AdjacentAccessRestriction>() {
    return {*Plmn::from(Octets<3>{}), 0};
}
template <>
ImsiGroup blank<ImsiGroup>() {
    return {1, *Plmn::from(Octets<3>{}), {}};
}

}  // namespace bindhss::subscription
