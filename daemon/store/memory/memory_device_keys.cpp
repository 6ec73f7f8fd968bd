// SPDX-License-Identifier: Apache-2.0
// The registry of public keys in memory.
#include <algorithm>

#include "store/device_key_rules.h"
#include "store/memory/memory_store.h"
#include "store/positions.h"

namespace bindhss::store {
namespace {

using Keys = std::map<Imei, std::vector<DeviceKey>>;

/// nullptr: the device has no such key.
const DeviceKey* find_key(const Keys& keys, Imei imei, const Octets<32>& fingerprint) {
    const auto of_device = keys.find(imei);
    if (of_device == keys.end()) return nullptr;
    const auto found = std::find_if(of_device->second.begin(), of_device->second.end(),
                                    [&](const DeviceKey& key) { return key.fingerprint == fingerprint; });
    return found == of_device->second.end() ? nullptr : &*found;
}

/// Revokes those of the device that `meant` names; returns how many.
template <class Meant>
std::uint64_t revoke(Keys& keys, Imei imei, WallTime now, Meant meant) {
    std::uint64_t count = 0;
    const auto of_device = keys.find(imei);
    if (of_device == keys.end()) return count;
    for (auto& key : of_device->second) {
        if (key.revoked_at || !meant(key)) continue;
        key.revoked_at = now;
        ++count;
    }
    return count;
}

/// The fingerprints that a file has, by device.
using Named = std::map<Imei, std::vector<Octets<32>>>;

std::uint64_t revoke_others(Keys& keys, const Named& named, WallTime now) {
    std::uint64_t count = 0;
    for (const auto& [imei, fingerprints] : named) {
        count += revoke(keys, imei, now, [&fingerprints = fingerprints](const DeviceKey& key) {
            return std::find(fingerprints.begin(), fingerprints.end(), key.fingerprint) == fingerprints.end();
        });
    }
    return count;
}

}  // namespace

DeviceKeyImport MemoryStore::import_device_keys(DeviceKeySource& source,
                                                const DeviceKeyImportOptions& options,
                                                const std::string& what) {
    const std::lock_guard lock(mutex_);
    DeviceKeyImport result;
    DeviceKeyImport revoked_before;
    auto keys = tables_.device_keys;
    Named named;
    for (auto chunk = next_chunk(source, options, result); !chunk.empty();
         chunk = next_chunk(source, options, result)) {
        for (const auto& record : chunk) {
            auto key = key_of(record);
            const auto* known = find_key(keys, key.imei, key.fingerprint);
            if (known != nullptr && known->revoked_at) {
                refuse(revoked_before, {record.line, revoked_device_key()});
                continue;
            }
            named[key.imei].push_back(key.fingerprint);
            ++(known == nullptr ? result.added : result.unchanged);
            if (known != nullptr) continue;
            key.added = now();
            keys[key.imei].push_back(std::move(key));
        }
    }
    result.refused += revoked_before.refused;
    result.errors.insert(result.errors.end(), revoked_before.errors.begin(), revoked_before.errors.end());
    keep_first(result.errors);
    if (options.strict && result.refused > 0) {
        result.added = result.unchanged = 0;
        return result;
    }
    if (options.revoke_others) result.revoked = revoke_others(keys, named, now());
    if (options.dry_run) return result;
    tables_.device_keys = std::move(keys);
    const auto entry = audit_of(result, what);
    tell_audit(entry.what, entry.detail, request_);
    result.stored = true;
    return result;
}

std::uint64_t MemoryStore::revoke_device_keys(Imei imei, const std::optional<Octets<32>>& fingerprint) {
    const std::lock_guard lock(mutex_);
    const auto count = revoke(tables_.device_keys, imei, now(), [&](const DeviceKey& key) {
        return fingerprint.value_or(key.fingerprint) == key.fingerprint;
    });
    const auto entry = audit_of_revocation(imei, fingerprint, count);
    if (count > 0) tell_audit(entry.what, entry.detail, request_);
    return count;
}

std::vector<DeviceKey> MemoryStore::device_keys(const std::optional<Imei>& imei,
                                                const std::optional<Imei>& after, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<DeviceKey> result;
    for (const auto& [device, keys] : tables_.device_keys) {
        if (imei.value_or(device) != device || (after && device <= *after)) continue;
        for (auto key = keys.rbegin(); key != keys.rend() && result.size() < limit; ++key)
            result.push_back(*key);
    }
    return result;
}

std::uint64_t MemoryStore::renew_kmes(const std::variant<Imei, std::string>& owner) {
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    for (auto& [key, stored] : tables_.kmes) {
        if (key.first != owner_name(owner) || stored.state != memory::StoredKme::State::active) continue;
        stored.kme.not_after = now();
        ++count;
    }
    const auto entry = audit_of_renewal(owner, count);
    if (count > 0) tell_audit(entry.what, entry.detail, request_);
    return count;
}

std::vector<ExchangeRow> MemoryStore::exchanges(const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<ExchangeRow> rows;
    const auto after = text_position(page);
    for (const auto& [imsi, record] : tables_.subscribers) {
        if (rows.size() == page.limit || !after) break;
        if (imsi.str() <= *after || !record.exchange || record.exchange->pending.deadline < now()) continue;
        const auto& pending = record.exchange->pending;
        ExchangeRow row{imsi, pending.imei, pending.terms.generation, pending.way, pending.node.host};
        row.started = record.exchange->started;
        row.deadline = pending.deadline;
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace bindhss::store
