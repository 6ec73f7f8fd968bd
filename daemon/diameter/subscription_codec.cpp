// SPDX-License-Identifier: Apache-2.0
#include "diameter/subscription_codec.h"

#include "diameter/avp_id.h"
#include "diameter/context_codec.h"
#include "diameter/gateway_codec.h"
#include "diameter/optional_avp.h"
#include "diameter/tbcd.h"

namespace bindhss::diameter {

namespace {

using optional_avp::add;
using optional_avp::read;

// 7.3.81 and 7.3.150: their presence is what they say
constexpr std::uint32_t roaming_restricted = 0;
constexpr std::uint32_t vsrvcc_subscribed = 0;
constexpr std::size_t zone_code_octets = 2;

/// Parts of Subscription-Data that are one number, flag or text, in the order of 7.3.2; `visit(AVP, member)`
/// adds or reads one. First those before AMBR.
template <class Data, class Visit>
void first_plain_parts(Data& data, Visit visit) {
    visit(avp_id::ics_indicator, data.ics);
    visit(avp_id::network_access_mode, data.network_access_mode);
    visit(avp_id::operator_determined_barring, data.operator_determined_barring);
    visit(avp_id::hplmn_odb, data.hplmn_odb);
    visit(avp_id::access_restriction_data, data.access_restriction_data);
    visit(avp_id::apn_oi_replacement, data.apn_oi_replacement);
    visit(avp_id::charging_characteristics, data.charging_characteristics);
}

template <class Data, class Visit>
void other_plain_parts(Data& data, Visit visit) {
    visit(avp_id::rat_frequency_selection_priority_id, data.rat_frequency_selection_priority);
    visit(avp_id::subscribed_periodic_rau_tau_timer, data.subscribed_rau_tau_timer_s);
    visit(avp_id::mps_priority, data.mps_priority);
    visit(avp_id::vplmn_lipa_allowed, data.vplmn_lipa_allowed);
    visit(avp_id::relay_node_indicator, data.relay_node);
    visit(avp_id::mdt_user_consent, data.mdt_user_consent);
    visit(avp_id::subscription_data_flags, data.subscription_data_flags);
    visit(avp_id::ue_usage_type, data.ue_usage_type);
    visit(avp_id::external_identifier, data.external_identifier);
    visit(avp_id::aerial_ue_subscription_information, data.aerial_ue);
    visit(avp_id::active_time, data.active_time_s);
    visit(avp_id::service_gap_time, data.service_gap_time_s);
    visit(avp_id::core_network_restrictions, data.core_network_restrictions);
}

void add_number(Message::Group& group, AvpId id, const std::string& digits) {
    if (!digits.empty()) group.add(id, OctetView(to_tbcd(digits)));
}

void read_number(const AvpView& group, AvpId id, std::string& digits) {
    if (const auto avp = group.find(id)) digits = from_tbcd(avp->octets());
}

std::optional<Plmn> decode_plmn(const AvpView& group, AvpId id) {
    const auto avp = group.find(id);
    return avp ? Plmn::from(avp->octets()) : std::nullopt;
}

void encode(const TraceData& trace, Message::Group& parent) {
    parent.add_group(avp_id::trace_data, [&trace](Message::Group& group) {
        group.add(avp_id::trace_reference, OctetView(trace.reference));
        group.add(avp_id::trace_depth, trace.depth);
        group.add(avp_id::trace_ne_type_list, OctetView(trace.ne_types));
        add(group, avp_id::trace_interface_list, trace.interfaces);
        group.add(avp_id::trace_event_list, OctetView(trace.events));
        add(group, avp_id::omc_id, trace.omc_id);
        group.add(avp_id::trace_collection_entity, OctetView(encode_address(trace.collection_entity)));
    });
}

TraceData decode_trace(const AvpView& group) {
    TraceData trace;
    read(group, avp_id::trace_reference, trace.reference);
    read(group, avp_id::trace_depth, trace.depth);
    read(group, avp_id::trace_ne_type_list, trace.ne_types);
    read(group, avp_id::trace_interface_list, trace.interfaces);
    read(group, avp_id::trace_event_list, trace.events);
    read(group, avp_id::omc_id, trace.omc_id);
    if (const auto address = group.find(avp_id::trace_collection_entity))
        trace.collection_entity = decode_address(address->octets()).value_or("");
    return trace;
}

void encode(const CsgSubscription& csg, Message::Group& parent) {
    parent.add_group(avp_id::csg_subscription_data, [&csg](Message::Group& group) {
        group.add(avp_id::csg_id, csg.csg_id);
        if (csg.expiration_time) {
            const auto time = *csg.expiration_time;
            const OctetString octets{static_cast<std::uint8_t>(time >> 24),
                                     static_cast<std::uint8_t>(time >> 16),
                                     static_cast<std::uint8_t>(time >> 8), static_cast<std::uint8_t>(time)};
            group.add(avp_id::expiration_date, OctetView(octets));
        }
        for (const auto& apn : csg.service_selections) group.add(avp_id::service_selection, apn);
        if (csg.visited_plmn) group.add(avp_id::visited_plmn_id, OctetView(csg.visited_plmn->octets()));
    });
}

CsgSubscription decode_csg(const AvpView& group) {
    CsgSubscription csg;
    read(group, avp_id::csg_id, csg.csg_id);
    if (const auto time = group.find(avp_id::expiration_date); time && time->octets().size() == 4) {
        csg.expiration_time = 0;
        for (const auto octet : time->octets()) csg.expiration_time = *csg.expiration_time << 8 | octet;
    }
    csg.visited_plmn = decode_plmn(group, avp_id::visited_plmn_id);
    group.each([&csg](AvpView child) {
        if (child.id() == avp_id::service_selection) csg.service_selections.emplace_back(child.text());
    });
    return csg;
}

void encode(const AdjacentAccessRestriction& adjacent, Message::Group& parent) {
    parent.add_group(avp_id::adjacent_access_restriction_data, [&adjacent](Message::Group& group) {
        group.add(avp_id::visited_plmn_id, OctetView(adjacent.plmn.octets()));
        group.add(avp_id::access_restriction_data, adjacent.access_restriction_data);
    });
}

void encode(const ImsiGroup& imsi_group, Message::Group& parent) {
    parent.add_group(avp_id::imsi_group_id, [&imsi_group](Message::Group& group) {
        group.add(avp_id::group_service_id, imsi_group.service_id);
        group.add(avp_id::group_plmn_id, OctetView(imsi_group.plmn.octets()));
        group.add(avp_id::local_group_id, OctetView(imsi_group.local_id));
    });
}

void encode(const EdrxCycleLength& edrx, Message::Group& parent) {
    parent.add_group(avp_id::edrx_cycle_length, [&edrx](Message::Group& group) {
        group.add(avp_id::rat_type, edrx.rat_type);
        group.add(avp_id::edrx_cycle_length_value, OctetView(&edrx.value, 1));
    });
}

void encode(const PagingTimeWindow& window, Message::Group& parent) {
    parent.add_group(avp_id::paging_time_window, [&window](Message::Group& group) {
        group.add(avp_id::operation_mode, window.operation_mode);
        group.add(avp_id::paging_time_window_length, OctetView(&window.length, 1));
    });
}

std::uint8_t octet_of(const AvpView& group, AvpId id) {
    const auto avp = group.find(id);
    return avp && avp->octets().size() == 1 ? avp->octets()[0] : std::uint8_t{0};
}

/// What may be there several times. A PLMN or code that is none makes its AVP count as absent.
void decode_list_member(const AvpView& child, SubscriptionData& data) {
    const auto id = child.id();
    if (id == avp_id::regional_subscription_zone_code) {
        const auto code = child.octets();
        if (code.size() == zone_code_octets)
            data.zone_codes.push_back(static_cast<std::uint16_t>(code[0] << 8 | code[1]));
    } else if (id == avp_id::csg_subscription_data) {
        data.csg_subscriptions.push_back(decode_csg(child));
    } else if (id == avp_id::adjacent_access_restriction_data) {
        std::uint32_t restriction = 0;
        read(child, avp_id::access_restriction_data, restriction);
        if (const auto plmn = decode_plmn(child, avp_id::visited_plmn_id))
            data.adjacent_access_restrictions.push_back({*plmn, restriction});
    } else if (id == avp_id::imsi_group_id) {
        std::uint32_t service = 0;
        OctetString local_id;
        read(child, avp_id::group_service_id, service);
        read(child, avp_id::local_group_id, local_id);
        if (const auto plmn = decode_plmn(child, avp_id::group_plmn_id))
            data.imsi_groups.push_back({service, *plmn, std::move(local_id)});
    } else if (id == avp_id::edrx_cycle_length) {
        EdrxCycleLength edrx{0, octet_of(child, avp_id::edrx_cycle_length_value)};
        read(child, avp_id::rat_type, edrx.rat_type);
        data.edrx_cycle_lengths.push_back(edrx);
    } else if (id == avp_id::paging_time_window) {
        PagingTimeWindow window{0, octet_of(child, avp_id::paging_time_window_length)};
        read(child, avp_id::operation_mode, window.operation_mode);
        data.paging_time_windows.push_back(window);
    }
}

void encode_lists(const SubscriptionData& data, Message::Group& group) {
    for (const auto code : data.zone_codes) {
        const OctetString octets{static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code)};
        group.add(avp_id::regional_subscription_zone_code, OctetView(octets));
    }
    for (const auto& csg : data.csg_subscriptions) encode(csg, group);
    for (const auto& adjacent : data.adjacent_access_restrictions) encode(adjacent, group);
    for (const auto& imsi_group : data.imsi_groups) encode(imsi_group, group);
    for (const auto& edrx : data.edrx_cycle_lengths) encode(edrx, group);
    for (const auto& window : data.paging_time_windows) encode(window, group);
}

void encode(const SubscriptionData& data, Message::Group& group) {
    add(group, avp_id::subscriber_status, data.subscriber_status);
    add_number(group, avp_id::msisdn, data.msisdn);
    add_number(group, avp_id::a_msisdn, data.a_msisdn);
    add_number(group, avp_id::stn_sr, data.stn_sr);
    const auto add_part = [&group](AvpId id, const auto& member) { add(group, id, member); };
    first_plain_parts(data, add_part);
    if (data.ambr) encode(*data.ambr, group);
    // Neither of the two lists may be without an entry (7.3.34, 7.3.72).
    if (data.has_eps()) encode(*data.apn_configuration_profile, group);
    other_plain_parts(data, add_part);
    if (data.trace_data) encode(*data.trace_data, group);
    if (data.has_gprs()) encode(*data.gprs_subscription_data, group);
    if (data.roaming_restricted)
        group.add(avp_id::roaming_restricted_due_to_unsupported_feature, roaming_restricted);
    if (data.vsrvcc) group.add(avp_id::subscribed_vsrvcc, vsrvcc_subscribed);
    if (data.dl_buffering_packet_count) {
        group.add(avp_id::dl_buffering_suggested_packet_count,
                  static_cast<std::uint32_t>(*data.dl_buffering_packet_count));
    }
    encode_lists(data, group);
}

}  // namespace

