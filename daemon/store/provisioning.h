// SPDX-License-Identifier: Apache-2.0
// What operators put into the store and read back (bindhssctl): blocking, for tools and tests, not for
// procedures.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "alarm/alarm.h"
#include "binding/binding.h"
#include "store/listing.h"
#include "store/operator_rows.h"
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
    /// UICCs that one device of it may carry at once; 0: any number; absent: as stored.
    std::optional<std::uint32_t> uiccs_max;
};

/// Sets a key of one device or of one group (generation 0: the factory key). A generation higher than the
/// active one becomes the active one, and the one before still opens an AUTS for the grace time.
struct PutKme {
    std::variant<Imei, std::string> owner;  ///< a device, or a group by name
    SecretString key;                       ///< 16 or 32 octets
    std::uint32_t generation = 0;
};

/// Takes a key out of use for good: every generation of the owner, or one.
struct RetireKme {
    std::variant<Imei, std::string> owner;
    std::optional<std::uint32_t> generation;
};

/// Sets the binding of a subscriber: terms, authorised devices, and whose KME pre-processes its vectors.
struct PutBinding {
    Imsi imsi;
    binding::Policy policy = binding::Policy::off;
    std::vector<ImeiRange> devices;  ///< authorised devices
    std::string group;               ///< empty: none; a group authorises its members and gives its KME
    std::string terms;  ///< by name; empty: those of `policy`; "inherit": of its groups, or the default ones
};

/// Adds terms or replaces them; those named like a policy are fixed.
struct PutTerms {
    binding::Terms terms;
};
struct RemoveTerms {
    std::string name;  ///< not in use, and not the default ones
};
/// From now on these terms count where nothing else is named.
struct SetDefaultTerms {
    std::string name;
};

/// Adds a subscription group, or changes it: where terms are absent, they are left to the next group.
struct PutSubscriptionGroup {
    std::string name;
    std::optional<std::string> terms;  ///< empty: none; absent: as stored
    std::optional<std::int32_t>
        rank;  ///< of several groups with terms the highest counts; absent: as stored, 0
};
struct RemoveSubscriptionGroup {
    std::string name;  ///< without members, and named in no rule
};
/// Puts a subscriber into a group, or takes it out.
struct PutMember {
    Imsi imsi;
    std::string group;
    bool member = true;
};

/// Adds a rule (id 0), or replaces one. One that says the same as a stored rule, number and comment apart, is
/// not stored twice: its comment becomes that rule's.
struct PutRule {
    binding::Rule rule;
};
struct RemoveRule {
    std::int64_t id = 0;
};

/// What the operator knows of a device model (seed 000: the secure environment).
struct PutDeviceModel {
    std::uint32_t tac = 0;
    std::optional<std::string> name;  ///< absent: as stored
    std::optional<bool> imei_secure;  ///< the IMEI cannot be changed; absent: as stored
    std::optional<bool> key_secure;   ///< the key cannot be read out; absent: as stored
    bool forget = false;  ///< of these two, what is absent is not known any more, instead of as stored
};

/// The operator authorises a device for a subscriber, in advance or after the fact: it joins the list of the
/// binding, a pending question about it is answered, and a limited registration of it gets its full profile.
struct AuthoriseDevice {
    Imsi imsi;
    Imei imei;
    bool replace = false;  ///< the devices listed before are authorised no more
};
/// The operator refuses a device: the question about it is answered, and a rule denies it. The alarms that
/// this, an authorisation or the end of a lock settles are cleared with it.
struct RefuseDevice {
    Imsi imsi;
    Imei imei;
};
/// Locks a binding, or ends its lock and forgets what spoke against it.
struct SetLock {
    Imsi imsi;
    bool locked = true;
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
                 RemoveProfile, RetireKme, PutTerms, RemoveTerms, SetDefaultTerms, PutSubscriptionGroup,
                 RemoveSubscriptionGroup, PutMember, PutRule, RemoveRule, PutDeviceModel, AuthoriseDevice,
                 RefuseDevice, SetLock>
        put;
    std::size_t line = 0;
};

/// What is wrong with one line of the input.
struct LineError {
    std::size_t line;
    std::string text;
};

