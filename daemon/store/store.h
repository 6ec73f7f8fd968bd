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
#include "binding/binding.h"
#include "store/equipment.h"
#include "store/registration.h"
#include "types/s6a.h"

namespace bindhss::store {

template <class T>
using Awaitable = boost::asio::awaitable<Result<T>>;

/// How vectors are computed for one subscription.
struct AuthenticationSubscription {
    AkaKeys keys;
    Amf amf;  ///< the subscriber's own field; separation bit and marks are added per vector
    binding::Policy policy = binding::Policy::off;
    std::optional<binding::Kme> kme;  ///< the active one
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
    WallTime now;
};

/// The vectors last issued to one node (the ledger of spec 4.7, I2).
struct IssuedVectors {
    std::optional<WallTime> pre_processed_at;  ///< last B-AV
    std::optional<WallTime> regular_at;        ///< last R-AV that no ULR has consumed yet
    std::optional<std::int64_t> kme_id;        ///< key of the last B-AV
};

/// Everything that an Update-Location or a Notify decides on.
struct SubscriberView {
    Subscription subscription;    ///< profile and override together, complete
    SubscriptionVersion version;  ///< what `subscription` is made of
    binding::Binding binding;
    std::optional<std::int64_t> active_kme_id;
    Registrations registrations;
    std::optional<Imei>
        last_seen_imei;    ///< of the last association stored, whatever became of the registration
    IssuedVectors issued;  ///< to the node that asks
};

class Store {
  public:
    virtual ~Store() = default;

    /// What open_auts() needs: keys and the candidate KME. user_unknown when there is no such subscription;
    /// unknown_eps_subscription when its profile has no APN (TS 29.272 5.2.3.1.3).
    virtual Awaitable<AuthenticationSubscription> load_authentication(Imsi imsi) = 0;

    /// Reserves SEQ values and records the issue in the ledger of (imsi, node): as pre-processed when the
    /// policy needs a KME, else as regular. Concurrent calls share a statement. user_unknown;
    /// unknown_eps_subscription; kme_missing when the policy needs a KME and there is none; sqn_exhausted
    /// when SEQ would pass Sqn::seq_issue_max; authentication_data_unavailable when it is not known whether
    /// the reservation was committed (the values are then skipped, never reused).
    virtual Awaitable<VectorReservation> reserve_vectors(VectorReservationRequest request) = 0;

    /// user_unknown when there is no such subscription. `node` selects the row of the ledger.
    virtual Awaitable<SubscriberView> load_subscriber(Imsi imsi, ServingNode node) = 0;

    /// Stores the registration and the association IMSI-IMEI with its history, and consumes the node's
    /// regular vectors. What the Update-Location means for other registrations is done too, and stored as
    /// requests to cancel, which are returned: the caller sends them, and has them alone for `lease`
    /// (store/cancellations.h says who is cancelled). Update-Locations of one IMSI follow one another.
    virtual Awaitable<std::vector<NodeRequest>> register_node(Imsi imsi, RegisterNode request,
                                                              std::chrono::milliseconds lease) = 0;

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

    /// Takes nodes that have to be told of a change (TS 29.272 5.2.2.1.1) and whose turn it is: subscribers
    /// that were changed one by one, and those that could not be told before. Never a purged one.
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

    /// Counts the alarm in the alarm table: one row for each (id, imsi, imei, peer) not cleared.
    virtual boost::asio::awaitable<void> record_alarm(alarm::Alarm alarm) = 0;
};

}  // namespace bindhss::store
