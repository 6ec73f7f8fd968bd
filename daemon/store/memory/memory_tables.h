// SPDX-License-Identifier: Apache-2.0
// What the store in memory holds, and what follows from it for one subscription. Plain values and functions
// of them; MemoryStore has the mutex.
#pragma once

#include <array>
#include <map>
#include <set>

#include "store/exchange.h"
#include "store/provisioning.h"
#include "store/store.h"

namespace bindhss::store::memory {

/// What was issued to one node; its index is the IND (TS 33.102 C.3.4).
struct Slot {
    ServingNode node;
    std::uint64_t seq = 0;
    IssuedVectors issued;
    std::optional<WallTime> several_at;  ///< when several R-AVs were last issued at once
};

/// A subscription and a device that were seen together.
struct Association {
    WallTime first;
    WallTime last;
    std::string host;
    binding::Provenance provenance = binding::Provenance::authenticated;
};

struct Approval {
    std::string svn;
    std::string host;
    WallTime first;
    WallTime last;
    std::uint64_t count = 0;
};

/// When a node may be told (again) of a change; nothing: nobody has found a difference.
struct Telling {
    std::optional<WallTime> at;
    std::uint32_t attempts = 0;
    std::optional<WallTime> leased_until;  ///< it is being told while this is `at`
};

/// The oldest B-AV that nothing has answered, and the node that had the last one.
struct Open {
    WallTime since;
    ServingNode node;
};

/// An exchange that has begun (spec 4.4).
struct Exchange {
    PendingExchange pending;
    std::uint32_t end_to_end = 0;
    WallTime started;
};

/// When an exchange that failed may be tried again, and how many failed in a row.
struct Pause {
    std::uint32_t failures = 0;
    WallTime until;
};

/// CK, IK and AUTN of the last vector.
struct KeptSession {
    binding::AkaSession session;
    WallTime until;
};

struct Record {
    AkaKeys keys;
    bool sim_only = false;
    Amf amf;
    std::string msisdn;
    std::string profile;
    std::string override_document = "{}";
    std::uint64_t seq = 0;

    std::string terms;  ///< that the binding names; empty: inherited
    std::vector<ImeiRange> devices;
    std::string group;             ///< device group of the binding
    std::set<std::string> groups;  ///< subscription groups
    std::string chosen;            ///< of several candidate keys the owner of the active one

    binding::Standing standing;
    std::optional<WallTime> proved_at;
    std::optional<Open> open;
    std::optional<WallTime> refuse_until;
    std::optional<ReSynchronisation> resync;  ///< the last AUTS that was accepted

    std::vector<Slot> slots;
    Registrations registrations;
    std::array<Telling, 2> telling;  ///< by domain
    std::map<std::pair<Imei, std::string>, Association> associations;
    std::optional<TerminalInformation> last_seen;  ///< reported by a node that was not unproven
    std::map<Imei, Approval> approvals;

