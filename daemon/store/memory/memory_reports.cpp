// SPDX-License-Identifier: Apache-2.0
// What operators read back of subscriptions, devices, terms and rules.
#include <algorithm>

#include "store/memory/memory_import.h"
#include "store/memory/memory_store.h"

namespace bindhss::store {

namespace {

/// A row of each entry, `limit` at most.
template <class Row, class Entries, class Make>
std::vector<Row> rows_of(const Entries& entries, std::size_t limit, Make make) {
    std::vector<Row> rows;
    for (const auto& entry : entries) {
        if (rows.size() == limit) break;
        rows.push_back(make(entry));
    }
    return rows;
}

SubscriberRow row_of(const memory::Tables& tables, const Imsi& imsi, const memory::Record& record) {
    const auto& terms = terms_of(tables, record);
    return {imsi,
            record.msisdn,
            record.profile,
            record.amf,
            record.seq,
            terms.policy,
            record.devices,
            record.group,
            memory::kcv_of(active_kme(tables, record)),
            record.override_document,
            terms.name,
            source_of_terms(tables, record),
            {record.groups.begin(), record.groups.end()},
            record.standing,
            record.proved_at};
}

ProfileRow row_of(const memory::Tables& tables, const std::string& name, const memory::Profile& profile) {
    return {name, profile.version, subscribers_of(tables, name), profile.document};
}

DeviceRow row_of(const memory::Tables& tables, const ImeiRange& range, const memory::Device& device) {
    const auto owner = owner_of_key(tables, range);
    const auto* key = owner.empty() ? nullptr : &active_key_of(tables, owner)->kme;
    return {range, device.group, device.comment, memory::kcv_of(key), device.uiccs_max.value_or(0)};
}

}  // namespace

std::optional<SubscriberRow> MemoryStore::subscriber(const Imsi& imsi) {
    const std::lock_guard lock(mutex_);
    const auto* record = record_of(imsi);
    if (record == nullptr) return std::nullopt;
    return row_of(tables_, imsi, *record);
}

std::vector<SubscriberRow> MemoryStore::subscribers(const SubscriberFilter&, const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<SubscriberRow>(tables_.subscribers, page.limit, [&](const auto& entry) {
        return row_of(tables_, entry.first, entry.second);
    });
}

std::optional<ProfileRow> MemoryStore::profile(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.profiles.find(name);
    if (found == tables_.profiles.end()) return std::nullopt;
    return row_of(tables_, name, found->second);
}

std::vector<ProfileRow> MemoryStore::profiles(const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<ProfileRow>(tables_.profiles, page.limit,
                               [&](const auto& entry) { return row_of(tables_, entry.first, entry.second); });
}

std::vector<DeviceRow> MemoryStore::devices(const DeviceFilter&, const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<DeviceRow>(tables_.devices, page.limit,
                              [&](const auto& entry) { return row_of(tables_, entry.first, entry.second); });
}

std::vector<RegistrationRow> MemoryStore::registrations(const RegistrationFilter&, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<RegistrationRow> rows;
    for (const auto& [imsi, record] : tables_.subscribers) {
        if (rows.size() == page.limit) break;
        if (record.registrations.mme) rows.push_back({imsi, *record.registrations.mme});
        if (record.registrations.sgsn) rows.push_back({imsi, *record.registrations.sgsn});
    }
    return rows;
}

std::vector<TermsRow> MemoryStore::terms() {
    const std::lock_guard lock(mutex_);
    return rows_of<TermsRow>(tables_.terms, tables_.terms.size(), [&](const auto& entry) {
        const auto& [name, stored] = entry;
        return TermsRow{stored.terms, stored.fixed, name == tables_.default_terms,
                        memory::bindings_of(tables_, name), memory::groups_of(tables_, name)};
    });
}

std::vector<SubscriptionGroupRow> MemoryStore::subscription_groups(const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<SubscriptionGroupRow>(tables_.subscription_groups, page.limit, [&](const auto& entry) {
        const auto& [name, group] = entry;
        return SubscriptionGroupRow{name, group.terms, group.rank, memory::members_of(tables_, name)};
    });
}

std::vector<binding::Rule> MemoryStore::rules(const std::optional<Imsi>& imsi, const Page& page) {
    const std::lock_guard lock(mutex_);
    const auto* record = imsi ? record_of(*imsi) : nullptr;
    std::vector<binding::Rule> rows;
    if (imsi && record == nullptr) return rows;
    for (const auto& [id, rule] : tables_.rules) {
        if (rows.size() == page.limit) break;
        if (!imsi || covers(rule.subscriptions, *imsi, *record)) rows.push_back(rule);
    }
    return rows;
}

std::optional<std::int64_t> MemoryStore::rule_like(const binding::Rule& rule) {
    const std::lock_guard lock(mutex_);
    const auto* like = memory::rule_like(tables_, rule);
    return like == nullptr ? std::nullopt : std::optional(like->id);
}

std::vector<DeviceModelRow> MemoryStore::device_models(const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<DeviceModelRow>(tables_.device_models, page.limit,
                                   [](const auto& entry) { return entry.second; });
}

std::vector<ApprovalRow> MemoryStore::approvals(const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<ApprovalRow> rows;
    for (const auto& [imsi, record] : tables_.subscribers)
        for (const auto& [imei, asked] : record.approvals)
            rows.push_back({imsi, imei, asked.svn, asked.host, asked.first, asked.last, asked.count});
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    if (rows.size() > page.limit)
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(page.limit), rows.end());
    return rows;
}

std::vector<AuditRow> MemoryStore::audit(const AuditFilter&, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<AuditRow> newest(audit_.rbegin(), audit_.rend());
    if (newest.size() > page.limit) newest.resize(page.limit);
    return newest;
}

}  // namespace bindhss::store
