// SPDX-License-Identifier: Apache-2.0
// The store in memory: for tests of procedures, and the second implementation that keeps the contract honest.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <set>

#include "store/import_plan.h"
#include "store/provisioning.h"
#include "store/store.h"

namespace bindhss::store {

/// Store and Provisioning over one set of maps, lost when it dies. Any thread may call either side; one
/// mutex. Verbs complete at once on the caller's executor. REQUIRES: it outlives every awaited verb.
class MemoryStore final : public Store, public Provisioning {
  public:
    MemoryStore();

    Awaitable<AuthenticationSubscription> load_authentication(Imsi imsi) override;
    Awaitable<VectorReservation> reserve_vectors(VectorReservationRequest request) override;
    Awaitable<SubscriberView> load_subscriber(Imsi imsi, ServingNode node) override;
    Awaitable<std::vector<NodeRequest>> register_node(Imsi imsi, RegisterNode request,
                                                      std::chrono::milliseconds lease) override;
    Awaitable<PurgedHalves> purge(Imsi imsi, PurgeNode request) override;
    Awaitable<std::vector<NodeRequest>> notify(Imsi imsi, NotifyNode request,
                                               std::chrono::milliseconds lease) override;
    Awaitable<std::vector<NodeRequest>> take_requests(Claim claim) override;
    Awaitable<Done> finish_request(NodeRequest request) override;
    Awaitable<Done> postpone_request(NodeRequest request, WallTime at) override;
    Awaitable<std::vector<Untold>> take_untold(Claim claim) override;
    Awaitable<SweepPage> sweep_untold(std::optional<SweepPosition> after, Claim claim) override;
    Awaitable<Done> mark_told(Imsi imsi, Registration registration, SubscriptionVersion version,
                              WallTime now) override;
    Awaitable<Done> postpone_telling(Imsi imsi, Registration registration, WallTime at) override;
    Awaitable<Done> mark_detached(Imsi imsi, Registration registration) override;
    Awaitable<Done> store_location(Imsi imsi, ServingNode node, s6a::EpsLocationInformation location,
                                   WallTime now) override;
    Awaitable<std::uint64_t> profile_clock() override;
    Awaitable<std::optional<EquipmentEntry>> load_equipment(Imei imei,
                                                            std::optional<std::string> svn) override;
    boost::asio::awaitable<void> record_alarm(alarm::Notice notice) override;

    std::vector<LineError> apply(const std::vector<Item>& items, bool dry_run) override;
    std::optional<SubscriberRow> subscriber(const Imsi& imsi) override;
    std::vector<SubscriberRow> subscribers(std::size_t limit) override;
    std::optional<ProfileRow> profile(const std::string& name) override;
    std::vector<ProfileRow> profiles(std::size_t limit) override;
    std::vector<DeviceRow> devices(std::size_t limit) override;
    std::vector<EquipmentEntry> equipment(std::size_t limit) override;
    std::optional<EquipmentEntry> equipment_of(Imei imei, const std::optional<std::string>& svn) override;
    std::vector<RegistrationRow> registrations(std::size_t limit) override;
    std::vector<ServingNode> order(const NodeOrder& order) override;
    std::vector<AlarmRow> alarms(std::size_t limit) override;

    /// Adds or replaces a profile; "default" is there from the start. For tests of procedures.
    void put_profile(const std::string& name, const SubscriptionData& data);
    /// While set, every verb of Store answers with this failure (none for record_alarm, which does nothing).
    void fail_with(std::optional<Failure> failure);

