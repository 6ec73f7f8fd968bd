// SPDX-License-Identifier: Apache-2.0
// What every implementation of DeviceKeys decides alike. Pure.
#pragma once

#include "store/device_keys.h"
#include "store/import_plan.h"

namespace bindhss::store {

/// What is wrong with a key to store, whoever brings it; nothing: it is good.
[[nodiscard]] std::optional<std::string> device_key_problem(const DeviceKey& key);
/// A key that was revoked does not come back.
[[nodiscard]] std::string revoked_device_key();

/// Counts a refused line, and keeps what is wrong with it while it is among the first.
void refuse(DeviceKeyImport& import, LineError error);
/// The first errors, by line, of those told here and there.
void keep_first(std::vector<LineError>& errors);

/// The next keys of a source, at most limits::import_chunk_rows; of lines that name no origin it is that of
/// the options. Refused lines are counted in `import`. Empty: there are no more.
[[nodiscard]] std::vector<DeviceKeyRecord> next_chunk(DeviceKeySource& source,
                                                      const DeviceKeyImportOptions& options,
                                                      DeviceKeyImport& import);
/// REQUIRES: the record holds a key.
[[nodiscard]] inline const DeviceKey& key_of(const DeviceKeyRecord& record) {
    return std::get<DeviceKey>(record.key);
}

/// What the audit tells.
[[nodiscard]] AuditEntry audit_of(const DeviceKeyImport& import, const std::string& what);
[[nodiscard]] AuditEntry audit_of_revocation(Imei imei, const std::optional<Octets<32>>& fingerprint,
                                             std::uint64_t count);
[[nodiscard]] AuditEntry audit_of_renewal(const std::variant<Imei, std::string>& owner, std::uint64_t count);

}  // namespace bindhss::store
