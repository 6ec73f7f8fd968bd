// SPDX-License-Identifier: Apache-2.0
// What operators put into the store and read back (bindhssctl): blocking, for tools and tests, not for
// procedures.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "alarm/alarm.h"
#include "binding/binding.h"
#include "store/store.h"
#include "types/s6a.h"

namespace bindhss::store {

/// Adds a subscriber, or changes one: what is absent stays as it is stored, and a new subscriber gets what
/// the comment says. Keys of an existing subscriber may change; its SQN never does.
struct PutSubscriber {
    Imsi imsi;
    /// OPc or TOPc computed by the reader of the input when OP or TOP was given. A new subscriber needs them.
    std::optional<AkaKeys> keys;
    std::optional<Amf> amf;              ///< 8000
    std::optional<std::string> msisdn;   ///< none; empty: none
    std::optional<std::string> profile;  ///< "default"; must exist
    std::optional<std::uint64_t> seq;    ///< only for a new subscriber; 0 otherwise
    bool sim_only = false;               ///< with keys: a SIM that knows no AUTN, triplets only
    /// What differs from the profile: a document of subscription/document.h; none. Empty: nothing differs.
    std::optional<std::string> override_document;
};

/// Adds a profile, or replaces its document (subscription/document.h). Nodes that serve its subscribers are
/// told what changed.
struct PutProfile {
    std::string name;
    std::string document;
};

/// Takes a subscriber out, with its registrations: its nodes are told that the subscription is withdrawn.
struct RemoveSubscriber {
    Imsi imsi;
};

/// Takes a profile out that no subscriber has, and that is not "default".
struct RemoveProfile {
    std::string name;
};

/// Adds or changes one device; `group` may name a device group, which comes into being with its first member.
struct PutDevice {
    ImeiRange range;
    std::optional<std::string> group;    ///< empty: none; absent: as stored. A range or TAC needs a group.
    std::optional<std::string> comment;  ///< absent: as stored
};

/// Sets the factory key (generation 0) of one device or of one group.
struct PutKme {
    std::variant<Imei, std::string> owner;  ///< a device, or a group by name
    SecretString key;                       ///< 16 or 32 octets
};

/// Sets the binding of a subscriber: policy, authorised devices, and whose KME pre-processes its vectors.
struct PutBinding {
    Imsi imsi;
    binding::Policy policy = binding::Policy::off;
    std::vector<ImeiRange> devices;  ///< authorised devices
    std::string group;               ///< empty: none; a group authorises its members and gives its KME
};

/// Lists devices in the equipment register, whatever else is known of them, or takes them off it.
struct PutEquipment {
    ImeiRange range;
    std::optional<std::string> svn;              ///< two digits: only while they have this software version
    std::optional<s6a::EquipmentStatus> status;  ///< absent: not listed
    std::optional<std::string> comment;          ///< absent: as stored
};

/// One thing to store and the line of the input that it came from (0: none).
struct Item {
    std::variant<PutSubscriber, PutDevice, PutKme, PutBinding, PutEquipment, PutProfile, RemoveSubscriber,
                 RemoveProfile>
        put;
    std::size_t line = 0;
};

/// What is wrong with one line of the input.
struct LineError {
    std::size_t line;
    std::string text;
};

/// As shown to operators: no secret, a KCV at most (first 3 octets of AES(KME, 0), hexadecimal).
struct SubscriberRow {
    Imsi imsi;
    std::string msisdn;
    std::string profile;
    Amf amf;
    std::uint64_t seq = 0;
    binding::Policy policy = binding::Policy::off;
    std::vector<ImeiRange> devices;
    std::string group;
    std::string kcv;  ///< of the active KME, empty: none
    std::string override_document = "{}";
};
struct ProfileRow {
    std::string name;
    std::int64_t version = 0;  ///< grows with every change of any profile
    std::uint64_t subscribers = 0;
    std::string document;
};
struct DeviceRow {
    ImeiRange range;
    std::string group;
    std::string comment;
    std::string kcv;
};
struct RegistrationRow {
    Imsi imsi;
    Registration registration;
};
struct AlarmRow {
    std::string name;
    std::string severity;
    std::string imsi;
    std::string imei;
    std::string peer;
    std::string detail;
    WallTime first;
    WallTime last;
    std::uint64_t count = 0;
};

/// Thrown when the database cannot be used; the text is one clear line without the password.
class Unavailable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// REQUIRES: one thread at a time.
class Provisioning {
  public:
    virtual ~Provisioning() = default;

    /// Applies all items in one transaction, or none: with an error nothing is stored. With dry_run nothing
    /// is stored either way. The items may refer to each other in any order; of several puts of one thing the
    /// last counts. A KME of an unknown device makes the device. A policy that needs a KME may be put before
    /// there is one: until then reserve_vectors refuses. Of every
    /// subscriber that is changed, or whose profile is, profile and override make a whole document together.
    /// Devices that a binding by key names may not have different keys, because every vector is for one key.
    /// Returns what is wrong, empty when all is well. Throws Unavailable.
    virtual std::vector<LineError> apply(const std::vector<Item>& items, bool dry_run) = 0;

    virtual std::optional<SubscriberRow> subscriber(const Imsi& imsi) = 0;
    virtual std::vector<SubscriberRow> subscribers(std::size_t limit) = 0;
    virtual std::optional<ProfileRow> profile(const std::string& name) = 0;
    /// By name.
    virtual std::vector<ProfileRow> profiles(std::size_t limit) = 0;
    virtual std::vector<DeviceRow> devices(std::size_t limit) = 0;
    /// The equipment register, by range and version.
    virtual std::vector<EquipmentEntry> equipment(std::size_t limit) = 0;
    /// As Store::load_equipment.
    virtual std::optional<EquipmentEntry> equipment_of(Imei imei, const std::optional<std::string>& svn) = 0;
    virtual std::vector<RegistrationRow> registrations(std::size_t limit) = 0;
    /// Has every node told that it concerns (purged ones do not count): a running daemon sends the requests.
    /// Returns those nodes. Throws Unavailable.
    virtual std::vector<ServingNode> order(const NodeOrder& order) = 0;
    /// Newest first.
    virtual std::vector<AlarmRow> alarms(std::size_t limit) = 0;
};

}  // namespace bindhss::store
