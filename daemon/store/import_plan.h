// SPDX-License-Identifier: Apache-2.0
// What both implementations of Provisioning do before they store anything: validate an import and order it,
// so that a file may name its subscribers, devices, keys and bindings in any order.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/names.h"
#include "store/provisioning.h"

namespace bindhss::store {

/// Names that exist before the import.
struct KnownNames {
    std::set<std::string> profiles;
    std::set<std::string> groups;  ///< device groups
    std::set<std::string> terms;   ///< the fixed ones too
    std::set<std::string> subscription_groups;
};

/// One kind of thing to store; `item->put` is known to hold T.
template <class T>
struct Planned {
    const T* put;
    std::size_t line;
};

/// An import split by kind; of several puts of one thing the last alone. What belongs to subscribers is in
/// ascending order of IMSI, in which every transaction locks rows; keys are in the order of owner and
/// generation; rules in that of the items. Points into the items planned. The kinds are stored in this order.
struct ImportPlan {
    std::vector<Planned<PutProfile>> profiles;
    std::vector<Planned<PutTerms>> terms;
    std::vector<Planned<SetDefaultTerms>> default_terms;  ///< one at most
    std::vector<Planned<PutSubscriptionGroup>> subscription_groups;
    std::vector<Planned<PutSubscriber>> subscribers;
    std::set<std::string> new_groups;  ///< device groups that come into being with their first member
    std::vector<Planned<PutDevice>> devices;
    std::vector<Planned<PutDeviceModel>> device_models;
    std::vector<Planned<PutEquipment>> equipment;
    std::vector<Planned<PutKme>> kmes;
    std::vector<Planned<RetireKme>> retired_kmes;
    std::vector<Planned<PutBinding>> bindings;
    std::vector<Planned<PutMember>> members;
    std::vector<Planned<PutRule>> rules;
    std::vector<Planned<RemoveRule>> removed_rules;
    std::vector<Planned<AuthoriseDevice>> authorisations;
    std::vector<Planned<RefuseDevice>> refusals;
    std::vector<Planned<SetLock>> locks;
    std::vector<Planned<RemoveSubscriber>> removed_subscribers;
    std::vector<Planned<RemoveSubscriptionGroup>> removed_subscription_groups;
    std::vector<Planned<RemoveTerms>> removed_terms;
    std::vector<Planned<RemoveProfile>> removed_profiles;
    std::vector<LineError> errors;  ///< in the order of the items
};

/// Any thread may call it. What only the stored rows can tell (a binding of an unknown subscriber, terms that
/// are in use) is left to the caller, with the errors below. REQUIRES: `items` outlives the plan.
[[nodiscard]] ImportPlan plan_import(const std::vector<Item>& items, const KnownNames& known);

/// The owner of a key as the store names it: "imei:<14 digits>" or "group:<name>".
[[nodiscard]] std::string owner_name(const std::variant<Imei, std::string>& owner);
[[nodiscard]] std::string owner_name(const PutKme& put);

/// PutBinding::terms as the store keeps it: the terms of that name; empty: inherited.
[[nodiscard]] std::string terms_named_by(const PutBinding& put);

/// Do two rules say the same, id and comment apart? Then one of them is stored.
[[nodiscard]] bool says_the_same(const binding::Rule& one, const binding::Rule& other);
/// The rule that a refusal adds, unless the same is there already.
[[nodiscard]] binding::Rule denial_of(const RefuseDevice& refusal);
/// Does an authorisation end this rule? It would be none while one denies just this device to just this
/// subscriber.
[[nodiscard]] bool stands_against(const binding::Rule& rule, const AuthoriseDevice& authorisation);

/// Open alarms that what the operator decided settles: of this kind and subscription, and of this device
/// (absent: of any).
struct SettledAlarm {
    std::string_view name;
    Imsi imsi;
    std::optional<Imei> imei;
};
[[nodiscard]] std::vector<SettledAlarm> settled_alarms(const ImportPlan& plan);

/// Exchanges that give devices their keys, and that the import ends: it may say otherwise who is to have one
/// (R14), and a UE comes again.
struct EndedExchanges {
    bool all = false;
    std::vector<Imsi> imsis;
};
[[nodiscard]] EndedExchanges exchanges_ended_by(const ImportPlan& plan);

/// Rows of the audit that one kind of item makes in one import; of more of them the number is told.
inline constexpr std::size_t audit_rows_each = 20;
/// What is told of an import in the audit. Never a secret.
struct AuditEntry {
    std::string what;
    std::string detail;
};
[[nodiscard]] std::vector<AuditEntry> audit_of(const ImportPlan& plan);

/// A range or TAC that is new has to come with its group.
[[nodiscard]] LineError needs_group(const Planned<PutDevice>& device);
/// A new subscriber without keys.
[[nodiscard]] LineError needs_keys(const Planned<PutSubscriber>& subscriber);

/// A subscriber that is neither stored nor in the import.
[[nodiscard]] LineError unknown_subscriber(std::size_t line, const Imsi& imsi);
[[nodiscard]] LineError unknown_subscriber(const Planned<PutBinding>& binding);
[[nodiscard]] LineError unknown_subscriber(const Planned<RemoveSubscriber>& removal);

/// A profile that is not there to be removed, or is still in use: by subscribers, as the substitute profile
/// of terms, or by registrations that are limited to it.
[[nodiscard]] LineError unknown_profile(const Planned<RemoveProfile>& removal);
[[nodiscard]] LineError profile_in_use(const Planned<RemoveProfile>& removal, std::uint64_t subscribers);
[[nodiscard]] LineError profile_limits(const Planned<RemoveProfile>& removal, std::uint64_t terms,
                                       std::uint64_t registrations);

/// Terms that cannot be removed. REQUIRES: one of the three says why.
[[nodiscard]] LineError terms_in_use(const Planned<RemoveTerms>& removal, bool standard,
                                     std::uint64_t bindings, std::uint64_t groups);
/// A subscription group that cannot be removed. REQUIRES: one of the two says why.
[[nodiscard]] LineError group_in_use(const Planned<RemoveSubscriptionGroup>& removal, std::uint64_t members,
                                     std::uint64_t rules);
/// More than limits::subscription_groups_max groups; more than limits::binding_devices_max devices.
[[nodiscard]] LineError too_many_groups(std::size_t line, const Imsi& imsi);
[[nodiscard]] LineError too_many_devices(std::size_t line, const Imsi& imsi);
/// A rule to replace or to remove that is not there.
[[nodiscard]] LineError unknown_rule(std::size_t line, std::int64_t id);

/// A key to retire that is not there; and a generation that was retired: it never comes back, and neither
/// does one before the retired one by itself.
[[nodiscard]] LineError unknown_kme(const Planned<RetireKme>& retirement);
[[nodiscard]] LineError retired_generation(std::size_t line, const std::string& owner,
                                           std::uint32_t generation);
/// A key older than the owner's newest one.
[[nodiscard]] LineError replaced_generation(std::size_t line, const std::string& owner,
                                            std::uint32_t generation, std::uint32_t newest);

/// The highest generation that the database holds.
inline constexpr std::uint32_t kme_generation_max = 0x7fffffff;
/// What is wrong with a key to store, whoever brings it; nothing: it is good.
[[nodiscard]] std::optional<std::string> kme_problem(std::size_t octets, std::uint32_t generation);
/// The group that is to have a key is not there.
[[nodiscard]] std::string no_group_for_kme(std::string_view group);

/// What profile and override make together for the subscriber on whom the two are laid. An error names the
/// subscriber; whether there is service is kept only when the override has a say in it.
struct OverrideCheck {
    std::optional<std::string> error;
    std::optional<bool> has_service;
};
[[nodiscard]] OverrideCheck check_override_of(std::string_view imsi, std::string_view profile_document,
                                              std::string_view override_document);

}  // namespace bindhss::store
