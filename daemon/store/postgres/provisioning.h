// SPDX-License-Identifier: Apache-2.0
// Provisioning in PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "crypto/key_ring.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

/// Blocking, with a connection of its own, opened at the first call and again after it broke. One thread at a
/// time. An import locks the rows that it changes until it is through; requests for those subscriptions wait
/// meanwhile. REQUIRES: the schema is up to date; keys and random outlive it.
class PostgresProvisioning final : public Provisioning {
  public:
    PostgresProvisioning(const std::string& url, const crypto::KeyRing& keys, Random& random);
    ~PostgresProvisioning() override;
    PostgresProvisioning(const PostgresProvisioning&) = delete;
    PostgresProvisioning& operator=(const PostgresProvisioning&) = delete;

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

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::store::postgres