/// Open alarms that an operator means: all that is named must fit.
struct AlarmSelection {
    std::optional<std::int64_t> id;
    std::optional<std::string> name;
    std::optional<Imsi> imsi;
};

/// Keys one by one: of a file that need not fit into memory.
struct KmeRecord {
    std::variant<Imei, std::string> owner;
    std::uint32_t generation = 0;
    SecretString key;      ///< 16 or 32 octets
    std::size_t line = 0;  ///< of the file, for errors
};
class KmeSource {
  public:
    virtual ~KmeSource() = default;
    /// Nothing: that was the last one.
    virtual std::optional<KmeRecord> next() = 0;
};
struct KmeImport {
    std::uint64_t added = 0;
    std::uint64_t replaced = 0;
    std::uint64_t unchanged = 0;
    std::vector<LineError> errors;  ///< with any of them nothing was stored
};

/// Lets a change happen only while something is as its author saw it (RFC 9110 13.1.1). The function is
/// called within the transaction of the change, with the row locked (nothing: there is none); false: nothing
/// is stored.
struct Guard {
    struct Subscriber {
        Imsi imsi;
        std::function<bool(const std::optional<SubscriberRow>&)> unchanged;
    };
    struct Profile {
        std::string name;
        std::function<bool(const std::optional<ProfileRow>&)> unchanged;
    };
    struct Terms {
        std::string name;
        std::function<bool(const std::optional<TermsRow>&)> unchanged;
    };
    struct Device {
        ImeiRange range;
        std::function<bool(const std::optional<DeviceRow>&)> unchanged;
    };
    std::variant<Subscriber, Profile, Terms, Device> row;
};

/// Lets a change happen once however often it is asked for: the key is stored in the transaction of the
/// change, and forgotten after limits::idempotency_kept_hours.
struct Once {
    std::string key;           ///< of one caller; 255 characters at most
    Octets<32> fingerprint{};  ///< of what is asked for: the same key for something else is refused
};

struct ApplyOptions {
    bool dry_run = false;  ///< everything is checked, nothing is stored
    std::optional<Guard> guard;
    std::optional<Once> once;
    std::string request;  ///< the name of the request, for the audit; empty: none
};

struct Applied {
    enum class Outcome : std::uint8_t {
        stored,        ///< or, of a dry run, could be
        refused,       ///< errors tell why
        changed,       ///< the guard said so
        before,        ///< under this key, some time ago
        another_once,  ///< something else was, under this key
    };
    Outcome outcome = Outcome::stored;
    std::vector<LineError> errors;
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

    /// Who is named in the audit from now on.
    virtual void act_as(std::string who) = 0;

    /// Applies all items in one transaction, or none: with an error nothing is stored. With dry_run nothing
    /// is stored either way. The items may refer to each other in any order; of several puts of one thing the
    /// last counts. A KME of an unknown device makes the device. A policy that needs a KME may be put before
    /// there is one: until then reserve_vectors refuses. Of every
    /// subscriber that is changed, or whose profile is, profile and override make a whole document together.
    /// Of devices with different keys that one binding names, one at a time gives the key (spec 4.2). Every
    /// apply() that stores something is named in the audit.
    /// Throws Unavailable.
    virtual Applied apply(const std::vector<Item>& items, const ApplyOptions& options) = 0;
    /// The same; returns what is wrong, empty when all is well.
    std::vector<LineError> apply(const std::vector<Item>& items, bool dry_run) {
        return apply(items, ApplyOptions{.dry_run = dry_run, .guard = {}, .once = {}, .request = {}}).errors;
    }

    /// Stores all keys in one transaction, or none, like PutKme; `what` is named in the audit. Needs memory
    /// for a chunk of them alone. Throws Unavailable, and what `source` throws.
    virtual KmeImport import_kmes(KmeSource& source, bool dry_run, const std::string& what) = 0;
    /// Gives out the active keys of the devices and groups whose owners are in `range` (groups: absent), for
    /// a new operator; `what` is named in the audit. Returns their number.
    virtual std::uint64_t export_kmes(const std::optional<ImeiRange>& range, const std::string& what,
                                      const std::function<void(const KmeRecord&)>& visit) = 0;

