// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/aes.h"
#include "store/cancellations.h"
#include "store/memory/memory_store.h"
#include "subscription/document.h"

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
    for (const auto& [name, profile] : tables_.profiles) known.profiles.insert(name);
    known.groups = tables_.groups;
    auto plan = plan_import(items, known);
    auto next = tables_;
    store(next, plan, plan.errors);
    forget_proofs(tables_, next);
    if (plan.errors.empty()) note_changed(tables_, next);
    if (plan.errors.empty() && !dry_run) {
        if (next.last_profile_version != tables_.last_profile_version) ++profile_changes_;
        for (const auto& planned : plan.removed_subscribers) withdraw(planned.put->imsi);
        tables_ = std::move(next);
    }
    return std::move(plan.errors);
}

void MemoryStore::forget_proofs(const Tables& before, Tables& after) {
    const auto id_of = [](const binding::Kme* kme) { return kme == nullptr ? 0 : kme->id; };
    for (auto& [imsi, record] : after.subscribers) {
        const auto old = before.subscribers.find(imsi);
        if (old == before.subscribers.end()) continue;
        if (id_of(active_kme(before, old->second)) == id_of(active_kme(after, record))) continue;
        if (record.registrations.mme) record.registrations.mme->verified = false;
        if (record.registrations.sgsn) record.registrations.sgsn->verified = false;
    }
}

void MemoryStore::store(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    tables.groups.insert(plan.new_groups.begin(), plan.new_groups.end());
    for (const auto& [put, line] : plan.profiles)
        store_profile(tables, put->name, put->document, subscription::read_document(put->document).value());
    for (const auto& planned : plan.subscribers) store_subscriber(tables, planned, errors);
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
    remove(tables, plan, errors);
    check_overrides(tables, plan, errors);
}

void MemoryStore::store_profile(Tables& tables, const std::string& name, std::string document,
                                Subscription subscription) {
    auto& profile = tables.profiles[name];
    if (profile.document == document) return;
    profile = {++tables.last_profile_version, std::move(document), std::move(subscription)};
}

void MemoryStore::store_subscriber(Tables& tables, const Planned<PutSubscriber>& planned,
                                   std::vector<LineError>& errors) {
    const auto& put = *planned.put;
    const auto [entry, is_new] = tables.subscribers.try_emplace(put.imsi);
    auto& record = entry->second;
    if (is_new) {
        if (!put.keys) errors.push_back(needs_keys(planned));
        record.seq = put.seq.value_or(0);
        record.amf = Amf{{0x80, 0x00}};
        record.profile = "default";
    }
    if (put.keys) {
        record.keys = *put.keys;
        record.sim_only = put.sim_only;
    }
    if (put.amf) record.amf = *put.amf;
    if (put.msisdn) record.msisdn = *put.msisdn;
    if (put.profile) record.profile = *put.profile;
    if (put.override_document)
        record.override_document = put.override_document->empty() ? "{}" : *put.override_document;
}

void MemoryStore::withdraw(const Imsi& imsi) {
    const auto& registrations = tables_.subscribers.at(imsi).registrations;
    for (const auto domain : {s6a::Domain::mme, s6a::Domain::sgsn}) {
        const auto& registration = registrations.of(domain);
        if (!registration || registration->purged) continue;
        kept({cancel(imsi, *registration, s6a::CancellationType::subscription_withdrawal, WallTime{})},
             WallTime{});
    }
}

void MemoryStore::remove(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    for (const auto& planned : plan.removed_subscribers)
        if (tables.subscribers.erase(planned.put->imsi) == 0) errors.push_back(unknown_subscriber(planned));
    for (const auto& planned : plan.removed_profiles) {
        const auto found = tables.profiles.find(planned.put->name);
        if (found == tables.profiles.end()) {
            errors.push_back(unknown_profile(planned));
        } else if (const auto row = row_of(tables, found->first, found->second); row.subscribers > 0) {
            errors.push_back(profile_in_use(planned, row.subscribers));
        } else {
            tables.profiles.erase(found);
        }
    }
}

void MemoryStore::check_overrides(const Tables& tables, const ImportPlan& plan,
                                  std::vector<LineError>& errors) {
    for (const auto& [imsi, record] : tables.subscribers) {
        if (record.override_document == "{}") continue;
        std::optional<std::size_t> line;
        for (const auto& planned : plan.profiles)
            if (planned.put->name == record.profile) line = planned.line;
        for (const auto& planned : plan.subscribers)
            if (planned.put->imsi == imsi) line = planned.line;
        if (!line) continue;
        const auto& document = tables.profiles.at(record.profile).document;
        const auto check = check_override_of(imsi.digits(), document, record.override_document);
        if (check.error) errors.push_back({*line, *check.error});
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
    return {imsi,
            record.msisdn,
            record.profile,
            record.amf,
            record.seq,
            record.policy,
            record.devices,
            record.group,
            kcv_of(active_kme(tables, record)),
            record.override_document};
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

ProfileRow MemoryStore::row_of(const Tables& tables, const std::string& name, const Profile& profile) {
    const auto subscribers = std::count_if(tables.subscribers.begin(), tables.subscribers.end(),
                                           [&](const auto& entry) { return entry.second.profile == name; });
    return {name, profile.version, static_cast<std::uint64_t>(subscribers), profile.document};
}

std::optional<ProfileRow> MemoryStore::profile(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.profiles.find(name);
    if (found == tables_.profiles.end()) return std::nullopt;
    return row_of(tables_, name, found->second);
}

std::vector<ProfileRow> MemoryStore::profiles(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<ProfileRow> rows;
    for (const auto& [name, profile] : tables_.profiles) {
        if (rows.size() == limit) break;
        rows.push_back(row_of(tables_, name, profile));
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
        if (record.registrations.mme) rows.push_back({imsi, *record.registrations.mme});
        if (record.registrations.sgsn) rows.push_back({imsi, *record.registrations.sgsn});
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
