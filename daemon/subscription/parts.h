// SPDX-License-Identifier: Apache-2.0
// How a node is told that a part of Subscription-Data is there no more. Private to the layer (and to its
// tests).
#pragma once

#include <type_traits>

#include "types/s6a.h"

namespace bindhss::subscription {

/// What can be done for a part that goes.
enum class Removal : std::uint8_t {
    deletion,  ///< a bit of DSR-Flags
    neutral,   ///< 0 or false says the same as nothing
    none,      ///< nothing can be said
};

/// Calls visit(pointer to member, Removal, DSR flag) for each part but the barring, the MSISDN, trace data,
/// eDRX and the two lists of contexts, which have rules of their own.
template <class Visit>
void each_part(Visit visit) {
    using D = SubscriptionData;
    namespace flag = s6a::dsr_flag;
    visit(&D::a_msisdn, Removal::deletion, flag::a_msisdn);
    visit(&D::stn_sr, Removal::deletion, flag::stn_sr);
    visit(&D::ics, Removal::neutral, 0U);
    visit(&D::network_access_mode, Removal::neutral, 0U);
    visit(&D::hplmn_odb, Removal::neutral, 0U);
    visit(&D::zone_codes, Removal::deletion, flag::regional_subscription);
    visit(&D::access_restriction_data, Removal::neutral, 0U);
    visit(&D::apn_oi_replacement, Removal::deletion, flag::apn_oi_replacement);
    visit(&D::charging_characteristics, Removal::deletion, flag::subscribed_charging_characteristics);
    visit(&D::ambr, Removal::none, 0U);
    visit(&D::rat_frequency_selection_priority, Removal::none, 0U);
    visit(&D::csg_subscriptions, Removal::deletion, flag::csg);
    visit(&D::roaming_restricted, Removal::deletion, flag::roaming_restricted);
    visit(&D::subscribed_rau_tau_timer_s, Removal::deletion, flag::subscribed_periodic_rau_tau_timer);
    visit(&D::mps_priority, Removal::neutral, 0U);
    visit(&D::vplmn_lipa_allowed, Removal::neutral, 0U);
    visit(&D::relay_node, Removal::neutral, 0U);
    visit(&D::mdt_user_consent, Removal::neutral, 0U);
    visit(&D::vsrvcc, Removal::deletion, flag::subscribed_vsrvcc);
    visit(&D::subscription_data_flags, Removal::neutral, 0U);
    visit(&D::adjacent_access_restrictions, Removal::none, 0U);
    visit(&D::dl_buffering_packet_count, Removal::deletion, flag::dl_buffering_suggested_packet_count);
    visit(&D::imsi_groups, Removal::deletion, flag::imsi_group_id);
    visit(&D::ue_usage_type, Removal::deletion, flag::ue_usage_type);
    visit(&D::external_identifier, Removal::deletion, flag::external_identifier);
    visit(&D::aerial_ue, Removal::deletion, flag::aerial_ue_subscription);
    visit(&D::active_time_s, Removal::deletion, flag::active_time);
    visit(&D::service_gap_time_s, Removal::deletion, flag::service_gap_time);
    visit(&D::paging_time_windows, Removal::deletion, flag::paging_time_window);
    visit(&D::core_network_restrictions, Removal::neutral, 0U);
}

/// Does the part say something?
template <class T>
bool is_set(const std::optional<T>& part) {
    return part.has_value();
}
template <class T>
bool is_set(const std::vector<T>& part) {
    return !part.empty();
}
inline bool is_set(const std::string& part) {
    return !part.empty();
}
inline bool is_set(bool part) {
    return part;
}

/// REQUIRES: the part is one of Removal::neutral.
template <class T>
void set_neutral(std::optional<T>& part) {
    part = T{};
}
template <class T>
void set_neutral(T&) {}

}  // namespace bindhss::subscription
