// SPDX-License-Identifier: Apache-2.0
// The store in memory: for tests of procedures, and the second implementation that keeps the contract honest.
#pragma once

#include <mutex>
#include <set>

#include "store/device_keys.h"
#include "store/import_plan.h"
#include "store/memory/memory_tables.h"
#include "store/provisioning.h"
#include "store/store.h"

namespace bindhss::store {

/// Store, Provisioning, DeviceKeys and Exchanges over one set of maps, lost when it dies. Any thread may call
/// every side; one mutex. Verbs complete at once on the caller's executor. REQUIRES: it outlives every
/// awaited verb.
class MemoryStore : public Store, public Provisioning, public DeviceKeys, public Exchanges {
  public:
    /// What operators do happens at the time of this clock, which outlives the store; nullptr: the system's.
    explicit MemoryStore(const Clock* clock = nullptr);

    Awaitable<AuthenticationSubscription> load_authentication(Imsi imsi, ServingNode node,
                                                              KeyGrace grace) override;
    Awaitable<VectorReservation> reserve_vectors(VectorReservationRequest request) override;
    Awaitable<SubscriberView> load_subscriber(Imsi imsi, ServingNode node,
                                              std::optional<TerminalInformation> reported) override;
    Awaitable<std::vector<NodeRequest>> register_node(Imsi imsi, RegisterNode request,
                                                      std::chrono::milliseconds lease) override;
    Awaitable<Done> record_refusal(Imsi imsi, Refusal refusal) override;
    Awaitable<binding::Change> record_sign(Imsi imsi, SignReport report) override;
    Awaitable<std::optional<std::int64_t>> find_kme(Imsi imsi, Imei imei) override;
    Awaitable<PurgedHalves> purge(Imsi imsi, PurgeNode request) override;
    Awaitable<std::vector<NodeRequest>> notify(Imsi imsi, NotifyNode request,
                                               std::chrono::milliseconds lease) override;
    Awaitable<std::vector<NodeRequest>> take_requests(Claim claim) override;
    Awaitable<Done> finish_request(NodeRequest request) override;
    Awaitable<Done> postpone_request(NodeRequest request, WallTime at) override;
    Awaitable<bool> hand_over_request(NodeRequest request, std::string daemon, WallTime now) override;
    Awaitable<Done> announce_reach(Reach reach, std::vector<std::string> come, WallTime now,
                                   WallTime until) override;
    Awaitable<std::vector<Untold>> take_untold(Claim claim) override;
    Awaitable<SweepPage> sweep_untold(std::optional<SweepPosition> after, Claim claim) override;
    Awaitable<Done> mark_told(Imsi imsi, Registration registration, SubscriptionVersion version,
                              WallTime now) override;
    Awaitable<Done> postpone_telling(Imsi imsi, Registration registration, WallTime at) override;
    Awaitable<bool> hand_over_telling(Imsi imsi, Registration registration, std::string daemon,
                                      WallTime now) override;
    Awaitable<Done> mark_detached(Imsi imsi, Registration registration) override;
    Awaitable<Done> store_location(Imsi imsi, ServingNode node, s6a::EpsLocationInformation location,
                                   WallTime now) override;
    Awaitable<std::uint64_t> profile_clock() override;
    Awaitable<std::optional<EquipmentEntry>> load_equipment(Imei imei,
                                                            std::optional<std::string> svn) override;
    Awaitable<Done> record_alarms(std::vector<alarm::Notice> notices) override;
    Awaitable<AlarmActs> alarm_acts(std::optional<std::int64_t> after, std::uint32_t limit) override;
    Awaitable<std::uint64_t> delete_old(OldRecords what, std::chrono::seconds keep,
                                        std::uint32_t limit) override;

