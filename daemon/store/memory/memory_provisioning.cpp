// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/aes.h"
#include "store/memory/memory_store.h"

namespace bindhss::store {
namespace {

std::string kcv_of(const binding::Kme* kme) {
    return kme == nullptr ? std::string() : to_hex(crypto::key_check_value(kme->key.view()));
}

bool same(OctetView a, OctetView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

std::vector<LineError> MemoryStore::apply(const std::vector<Item>& items, bool dry_run) {
    const std::lock_guard lock(mutex_);
    KnownNames known;
    for (const auto& [name, data] : tables_.profiles) known.profiles.insert(name);
    known.groups = tables_.groups;
    auto plan = plan_import(items, known);
    auto next = tables_;
    store(next, plan, plan.errors);
    forget_proofs(tables_, next);
    if (plan.errors.empty() && !dry_run) tables_ = std::move(next);
    return std::move(plan.errors);
}

void MemoryStore::forget_proofs(const Tables& before, Tables& after) {
    const auto id_of = [](const binding::Kme* kme) { return kme == nullptr ? 0 : kme->id; };
    for (auto& [imsi, record] : after.subscribers) {
        const auto old = before.subscribers.find(imsi);
        if (!record.registration || old == before.subscribers.end()) continue;
        if (id_of(active_kme(before, old->second)) != id_of(active_kme(after, record))) {
            record.registration->verified = false;
        }
    }
}

void MemoryStore::store(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    tables.groups.insert(plan.new_groups.begin(), plan.new_groups.end());
    for (const auto& [put, line] : plan.subscribers) {
        const auto [entry, is_new] = tables.subscribers.try_emplace(put->imsi);
        auto& record = entry->second;
        if (is_new) record.seq = put->seq.value_or(0);
        record.keys = put->keys;
        record.sim_only = put->sim_only;
        record.amf = put->amf;
        record.msisdn = put->msisdn;
        record.profile = put->profile;
    }
    for (const auto& planned : plan.devices) {
        const auto& put = *planned.put;
        const auto [entry, is_new] = tables.devices.try_emplace(put.range);
        if (is_new && !put.group && put.range.low != put.range.high) errors.push_back(needs_group(planned));
        if (put.group) entry->second.group = *put.group;
        if (put.comment) entry->second.comment = *put.comment;
    }
    store_equipment(tables, plan);
    for (const auto& [put, line] : plan.kmes) {
        if (const auto* imei = std::get_if<Imei>(&put->owner))
            tables.devices.try_emplace(ImeiRange::of(*imei));
        auto& kme = tables.kmes[owner_name(*put)];
        if (kme.id == 0 || !same(kme.key.view(), put->key.view())) kme = {++tables.last_kme_id, put->key, 0};
    }
    for (const auto& planned : plan.bindings) {
        const auto found = tables.subscribers.find(planned.put->imsi);
        if (found == tables.subscribers.end()) {
            errors.push_back(unknown_subscriber(planned));
            continue;
        }
        found->second.policy = planned.put->policy;
        found->second.devices = planned.put->devices;
        found->second.group = planned.put->group;
        check_keys(tables, planned, errors);
    }
}

void MemoryStore::check_keys(const Tables& tables, const Planned<PutBinding>& planned,
                             std::vector<LineError>& errors) {
    const auto& put = *planned.put;
    if (!binding::needs_kme(put.policy) || !put.group.empty()) return;
    const ImeiRange* first = nullptr;
    for (const auto& range : put.devices) {
        if (kme_of(tables, range) == nullptr) continue;
        if (first == nullptr) first = &range;
        if (kcv_of(kme_of(tables, *first)) == kcv_of(kme_of(tables, range))) continue;
        return errors.push_back(different_keys(planned, *first, range));
    }
}

SubscriberRow MemoryStore::row_of(const Tables& tables, const Imsi& imsi, const Record& record) {
    return {imsi,           record.msisdn, record.profile,
            record.amf,     record.seq,    record.policy,
            record.devices, record.group,  kcv_of(active_kme(tables, record))};
}

std::optional<SubscriberRow> MemoryStore::subscriber(const Imsi& imsi) {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.subscribers.find(imsi);
    if (found == tables_.subscribers.end()) return std::nullopt;
    return row_of(tables_, imsi, found->second);
}

std::vector<SubscriberRow> MemoryStore::subscribers(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<SubscriberRow> rows;
    for (const auto& [imsi, record] : tables_.subscribers) {
        if (rows.size() == limit) break;
        rows.push_back(row_of(tables_, imsi, record));
    }
    return rows;
}

std::vector<DeviceRow> MemoryStore::devices(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<DeviceRow> rows;
    for (const auto& [range, device] : tables_.devices) {
        if (rows.size() == limit) break;
        rows.push_back({range, device.group, device.comment, kcv_of(kme_of(tables_, range))});
    }
    return rows;
}

std::vector<RegistrationRow> MemoryStore::registrations(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<RegistrationRow> rows;
    for (const auto& [imsi, record] : tables_.subscribers) {
        if (rows.size() == limit) break;
        if (record.registration) rows.push_back({imsi, *record.registration});
    }
    return rows;
}

std::vector<AlarmRow> MemoryStore::alarms(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    auto rows = alarms_;
    std::reverse(rows.begin(), rows.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.last > b.last; });
    if (rows.size() > limit) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
    return rows;
}

}  // namespace bindhss::store
