// SPDX-License-Identifier: Apache-2.0
// The stores of operators, over the API: commands need not know who answers them.
#pragma once

#include "ctl/api_client.h"
#include "store/device_keys.h"
#include "store/provisioning.h"

namespace bindhss::ctl {

/// Who is named in the audit is for the API to decide: act_as() counts for `direct` alone. Guards are the
/// API's own (If-Match) and none of these. What the API refuses is thrown as ApiProblem, but for apply(),
/// which tells what is wrong line by line.
class ApiProvisioning final : public store::Provisioning {
  public:
    /// `direct`: the database itself, for what the API does not give out (KMEs); absent beside a daemon.
    explicit ApiProvisioning(std::shared_ptr<ApiClient> api,
                             std::shared_ptr<store::Provisioning> direct = nullptr)
        : api_(std::move(api)), direct_(std::move(direct)) {}

    using store::Provisioning::alarms;
    using store::Provisioning::apply;
    using store::Provisioning::audit;
    using store::Provisioning::devices;
    using store::Provisioning::registrations;
    using store::Provisioning::subscribers;

    void act_as(std::string who) override;
    store::Applied apply(const std::vector<store::Item>& items, const store::ApplyOptions& options) override;
    store::KmeImport import_kmes(store::KmeSource& source, bool dry_run, const std::string& what) override;
    std::uint64_t export_kmes(const std::optional<ImeiRange>& range, const std::string& what,
                              const std::function<void(const store::KmeRecord&)>& visit) override;

    std::optional<store::SubscriberRow> subscriber(const Imsi& imsi) override;
    std::vector<store::SubscriberRow> subscribers(const store::SubscriberFilter& filter,
                                                  const store::Page& page) override;
    std::optional<store::ProfileRow> profile(const std::string& name) override;
    std::vector<store::ProfileRow> profiles(const store::Page& page) override;
    std::vector<store::DeviceRow> devices(const store::DeviceFilter& filter,
                                          const store::Page& page) override;
    std::vector<store::EquipmentEntry> equipment(const store::Page& page) override;
    std::optional<store::EquipmentEntry> equipment_of(Imei imei,
                                                      const std::optional<std::string>& svn) override;
    std::vector<store::RegistrationRow> registrations(const store::RegistrationFilter& filter,
                                                      const store::Page& page) override;
    std::vector<ServingNode> order(const store::NodeOrder& order) override;
    std::vector<store::TermsRow> terms() override;
    std::vector<store::SubscriptionGroupRow> subscription_groups(const store::Page& page) override;
    std::vector<binding::Rule> rules(const std::optional<Imsi>& imsi, const store::Page& page) override;
    std::optional<std::int64_t> rule_like(const binding::Rule& rule) override;
    std::vector<store::DeviceModelRow> device_models(const store::Page& page) override;
    std::vector<store::KmeRow> kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                    const store::Page& page) override;
    std::vector<store::ApprovalRow> approvals(const store::Page& page) override;
    store::SeenPage seen(const store::SeenFilter& filter, const std::optional<store::SeenPosition>& after,
                         std::size_t limit) override;
    std::optional<store::SeenPair> pair(const Imsi& imsi, const TerminalInformation& device) override;
    std::vector<store::AuditRow> audit(const store::AuditFilter& filter, const store::Page& page) override;
    std::vector<store::AlarmRow> alarms(const store::AlarmFilter& filter, const store::Page& page) override;
    std::uint64_t acknowledge_alarms(const store::AlarmSelection& which, const std::string& who) override;
    std::uint64_t clear_alarms(const store::AlarmSelection& which, const std::string& who) override;

  private:
    std::shared_ptr<ApiClient> api_;
    std::shared_ptr<store::Provisioning> direct_;
};

/// As above; `direct`, where it is there, takes imports, each of them in one transaction.
class ApiDeviceKeys final : public store::DeviceKeys {
  public:
    explicit ApiDeviceKeys(std::shared_ptr<ApiClient> api,
                           std::shared_ptr<store::DeviceKeys> direct = nullptr)
        : api_(std::move(api)), direct_(std::move(direct)) {}

    void act_as(std::string who) override;
    store::DeviceKeyImport import_device_keys(store::DeviceKeySource& source,
                                              const store::DeviceKeyImportOptions& options,
                                              const std::string& what) override;
    std::uint64_t revoke_device_keys(Imei imei, const std::optional<Octets<32>>& fingerprint) override;
    std::vector<store::DeviceKey> device_keys(const std::optional<Imei>& imei,
                                              const std::optional<Imei>& after, std::size_t limit) override;
    std::uint64_t renew_kmes(const std::variant<Imei, std::string>& owner) override;
    std::vector<store::ExchangeRow> exchanges(const store::Page& page) override;

  private:
    std::shared_ptr<ApiClient> api_;
    std::shared_ptr<store::DeviceKeys> direct_;
};

}  // namespace bindhss::ctl
