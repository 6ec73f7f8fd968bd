// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emu/fields.h"
#include "types/subscription_data.h"

namespace bindhss::emu {

/// Subscription-Data under names that scenarios use (docs/emulator.md): "ambr.uplink", "apns" (the list of
/// names), "apns.internet.qci". What is not said in it is not in the map.
[[nodiscard]] Fields fields_of(const SubscriptionData& data);

/// The parts of Subscription-Data that are said at all, in the order of the alphabet: "ambr,apns".
[[nodiscard]] std::string parts_of(const Fields& data_fields);

/// Items joined by commas.
[[nodiscard]] std::string joined(const std::vector<std::string>& items);

}  // namespace bindhss::emu
