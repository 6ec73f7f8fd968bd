// SPDX-License-Identifier: Apache-2.0
// The store as the procedures see it: verbs of the procedure, never of SQL, one transaction each.
// Two implementations pass one contract suite (tests/store): store/memory and store/postgres.
//
// Threads: every verb may be awaited on any executor and resumes there. A verb never blocks the caller's
// thread. Errors: user_unknown where the text says so; authentication_data_unavailable or unable_to_comply
// when the database cannot be reached (the detail says why); too_busy when limits::store_queue_max requests
// are waiting.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "alarm/alarm.h"
#include "binding/evidence.h"
#include "binding/judge.h"
#include "store/equipment.h"
#include "store/registration.h"
#include "types/s6a.h"

namespace bindhss::store {

template <class T>
using Awaitable = boost::asio::awaitable<Result<T>>;

/// For how long a key that was replaced still opens an AUTS (spec 4.3).
struct KeyGrace {
    WallTime now;
    std::chrono::seconds grace{600};
};

/// How vectors are computed for one subscription.
struct AuthenticationSubscription {
    AkaKeys keys;
    Amf amf;  ///< the subscriber's own field; separation bit and marks are added per vector
    binding::Policy policy = binding::Policy::off;
    std::optional<binding::Kme> kme;  ///< that vectors are made under: the active one, or the one asked for
    /// Under which an AUTS may have come besides, the likeliest first: of the last vector issued to the node,
    /// those replaced a short time ago, those of the binding's other devices. limits::resync_keys_max at
    /// most.
    std::vector<binding::Kme> other_kmes;
    /// The card is a SIM that knows no AUTN: triplets are all that it can answer (TS 33.102 6.8).
    bool sim_only = false;
};

/// SEQ values reserved for one request: first_seq .. first_seq + count - 1, all with this IND. Durable before
/// the verb returns, handed out once, never again, whatever crashes (I7).
struct SequenceReservation {
    std::uint64_t first_seq = 0;
    std::uint32_t count = 0;
    std::uint8_t ind = 0;
};

struct VectorReservation {
    AuthenticationSubscription subscription;
    SequenceReservation sequence;
    binding::State state = binding::State::normal;
    binding::OnSuspicion on_suspicion = binding::OnSuspicion::alarm;
    /// This request shows that nobody answered an earlier B-AV (binding::is_unanswered).
    bool unanswered = false;
    std::vector<WallTime> reprovisions;  ///< of binding::Standing, while the state is suspect
};

/// An AUTS that was verified (TS 33.102 6.3.5): accepted once.
struct ReSynchronisation {
    std::uint64_t sqn_ms = 0;  ///< SEQ and IND as the USIM said; never lower than the one accepted before
    std::uint64_t fingerprint =
        0;  ///< of RAND and AUTS: tells the same AUTS from another one of the same SQN
};

/// When a subscription that needs a key is given one regular vector all the same (spec 4.7). It leads to no
/// bearer (I1).
enum class Regular : std::uint8_t {
    never,
    without_key,  ///< while there is no key (R21, R22); one that has a key gets what its terms say
    always,       ///< instead of one under its key (R33): counts as reprovision
};

struct VectorReservationRequest {
    Imsi imsi;
    ServingNode node;
    /// 1 .. 2 limits::vectors_max, both kinds together; a binding with KME gets 1 whatever is asked
    /// (spec 1.4).
    std::uint32_t count = 1;
    /// Re-synchronisation: SEQ becomes at least this before the reservation (spec 2.6); never lower than it
    /// was.
    std::optional<std::uint64_t> seq_at_least;
    std::optional<ReSynchronisation> resync;  ///< with seq_at_least
    Regular regular = Regular::never;
    /// With Regular::always: rate_limited when the last reprovision counted is another one, because another
    /// request was given it.
    std::optional<WallTime> last_reprovision;
    /// This key instead of the active one, for these vectors alone: if it is one that the binding may be
    /// under, or the key that has replaced it in its device is; else the active one (spec 4.2).
    std::optional<std::int64_t> kme_id;
    std::chrono::seconds unanswered_after{30};  ///< binding::EvidenceSettings
    WallTime now;
};

/// The vectors last issued to one node (the ledger of spec 4.7, I2).
struct IssuedVectors {
    std::optional<WallTime> pre_processed_at;  ///< last B-AV
    /// Last R-AV that no ULR has consumed yet. A ULR consumes one: of several that were issued at once some
    /// are left.
    std::optional<WallTime> regular_at;
    std::optional<std::int64_t> kme_id;  ///< key of the last B-AV
};

/// Everything that an Update-Location or a Notify decides on.
struct SubscriberView {
    Subscription subscription;    ///< profile and override together, complete
    SubscriptionVersion version;  ///< what `subscription` is made of
    binding::Binding binding;
    std::optional<std::int64_t> active_kme_id;
    std::optional<WallTime> kme_not_after;  ///< of that key: it is to be renewed by then
    bool suspect = false;                   ///< the evidence speaks against that key
    Registrations registrations;
    /// Of the last association with a node that authenticated the UE or took it over, whatever became of the
    /// registration.
    std::optional<Imei> last_seen_imei;
    std::optional<std::string> last_seen_svn;
    IssuedVectors issued;  ///< to the node that asks
    /// issued.kme_id is one of the keys that the binding may be under now: who passed with it has proven it.
    bool issued_under_candidate = false;
    binding::DeviceFacts device;  ///< of the device that was reported
    /// The substitute profile of the terms, when they name one.
    std::optional<Subscription> limited;
    SubscriptionVersion limited_version;
};

/// What an operator did with an alarm that was open in the table.
struct AlarmAct {
    std::int64_t number = 0;                             ///< grows in the order in which acts are to be seen
    alarm::Change change = alarm::Change::acknowledged;  ///< or cleared
    std::string name;                                    ///< of the alarm; these as store::AlarmRow has them
    std::string severity;
    std::string imsi;
    std::string imei;
    std::string peer;
    std::string who;
    std::chrono::milliseconds age{0};  ///< by the store's clock, with which others need not agree
};
struct AlarmActs {
    std::vector<AlarmAct> acts;
    std::int64_t last = 0;  ///< to go on after
};

/// Records that are of use for a time.
enum class OldRecords : std::uint8_t {
    cleared_alarms,  ///< with what operators did with them
    audit,
    operator_requests,  ///< that changes happen once; folds what counts subscribers, too
};

/// What an event says of a binding, and what the operator wants then.
struct SignReport {
    binding::Sign sign = binding::Sign::proof;
    binding::EvidenceSettings settings;
    WallTime now;
    /// Of a proof: the key that was proven. Of several candidate keys of the binding's devices it is the
    /// active one from now on; not one that a later generation has replaced. Absent: the active one.
    std::optional<std::int64_t> kme_id = std::nullopt;
};

class Store {
  public:
    virtual ~Store() = default;

