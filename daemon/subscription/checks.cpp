// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "subscription/root.h"

namespace bindhss::subscription {

namespace {

using Scope = Complaints::Scope;

constexpr std::string_view wildcard = "*";

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

void complain(Complaints& complaints, std::string_view key, std::string_view text) {
    const Scope scope(complaints, key);
    complaints.add(text);
}

bool carries_ipv4(PdnType type) {
    return type != PdnType::ipv6;
}
bool carries_ipv6(PdnType type) {
    return type != PdnType::ipv4;
}

template <class Context>
void check_addresses(const Context& context, PdnType type, Complaints& complaints) {
    if (!context.static_ipv4.empty() && !carries_ipv4(type))
        complain(complaints, "static_ipv4", "does not fit the type, which is ipv6");
    if (!context.static_ipv6.empty() && !carries_ipv6(type))
        complain(complaints, "static_ipv6", "does not fit the type, which is ipv4");
}

void check_gateway(const PdnGateway& gateway, Complaints& complaints) {
    const Scope scope(complaints, "pdn_gw");
    if (gateway.host.empty() != gateway.realm.empty())
        complaints.add("has only one of host and realm (RFC 5447 4.2.1)");
    if (gateway.host.empty() && gateway.addresses.empty()) complaints.add("names neither host nor address");
    const auto is_ipv6 = [](const std::string& address) { return address.find(':') != std::string::npos; };
    if (gateway.addresses.size() == 2 && is_ipv6(gateway.addresses[0]) == is_ipv6(gateway.addresses[1]))
        complaints.add("has two addresses of one family");
}

void check_specific_apns(const ApnConfiguration& apn, Complaints& complaints) {
    if (apn.specific_apns.empty()) return;
    const Scope scope(complaints, "specific_apns");
    if (apn.service_selection != wildcard) complaints.add("are only for the APN \"*\" (TS 29.272 7.3.35)");
    for (const auto& specific : apn.specific_apns) {
        if (specific.service_selection == wildcard) complaints.add("may not be \"*\" (TS 29.272 7.3.82)");
        check_gateway(specific.gateway, complaints);
    }
}

void check_apn(const ApnConfiguration& apn, Complaints& complaints) {
    check_addresses(apn, apn.pdn_type, complaints);
    if (apn.gateway) check_gateway(*apn.gateway, complaints);
    if (apn.gateway_allocation && !apn.gateway)
        complain(complaints, "pdn_gw_allocation", "goes only with pdn_gw (TS 29.272 7.3.35)");
    check_specific_apns(apn, complaints);
    const bool non_ip = apn.non_ip.value_or(false);
    const bool scef = apn.non_ip_delivery.value_or(0) == 1;
    if (apn.non_ip_delivery && !non_ip) complain(complaints, "non_ip_delivery", "goes only with non_ip");
    if (scef && (apn.scef_id.empty() || apn.scef_realm.empty()))
        complain(complaints, "scef_id", "and scef_realm are needed with delivery by SCEF");
    if (non_ip && apn.ethernet.value_or(false)) complain(complaints, "ethernet", "does not go with non_ip");
}

const ApnConfiguration* apn_at(const ApnConfigurationProfile& profile, std::uint32_t context) {
    const auto found = std::find_if(profile.apns.begin(), profile.apns.end(),
                                    [&](const auto& apn) { return apn.context_identifier == context; });
    return found == profile.apns.end() ? nullptr : &*found;
}

void check_default(const ApnConfigurationProfile& profile, std::string_view key, std::uint32_t context,
                   Complaints& complaints) {
    const auto* apn = apn_at(profile, context);
    if (apn == nullptr) {
        return complain(complaints, key,
                        std::to_string(context) + " is no context of apns (TS 29.272 7.3.34)");
    }
    if (apn->service_selection == wildcard)
        complain(complaints, key, "is the APN \"*\", which may not be the default (TS 29.272 7.3.34)");
}

void check_defaults(const ApnConfigurationProfile& profile, Complaints& complaints) {
    check_default(profile, "default_context", profile.default_context_identifier, complaints);
    std::set<std::uint32_t> seen{profile.default_context_identifier};
    for (const auto& [key, context] : {std::pair("additional_context", profile.additional_context_identifier),
                                       std::pair("third_context", profile.third_context_identifier)}) {
        if (!context) continue;
        check_default(profile, key, *context, complaints);
        if (!seen.insert(*context).second) complain(complaints, key, "is a default APN already");
    }
    if (profile.third_context_identifier && !profile.additional_context_identifier)
        complain(complaints, "third_context", "goes only with additional_context");
}

void check_profile(const ApnConfigurationProfile& profile, Complaints& complaints) {
    {
        const Scope scope(complaints, "apns");
        std::set<std::string> names;
        for (const auto& apn : profile.apns) {
            const auto key = std::to_string(apn.context_identifier);
            const Scope inner(complaints, key);
            check_apn(apn, complaints);
            if (!names.insert(lower(apn.service_selection)).second) {
                complain(complaints, "apn",
                         "'" + apn.service_selection + "' is there twice (TS 29.272 7.3.36)");
            }
        }
    }
    check_defaults(profile, complaints);
}

void check_gprs(const GprsSubscriptionData& gprs, Complaints& complaints) {
    const Scope scope(complaints, "pdp_contexts");
    for (const auto& context : gprs.contexts) {
        const auto key = std::to_string(context.context_identifier);
        const Scope inner(complaints, key);
        check_addresses(context, context.pdp_type, complaints);
    }
}

void check_ambr(const SubscriptionData& data, Complaints& complaints) {
    const Scope scope(complaints, "ambr");
    if (data.has_eps() && !data.ambr) complaints.add("is missing: it goes with apns (TS 29.272 7.3.41)");
    if (data.ambr && data.ambr->uplink == 0 && data.ambr->downlink == 0)
        complaints.add("is 0 both ways (TS 29.272 7.3.41)");
}

void check_access(const SubscriptionData& data, Complaints& complaints) {
    constexpr auto only_without_wb = access_restriction::lte_m | access_restriction::wb_eutran_but_lte_m;
    if ((data.restricted() & access_restriction::wb_eutran) != 0 &&
        (data.restricted() & only_without_wb) != 0) {
        complain(complaints, "access_restriction",
                 "lte_m and wb_eutran_but_lte_m do not go with wb_eutran (TS 29.272 7.3.31)");
    }
}

/// Complains of the second of two entries that are about the same.
template <class List, class Key>
void check_differ(const List& list, std::string_view name, Key key, Complaints& complaints) {
    for (auto i = list.begin(); i != list.end(); ++i) {
        if (std::any_of(list.begin(), i, [&](const auto& other) { return key(other) == key(*i); }))
            return complain(complaints, name, "has two entries about the same");
    }
}

void check_lists(const SubscriptionData& data, Complaints& complaints) {
    check_differ(
        data.zone_codes, "zone_codes", [](std::uint16_t code) { return code; }, complaints);
    check_differ(
        data.csg_subscriptions, "csg_subscriptions",
        [](const CsgSubscription& csg) { return std::pair(csg.csg_id, csg.visited_plmn); }, complaints);
    check_differ(
        data.adjacent_access_restrictions, "adjacent_access_restrictions",
        [](const AdjacentAccessRestriction& adjacent) { return adjacent.plmn; }, complaints);
    check_differ(
        data.edrx_cycle_lengths, "edrx", [](const EdrxCycleLength& edrx) { return edrx.rat_type; },
        complaints);
    check_differ(
        data.paging_time_windows, "paging_time_windows",
        [](const PagingTimeWindow& window) { return window.operation_mode; }, complaints);
}

}  // namespace

void check_whole(const Subscription& subscription, Complaints& complaints) {
    const auto& data = subscription.data;
    if (data.apn_configuration_profile) check_profile(*data.apn_configuration_profile, complaints);
    if (data.gprs_subscription_data) check_gprs(*data.gprs_subscription_data, complaints);
    check_ambr(data, complaints);
    check_access(data, complaints);
    check_lists(data, complaints);
}

}  // namespace bindhss::subscription