void encode(const SubscriptionData& data, Message& message) {
    message.add_group(avp_id::subscription_data, [&data](Message::Group& group) { encode(data, group); });
}

SubscriptionData decode_subscription_data(const AvpView& group) {
    SubscriptionData data;
    read(group, avp_id::subscriber_status, data.subscriber_status);
    read_number(group, avp_id::msisdn, data.msisdn);
    read_number(group, avp_id::a_msisdn, data.a_msisdn);
    read_number(group, avp_id::stn_sr, data.stn_sr);
    const auto read_part = [&group](AvpId id, auto& member) { read(group, id, member); };
    first_plain_parts(data, read_part);
    other_plain_parts(data, read_part);
    data.ambr = decode_ambr(group);
    if (const auto profile = group.find(avp_id::apn_configuration_profile))
        data.apn_configuration_profile = decode_apn_profile(*profile);
    if (const auto trace = group.find(avp_id::trace_data)) data.trace_data = decode_trace(*trace);
    if (const auto gprs = group.find(avp_id::gprs_subscription_data))
        data.gprs_subscription_data = decode_gprs(*gprs);
    data.roaming_restricted = group.find(avp_id::roaming_restricted_due_to_unsupported_feature).has_value();
    data.vsrvcc = group.find(avp_id::subscribed_vsrvcc).has_value();
    if (const auto count = group.find(avp_id::dl_buffering_suggested_packet_count))
        data.dl_buffering_packet_count = static_cast<std::int32_t>(count->u32());
    group.each([&data](AvpView child) { decode_list_member(child, data); });
    return data;
}

}  // namespace bindhss::diameter
