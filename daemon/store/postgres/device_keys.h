// SPDX-License-Identifier: Apache-2.0
// The registry of public keys in PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "store/device_keys.h"
#include "store/postgres/bounds.h"

namespace bindhss::store::postgres {

/// Blocking, with a connection of its own, opened at the first call and again after it broke. One thread at a
/// time. An import holds no lock that an exchange waits for. REQUIRES: the schema is up to date.
class PostgresDeviceKeys final : public DeviceKeys {
  public:
    explicit PostgresDeviceKeys(const std::string& url, Bounds bounds = {});
    ~PostgresDeviceKeys() override;
    PostgresDeviceKeys(const PostgresDeviceKeys&) = delete;
    PostgresDeviceKeys& operator=(const PostgresDeviceKeys&) = delete;

    void act_as(std::string who) override;
    /// Under which name of a request the audit has what comes from now on.
    void by_request(const std::string& name);
    DeviceKeyImport import_device_keys(DeviceKeySource& source, const DeviceKeyImportOptions& options,
                                       const std::string& what) override;
    std::uint64_t revoke_device_keys(Imei imei, const std::optional<Octets<32>>& fingerprint) override;
    std::vector<DeviceKey> device_keys(const std::optional<Imei>& imei, const std::optional<Imei>& after,
                                       std::size_t limit) override;
    std::uint64_t renew_kmes(const std::variant<Imei, std::string>& owner) override;
    std::vector<ExchangeRow> exchanges(const Page& page) override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::store::postgres