    /// What open_auts() needs: keys and the candidate KME. user_unknown when there is no such subscription;
    /// unknown_eps_subscription when its profile has no APN (TS 29.272 5.2.3.1.3).
    virtual Awaitable<AuthenticationSubscription> load_authentication(Imsi imsi, ServingNode node,
                                                                      KeyGrace grace) = 0;

    /// Reserves SEQ values and records the issue in the ledger of (imsi, node): as pre-processed when the
    /// policy needs a KME, else as regular. Concurrent calls share a statement. user_unknown;
    /// unknown_eps_subscription; kme_missing when the policy needs a KME and there is none; sqn_exhausted
    /// when SEQ would pass Sqn::seq_issue_max; authentication_data_unavailable when it is not known whether
    /// the reservation was committed (the values are then skipped, never reused); binding_locked;
    /// access_refused, once after record_refusal asked for it; resync_replayed.
    virtual Awaitable<VectorReservation> reserve_vectors(VectorReservationRequest request) = 0;

    /// user_unknown when there is no such subscription. `node` selects the row of the ledger; `reported` the
    /// rules that may decide, and what is known of the device.
    virtual Awaitable<SubscriberView> load_subscriber(Imsi imsi, ServingNode node,
                                                      std::optional<TerminalInformation> reported) = 0;

    /// Stores the registration and the association IMSI-IMEI with its history, and consumes the node's
    /// regular vectors. What the Update-Location means for other registrations is done too, and stored as
    /// requests to cancel, which are returned: the caller sends them, and has them alone for `lease`
    /// (store/cancellations.h says who is cancelled). Update-Locations of one IMSI follow one another, and
    /// those that count UICCs of one device do. Nothing is stored, and the access has to be judged again,
    /// when it is not any more as it was judged: binding_locked; authorization_rejected, another device was
    /// first, or another UICC in the device.
    virtual Awaitable<std::vector<NodeRequest>> register_node(Imsi imsi, RegisterNode request,
                                                              std::chrono::milliseconds lease) = 0;

    /// Stores what a refused Update-Location leaves behind: the device that was seen, a lock, a question to
    /// the operator, the refusal of the next AIR.
    virtual Awaitable<Done> record_refusal(Imsi imsi, Refusal refusal) = 0;

    /// Applies binding::after() to what is stored of the binding. Nothing changes for a subscription whose
    /// policy needs no KME. user_unknown.
    virtual Awaitable<binding::Change> record_sign(Imsi imsi, SignReport report) = 0;

    /// A node reports the device already with the AIR: of several candidate keys that device's, if the
    /// binding lists the device (spec 4.2); nothing: it has none. Changes nothing: anybody may name a device.
    /// user_unknown.
    virtual Awaitable<std::optional<std::int64_t>> find_kme(Imsi imsi, Imei imei) = 0;

