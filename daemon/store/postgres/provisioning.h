// SPDX-License-Identifier: Apache-2.0
// Provisioning in PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "crypto/key_ring.h"
#include "store/postgres/bounds.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

/// Blocking, with a connection of its own, opened at the first call and again after it broke. One thread at a
/// time. An import locks the rows that it changes until it is through; requests for those subscriptions wait
/// meanwhile. REQUIRES: the schema is up to date; keys and random outlive it.
class PostgresProvisioning final : public Provisioning {
  public:
    PostgresProvisioning(const std::string& url, const crypto::KeyRing& keys, Random& random,
                         Bounds bounds = {});
    ~PostgresProvisioning() override;
    PostgresProvisioning(const PostgresProvisioning&) = delete;
    PostgresProvisioning& operator=(const PostgresProvisioning&) = delete;

    void act_as(std::string who) override;
    /// Under which name of a request the audit has what comes from now on, but for apply(), which is told.
    void by_request(const std::string& name);
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

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::store::postgres