    Awaitable<std::variant<Begun, NotBegun>> begin_exchange(BeginExchange exchange) override;
    Awaitable<std::optional<PendingExchange>> load_exchange(binding::TransactionId transaction,
                                                            WallTime now) override;
    Awaitable<Finished> finish_exchange(FinishExchange finish) override;
    Awaitable<Done> abort_exchange(Imsi imsi, std::string host) override;
    Awaitable<bool> exchange_pending(Imsi imsi, WallTime now) override;
    Awaitable<bool> has_come_again(Imsi imsi, ServingNode node, WallTime since) override;
    Awaitable<Done> keep_session(Imsi imsi, binding::AkaSession session, WallTime until) override;
    Awaitable<std::optional<RestrictedProfile>> load_restricted(Imsi imsi, std::string profile) override;

    void act_as(std::string who) override;
    /// As PostgresProvisioning has it.
    void by_request(std::string name);
    using Provisioning::alarms;
    using Provisioning::apply;
    using Provisioning::audit;
    using Provisioning::devices;
    using Provisioning::registrations;
    using Provisioning::subscribers;
    Applied apply(const std::vector<Item>& items, const ApplyOptions& options) override;
    KmeImport import_kmes(KmeSource& source, bool dry_run, const std::string& what) override;
    std::uint64_t export_kmes(const std::optional<ImeiRange>& range, const std::string& what,
                              const std::function<void(const KmeRecord&)>& visit) override;
    std::optional<SubscriberRow> subscriber(const Imsi& imsi) override;
    std::vector<SubscriberRow> subscribers(const SubscriberFilter& filter, const Page& page) override;
    std::optional<ProfileRow> profile(const std::string& name) override;
    std::vector<ProfileRow> profiles(const Page& page) override;
    std::vector<DeviceRow> devices(const DeviceFilter& filter, const Page& page) override;
    std::vector<EquipmentEntry> equipment(const Page& page) override;
    std::optional<EquipmentEntry> equipment_of(Imei imei, const std::optional<std::string>& svn) override;
    std::vector<RegistrationRow> registrations(const RegistrationFilter& filter, const Page& page) override;
    std::vector<ServingNode> order(const NodeOrder& order) override;
    std::vector<TermsRow> terms() override;
    std::vector<SubscriptionGroupRow> subscription_groups(const Page& page) override;
    std::vector<binding::Rule> rules(const std::optional<Imsi>& imsi, const Page& page) override;
    std::optional<std::int64_t> rule_like(const binding::Rule& rule) override;
    std::vector<DeviceModelRow> device_models(const Page& page) override;
    std::vector<KmeRow> kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                             const Page& page) override;
    std::vector<ApprovalRow> approvals(const Page& page) override;
    SeenPage seen(const SeenFilter& filter, const std::optional<SeenPosition>& after,
                  std::size_t limit) override;
    std::optional<SeenPair> pair(const Imsi& imsi, const TerminalInformation& device) override;
    std::vector<AuditRow> audit(const AuditFilter& filter, const Page& page) override;
    std::vector<AlarmRow> alarms(const AlarmFilter& filter, const Page& page) override;
    std::uint64_t acknowledge_alarms(const AlarmSelection& which, const std::string& who) override;
    std::uint64_t clear_alarms(const AlarmSelection& which, const std::string& who) override;

    DeviceKeyImport import_device_keys(DeviceKeySource& source, const DeviceKeyImportOptions& options,
                                       const std::string& what) override;
    std::uint64_t revoke_device_keys(Imei imei, const std::optional<Octets<32>>& fingerprint) override;
    std::vector<DeviceKey> device_keys(const std::optional<Imei>& imei, const std::optional<Imei>& after,
                                       std::size_t limit) override;
    std::uint64_t renew_kmes(const std::variant<Imei, std::string>& owner) override;
    std::vector<ExchangeRow> exchanges(const Page& page) override;

    /// Adds or replaces a profile; "default" is there from the start. For tests of procedures.
    void put_profile(const std::string& name, const SubscriptionData& data);
    /// While set, every verb of Store and Exchanges answers with this failure.
    void fail_with(std::optional<Failure> failure);

