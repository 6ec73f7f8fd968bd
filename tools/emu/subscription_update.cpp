// SPDX-License-Identifier: Apache-2.0
#include "emu/subscription_update.h"

#include <algorithm>

namespace bindhss::emu {
namespace {

template <class T>
void replace(std::optional<T>& kept, const std::optional<T>& said) {
    if (said) kept = said;
}
template <class T>
void replace(T& kept, const T& said) {  // texts and lists: empty is not said
    if (!said.empty()) kept = said;
}

template <class Item>
void merge_by_context(std::vector<Item>& kept, const std::vector<Item>& said) {
    for (const auto& item : said) {
        const auto same = std::find_if(kept.begin(), kept.end(), [&item](const Item& one) {
            return one.context_identifier == item.context_identifier;
        });
        if (same == kept.end()) {
            kept.push_back(item);
        } else {
            *same = item;
        }
    }
}

template <class Item>
void erase_by_context(std::vector<Item>& kept, const std::vector<std::uint32_t>& identifiers) {
    std::erase_if(kept, [&identifiers](const Item& item) {
        return std::find(identifiers.begin(), identifiers.end(), item.context_identifier) !=
               identifiers.end();
    });
}

void insert_apns(SubscriptionData& kept, const SubscriptionData& said) {
    if (!said.apn_configuration_profile) return;
    auto profile = *said.apn_configuration_profile;
    if (!profile.all_included && kept.apn_configuration_profile) {
        auto apns = kept.apn_configuration_profile->apns;
        merge_by_context(apns, profile.apns);
        profile.apns = std::move(apns);
    }
    profile.all_included = true;  // of what is kept
    kept.apn_configuration_profile = std::move(profile);
}

void insert_contexts(SubscriptionData& kept, const SubscriptionData& said) {
    if (!said.gprs_subscription_data) return;
    auto gprs = *said.gprs_subscription_data;
    if (!gprs.all_included && kept.gprs_subscription_data) {
        auto contexts = kept.gprs_subscription_data->contexts;
        merge_by_context(contexts, gprs.contexts);
        gprs.contexts = std::move(contexts);
    }
    gprs.all_included = true;
    kept.gprs_subscription_data = std::move(gprs);
}

/// Subscriber-Status says what becomes of the barring: granted lifts all of it (7.3.29).
void insert_barring(SubscriptionData& kept, const SubscriptionData& said) {
    replace(kept.operator_determined_barring, said.operator_determined_barring);
    replace(kept.hplmn_odb, said.hplmn_odb);
    if (!said.subscriber_status) return;
    kept.subscriber_status = said.subscriber_status;
    if (said.subscriber_status == SubscriberStatus::service_granted) {
        kept.operator_determined_barring.reset();
        kept.hplmn_odb.reset();
    }
}

bool deletes_what_must_stay(const SubscriptionData& kept, const s6a::DeleteSubscriberDataRequest& request,
                            bool is_mme) {
    const auto flags = request.dsr_flags;
    if (is_mme && (flags & s6a::dsr_flag::complete_apn_configuration_profile) != 0) return true;
    if ((flags & s6a::dsr_flag::pdn_subscription_contexts) == 0 || !kept.apn_configuration_profile) {
        return false;
    }
    const auto& identifiers = request.context_identifiers;
    return std::find(identifiers.begin(), identifiers.end(),
                     kept.apn_configuration_profile->default_context_identifier) != identifiers.end();
}

void delete_contexts(SubscriptionData& kept, const s6a::DeleteSubscriberDataRequest& request) {
    namespace flag = s6a::dsr_flag;
    const auto flags = request.dsr_flags;
    if ((flags & flag::complete_apn_configuration_profile) != 0) kept.apn_configuration_profile.reset();
    if ((flags & flag::pdn_subscription_contexts) != 0 && kept.apn_configuration_profile) {
        erase_by_context(kept.apn_configuration_profile->apns, request.context_identifiers);
    }
    if ((flags & flag::complete_pdp_context_list) != 0) kept.gprs_subscription_data.reset();
    if ((flags & flag::pdp_contexts) != 0 && kept.gprs_subscription_data) {
        erase_by_context(kept.gprs_subscription_data->contexts, request.context_identifiers);
    }
}

}  // namespace

void insert_subscription_data(SubscriptionData& kept, const SubscriptionData& said) {
    insert_barring(kept, said);
    insert_apns(kept, said);
    insert_contexts(kept, said);
    replace(kept.msisdn, said.msisdn);
    replace(kept.a_msisdn, said.a_msisdn);
    replace(kept.stn_sr, said.stn_sr);
    replace(kept.ics, said.ics);
    replace(kept.network_access_mode, said.network_access_mode);
    replace(kept.zone_codes, said.zone_codes);
    replace(kept.access_restriction_data, said.access_restriction_data);
    replace(kept.apn_oi_replacement, said.apn_oi_replacement);
    replace(kept.charging_characteristics, said.charging_characteristics);
    replace(kept.ambr, said.ambr);
    replace(kept.rat_frequency_selection_priority, said.rat_frequency_selection_priority);
    replace(kept.trace_data, said.trace_data);
    replace(kept.csg_subscriptions, said.csg_subscriptions);
    kept.roaming_restricted = kept.roaming_restricted || said.roaming_restricted;
    replace(kept.subscribed_rau_tau_timer_s, said.subscribed_rau_tau_timer_s);
    replace(kept.mps_priority, said.mps_priority);
    replace(kept.vplmn_lipa_allowed, said.vplmn_lipa_allowed);
    replace(kept.relay_node, said.relay_node);
    replace(kept.mdt_user_consent, said.mdt_user_consent);
    kept.vsrvcc = kept.vsrvcc || said.vsrvcc;
    replace(kept.subscription_data_flags, said.subscription_data_flags);
    replace(kept.adjacent_access_restrictions, said.adjacent_access_restrictions);
    replace(kept.dl_buffering_packet_count, said.dl_buffering_packet_count);
    replace(kept.imsi_groups, said.imsi_groups);
    replace(kept.ue_usage_type, said.ue_usage_type);
    replace(kept.external_identifier, said.external_identifier);
    replace(kept.aerial_ue, said.aerial_ue);
    replace(kept.active_time_s, said.active_time_s);
    replace(kept.service_gap_time_s, said.service_gap_time_s);
    replace(kept.edrx_cycle_lengths, said.edrx_cycle_lengths);
    replace(kept.paging_time_windows, said.paging_time_windows);
    replace(kept.core_network_restrictions, said.core_network_restrictions);
}

bool delete_subscription_data(SubscriptionData& kept, const s6a::DeleteSubscriberDataRequest& request,
                              bool is_mme) {
    namespace flag = s6a::dsr_flag;
    if (deletes_what_must_stay(kept, request, is_mme)) return false;
    const auto has = [&request](std::uint32_t bit) { return (request.dsr_flags & bit) != 0; };
    delete_contexts(kept, request);
    if (has(flag::regional_subscription)) kept.zone_codes.clear();
    if (has(flag::subscribed_charging_characteristics)) kept.charging_characteristics.clear();
    if (has(flag::stn_sr)) kept.stn_sr.clear();
    if (has(flag::roaming_restricted)) kept.roaming_restricted = false;
    if (has(flag::trace_data)) kept.trace_data.reset();
    if (has(flag::csg)) kept.csg_subscriptions.clear();
    if (has(flag::apn_oi_replacement)) kept.apn_oi_replacement.clear();
    if (has(flag::subscribed_periodic_rau_tau_timer)) kept.subscribed_rau_tau_timer_s.reset();
    if (has(flag::subscribed_vsrvcc)) kept.vsrvcc = false;
    if (has(flag::a_msisdn)) kept.a_msisdn.clear();
    if (has(flag::dl_buffering_suggested_packet_count)) kept.dl_buffering_packet_count.reset();
    if (has(flag::imsi_group_id)) kept.imsi_groups.clear();
    if (has(flag::msisdn)) kept.msisdn.clear();
    if (has(flag::ue_usage_type)) kept.ue_usage_type.reset();
    if (has(flag::external_identifier)) kept.external_identifier.clear();
    if (has(flag::aerial_ue_subscription)) kept.aerial_ue.reset();
    if (has(flag::paging_time_window)) kept.paging_time_windows.clear();
    if (has(flag::active_time)) kept.active_time_s.reset();
    if (has(flag::service_gap_time)) kept.service_gap_time_s.reset();
    if (has(flag::edrx_cycle_length)) {
        const auto& rats = request.edrx_related_rats;
        std::erase_if(kept.edrx_cycle_lengths, [&rats](const EdrxCycleLength& edrx) {
            return rats.empty() || std::find(rats.begin(), rats.end(), edrx.rat_type) != rats.end();
        });
    }
    return true;
}

}  // namespace bindhss::emu
