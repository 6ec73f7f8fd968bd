// SPDX-License-Identifier: Apache-2.0
// Plays events on the procedures over the store in memory, with honest MMEs, a node that forges, a USIM and
// the devices that it may be in; and watches the invariants of spec 4.7 with books of its own.
#pragma once

#include <map>
#include <set>

#include "invariants_events.h"
#include "key_world.h"

namespace bindhss::test {

/// What is watched.
enum class Invariant : std::uint8_t {
    i1,
    i2,
    i3,
    i4,
    i5,
    i6,
    i7,
    emergency,
    lock,
    usable,
    stock,  ///< who has not the KME AVPs, or is not trusted, sees none of them
};

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

/// Whose keys a device has.
[[nodiscard]] inline Device owner_of(Device device) {
    if (device == Device::own || device == Device::rebadged) return Device::own;
    return device == Device::spare ? Device::spare : Device::thief;
}

class Play {
  public:
    explicit Play(bool exchanges = false);
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
        std::uint32_t features = 0;  ///< of the KME list, that the node announces
        unsigned number = 0;         ///< selects what happens during an exchange
    };
    /// An exchange that has begun: what there is of it is the last one of the subscription.
    struct Pending {
        binding::TransactionId transaction{};
        OctetString container;
        std::string host;  ///< empty: by https
        Imei imei;
        std::uint32_t generation = 0;
        WallTime started;
        WallTime deadline;
    };
    /// What the device made of a container, and the world a moment before the HSS heard of it.
    struct Delivered {
        Pending exchange;
        std::optional<SecretString> proven;  ///< the answer proves that the device has it
        Snapshot before;
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
    Result<s6a::Answer> dispatch(s6a::Request request);
    Result<s6a::Answer> dispatch_without_waiting(s6a::Request request);
    Result<s6a::UpdateLocationAnswer> ulr(const Update& update);
    Result<s6a::AuthenticationInformationAnswer> air(const Event& event,
                                                     const std::optional<ReSynchronizationInfo>& resync);

    // invariants_exchange.cpp: keys that are provisioned over the network
    void provide_exchanges();
    [[nodiscard]] std::uint32_t features_of(const Event& event) const;
    [[nodiscard]] bool trusts(const ServingNode& node, std::uint32_t features) const;
    void load(Device owner, std::uint32_t generation, const SecretString& key);
    std::optional<OctetString> take_container(OctetView container);
    std::optional<OctetString> answer_of(Device device, OctetView container, unsigned number,
                                         Delivered& delivered);
    void happen_meanwhile(const Update& update);
    /// false: so much has happened meanwhile that nothing more can be said of the answer.
    bool end_exchange(const Update& update, const Result<s6a::UpdateLocationAnswer>& answer,
                      WallTime started);
    void offer(const Event& event);
    void confirm(const Event& event);
    void watch_begun(const Pending& exchange, const Snapshot& state);
    void watch_commit(const Delivered& delivered, const Snapshot& after);
    [[nodiscard]] bool may_have_key(Imei imei, const Snapshot& state);
    [[nodiscard]] bool has_to_commit(const Delivered& delivered) const;
    void watch_stock(const ServingNode& node, std::uint32_t features, bool told);

    // invariants_operator.cpp: what the operator does
    void set_terms(unsigned number);
    void set_list(unsigned number);
    void set_rule(const Event& event);
    void renew_key(unsigned number);
    void retire_keys(unsigned number);
    void order_renewal(unsigned number);
    void decide(const Event& event);
    void set_lock(unsigned number);
    void store_binding(std::vector<ImeiRange> devices);
    bool tell(store::Item item);

    // invariants_watch.cpp: what must hold
    void watch_step(const Event& event, const Snapshot& before, const Snapshot& after);
    void watch_vectors(const ServingNode& at, const s6a::AuthenticationInformationAnswer& answer);
    void watch_regular(const Snapshot& before, const Snapshot& after, const ServingNode& at,
                       std::uint32_t features);
    void watch_key(const s6a::EutranVector& vector, const Snapshot& after);
    void watch_denied(const Failure& failure, const Snapshot& before, bool gives_keys);
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
    CarryingNodes nodes_;
    procedure::Ports ports_{world_.store,  world_.alarms, nodes_,
                            world_.random, world_.clock,  world_.settings};
    const bool exchanges_;
    binding::Terms terms_;
    const Imei spare_ = *Imei::parse("35824005222222");
    const ServingNode evil_{"evil.example.net", "example.net"};
    /// What the HSS has, by owner and generation; and whose active one it has no more.
    std::map<Device, std::map<std::uint32_t, SecretString>> keys_;
    std::set<Device> retired_;
    std::map<Device, emu::Me> mes_;
    std::map<Device, emu::SecureElement> elements_;
    std::optional<emu::AkaSession> session_;
    std::optional<Pending> pending_;
    std::optional<Delivered> delivered_;
    std::vector<Pending> offers_;
    std::map<Device, OctetString> last_answers_;
    const Update* update_ = nullptr;  ///< that is pending
    bool regular_was_open_ = false;   ///< when the Update-Location came
    bool interleaved_ = false;        ///< something happens while an Update-Location is pending
    bool meanwhile_ = false;          ///< what is played happens while an Update-Location is pending
    bool interfered_ = false;   ///< in the event that is played the operator or another UE did something
    bool established_ = false;  ///< in the event that is played
    bool imported_ = false;     ///< the same: the operator gave a key, or took one away
    std::set<binding::TransactionId> transactions_;
    std::uint32_t requests_ = 0;
    std::uint64_t usim_seq_ = 0;
    std::uint64_t highest_seq_ = 0;
    std::set<std::uint64_t> issued_;
    std::map<std::string, std::uint64_t> ind_;
    std::map<std::string, Kept> kept_;          ///< the last vector of each node
    std::map<std::string, Kept> kept_regular_;  ///< and the last regular one
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