    /// Marks what the node is registered for as purged, with the location it was last seen at. Nothing is
    /// changed when the node is not registered. user_unknown.
    virtual Awaitable<PurgedHalves> purge(Imsi imsi, PurgeNode request) = 0;

    /// Stores what a node tells of a UE that is registered there; unknown_serving_node when it is not.
    /// user_unknown. Returns requests to cancel, as register_node does.
    virtual Awaitable<std::vector<NodeRequest>> notify(Imsi imsi, NotifyNode request,
                                                       std::chrono::milliseconds lease) = 0;

    /// Requests whose time has come, the oldest first.
    virtual Awaitable<std::vector<NodeRequest>> take_requests(Claim claim) = 0;
    /// The request has been answered, or is given up.
    virtual Awaitable<Done> finish_request(NodeRequest request) = 0;
    /// An attempt failed; the next one is not before `at`.
    virtual Awaitable<Done> postpone_request(NodeRequest request, WallTime at) = 0;
    /// `daemon`, which has the request, cannot reach the node: it is due at once for another daemon whose
    /// peer the node is. False: there is none, and nothing was changed.
    virtual Awaitable<bool> hand_over_request(NodeRequest request, std::string daemon, WallTime now) = 0;
    /// Tells the daemons which nodes are peers of this one, until `until`. To `come`, those of them that were
    /// not when it told so last, what was postponed for them is due now.
    virtual Awaitable<Done> announce_reach(Reach reach, std::vector<std::string> come, WallTime now,
                                           WallTime until) = 0;

    /// Takes nodes that have to be told of a change (TS 29.272 5.2.2.1.1) and whose turn it is: subscribers
    /// that were changed one by one, and those that could not be told before. Never a purged one. What is
    /// found and is another daemon's by Claim::reach is due for that one.
    virtual Awaitable<std::vector<Untold>> take_untold(Claim claim) = 0;
    /// Looks through registrations in the order of IMSI, behind `after` (absent: from the start), for those
    /// that have to be told and that nobody has taken. A page is of limited work: it may be empty and not
    /// the last.
    virtual Awaitable<SweepPage> sweep_untold(std::optional<SweepPosition> after, Claim claim) = 0;
    /// The node has what `version` makes, unless the UE has gone to another node meanwhile. What has changed
    /// since is due at once.
    virtual Awaitable<Done> mark_told(Imsi imsi, Registration registration, SubscriptionVersion version,
                                      WallTime now) = 0;
    /// The node could not be told; the next attempt is not before `at`.
    virtual Awaitable<Done> postpone_telling(Imsi imsi, Registration registration, WallTime at) = 0;
    /// As hand_over_request().
    virtual Awaitable<bool> hand_over_telling(Imsi imsi, Registration registration, std::string daemon,
                                              WallTime now) = 0;
    /// The node does not know the UE (5.2.2.1.3), or has been told to forget it: it is told nothing until
    /// the next Update-Location.
    virtual Awaitable<Done> mark_detached(Imsi imsi, Registration registration) = 0;
    /// What the node said of the UE's place in answer to an Insert-Subscriber-Data.
    virtual Awaitable<Done> store_location(Imsi imsi, ServingNode node, s6a::EpsLocationInformation location,
                                           WallTime now) = 0;
    /// A number that differs when any profile has changed.
    virtual Awaitable<std::uint64_t> profile_clock() = 0;

    /// The entry of the equipment register that decides on a device (S13); nothing: it is not listed.
    virtual Awaitable<std::optional<EquipmentEntry>> load_equipment(Imei imei,
                                                                    std::optional<std::string> svn) = 0;

    /// Counts alarms in the alarm table, one row for each (id, imsi, imei, peer) not cleared, or clears them:
    /// in the order in which they stand there, and in one transaction. One whose text or number the database
    /// refuses is left out, and the log told. After a failure none is stored, unless the connection broke in
    /// the last moment: then all may be.
    virtual Awaitable<Done> record_alarms(std::vector<alarm::Notice> notices) = 0;
    Awaitable<Done> record_alarm(alarm::Notice notice) {
        return record_alarms(std::vector<alarm::Notice>(1, std::move(notice)));
    }

    /// What operators did with alarms after the act of that number, in order, `limit` at most: none is passed
    /// over, whichever of them was stored first. Absent: nothing, but where to go on.
    virtual Awaitable<AlarmActs> alarm_acts(std::optional<std::int64_t> after, std::uint32_t limit) = 0;

    /// Deletes those that are older than that, by the store's clock, `limit` at most. Returns how many.
    virtual Awaitable<std::uint64_t> delete_old(OldRecords what, std::chrono::seconds keep,
                                                std::uint32_t limit) = 0;
};

}  // namespace bindhss::store