    std::optional<Exchange> exchange;
    std::optional<Pause> pause;
    std::optional<KeptSession> session;
};

struct Device {
    std::string group;
    std::string comment;
    std::optional<s6a::EquipmentStatus> status;
    std::optional<std::uint32_t> uiccs_max;
};

struct DeviceVersion {
    s6a::EquipmentStatus status{};
    std::string comment;
};

struct Profile {
    std::int64_t version = 0;
    std::string document;
    Subscription subscription;  ///< what the document says
};

struct StoredTerms {
    binding::Terms terms;
    bool fixed = false;
};

struct SubscriptionGroup {
    std::int64_t id = 0;  ///< the lower, the older
    std::string terms;
    std::int32_t rank = 0;
};

struct StoredKme {
    enum class State : std::uint8_t { active, previous, retired };
    binding::Kme kme;
    State state = State::active;
    std::string kcv;                      ///< stays when the key is retired
    std::optional<WallTime> replaced_at;  ///< when a later generation took over
    WallTime changed;
};

struct Tables {
    std::map<std::string, Profile> profiles;
    std::int64_t last_profile_version = 0;
    std::map<std::string, StoredTerms> terms;
    std::string default_terms;
    std::map<std::string, SubscriptionGroup> subscription_groups;
    std::int64_t last_group_id = 0;
    std::map<Imsi, Record> subscribers;
    std::map<ImeiRange, Device> devices;
    std::map<std::pair<ImeiRange, std::string>, DeviceVersion> device_versions;  ///< by software version
    std::map<std::uint32_t, DeviceModelRow> device_models;                       ///< by TAC
    std::set<std::string> groups;                                                ///< device groups
    std::map<std::pair<std::string, std::uint32_t>, StoredKme> kmes;             ///< by owner and generation
    std::int64_t last_kme_id = 0;
    std::map<Imei, std::vector<DeviceKey>> device_keys;  ///< public ones, the newest last
    std::map<std::int64_t, binding::Rule> rules;
    std::int64_t last_rule_id = 0;
    std::set<Imsi> changed;  ///< one by one, since the nodes were told
};

/// The terms in force: of the binding, of the highest group that names any, the default ones.
[[nodiscard]] const binding::Terms& terms_of(const Tables& tables, const Record& record);
/// Whose they are, in the words of SubscriberRow::terms_from.
[[nodiscard]] std::string source_of_terms(const Tables& tables, const Record& record);

/// The owner of the key that works in these devices: themselves, or their narrowest group with a key. Empty:
/// there is none.
[[nodiscard]] std::string owner_of_key(const Tables& tables, const ImeiRange& range);
/// Owners of active keys that the vectors may be under, the first choice first (spec 4.2 "Which KME").
[[nodiscard]] std::vector<std::string> candidates(const Tables& tables, const Record& record);
/// Of those with the same key the first alone: devices of one binding may share a key (R2), and then it is
/// tried once.
[[nodiscard]] std::vector<std::string> different_candidates(const Tables& tables, const Record& record);
/// nullptr: the owner has none.
[[nodiscard]] const StoredKme* active_key_of(const Tables& tables, const std::string& owner);
[[nodiscard]] std::string owner_of_active_kme(const Tables& tables, const Record& record);
[[nodiscard]] const binding::Kme* active_kme(const Tables& tables, const Record& record);
/// VectorReservationRequest::kme_id: that key, the one that has replaced it, or the active one.
[[nodiscard]] const binding::Kme* kme_for(const Tables& tables, const Record& record, std::int64_t wanted);
/// The owner whose active key this is, among those that the binding may use; empty: nobody.
[[nodiscard]] std::string candidate_with(const Tables& tables, const Record& record, std::int64_t kme_id);
/// AuthenticationSubscription::other_kmes.
[[nodiscard]] std::vector<binding::Kme> other_kmes(const Tables& tables, const Record& record,
                                                   const ServingNode& node, const KeyGrace& grace);
/// First 3 octets of AES(KME, 0) in hexadecimal; empty for no key.
[[nodiscard]] std::string kcv_of(const binding::Kme* kme);

/// Device groups that the device is in.
[[nodiscard]] std::vector<std::string> groups_of(const Tables& tables, Imei imei);
[[nodiscard]] bool covers(const binding::SubscriptionSet& set, const Imsi& imsi, const Record& record);
/// As the decisions need it, with the rules that may decide on what was reported.
[[nodiscard]] binding::Binding binding_of(const Tables& tables, const Imsi& imsi, const Record& record,
                                          const std::optional<TerminalInformation>& reported, WallTime now);
[[nodiscard]] binding::DeviceFacts facts_of(const Tables& tables, const Imsi& imsi,
                                            const std::optional<TerminalInformation>& reported);

/// Profile and override together.
[[nodiscard]] Subscription subscription_of(const Tables& tables, const Record& record);
/// The substitute profile, with the subscriber's own number.
[[nodiscard]] Subscription limited_subscription(const Tables& tables, const Record& record,
                                                const std::string& profile);
/// What the node of this registration has to have.
[[nodiscard]] Subscription subscription_for(const Tables& tables, const Record& record,
                                            const Registration& registration);

/// Keeps the association that a node reported; nothing without an IMEI.
void remember_device(Record& record, const std::optional<TerminalInformation>& reported,
                     const std::string& host, binding::Provenance provenance, WallTime now);
/// The operator is asked about a device.
void ask_about(Record& record, Imei imei, const std::optional<TerminalInformation>& reported,
               const std::string& host, WallTime now);
[[nodiscard]] bool is_registered_at(const Record& record, const std::string& host);

}  // namespace bindhss::store::memory
