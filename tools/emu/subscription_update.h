// SPDX-License-Identifier: Apache-2.0
// What a node does to the Subscription-Data that it keeps (TS 29.272 5.2.2.1.2, 5.2.2.2.2).
#pragma once

#include "types/s6a.h"

namespace bindhss::emu {

/// IDR: each part that is said replaces that of the node; of APNs and PDP contexts those of the same
/// Context-Identifier, unless all are included.
void insert_subscription_data(SubscriptionData& kept, const SubscriptionData& said);

/// DSR. false: it asks for what a node refuses with UNABLE_TO_COMPLY (the default APN; all APNs of an MME),
/// and nothing has changed.
[[nodiscard]] bool delete_subscription_data(SubscriptionData& kept,
                                            const s6a::DeleteSubscriberDataRequest& request, bool is_mme);

}  // namespace bindhss::emu
