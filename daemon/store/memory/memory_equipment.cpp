// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_import.h"
#include "store/memory/memory_store.h"
#include "store/positions.h"

namespace bindhss::store {

Awaitable<std::optional<EquipmentEntry>> MemoryStore::load_equipment(Imei imei,
                                                                     std::optional<std::string> svn) {
    co_return find_equipment(imei, svn);
}

Result<std::optional<EquipmentEntry>> MemoryStore::find_equipment(Imei imei,
                                                                  const std::optional<std::string>& svn) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    return deciding_entry(imei, svn);
}

std::optional<EquipmentEntry> MemoryStore::deciding_entry(Imei imei,
                                                          const std::optional<std::string>& svn) const {
    std::optional<EquipmentEntry> best;
    for (const auto& entry : equipment_entries()) {
        if (!entry.range.contains(imei) || (entry.svn && entry.svn != svn)) continue;
        if (!best || more_specific(entry, *best)) best = entry;
    }
    return best;
}

std::vector<EquipmentEntry> MemoryStore::equipment_entries() const {
    std::map<std::pair<ImeiRange, std::string>, EquipmentEntry> sorted;
    for (const auto& [range, device] : tables_.devices) {
        if (device.status) {
            sorted.emplace(std::pair(range, std::string()),
                           EquipmentEntry{range, std::nullopt, *device.status, device.comment});
        }
    }
    for (const auto& [key, version] : tables_.device_versions)
        sorted.emplace(key, EquipmentEntry{key.first, key.second, version.status, version.comment});
    std::vector<EquipmentEntry> entries;
    entries.reserve(sorted.size());
    for (auto& [key, entry] : sorted) entries.push_back(std::move(entry));
    return entries;
}

std::optional<EquipmentEntry> MemoryStore::equipment_of(Imei imei, const std::optional<std::string>& svn) {
    const std::lock_guard lock(mutex_);
    return deciding_entry(imei, svn);
}

std::vector<EquipmentEntry> MemoryStore::equipment(const Page& page) {
    const std::lock_guard lock(mutex_);
    auto entries = equipment_entries();
    const auto after = range_position(page);
    std::erase_if(entries, [&](const EquipmentEntry& entry) {
        const auto low = static_cast<std::int64_t>(entry.range.low.number());
        const auto high = static_cast<std::int64_t>(entry.range.high.number());
        return !after || std::tuple(low, high, entry.svn.value_or("")) <=
                             std::tuple(after->low, after->high, after->rest);
    });
    if (entries.size() > page.limit)
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(page.limit), entries.end());
    return entries;
}

namespace memory {
namespace {

void store_version(Tables& tables, const PutEquipment& put) {
    const std::pair key(put.range, *put.svn);
    if (!put.status) {
        tables.device_versions.erase(key);
        return;
    }
    auto& version = tables.device_versions[key];
    version.status = *put.status;
    if (put.comment) version.comment = *put.comment;
}

}  // namespace

void store_equipment(Tables& tables, const ImportPlan& plan) {
    for (const auto& [put, line] : plan.equipment) {
        if (put->svn) {
            store_version(tables, *put);
            continue;
        }
        const auto found = tables.devices.find(put->range);
        if (!put->status && found == tables.devices.end()) continue;
        auto& device = tables.devices[put->range];
        device.status = put->status;
        if (put->comment) device.comment = *put->comment;
        // A range that is neither listed nor in a group says nothing.
        if (put->range.low != put->range.high && !device.status && device.group.empty())
            tables.devices.erase(put->range);
    }
}

}  // namespace memory
}  // namespace bindhss::store
