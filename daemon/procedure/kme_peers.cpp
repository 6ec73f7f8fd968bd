// SPDX-License-Identifier: Apache-2.0
#include "procedure/kme_peers.h"

#include <algorithm>

#include "procedure/unfit_nodes.h"
#include "types/diameter_identity.h"

namespace bindhss::procedure {

namespace {

/// "mme.epc.example", or "*.epc.example" for each node of that realm.
bool names(const std::string& pattern, const ServingNode& node) {
    if (!pattern.starts_with("*.")) return same_identity(pattern, node.host);
    return same_identity(std::string_view(pattern).substr(2), node.realm);
}

bool named_in(const std::vector<std::string>& patterns, const ServingNode& node) {
    return std::ranges::any_of(patterns, [&](const auto& pattern) { return names(pattern, node); });
}

}  // namespace

std::uint32_t kme_features(const Ports& ports, const ServingNode& node,
                           const std::optional<s6a::Features>& announced, const s6a::Arrival& arrival) {
    const auto& settings = ports.settings.provisioning;
    if (!settings.on || ports.exchanges == nullptr || !named_in(settings.nodes, node)) return 0;
    if (!arrival.secured && !settings.without_tls) return 0;
    if (ports.unfit_nodes != nullptr && ports.unfit_nodes->contains(node.host)) return 0;
    if (named_in(settings.force_features, node)) return ports.settings.features.vendor;
    return features::common(ports.settings.features, announced).vendor;
}

bool restricts_stock_mme(const Ports& ports) {
    const auto& settings = ports.settings.provisioning;
    return ports.exchanges != nullptr && settings.stock_mme == StockMme::restricted_apn;
}

bool renewal_due(const Ports& ports, const std::optional<WallTime>& not_after, WallTime now) {
    return not_after && *not_after - now <= ports.settings.provisioning.renew_before;
}

}  // namespace bindhss::procedure