    virtual std::optional<SubscriberRow> subscriber(const Imsi& imsi) = 0;
    /// By IMSI, which names a row.
    virtual std::vector<SubscriberRow> subscribers(const SubscriberFilter& filter, const Page& page) = 0;
    std::vector<SubscriberRow> subscribers(const Page& page) { return subscribers({}, page); }
    virtual std::optional<ProfileRow> profile(const std::string& name) = 0;
    /// By name, which names a row.
    virtual std::vector<ProfileRow> profiles(const Page& page) = 0;
    /// By range (the text of ImeiRange names a row).
    virtual std::vector<DeviceRow> devices(const DeviceFilter& filter, const Page& page) = 0;
    std::vector<DeviceRow> devices(const Page& page) { return devices({}, page); }
    /// The equipment register, by range and version ("<range> <version>" names a row).
    virtual std::vector<EquipmentEntry> equipment(const Page& page) = 0;
    /// As Store::load_equipment.
    virtual std::optional<EquipmentEntry> equipment_of(Imei imei, const std::optional<std::string>& svn) = 0;
    /// By IMSI and domain ("<imsi> <domain>" names a row).
    virtual std::vector<RegistrationRow> registrations(const RegistrationFilter& filter,
                                                       const Page& page) = 0;
    std::vector<RegistrationRow> registrations(const Page& page) {
        return registrations({.imsi = {}, .node = {}, .purged = true}, page);
    }
    /// Has every node told that it concerns (purged ones do not count): a running daemon sends the requests.
    /// Returns those nodes. Throws Unavailable.
    virtual std::vector<ServingNode> order(const NodeOrder& order) = 0;
    virtual std::vector<TermsRow> terms() = 0;
    /// By name, which names a row.
    virtual std::vector<SubscriptionGroupRow> subscription_groups(const Page& page) = 0;
    /// Those that may decide on a subscriber (absent: all), by id, which names a row.
    virtual std::vector<binding::Rule> rules(const std::optional<Imsi>& imsi, const Page& page) = 0;
    /// The number of the rule that says just this, number and comment apart; the lowest of several.
    virtual std::optional<std::int64_t> rule_like(const binding::Rule& rule) = 0;
    /// By TAC, which names a row.
    virtual std::vector<DeviceModelRow> device_models(const Page& page) = 0;
    /// Of one owner (absent: all), by owner and generation ("<owner_name> <generation>" names a row).
    virtual std::vector<KmeRow> kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                     const Page& page) = 0;
    /// By IMSI and IMEI ("<imsi> <imei>" names a row).
    virtual std::vector<ApprovalRow> approvals(const Page& page) = 0;
    /// In the order of IMSI, a page of at most `limit`; it may be shorter and not the last.
    virtual SeenPage seen(const SeenFilter& filter, const std::optional<SeenPosition>& after,
                          std::size_t limit) = 0;
    /// What would judge this device if the subscriber came in it now, seen together before or not (then
    /// `first` and `last` are zero, and `node` is empty). Nothing: there is no such subscriber.
    virtual std::optional<SeenPair> pair(const Imsi& imsi, const TerminalInformation& device) = 0;
    /// Newest first (AuditRow::id names a row).
    virtual std::vector<AuditRow> audit(const AuditFilter& filter, const Page& page) = 0;
    std::vector<AuditRow> audit(const Page& page) { return audit({}, page); }
    /// The one that was raised last first (AlarmRow::id names a row).
    virtual std::vector<AlarmRow> alarms(const AlarmFilter& filter, const Page& page) = 0;
    std::vector<AlarmRow> alarms(const Page& page, bool cleared = false) {
        return alarms({.cleared = cleared, .name = {}, .severity = {}, .imsi = {}}, page);
    }
    /// Returns how many alarms it concerned.
    virtual std::uint64_t acknowledge_alarms(const AlarmSelection& which, const std::string& who) = 0;
    virtual std::uint64_t clear_alarms(const AlarmSelection& which, const std::string& who) = 0;
};

}  // namespace bindhss::store
