// SPDX-License-Identifier: Apache-2.0
#include "procedure/location_checks.h"

#include <algorithm>

namespace bindhss::procedure {

namespace {

/// The bits that forbid a RAT. LTE-M and the rest of WB-E-UTRAN have bits of their own within its bit.
struct RatRestriction {
    s6a::RatType rat_type;
    std::uint32_t forbidding;
};

constexpr RatRestriction rat_restrictions[] = {
    {s6a::RatType::utran, access_restriction::utran},
    {s6a::RatType::geran, access_restriction::geran},
    {s6a::RatType::gan, access_restriction::gan},
    {s6a::RatType::hspa_evolution, access_restriction::hspa_evolution},
    {s6a::RatType::eutran, access_restriction::wb_eutran | access_restriction::wb_eutran_but_lte_m},
    {s6a::RatType::eutran_nb_iot, access_restriction::nb_iot},
    {s6a::RatType::lte_m, access_restriction::wb_eutran | access_restriction::lte_m},
};

bool non_ip_alone(const SubscriptionData& data) {
    const auto& apns = data.apn_configuration_profile->apns;
    return std::all_of(apns.begin(), apns.end(), [](const auto& apn) { return apn.non_ip.value_or(false); });
}

Failure unknown_eps(const SubscriptionData& data, std::string detail) {
    auto failure = fail(Cause::unknown_eps_subscription, std::move(detail));
    failure.diagnostic =
        data.has_gprs() ? ErrorDiagnostic::gprs_data_subscribed : ErrorDiagnostic::no_gprs_data_subscribed;
    return failure;
}

std::optional<Failure> check_domain(const SubscriptionData& data, s6a::Domain domain,
                                    const s6a::Features& common) {
    if (domain == s6a::Domain::sgsn) {
        if (data.has_eps() || data.has_gprs()) return std::nullopt;
        return unknown_eps(data, "the subscription has neither an APN configuration nor a PDP context");
    }
    if (!data.has_eps()) return unknown_eps(data, "the subscription has no APN configuration");
    if ((common.list_2 & s6a::feature_2::non_ip_pdn_type_apns) == 0 && non_ip_alone(data))
        return unknown_eps(data, "the subscription has Non-IP APNs alone, which the MME does not support");
    return std::nullopt;
}

}  // namespace

bool at_home(const Imsi& imsi, const Plmn& visited) {
    auto digits = visited.str();  // "262/01"
    std::erase(digits, '/');
    return imsi.str().starts_with(digits);
}

subscription::Node node_of(const Settings& settings, const Imsi& imsi,
                           const store::Registration& registration) {
    subscription::Node node;
    node.domain = registration.domain;
    if (registration.features) node.features = settings.features & *registration.features;
    node.gprs_wanted = registration.gprs_wanted;
    node.odb_unsupported = settings.odb_unsupported;
    node.roaming = !at_home(imsi, registration.visited_plmn);
    // Who negotiates nothing is of the kind that knows no Delete-Subscriber-Data.
    node.whole_apn_profile = !registration.features.has_value();
    return node;
}

bool rat_restricted(std::uint32_t access_restriction_data, s6a::RatType rat_type) {
    for (const auto& restriction : rat_restrictions)
        if (restriction.rat_type == rat_type) return (access_restriction_data & restriction.forbidding) != 0;
    return false;
}

std::optional<Failure> check_subscription(const Subscription& subscription,
                                          const s6a::UpdateLocationRequest& request,
                                          const s6a::Features& common) {
    const auto& data = subscription.data;
    const auto domain = domain_of(request.flags);
    if (auto failure = check_domain(data, domain, common)) return failure;
    const auto restrictions = data.core_network_restrictions.value_or(0);
    if (domain == s6a::Domain::mme && (restrictions & core_network_restriction::no_epc) != 0)
        return unknown_eps(data, "Core-Network-Restrictions forbid the EPC");
    if (rat_restricted(data.restricted(), request.rat_type))
        return fail(Cause::rat_not_allowed, "Access-Restriction-Data forbids the RAT");
    // Barring of roaming has no Error-Diagnostic (5.2.1.1.3).
    if (!subscription.roaming.admits(request.visited_plmn))
        return fail(Cause::roaming_not_allowed, "the roaming rules forbid " + request.visited_plmn.str());
    return std::nullopt;
}

}  // namespace bindhss::procedure
