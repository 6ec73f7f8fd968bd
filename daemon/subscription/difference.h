// SPDX-License-Identifier: Apache-2.0
// What a node has to be told when a subscription changes (TS 29.272 5.2.2.1, 5.2.2.2). Pure; any thread may
// call it.
#pragma once

#include <vector>

#include "subscription/fit.h"

namespace bindhss::subscription {

/// First the Insert-Subscriber-Data, when there is one, then the Delete-Subscriber-Data, when there is
/// something to delete: a default APN that goes is replaced before it is deleted. With `cancel` nothing else
/// counts.
struct Update {
    std::optional<SubscriptionData> insert;  ///< only what changed
    std::uint32_t dsr_flags = 0;             ///< DSR-Flags (7.3.25); 0: no Delete-Subscriber-Data
    std::vector<std::uint32_t> context_identifiers;
    OctetString trace_reference;
    std::vector<std::uint32_t> edrx_related_rats;
    /// The registration has to go (Cancel-Location, SUBSCRIPTION_WITHDRAWAL): the node may not serve the
    /// subscriber any more, or neither request can say what changed.
    bool cancel = false;

    [[nodiscard]] bool nothing() const { return !insert && dsr_flags == 0 && !cancel; }
};

/// `told` is what the node was told (before fit()), `now` what it should know. Cancels when
///  - fit() refuses the new subscription, or the access restriction forbids all that the node serves;
///  - a part goes that can be neither deleted nor set to its neutral value: RAT-Frequency-Selection-Priority,
///    AMBR, all Adjacent-Access-Restriction-Data, the MSISDN at a node without "Removal of MSISDN", all PDP
///    contexts at an MME.
/// Whether the visited PLMN may still serve the subscriber is the caller's to ask (RoamingRules). APNs are
/// told by context (MODIFIED_ADDED, and deletion by Context-Identifier); the whole profile goes when that
/// cannot say it (a name that moves to another context, further default APNs), or when the node is said to
/// need it.
[[nodiscard]] Update difference(const Subscription& told, const Subscription& now, const Node& node);

}  // namespace bindhss::subscription
