// SPDX-License-Identifier: Apache-2.0
// The subscription of one subscriber: its profile, and what differs of it. Pure; any thread may call them.
#pragma once

#include <string>
#include <string_view>

#include "types/result.h"
#include "types/subscription_data.h"

namespace bindhss::subscription {

/// The document that a profile becomes with a subscriber's override (JSON merge patch, RFC 7396: members of
/// the override replace, objects are merged member by member, null takes away, lists are replaced). An empty
/// override changes nothing. unable_to_comply when one of them is no JSON object.
[[nodiscard]] Result<std::string> merged_document(std::string_view profile,
                                                  std::string_view override_document);

/// What a subscriber of the profile is subscribed to. unable_to_comply with all that is wrong when the two do
/// not make a whole document (document.h); provisioning does not store such.
[[nodiscard]] Result<Subscription> subscription_of(std::string_view profile,
                                                   std::string_view override_document,
                                                   std::string_view msisdn);

}  // namespace bindhss::subscription
