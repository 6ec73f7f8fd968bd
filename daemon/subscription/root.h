// SPDX-License-Identifier: Apache-2.0
// The document as one struct, its lists of contexts beside the rest. Private to the layer.
#pragma once

#include "subscription/context_fields.h"

namespace bindhss::subscription {

struct Root : SubscriptionData {
    std::optional<std::uint32_t> default_context;
    std::optional<std::uint32_t> additional_context;
    std::optional<std::uint32_t> third_context;
    std::vector<ApnConfiguration> apns;
    std::vector<PdpContext> pdp_contexts;
    RoamingRules roaming;
};

template <>
std::span<const Field<Root>> fields<Root>();

/// What follows from what was read: Subscriber-Status, the default APN, the access mode.
[[nodiscard]] Subscription subscription_from(Root root);
[[nodiscard]] Root root_of(const Subscription& subscription);

/// Whether the parts fit together. REQUIRES: made by subscription_from().
void check_whole(const Subscription& subscription, Complaints& complaints);

/// Reads a whole document that is parsed already, and checks it.
[[nodiscard]] Result<Subscription> read_whole(const json::value& document);
/// Parses a text; a complaint when it is no JSON or too long. Values live in `storage`.
[[nodiscard]] json::value parse(std::string_view text, const json::storage_ptr& storage,
                                Complaints& complaints);

}  // namespace bindhss::subscription