  private:
    /// What was issued to one node; its index is the IND (TS 33.102 C.3.4).
    struct Slot {
        ServingNode node;
        std::uint64_t seq = 0;
        IssuedVectors issued;
    };
    struct Association {
        Imei imei;
        WallTime last;
    };
    /// When a node may be told (again) of a change; nothing: nobody has found a difference.
    struct Telling {
        std::optional<WallTime> at;
        std::uint32_t attempts = 0;
    };
    struct StoredRequest {
        NodeRequest request;
        WallTime not_before;
    };
    struct Record {
        AkaKeys keys;
        bool sim_only = false;
        Amf amf;
        std::string msisdn;
        std::string profile;
        std::string override_document = "{}";
        std::uint64_t seq = 0;
        binding::Policy policy = binding::Policy::off;
        std::vector<ImeiRange> devices;
        std::string group;
        std::vector<Slot> slots;
        Registrations registrations;
        std::array<Telling, 2> telling;  ///< by domain
        std::optional<Imei> last_seen;
    };
    struct Device {
        std::string group;
        std::string comment;
        std::optional<s6a::EquipmentStatus> status;
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
    struct Tables {
        std::map<std::string, Profile> profiles;
        std::int64_t last_profile_version = 0;
        std::map<Imsi, Record> subscribers;
        std::map<ImeiRange, Device> devices;
        std::map<std::pair<ImeiRange, std::string>, DeviceVersion> device_versions;  ///< by software version
        std::set<std::string> groups;
        std::map<std::string, binding::Kme> kmes;  ///< by owner
        std::int64_t last_kme_id = 0;
        std::set<Imsi> changed;  ///< one by one, since the nodes were told
    };

    Result<AuthenticationSubscription> authentication(const Imsi& imsi);
    Result<VectorReservation> reserve(const VectorReservationRequest& request);
    Result<SubscriberView> view(const Imsi& imsi, const ServingNode& node);
    [[nodiscard]] static Subscription subscription_of(const Tables& tables, const Record& record);
    SubscriptionVersion version_of(const Subscription& subscription);
    [[nodiscard]] Record* record_of(const Imsi& imsi);
    template <class T, class Work>
    Result<T> with_record(const Imsi& imsi, Work work);
    std::vector<NodeRequest> kept(std::vector<NodeRequest> requests, WallTime not_before);
    bool untold(Record& record, s6a::Domain domain);
    Untold take(const Imsi& imsi, Record& record, s6a::Domain domain, const Claim& claim);
    static void remember_device(Record& record, const std::optional<TerminalInformation>& terminal);
    Result<std::optional<EquipmentEntry>> find_equipment(Imei imei, const std::optional<std::string>& svn);
    [[nodiscard]] std::optional<EquipmentEntry> deciding_entry(Imei imei,
                                                               const std::optional<std::string>& svn) const;
    [[nodiscard]] std::vector<EquipmentEntry> equipment_entries() const;
    static void store_equipment(Tables& tables, const ImportPlan& plan);
    static void store_version(Tables& tables, const PutEquipment& put);
    void count(const alarm::Notice& notice);

    static Slot& slot_of(Record& record, const ServingNode& node);
    [[nodiscard]] static const binding::Kme* active_kme(const Tables& tables, const Record& record);
    [[nodiscard]] static const binding::Kme* kme_of(const Tables& tables, const ImeiRange& range);
    [[nodiscard]] static bool has_service(const Tables& tables, const Record& record);
    [[nodiscard]] static AuthenticationSubscription authentication_of(const Tables& tables,
                                                                      const Record& record);
    /// What was proven under a key is not proven under another one (I1).
    static void forget_proofs(const Tables& before, Tables& after);
    /// Whose nodes have to be told.
    static void note_changed(const Tables& before, Tables& after);
    /// The devices of a binding by key have one key (R2).
    static void check_keys(const Tables& tables, const Planned<PutBinding>& planned,
                           std::vector<LineError>& errors);
    static void store(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors);
    static void store_profile(Tables& tables, const std::string& name, std::string document,
                              Subscription subscription);
    static void store_subscriber(Tables& tables, const Planned<PutSubscriber>& planned,
                                 std::vector<LineError>& errors);
    /// The nodes of a subscriber who is about to be removed are told (TS 29.272 5.2.1.2.1).
    void withdraw(const Imsi& imsi);
    static void remove(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors);
    static void check_overrides(const Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors);
    [[nodiscard]] static ProfileRow row_of(const Tables& tables, const std::string& name,
                                           const Profile& profile);
    [[nodiscard]] static SubscriberRow row_of(const Tables& tables, const Imsi& imsi, const Record& record);

    std::mutex mutex_;
    Tables tables_;
    std::vector<AlarmRow> alarms_;
    std::vector<Subscription> versions_;  ///< every one that there has been; its number counts from 1
    std::vector<StoredRequest> requests_;
    std::int64_t last_request_id_ = 0;
    std::uint64_t profile_changes_ = 0;
    std::optional<Failure> failure_;
};

}  // namespace bindhss::store
