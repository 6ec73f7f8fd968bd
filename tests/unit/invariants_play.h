// SPDX-License-Identifier: Apache-2.0
// Plays events on the procedures over the store in memory, with honest MMEs, a node that forges, a USIM and
// the devices that it may be in; and watches the invariants of spec 4.7 with books of its own.
#pragma once

#include <map>
#include <set>

#include "invariants_events.h"
#include "world.h"

namespace bindhss::test {

/// What is watched.
enum class Invariant : std::uint8_t { i1, i2, i3, i4, i5, i6, i7, emergency, lock, usable };

/// What the store says of the subscription between two events.
struct Snapshot {
    std::vector<ImeiRange> devices;
    binding::Standing standing;
    std::string kcv;   ///< of the active key
    std::string keys;  ///< all that are stored
    std::optional<Imei> last_seen;
    std::size_t approvals = 0;
    std::vector<store::Registration> registrations;
    [[nodiscard]] const store::Registration* at(const std::string& host) const;
};

class Play {
  public:
    Play();
    void run(const std::vector<Event>& events);
    /// How it was first broken; empty: it holds.
    [[nodiscard]] std::string broken(Invariant invariant) const;
    /// So often something happened that the invariant is about, so that a test is not one of nothing.
    std::map<Invariant, std::size_t> seen;

  private:
    struct Kept {
        s6a::EutranVector vector;
        WallTime since;
    };
    /// A security context between a UE and the network.
    struct Context {
        Device device = Device::own;
        bool keyed = false;  ///< AKA was passed with a pre-processed vector, by a device that has the key
        std::string host;    ///< where it is
    };
    /// What the network has given a node.
    struct Books {
        std::optional<WallTime> vector_at;
        std::optional<WallTime> regular_at;
        std::optional<WallTime> several_at;  ///< regular ones of which a ULR leaves some
        std::uint64_t seq = 0;               ///< of the last vector
        binding::Provenance registered_as = binding::Provenance::unproven;
    };
    /// An Update-Location as it is sent, with what is true of it.
    struct Update {
        ServingNode node;
        Device device;
        std::optional<Imei> imei;
        bool keyed = false;
        bool just_proven = false;  ///< AKA was passed a moment ago, with the key that is active
        bool just_regular = false;
    };

    void step(const Event& event);
    void breaks(Invariant invariant, const std::string& how);
    [[nodiscard]] Snapshot snapshot();
    [[nodiscard]] const ServingNode& node(const Event& event) const;
    [[nodiscard]] Imei reported_by(Device device) const;

    // invariants_play.cpp: what the network and the UE do
    void attach(const Event& event);
    void stale_attach(const Event& event);
    void handover(const Event& event);
    void forged_ulr(const Event& event);
    void replayed_auts(const Event& event);
    void wrong_auts(const Event& event);
    void purge(const Event& event);
    void wait(unsigned number);
    void notify(const Event& event);
    std::optional<s6a::EutranVector> fetch(const Event& event,
                                           const std::optional<ReSynchronizationInfo>& resync);
    std::optional<s6a::EutranVector> resynchronise(const Event& event, const s6a::EutranVector& vector);
    std::optional<Sqn> open(const s6a::EutranVector& vector, Device device) const;
    std::optional<Rand> rand_in(const s6a::EutranVector& vector, Device device) const;
    std::optional<Sqn> open_with(const s6a::EutranVector& vector, const Rand& rand) const;
    std::optional<Sqn> sqn_of(const s6a::EutranVector& vector) const;
    void complete(const Event& event, const s6a::EutranVector& vector, const Sqn& sqn);
    void update_location(const Update& update);
    Result<s6a::Answer> dispatch_without_waiting(s6a::Request request);
    Result<s6a::AuthenticationInformationAnswer> air(const Event& event,
                                                     const std::optional<ReSynchronizationInfo>& resync);

    // invariants_operator.cpp: what the operator does
    void set_terms(unsigned number);
    void set_list(unsigned number);
    void set_rule(const Event& event);
    void renew_key(unsigned number);
    void decide(const Event& event);
    void set_lock(unsigned number);
    void store_binding(std::vector<ImeiRange> devices);
    bool tell(store::Item item);

    // invariants_watch.cpp: what must hold
    void watch_step(const Event& event, const Snapshot& before, const Snapshot& after);
    void watch_vectors(const ServingNode& at, const s6a::AuthenticationInformationAnswer& answer);
    void watch_regular(const Snapshot& before, const Snapshot& after, const ServingNode& at);
    void watch_key(const s6a::EutranVector& vector, const Snapshot& after);
    void watch_denied(const Failure& failure, const Snapshot& before);
    void watch_refused(const Update& update, const Snapshot& before, const Snapshot& after);
    void watch_registered(const Update& update, const Snapshot& before, const Snapshot& after);
    void watch_acquisition(const Update& update, const Snapshot& before, const Snapshot& after);
    void watch_forged(const Snapshot& before, const Snapshot& after);
    void watch_mismatch(const Update& update, bool registered, const Snapshot& before, const Snapshot& after);
    [[nodiscard]] binding::Provenance provenance(const ServingNode& node, const Snapshot& before);
    [[nodiscard]] bool regular_is_open(const ServingNode& node);
    [[nodiscard]] bool allowed_by_terms(Imei imei, const ServingNode& node, const Snapshot& before,
                                        bool limited);
    /// Naively: of rules and list, all of which are about single devices. Nothing: none says anything.
    [[nodiscard]] std::optional<bool> allowed(Imei imei, const Snapshot& state);
    [[nodiscard]] bool has_list(const Snapshot& state);

    World world_;
    binding::Terms terms_;
    const Imei spare_ = *Imei::parse("35824005222222");
    const ServingNode evil_{"evil.example.net", "example.net"};
    /// By owner, each generation in its place; the devices have the two latest.
    std::map<Device, std::vector<SecretString>> keys_;
    std::uint64_t usim_seq_ = 0;
    std::uint64_t highest_seq_ = 0;
    std::set<std::uint64_t> issued_;
    std::map<std::string, std::uint64_t> ind_;
    std::map<std::string, Kept> kept_;
    std::map<std::string, Books> books_;
    std::vector<WallTime> regular_;  ///< vectors given to a subscription bound by a key
    std::vector<ReSynchronizationInfo> accepted_;
    std::size_t unanswered_ = 0;  ///< vectors under a key that nobody answered, since the last proof
    std::optional<Context> context_;
    bool registered_keyed_ = false;  ///< the context of whoever is registered
    bool refusal_due_ = false;       ///< a ULR was refused, and the next AIR may be too
    std::map<Invariant, std::string> broken_;
};

}  // namespace bindhss::test
