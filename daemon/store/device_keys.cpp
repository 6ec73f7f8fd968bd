// SPDX-License-Identifier: Apache-2.0
#include "store/device_keys.h"

#include <algorithm>

#include "store/device_key_rules.h"
#include "store/names.h"
#include "types/limits.h"

namespace bindhss::store {

std::optional<std::string> device_key_problem(const DeviceKey& key) {
    if (auto problem = name_problem(key.origin); !problem.empty()) return "the origin " + problem;
    if (key.valid_from && key.valid_until && *key.valid_until <= *key.valid_from)
        return "the key's time ends before it begins";
    return std::nullopt;
}

std::string revoked_device_key() {
    return "this key of the device was revoked, and does not come back";
}

void refuse(DeviceKeyImport& import, LineError error) {
    ++import.refused;
    if (import.errors.size() < limits::import_errors_shown_max) import.errors.push_back(std::move(error));
}

void keep_first(std::vector<LineError>& errors) {
    std::stable_sort(errors.begin(), errors.end(),
                     [](const LineError& a, const LineError& b) { return a.line < b.line; });
    if (errors.size() > limits::import_errors_shown_max)
        errors.erase(errors.begin() + limits::import_errors_shown_max, errors.end());
}

std::vector<DeviceKeyRecord> next_chunk(DeviceKeySource& source, const DeviceKeyImportOptions& options,
                                        DeviceKeyImport& import) {
    std::vector<DeviceKeyRecord> chunk;
    while (chunk.size() < limits::import_chunk_rows) {
        auto record = source.next();
        if (!record) break;
        auto* key = std::get_if<DeviceKey>(&record->key);
        if (key == nullptr) {
            refuse(import, {record->line, std::move(std::get<std::string>(record->key))});
            continue;
        }
        if (key->origin.empty()) key->origin = options.origin;
        if (auto problem = device_key_problem(*key)) {
            refuse(import, {record->line, std::move(*problem)});
        } else {
            chunk.push_back(std::move(*record));
        }
    }
    return chunk;
}

AuditEntry audit_of(const DeviceKeyImport& import, const std::string& what) {
    return {"import public keys", what + ": " + std::to_string(import.added) + " added, " +
                                      std::to_string(import.unchanged) + " unchanged, " +
                                      std::to_string(import.revoked) + " revoked, " +
                                      std::to_string(import.refused) + " refused"};
}

AuditEntry audit_of_revocation(Imei imei, const std::optional<Octets<32>>& fingerprint, std::uint64_t count) {
    return {"revoke public keys", imei.str() + (fingerprint ? ", " + to_hex(*fingerprint) : ", all of them") +
                                      ": " + std::to_string(count)};
}

AuditEntry audit_of_renewal(const std::variant<Imei, std::string>& owner, std::uint64_t count) {
    return {"renew KMEs", owner_name(owner) + ": " + std::to_string(count)};
}

}  // namespace bindhss::store
