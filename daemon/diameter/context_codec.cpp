// SPDX-License-Identifier: Apache-2.0
#include "diameter/context_codec.h"

#include "diameter/avp_id.h"
#include "diameter/gateway_codec.h"
#include "diameter/optional_avp.h"

namespace bindhss::diameter {

namespace {

using optional_avp::add;
using optional_avp::read;

// 7.3.33, 7.3.73: what is included
constexpr std::uint32_t all_included = 0;
constexpr std::uint32_t modified_or_added = 1;
// TS 29.212 5.3.46 and 5.3.47: both enumerations have ENABLED as 0.
constexpr std::uint32_t preemption_enabled = 0;
constexpr std::uint32_t preemption_disabled = 1;
// 7.3.41: from this on the extended AVPs count, in kbit/s
constexpr std::uint64_t bandwidth_max = 4'294'967'295;
constexpr std::uint64_t bits_in_kbit = 1'000;

// PDP-Type of TS 29.002: organisation IETF, then the number of TS 29.060 7.7.34; Ext-PDP-Type likewise.
const OctetString pdp_ipv4{0xf1, 0x21};
const OctetString pdp_ipv6{0xf1, 0x57};
const OctetString pdp_ipv4v6{0xf1, 0x8d};

void add_bandwidth(Message::Group& group, AvpId plain, AvpId extended, std::uint64_t bits) {
    group.add(plain, static_cast<std::uint32_t>(std::min(bits, bandwidth_max)));
    if (bits > bandwidth_max) group.add(extended, static_cast<std::uint32_t>(bits / bits_in_kbit));
}

std::uint64_t bandwidth(const AvpView& group, AvpId plain, AvpId extended) {
    if (const auto kbits = group.find(extended)) return std::uint64_t{kbits->u32()} * bits_in_kbit;
    const auto avp = group.find(plain);
    return avp ? avp->u32() : 0;
}

void add_gateway(Message::Group& parent, const PdnGateway& gateway) {
    parent.add_group(avp_id::mip6_agent_info, [&gateway](Message::Group& group) { encode(gateway, group); });
}

void add_address(Message::Group& group, AvpId id, const std::string& address) {
    add(group, id, encode_address(address));
}

void encode(const AllocationRetentionPriority& arp, Message::Group& parent) {
    parent.add_group(avp_id::allocation_retention_priority, [&arp](Message::Group& group) {
        group.add(avp_id::priority_level, arp.priority_level);
        group.add(avp_id::preemption_capability,
                  arp.preemption_capability ? preemption_enabled : preemption_disabled);
        group.add(avp_id::preemption_vulnerability,
                  arp.preemption_vulnerability ? preemption_enabled : preemption_disabled);
    });
}

// Absent means that it does not pre-empt and may be pre-empted.
AllocationRetentionPriority decode_arp(const AvpView& group) {
    std::uint32_t level = 0;
    std::uint32_t capability = preemption_disabled;
    std::uint32_t vulnerability = preemption_enabled;
    read(group, avp_id::priority_level, level);
    read(group, avp_id::preemption_capability, capability);
    read(group, avp_id::preemption_vulnerability, vulnerability);
    return {level, capability == preemption_enabled, vulnerability == preemption_enabled};
}

void encode(const SpecificApn& specific, Message::Group& parent) {
    parent.add_group(avp_id::specific_apn_info, [&specific](Message::Group& group) {
        group.add(avp_id::service_selection, specific.service_selection);
        add_gateway(group, specific.gateway);
        add(group, avp_id::visited_network_identifier, specific.visited_network);
    });
}

SpecificApn decode_specific(const AvpView& group) {
    SpecificApn specific;
    read(group, avp_id::service_selection, specific.service_selection);
    if (const auto gateway = group.find(avp_id::mip6_agent_info)) specific.gateway = decode_gateway(*gateway);
    read(group, avp_id::visited_network_identifier, specific.visited_network);
    return specific;
}

/// What an APN and a PDP context have in common; `visit(AVP, member)` adds or reads it.
template <class Context, class Visit>
void common_parts(Context& context, Visit visit) {
    visit(avp_id::vplmn_dynamic_address_allowed, context.vplmn_dynamic_address_allowed);
    visit(avp_id::charging_characteristics, context.charging_characteristics);
    visit(avp_id::apn_oi_replacement, context.apn_oi_replacement);
    visit(avp_id::sipto_permission, context.sipto);
    visit(avp_id::lipa_permission, context.lipa);
    visit(avp_id::restoration_priority, context.restoration_priority);
}

/// What only an APN has.
template <class Apn, class Visit>
void apn_parts(Apn& apn, Visit visit) {
    common_parts(apn, visit);
    visit(avp_id::pdn_gw_allocation_type, apn.gateway_allocation);
    visit(avp_id::visited_network_identifier, apn.visited_network);
    visit(avp_id::sipto_local_network_permission, apn.sipto_local_network);
    visit(avp_id::non_ip_pdn_type_indicator, apn.non_ip);
    visit(avp_id::non_ip_data_delivery_mechanism, apn.non_ip_delivery);
    visit(avp_id::scef_id, apn.scef_id);
    visit(avp_id::scef_realm, apn.scef_realm);
    visit(avp_id::preferred_data_mode, apn.preferred_data_mode);
    visit(avp_id::pdn_connection_continuity, apn.pdn_connection_continuity);
    visit(avp_id::rds_indicator, apn.rds);
    visit(avp_id::interworking_5gs_indicator, apn.interworking_5gs);
    visit(avp_id::ethernet_pdn_type_indicator, apn.ethernet);
}

void encode(const ApnConfiguration& apn, Message::Group& parent) {
    parent.add_group(avp_id::apn_configuration, [&apn](Message::Group& group) {
        group.add(avp_id::context_identifier, apn.context_identifier);
        add_address(group, avp_id::served_party_ip_address, apn.static_ipv4);
        add_address(group, avp_id::served_party_ip_address, apn.static_ipv6);
        group.add(avp_id::pdn_type, static_cast<std::uint32_t>(apn.pdn_type));
        group.add(avp_id::service_selection, apn.service_selection);
        group.add_group(avp_id::eps_subscribed_qos_profile, [&apn](Message::Group& profile) {
            profile.add(avp_id::qos_class_identifier, apn.qci);
            encode(apn.arp, profile);
        });
        if (apn.gateway) add_gateway(group, *apn.gateway);
        if (apn.ambr) encode(*apn.ambr, group);
        for (const auto& specific : apn.specific_apns) encode(specific, group);
        apn_parts(apn, [&group](AvpId id, const auto& member) { add(group, id, member); });
        if (apn.wlan_offloadability) {
            group.add_group(avp_id::wlan_offloadability, [&apn](Message::Group& offload) {
                offload.add(avp_id::wlan_offloadability_eutran, *apn.wlan_offloadability);
            });
        }
    });
}

void decode_addresses(const AvpView& avp, std::string& ipv4, std::string& ipv6) {
    auto address = decode_address(avp.octets());
    if (!address) return;
    const bool is_ipv6 = address->find(':') != std::string::npos;
    (is_ipv6 ? ipv6 : ipv4) = std::move(*address);
}

ApnConfiguration decode_apn(const AvpView& group) {
    ApnConfiguration apn;
    read(group, avp_id::context_identifier, apn.context_identifier);
    read(group, avp_id::service_selection, apn.service_selection);
    std::uint32_t pdn_type = 0;
    read(group, avp_id::pdn_type, pdn_type);
    apn.pdn_type = static_cast<PdnType>(pdn_type & 0x03);
    if (const auto profile = group.find(avp_id::eps_subscribed_qos_profile)) {
        read(*profile, avp_id::qos_class_identifier, apn.qci);
        if (const auto arp = profile->find(avp_id::allocation_retention_priority)) apn.arp = decode_arp(*arp);
    }
    if (const auto gateway = group.find(avp_id::mip6_agent_info)) apn.gateway = decode_gateway(*gateway);
    apn.ambr = decode_ambr(group);
    apn_parts(apn, [&group](AvpId id, auto& member) { read(group, id, member); });
    if (const auto offload = group.find(avp_id::wlan_offloadability))
        read(*offload, avp_id::wlan_offloadability_eutran, apn.wlan_offloadability);
    group.each([&apn](AvpView child) {
        if (child.id() == avp_id::served_party_ip_address)
            decode_addresses(child, apn.static_ipv4, apn.static_ipv6);
        if (child.id() == avp_id::specific_apn_info) apn.specific_apns.push_back(decode_specific(child));
    });
    return apn;
}

/// A context of both families goes as IPv4 to those that know no more, with the extension for the others
/// (7.3.75A).
void encode(const PdpContext& pdp, Message::Group& parent) {
    parent.add_group(avp_id::pdp_context, [&pdp](Message::Group& group) {
        const bool both = pdp.pdp_type == PdnType::ipv4v6;
        group.add(avp_id::context_identifier, pdp.context_identifier);
        group.add(avp_id::pdp_type, OctetView(pdp.pdp_type == PdnType::ipv6 ? pdp_ipv6 : pdp_ipv4));
        add_address(group, avp_id::pdp_address, pdp.static_ipv4.empty() ? pdp.static_ipv6 : pdp.static_ipv4);
        group.add(avp_id::qos_subscribed, OctetView(pdp.qos_subscribed));
        group.add(avp_id::service_selection, pdp.service_selection);
        if (both) group.add(avp_id::ext_pdp_type, OctetView(pdp_ipv4v6));
        if (both && !pdp.static_ipv4.empty()) add_address(group, avp_id::ext_pdp_address, pdp.static_ipv6);
        if (pdp.ambr) encode(*pdp.ambr, group);
        common_parts(pdp, [&group](AvpId id, const auto& member) { add(group, id, member); });
    });
}

PdpContext decode_pdp(const AvpView& group) {
    PdpContext pdp;
    read(group, avp_id::context_identifier, pdp.context_identifier);
    read(group, avp_id::service_selection, pdp.service_selection);
    read(group, avp_id::qos_subscribed, pdp.qos_subscribed);
    OctetString type;
    read(group, avp_id::pdp_type, type);
    pdp.pdp_type = group.find(avp_id::ext_pdp_type) ? PdnType::ipv4v6
                   : type == pdp_ipv6               ? PdnType::ipv6
                                                    : PdnType::ipv4;
    for (const auto id : {avp_id::pdp_address, avp_id::ext_pdp_address})
        if (const auto address = group.find(id)) decode_addresses(*address, pdp.static_ipv4, pdp.static_ipv6);
    pdp.ambr = decode_ambr(group);
    common_parts(pdp, [&group](AvpId id, auto& member) { read(group, id, member); });
    return pdp;
}

}  // namespace

void encode(const Ambr& ambr, Message::Group& parent) {
    parent.add_group(avp_id::ambr, [&ambr](Message::Group& group) {
        add_bandwidth(group, avp_id::max_requested_bandwidth_ul, avp_id::extended_max_requested_bw_ul,
                      ambr.uplink);
        add_bandwidth(group, avp_id::max_requested_bandwidth_dl, avp_id::extended_max_requested_bw_dl,
                      ambr.downlink);
    });
}

std::optional<Ambr> decode_ambr(const AvpView& parent) {
    const auto group = parent.find(avp_id::ambr);
    if (!group) return std::nullopt;
    return Ambr{bandwidth(*group, avp_id::max_requested_bandwidth_ul, avp_id::extended_max_requested_bw_ul),
                bandwidth(*group, avp_id::max_requested_bandwidth_dl, avp_id::extended_max_requested_bw_dl)};
}

void encode(const ApnConfigurationProfile& profile, Message::Group& parent) {
    parent.add_group(avp_id::apn_configuration_profile, [&profile](Message::Group& group) {
        group.add(avp_id::context_identifier, profile.default_context_identifier);
        add(group, avp_id::additional_context_identifier, profile.additional_context_identifier);
        add(group, avp_id::third_context_identifier, profile.third_context_identifier);
        group.add(avp_id::all_apn_configurations_included_indicator,
                  profile.all_included ? all_included : modified_or_added);
        for (const auto& apn : profile.apns) encode(apn, group);
    });
}

ApnConfigurationProfile decode_apn_profile(const AvpView& group) {
    ApnConfigurationProfile profile;
    std::uint32_t included = all_included;
    read(group, avp_id::context_identifier, profile.default_context_identifier);
    read(group, avp_id::additional_context_identifier, profile.additional_context_identifier);
    read(group, avp_id::third_context_identifier, profile.third_context_identifier);
    read(group, avp_id::all_apn_configurations_included_indicator, included);
    profile.all_included = included == all_included;
    group.each([&profile](AvpView child) {
        if (child.id() == avp_id::apn_configuration) profile.apns.push_back(decode_apn(child));
    });
    return profile;
}

void encode(const GprsSubscriptionData& data, Message::Group& parent) {
    parent.add_group(avp_id::gprs_subscription_data, [&data](Message::Group& group) {
        group.add(avp_id::complete_data_list_included_indicator,
                  data.all_included ? all_included : modified_or_added);
        for (const auto& context : data.contexts) encode(context, group);
    });
}

GprsSubscriptionData decode_gprs(const AvpView& group) {
    GprsSubscriptionData data;
    std::uint32_t included = all_included;
    read(group, avp_id::complete_data_list_included_indicator, included);
    data.all_included = included == all_included;
    group.each([&data](AvpView child) {
        if (child.id() == avp_id::pdp_context) data.contexts.push_back(decode_pdp(child));
    });
    return data;
}

}  // namespace bindhss::diameter
