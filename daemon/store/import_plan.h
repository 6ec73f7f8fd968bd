// SPDX-License-Identifier: Apache-2.0
// What both implementations of Provisioning do before they store anything: validate an import and order it,
// so that a file may name its subscribers, devices, keys and bindings in any order.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/provisioning.h"

namespace bindhss::store {

/// Names that exist before the import.
struct KnownNames {
    std::set<std::string> profiles;
    std::set<std::string> groups;
};

/// One kind of thing to store; `item->put` is known to hold T.
template <class T>
struct Planned {
    const T* put;
    std::size_t line;
};

/// An import split by kind; of several puts of one subscriber, device, key or binding the last alone.
/// Subscribers and bindings are in ascending order of IMSI, in which every transaction locks rows. Points
/// into the items planned.
struct ImportPlan {
    std::vector<Planned<PutProfile>> profiles;
    std::vector<Planned<PutSubscriber>> subscribers;
    std::vector<Planned<PutDevice>> devices;
    std::vector<Planned<PutKme>> kmes;
    std::vector<Planned<PutBinding>> bindings;
    std::vector<Planned<PutEquipment>> equipment;
    std::vector<Planned<RemoveSubscriber>> removed_subscribers;
    std::vector<Planned<RemoveProfile>> removed_profiles;
    std::set<std::string> new_groups;  ///< come into being with their first member
    std::vector<LineError> errors;     ///< in the order of the items
};

/// Any thread may call it. What only the stored subscriptions can tell (a binding of an unknown subscriber)
/// is left to the caller. REQUIRES: `items` outlives the plan.
[[nodiscard]] ImportPlan plan_import(const std::vector<Item>& items, const KnownNames& known);

/// Has the text a run of hexadecimal digits that may be a key, or half of a mistyped one? Such a text stands
/// in the wrong place: it is not repeated in an error.
[[nodiscard]] bool may_hold_key(std::string_view text);
/// As long a run as a key has: such a text is not stored as a name or comment, where it would be shown.
[[nodiscard]] bool looks_like_key(std::string_view text);

/// The owner of a key as the store names it: "imei:<14 digits>" or "group:<name>".
[[nodiscard]] std::string owner_name(const PutKme& put);

/// A range or TAC that is new has to come with its group.
[[nodiscard]] LineError needs_group(const Planned<PutDevice>& device);

/// Two devices of one binding by key that have different keys: vectors for one would not work in the other.
[[nodiscard]] LineError different_keys(const Planned<PutBinding>& binding, const ImeiRange& one,
                                       const ImeiRange& other);

/// A new subscriber without keys.
[[nodiscard]] LineError needs_keys(const Planned<PutSubscriber>& subscriber);

/// A subscriber or profile that is not there to be removed, and a profile that is still in use.
[[nodiscard]] LineError unknown_subscriber(const Planned<RemoveSubscriber>& removal);
[[nodiscard]] LineError unknown_profile(const Planned<RemoveProfile>& removal);
[[nodiscard]] LineError profile_in_use(const Planned<RemoveProfile>& removal, std::uint64_t subscribers);

/// What profile and override make together for the subscriber on whom the two are laid. An error names the
/// subscriber; whether there is service is kept only when the override has a say in it.
struct OverrideCheck {
    std::optional<std::string> error;
    std::optional<bool> has_service;
};
[[nodiscard]] OverrideCheck check_override_of(std::string_view imsi, std::string_view profile_document,
                                              std::string_view override_document);

/// What is wrong with a binding of a subscriber that is neither stored nor in the import.
[[nodiscard]] LineError unknown_subscriber(const Planned<PutBinding>& binding);

}  // namespace bindhss::store
