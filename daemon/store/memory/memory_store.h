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
    Awaitable<std::optional<Registration>> register_mme(Imsi imsi, Registration registration) override;
    Awaitable<std::optional<EquipmentEntry>> load_equipment(Imei imei,
                                                            std::optional<std::string> svn) override;
    boost::asio::awaitable<void> record_alarm(alarm::Alarm alarm) override;

    std::vector<LineError> apply(const std::vector<Item>& items, bool dry_run) override;
    std::optional<SubscriberRow> subscriber(const Imsi& imsi) override;
    std::vector<SubscriberRow> subscribers(std::size_t limit) override;
    std::vector<DeviceRow> devices(std::size_t limit) override;
    std::vector<EquipmentEntry> equipment(std::size_t limit) override;
    std::optional<EquipmentEntry> equipment_of(Imei imei, const std::optional<std::string>& svn) override;
    std::vector<RegistrationRow> registrations(std::size_t limit) override;
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
    struct Record {
        AkaKeys keys;
        bool sim_only = false;
        Amf amf;
        std::string msisdn;
        std::string profile;
        std::uint64_t seq = 0;
        binding::Policy policy = binding::Policy::off;
        std::vector<ImeiRange> devices;
        std::string group;
        std::vector<Slot> slots;
        std::optional<Registration> registration;
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
    struct Tables {
        std::map<std::string, SubscriptionData> profiles;
        std::map<Imsi, Record> subscribers;
        std::map<ImeiRange, Device> devices;
        std::map<std::pair<ImeiRange, std::string>, DeviceVersion> device_versions;  ///< by software version
        std::set<std::string> groups;
        std::map<std::string, binding::Kme> kmes;  ///< by owner
        std::int64_t last_kme_id = 0;
    };

    Result<AuthenticationSubscription> authentication(const Imsi& imsi);
    Result<VectorReservation> reserve(const VectorReservationRequest& request);
    Result<SubscriberView> view(const Imsi& imsi, const ServingNode& node);
    Result<std::optional<Registration>> store_registration(const Imsi& imsi,
                                                           const Registration& registration);
    Result<std::optional<EquipmentEntry>> find_equipment(Imei imei, const std::optional<std::string>& svn);
    [[nodiscard]] std::optional<EquipmentEntry> deciding_entry(Imei imei,
                                                               const std::optional<std::string>& svn) const;
    [[nodiscard]] std::vector<EquipmentEntry> equipment_entries() const;
    static void store_equipment(Tables& tables, const ImportPlan& plan);
    static void store_version(Tables& tables, const PutEquipment& put);
    void count(const alarm::Alarm& alarm);

    static Slot& slot_of(Record& record, const ServingNode& node);
    [[nodiscard]] static const binding::Kme* active_kme(const Tables& tables, const Record& record);
    [[nodiscard]] static const binding::Kme* kme_of(const Tables& tables, const ImeiRange& range);
    [[nodiscard]] static bool has_eps(const Tables& tables, const Record& record);
    [[nodiscard]] static AuthenticationSubscription authentication_of(const Tables& tables,
                                                                      const Record& record);
    /// What was proven under a key is not proven under another one (I1).
    static void forget_proofs(const Tables& before, Tables& after);
    /// The devices of a binding by key have one key (R2).
    static void check_keys(const Tables& tables, const Planned<PutBinding>& planned,
                           std::vector<LineError>& errors);
    static void store(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors);
    [[nodiscard]] static SubscriberRow row_of(const Tables& tables, const Imsi& imsi, const Record& record);

    std::mutex mutex_;
    Tables tables_;
    std::vector<AlarmRow> alarms_;
    std::optional<Failure> failure_;
};

}  // namespace bindhss::store
