// SPDX-License-Identifier: Apache-2.0
// What one node may be sent of a subscription (TS 29.272 5.2.1.1.3, 7.3.10). Pure; any thread may call it.
#pragma once

#include "types/result.h"
#include "types/s6a.h"

namespace bindhss::subscription {

/// What to do when something is barred (ODB, or service outside of the zones) that a node cannot bar, because
/// it has not announced the feature. TS 29.272 table 7.3.10/1 leaves the choice to the operator.
enum class OdbUnsupported : std::uint8_t {
    reject,    ///< no registration: ROAMING_NOT_ALLOWED, with the Error-Diagnostic of what is barred
    restrict,  ///< Roaming-Restricted-Due-To-Unsupported-Feature
    ignore,    ///< the node is told nothing of it
};

/// To whom the subscription is sent.
struct Node {
    s6a::Domain domain = s6a::Domain::mme;
    std::optional<s6a::Features> features;  ///< those of both sides; absent: it announced none
    /// It asked for GPRS-Subscription-Data (ULR-Flags bit 3).
    bool gprs_wanted = false;
    OdbUnsupported odb_unsupported = OdbUnsupported::restrict;
    /// It serves a visited PLMN: at home, what is barred for roamers is not barred.
    bool roaming = true;
    /// Changes of APNs go as the whole profile in one Insert-Subscriber-Data, for nodes that know no
    /// Delete-Subscriber-Data (see difference.h).
    bool whole_apn_profile = false;
};

/// The data as an Update-Location-Answer has them. An MME gets the APN-Configuration-Profile, an SGSN the
/// same if there is one; GPRS-Subscription-Data go to who asked for them. Nothing is in it of a feature that
/// the node did not announce; of two numbers a node without Additional-MSISDN gets the one that there is,
/// MSISDN first. Errors: roaming_not_allowed as OdbUnsupported::reject says; unknown_eps_subscription when an
/// MME may be sent none of the APNs, or an SGSN has neither APN nor PDP context.
[[nodiscard]] Result<SubscriptionData> fit(const Subscription& subscription, const Node& node);

/// The least that Open5GS's MME takes for a complete Subscription-Data: for the quirk that sends one with an
/// error.
[[nodiscard]] SubscriptionData minimal_subscription();

}  // namespace bindhss::subscription