  private:
    using Record = memory::Record;
    using Tables = memory::Tables;
    struct StoredRequest {
        NodeRequest request;
        WallTime not_before;
        std::optional<WallTime> leased_until{};  ///< it is being sent while this is `not_before`
    };

    Result<AuthenticationSubscription> authentication(const Imsi& imsi, const ServingNode& node,
                                                      const KeyGrace& grace);
    Result<VectorReservation> reserve(const VectorReservationRequest& request);
    Result<SubscriberView> view(const Imsi& imsi, const ServingNode& node,
                                const std::optional<TerminalInformation>& reported);
    SubscriptionVersion version_of(const Subscription& subscription);
    [[nodiscard]] Record* record_of(const Imsi& imsi);
    template <class T, class Work>
    Result<T> with_record(const Imsi& imsi, Work work);
    std::vector<NodeRequest> kept(std::vector<NodeRequest> requests, WallTime not_before);
    std::vector<NodeRequest> reattach_unproven(const Imsi& imsi, Record& record, WallTime now);
    [[nodiscard]] bool reached_by_another(const std::string& host, const std::string& daemon,
                                          WallTime now) const;
    [[nodiscard]] bool may_take(const Claim& claim, const std::string& host) const;
    void look_again(const std::vector<std::string>& come, WallTime now);
    bool untold(Record& record, s6a::Domain domain);
    Untold take(const Imsi& imsi, Record& record, s6a::Domain domain, const Claim& claim);
    void store_proof(Record& record, const RegisterNode& request);
    Result<std::optional<EquipmentEntry>> find_equipment(Imei imei, const std::optional<std::string>& svn);
    [[nodiscard]] std::optional<EquipmentEntry> deciding_entry(Imei imei,
                                                               const std::optional<std::string>& svn) const;
    [[nodiscard]] std::vector<EquipmentEntry> equipment_entries() const;
    void count(const alarm::Notice& notice);
    std::uint64_t change_alarms(const AlarmSelection& which, alarm::Change change, const std::string& who);
    [[nodiscard]] WallTime now() const { return clock_ == nullptr ? SystemClock().now() : clock_->now(); }
    void change_alarm(AlarmRow& row, alarm::Change change, const std::string& who);
    void clear_settled(const SettledAlarm& settled);
    void tell_audit(const std::string& what, const std::string& detail, const std::string& request);
    [[nodiscard]] bool holds(const Guard& guard);
    /// After a change of what keys and devices there are: makes it the store's.
    void replace_tables(Tables next);
    /// The nodes of a subscriber who is about to be removed are told (TS 29.272 5.2.1.2.1).
    void withdraw(const Imsi& imsi);
    [[nodiscard]] SeenPair pair_of(const Imsi& imsi, const Record& record,
                                   const TerminalInformation& device) const;
    [[nodiscard]] std::vector<std::pair<SeenPosition, SeenPair>> seen_by(const Imsi& imsi,
                                                                         const Record& record,
                                                                         bool registered) const;

    std::mutex mutex_;
    const Clock* clock_;
    Tables tables_;
    std::vector<AlarmRow> alarms_;
    std::int64_t last_alarm_id_ = 0;
    struct StoredAct {
        std::int64_t alarm_id;
        AlarmAct act;
        WallTime at;
    };
    std::vector<StoredAct> alarm_acts_;
    std::int64_t last_alarm_act_ = 0;
    std::vector<AuditRow> audit_;
    std::map<std::string, std::pair<Octets<32>, WallTime>> asked_;  ///< under a key (Once)
    std::string who_;
    std::string request_;
    std::vector<Subscription> versions_;  ///< every one that there has been; its number counts from 1
    std::vector<StoredRequest> requests_;
    std::map<std::string, std::map<std::string, WallTime>> reach_;  ///< of a host: daemons, and until when
    std::set<std::string> left_to_another_;                         ///< hosts that a sweep has passed over
    std::int64_t last_request_id_ = 0;
    std::uint64_t profile_changes_ = 0;
    std::optional<Failure> failure_;
};

}  // namespace bindhss::store
