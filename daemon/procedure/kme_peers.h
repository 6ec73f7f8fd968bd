// SPDX-License-Identifier: Apache-2.0
// Which nodes may give a device a key (R27), and what of the KME list may be used with them (spec 4.4
// "Negotiation").
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// The bits of s6a::feature_kme that both sides have, of a node that is trusted with keys; 0 for every other
/// one, which then never sees a KME AVP. `announced` is what this very request announced.
[[nodiscard]] std::uint32_t kme_features(const Ports& ports, const ServingNode& node,
                                         const std::optional<s6a::Features>& announced,
                                         const s6a::Arrival& arrival);

/// What an answer to this request announces: features::announced_to(), and of the KME list what may be used
/// with the node.
template <class Request>
[[nodiscard]] std::optional<s6a::Features> announced_in_answer(const Ports& ports, const Request& request) {
    auto ours = ports.settings.features;
    ours.vendor = kme_features(ports, request.origin, request.supported_features, request.arrival);
    return features::announced_to(ours, request.supported_features);
}

/// A node without the feature serves subscriptions that need a key with the restricted profile.
[[nodiscard]] bool restricts_stock_mme(const Ports& ports);

/// The key's time is nearly over (R12, R19).
[[nodiscard]] bool renewal_due(const Ports& ports, const std::optional<WallTime>& not_after, WallTime now);

}  // namespace bindhss::procedure
