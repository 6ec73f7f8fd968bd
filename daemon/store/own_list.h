// SPDX-License-Identifier: Apache-2.0
// Which rules make a subscription one with a list of devices (Binding::has_list), for every implementation.
#pragma once

#include "binding/rule.h"

namespace bindhss::store {

[[nodiscard]] inline bool is_for_everybody(const binding::SubscriptionSet& set) {
    return set.group.empty() && set.low == 0 && set.high == binding::SubscriptionSet::last_number;
}

/// Is the rule, of those that cover the subscription, an entry of its list? What is for everybody is no list
/// of one's own, and what is valid no more is none.
[[nodiscard]] inline bool makes_list(const binding::Rule& rule, WallTime now) {
    return rule.allow && !is_for_everybody(rule.subscriptions) && (!rule.until || now < *rule.until);
}

}  // namespace bindhss::store
