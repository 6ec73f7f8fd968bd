// SPDX-License-Identifier: Apache-2.0
// Subscription-Data (TS 29.272 7.3.2) to and from the plain struct. Pure.
#pragma once

#include "diameter/message.h"
#include "types/subscription_data.h"

namespace bindhss::diameter {

void encode(const SubscriptionData& data, Message& message);

/// REQUIRES: `group` is a Subscription-Data that Message::check() accepted.
[[nodiscard]] SubscriptionData decode_subscription_data(const AvpView& group);

}  // namespace bindhss::diameter
