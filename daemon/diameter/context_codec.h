// SPDX-License-Identifier: Apache-2.0
// The parts of Subscription-Data that describe connections: APN-Configuration-Profile, GPRS-Subscription-Data
// and what they are made of (TS 29.272 7.3.34, 7.3.72). Private to the codec; pure.
#pragma once

#include "diameter/message.h"
#include "types/subscription_data.h"

namespace bindhss::diameter {

void encode(const Ambr& ambr, Message::Group& parent);
void encode(const ApnConfigurationProfile& profile, Message::Group& parent);
void encode(const GprsSubscriptionData& data, Message::Group& parent);

// REQUIRES: the AVP is what the function is named after, and Message::check() accepted it.
/// The AMBR within a group, if there is one.
[[nodiscard]] std::optional<Ambr> decode_ambr(const AvpView& parent);
[[nodiscard]] ApnConfigurationProfile decode_apn_profile(const AvpView& group);
[[nodiscard]] GprsSubscriptionData decode_gprs(const AvpView& group);

}  // namespace bindhss::diameter
