// SPDX-License-Identifier: Apache-2.0
// May this subscription be served there? The checks of an Update-Location, in the order of TS 29.272
// 5.2.1.1.3.
#pragma once

#include "procedure/ports.h"
#include "subscription/fit.h"

namespace bindhss::procedure {

[[nodiscard]] constexpr s6a::Domain domain_of(const s6a::UlrFlags& flags) {
    return flags.s6a_indicator ? s6a::Domain::mme : s6a::Domain::sgsn;
}

/// Is the PLMN the subscriber's own? Its IMSI begins with it (TS 23.003 2.2).
[[nodiscard]] bool at_home(const Imsi& imsi, const Plmn& visited);

/// What the node may be sent, as subscription::fit() and difference() want to know it.
[[nodiscard]] subscription::Node node_of(const Settings& settings, const Imsi& imsi,
                                         const store::Registration& registration);

/// Access-Restriction-Data against the RAT-Type (7.3.31): true when it is forbidden.
[[nodiscard]] bool rat_restricted(std::uint32_t access_restriction_data, s6a::RatType rat_type);

/// What forbids the registration; nothing: none of it does. Barring is judged by subscription::fit().
[[nodiscard]] std::optional<Failure> check_subscription(const Subscription& subscription,
                                                        const s6a::UpdateLocationRequest& request,
                                                        const s6a::Features& common);

}  // namespace bindhss::procedure
