// SPDX-License-Identifier: Apache-2.0
// Where a UE is registered, what its nodes were told, and the requests to nodes that must not be lost: what
// the verbs of store.h take and give.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "binding/judge.h"
#include "types/s6a.h"
#include "types/seams.h"

namespace bindhss::store {

/// Which Subscription-Data a node has, or a subscription is made of today: subscription::subscription_of()
/// makes the same of the same.
struct SubscriptionVersion {
    std::int64_t profile_version = 0;  ///< row of profile_version; it never changes
    std::string override_json;         ///< the subscriber's own, as the database writes it
    std::string msisdn;
    bool operator==(const SubscriptionVersion&) const = default;
};

/// A UE registered at an MME or an SGSN (TS 23.008 2.4).
struct Registration {
    ServingNode node;
    Plmn visited_plmn;
    std::optional<TerminalInformation> terminal_information;
    bool verified = false;  ///< the binding was proven for this access, or inherited (spec 4.7)
    bool purged = false;    ///< "UE purged in MME/SGSN": the node has nothing, and is told nothing
    WallTime time;
    s6a::Domain domain = s6a::Domain::mme;
    s6a::RatType rat_type = s6a::RatType::eutran;
    std::optional<s6a::Features> features;  ///< as announced with this registration; absent: none
    bool combined = false;                  ///< Node-Type-Indicator: MME and SGSN in one
    bool gprs_wanted = false;               ///< GPRS-Subscription-Data-Indicator
    std::optional<std::uint32_t> ue_srvcc_capability;
    std::optional<std::uint32_t> homogeneous_ims_voice;
    std::vector<s6a::ActiveApn> active_apns;    ///< dynamic PDN-GWs
    std::string node_number;                    ///< SGSN-Number or MME-Number-for-MT-SMS, E.164 digits
    bool sms_registered = false;                ///< the node takes short messages
    bool urrp = false;                          ///< somebody waits for the UE to be reachable
    bool area_restricted = false;               ///< of an SGSN
    std::optional<s6a::NodeLocation> location;  ///< last known
    std::optional<WallTime> location_time;
    std::optional<SubscriptionVersion> told;  ///< absent: not known what the node has
    binding::Provenance provenance = binding::Provenance::authenticated;
    /// The substitute profile that it was registered with ("limit the services", TS 22.368 7.2.8); empty: its
    /// own.
    std::string limited_profile;
    bool emergency = false;  ///< the node told of an emergency service (TS 29.272 7.3.53 ff.)
};

/// Where a UE is registered: in each domain, or in none.
struct Registrations {
    std::optional<Registration> mme;
    std::optional<Registration> sgsn;
    [[nodiscard]] const std::optional<Registration>& of(s6a::Domain domain) const {
        return domain == s6a::Domain::mme ? mme : sgsn;
    }
    [[nodiscard]] std::optional<Registration>& of(s6a::Domain domain) {
        return domain == s6a::Domain::mme ? mme : sgsn;
    }
};

/// A request to a node that must not be lost: stored before it is sent, deleted when it has been answered.
/// Several daemons share these: one that takes a request has it alone until the lease is over.
struct NodeRequest {
    enum class Kind : std::uint8_t { cancel_location, insert, reset };
    std::int64_t id = 0;
    Kind kind = Kind::cancel_location;
    std::optional<Imsi> imsi;  ///< absent for a reset
    ServingNode node;
    s6a::Domain domain = s6a::Domain::mme;
    s6a::CancellationType cancellation_type = s6a::CancellationType::mme_update_procedure;
    bool reattach_required = false;
    std::uint32_t idr_flags = 0;
    std::vector<std::string> user_ids;
    std::uint32_t attempts = 0;  ///< made before this one
    WallTime created;
};

/// What an operator has nodes told.
struct NodeOrder {
    /// cancel_location: SUBSCRIPTION_WITHDRAWAL, and the registrations count as purged; insert: IDR-Flags
    /// alone; reset: to every node that serves anybody.
    NodeRequest::Kind kind = NodeRequest::Kind::cancel_location;
    std::optional<Imsi> imsi;  ///< absent for a reset
    bool reattach_required = false;
    std::uint32_t idr_flags = 0;
    std::vector<std::string> user_ids;
    WallTime now;
};

/// What an Update-Location does to the registrations (TS 29.272 5.2.1.1.3).
struct RegisterNode {
    Registration registration;
    bool single_registration = false;  ///< the SGSN is cancelled and forgotten
    bool initial_attach = false;       ///< the node of the other domain is cancelled
    bool proof = false;                ///< E+: what spoke against the binding counts no more
    /// Of a proof: it was of this key, and not of the active one. It is the active one from now on, while it
    /// is one that the binding may be under.
    std::optional<std::int64_t> proven_kme;
    std::optional<Imei> acquire;  ///< becomes the binding's only device, unless it has one by now
    std::optional<Imei> ask;      ///< admitted all the same, but the operator is asked about this device
    /// UICCs in the device are counted again: it may carry as many as it may by now (Verdict::count_again).
    bool count_uiccs = false;
};

/// An Update-Location that the binding refused: no registration is touched.
struct Refusal {
    ServingNode node;
    std::optional<TerminalInformation> terminal_information;
    binding::Provenance provenance = binding::Provenance::authenticated;
    bool lock = false;
    std::optional<WallTime> refuse_until;  ///< the next AIR before this is refused, once
    std::optional<Imei> ask;               ///< the operator is asked about this device
    WallTime now;
};

/// A Purge-UE-Request (5.2.1.3.3). The halves are those that a combined node names; absent: all that it has.
struct PurgeNode {
    ServingNode node;
    std::optional<bool> mme;
    std::optional<bool> sgsn;
    std::optional<s6a::EpsLocationInformation> location;
    WallTime now;
};
/// The halves that the node was registered for, which are purged now.
struct PurgedHalves {
    bool mme = false;
    bool sgsn = false;
    /// The UE is registered for nothing there, and the last vector under its key went to that node: nobody
    /// has answered it (spec 4.7).
    bool vector_open = false;
};

/// A Notify-Request that was found right (5.2.5.1.3): what is absent is left as it is.
struct NotifyNode {
    ServingNode node;
    s6a::Domain domain = s6a::Domain::mme;
    std::optional<TerminalInformation> terminal_information;
    std::optional<s6a::Features> features;
    std::optional<s6a::ActiveApn> pdn_gateway;  ///< without a gateway: it is gone
    std::optional<std::uint32_t> ue_srvcc_capability;
    bool ims_voice_told = false;  ///< the next one counts; absent: not known any more
    std::optional<std::uint32_t> homogeneous_ims_voice;
    bool area_restricted = false;
    bool reachable = false;            ///< clears URRP
    bool remove_sms = false;           ///< the node gives up short messages
    bool single_registration = false;  ///< the SGSN is cancelled and forgotten
    bool withdraw = false;    ///< the binding does not admit the device: the node is cancelled, and purged
    bool lock = false;        ///< and nothing more for the subscription until the operator acts
    std::optional<Imei> ask;  ///< the operator is asked about this device
    std::optional<bool> emergency;  ///< the node tells of an emergency service, or of its end
    WallTime now;
};

/// A node that has other Subscription-Data than it should.
struct Untold {
    Imsi imsi;
    Registration registration;
    std::optional<Subscription> told;  ///< absent: not known what it has, so everything
    Subscription now;
    SubscriptionVersion version;  ///< what `now` is made of
    std::uint32_t attempts = 0;   ///< that failed before
};

/// How far a search through all registrations has come: those after it are still to be looked at.
struct SweepPosition {
    std::string imsi;
    s6a::Domain domain = s6a::Domain::mme;
    bool operator==(const SweepPosition&) const = default;
};
struct SweepPage {
    std::vector<Untold> untold;
    std::optional<SweepPosition> next;  ///< absent: the end was reached
};

/// The nodes that are peers of one of several daemons. A node is reached best by a daemon that it is a peer
/// of, so that one has what is for it; what is for a node that is nobody's peer is anybody's.
struct Reach {
    std::string daemon;              ///< its Diameter identity; empty: there is no other daemon
    std::vector<std::string> hosts;  ///< its open peers, in lower case
    bool operator==(const Reach&) const = default;
};

/// For how long those that were taken belong to who took them, and how many at most. Of what is due only that
/// is taken which is for a peer of `reach`, or for no peer of another daemon (Store::announce_reach).
struct Claim {
    WallTime now;
    std::chrono::milliseconds lease{30'000};
    std::size_t limit = 100;
    Reach reach{};
};

/// Nothing to say but that it worked.
struct Done {};

}  // namespace bindhss::store
