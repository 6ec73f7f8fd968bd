// SPDX-License-Identifier: Apache-2.0
// The commands about what subscribers are subscribed to: profiles, and what differs of one subscriber.
#pragma once

#include <optional>

#include "ctl/commands.h"

namespace bindhss::ctl {

// All of these throw Refused and store::Unavailable.
void list_profiles(Context& context);
/// The document, with every field that has a value.
void show_profile(Context& context, const std::string& name);
/// `source` is JSON, the path of a file with it, or "-".
void put_profile(Context& context, const std::string& name, const std::string& source);
/// Assignments of subscription/edit.h.
void edit_profile(Context& context, const std::string& name, const std::vector<std::string>& assignments);
void remove_profile(Context& context, const std::string& name);
/// The reference of documents.
void list_profile_fields(Streams& io, bool json);

/// What changes of a subscriber; absent: nothing.
struct SubscriberEdit {
    std::string imsi;
    std::optional<std::string> msisdn;
    std::optional<std::string> profile;
    std::optional<std::string> amf;
    std::optional<std::string> override_source;  ///< as of put_profile(); empty: nothing differs
    std::optional<std::string> barring;    ///< names with commas between, "none", or empty: as the profile
    std::vector<std::string> assignments;  ///< of the override
};
void edit_subscriber(Context& context, const SubscriberEdit& edit);
void remove_subscriber(Context& context, const std::string& imsi);
/// Profile and override together, and the override by itself.
void show_subscription(Context& context, const std::string& imsi);

}  // namespace bindhss::ctl
