// SPDX-License-Identifier: Apache-2.0
// What operators read back of subscriptions, devices, terms and rules.
#include <algorithm>

#include "store/memory/memory_import.h"
#include "store/memory/memory_store.h"
#include "store/positions.h"

namespace bindhss::store {

namespace {

/// A row of each entry behind `after` (nothing: of none) that fits, as many as the page has.
template <class Row, class Entries, class Key, class Make, class Fits>
std::vector<Row> rows_of(const Entries& entries, const std::optional<Key>& after, const Page& page, Make make,
                         Fits fits) {
    std::vector<Row> rows;
    if (!after) return rows;
    for (auto entry = entries.upper_bound(*after); entry != entries.end() && rows.size() < page.limit;
         ++entry)
        if (fits(*entry)) rows.push_back(make(*entry));
    return rows;
}
template <class Row, class Entries, class Key, class Make>
std::vector<Row> rows_of(const Entries& entries, const std::optional<Key>& after, const Page& page,
                         Make make) {
    return rows_of<Row>(entries, after, page, make, [](const auto&) { return true; });
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

TermsRow row_of(const memory::Tables& tables, const std::string& name, const memory::StoredTerms& stored) {
    return {stored.terms, stored.fixed, name == tables.default_terms, memory::bindings_of(tables, name),
            memory::groups_of(tables, name)};
}

bool fits(const memory::Tables& tables, const SubscriberFilter& filter, const Imsi& imsi,
          const memory::Record& record) {
    return imsi.str().starts_with(filter.imsi_prefix) &&
           (filter.msisdn.empty() || record.msisdn == filter.msisdn) &&
           (filter.profile.empty() || record.profile == filter.profile) &&
           (filter.group.empty() || record.groups.contains(filter.group)) &&
           (!filter.policy || terms_of(tables, record).policy == *filter.policy);
}

bool is_behind(const ImeiRange& range, const RangePosition& after) {
    return std::pair(range.low.number(), range.high.number()) >
           std::pair(static_cast<std::uint64_t>(after.low), static_cast<std::uint64_t>(after.high));
}

}  // namespace

/// The guard's row is read as lists read it, under the lock of the change.
bool MemoryStore::holds(const Guard& guard) {
    if (const auto* subscriber = std::get_if<Guard::Subscriber>(&guard.row)) {
        const auto* record = record_of(subscriber->imsi);
        return subscriber->unchanged(
            record == nullptr ? std::nullopt : std::optional(row_of(tables_, subscriber->imsi, *record)));
    }
    const auto ask = [&](const auto& entries, const auto& key, const auto& unchanged) {
        const auto found = entries.find(key);
        using Row = decltype(row_of(tables_, key, found->second));
        return unchanged(found == entries.end() ? std::optional<Row>()
                                                : std::optional(row_of(tables_, key, found->second)));
    };
    if (const auto* profile = std::get_if<Guard::Profile>(&guard.row))
        return ask(tables_.profiles, profile->name, profile->unchanged);
    if (const auto* terms = std::get_if<Guard::Terms>(&guard.row))
        return ask(tables_.terms, terms->name, terms->unchanged);
    const auto& device = std::get<Guard::Device>(guard.row);
    return ask(tables_.devices, device.range, device.unchanged);
}

std::optional<SubscriberRow> MemoryStore::subscriber(const Imsi& imsi) {
    const std::lock_guard lock(mutex_);
    const auto* record = record_of(imsi);
    if (record == nullptr) return std::nullopt;
    return row_of(tables_, imsi, *record);
}

std::vector<SubscriberRow> MemoryStore::subscribers(const SubscriberFilter& filter, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<SubscriberRow> rows;
    const auto after = text_position(page);
    for (const auto& [imsi, record] : tables_.subscribers) {
        if (rows.size() == page.limit || !after) break;
        if (imsi.str() <= *after || !fits(tables_, filter, imsi, record)) continue;
        rows.push_back(row_of(tables_, imsi, record));
    }
    return rows;
}

std::optional<ProfileRow> MemoryStore::profile(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.profiles.find(name);
    if (found == tables_.profiles.end()) return std::nullopt;
    return row_of(tables_, name, found->second);
}

std::vector<ProfileRow> MemoryStore::profiles(const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<ProfileRow>(tables_.profiles, text_position(page), page,
                               [&](const auto& entry) { return row_of(tables_, entry.first, entry.second); });
}

std::vector<DeviceRow> MemoryStore::devices(const DeviceFilter& filter, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<DeviceRow> rows;
    const auto after = range_position(page);
    for (const auto& [range, device] : tables_.devices) {
        if (rows.size() == page.limit || !after) break;
        if (!is_behind(range, *after) || (filter.imei && !range.contains(*filter.imei)) ||
            (!filter.group.empty() && device.group != filter.group))
            continue;
        rows.push_back(row_of(tables_, range, device));
    }
    return rows;
}

std::vector<RegistrationRow> MemoryStore::registrations(const RegistrationFilter& filter, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<RegistrationRow> rows;
    const auto after = pair_position(page);
    if (!after) return rows;
    const auto add = [&](const Imsi& imsi, const char* domain, const auto& registration) {
        if (!registration || std::pair(imsi.str(), std::string(domain)) <= *after) return;
        if (filter.imsi.value_or(imsi) != imsi || (!filter.purged && registration->purged) ||
            (!filter.node.empty() && registration->node.host != filter.node))
            return;
        if (rows.size() < page.limit) rows.push_back({imsi, *registration});
    };
    for (const auto& [imsi, record] : tables_.subscribers) {
        add(imsi, "mme", record.registrations.mme);
        add(imsi, "sgsn", record.registrations.sgsn);
    }
    return rows;
}

std::vector<TermsRow> MemoryStore::terms() {
    const std::lock_guard lock(mutex_);
    std::vector<TermsRow> rows;
    for (const auto& [name, stored] : tables_.terms) rows.push_back(row_of(tables_, name, stored));
    return rows;
}

std::vector<SubscriptionGroupRow> MemoryStore::subscription_groups(const Page& page) {
    const std::lock_guard lock(mutex_);
    return rows_of<SubscriptionGroupRow>(
        tables_.subscription_groups, text_position(page), page, [&](const auto& entry) {
            const auto& [name, group] = entry;
            return SubscriptionGroupRow{name, group.terms, group.rank, memory::members_of(tables_, name)};
        });
}

std::vector<binding::Rule> MemoryStore::rules(const std::optional<Imsi>& imsi, const Page& page) {
    const std::lock_guard lock(mutex_);
    const auto* record = imsi ? record_of(*imsi) : nullptr;
    if (imsi && record == nullptr) return {};
    return rows_of<binding::Rule>(
        tables_.rules, number_position(page), page, [](const auto& entry) { return entry.second; },
        [&](const auto& entry) { return !imsi || covers(entry.second.subscriptions, *imsi, *record); });
}

std::optional<std::int64_t> MemoryStore::rule_like(const binding::Rule& rule) {
    const std::lock_guard lock(mutex_);
    const auto* like = memory::rule_like(tables_, rule);
    return like == nullptr ? std::nullopt : std::optional(like->id);
}

std::vector<DeviceModelRow> MemoryStore::device_models(const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<DeviceModelRow> rows;
    const auto after = page.after.empty() ? Position<std::int64_t>(-1) : number_position(page);
    for (const auto& [tac, model] : tables_.device_models)
        if (after && std::int64_t{tac} > *after && rows.size() < page.limit) rows.push_back(model);
    return rows;
}

std::vector<ApprovalRow> MemoryStore::approvals(const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<ApprovalRow> rows;
    const auto after = pair_position(page);
    if (!after) return rows;
    for (const auto& [imsi, record] : tables_.subscribers) {
        for (const auto& [imei, asked] : record.approvals) {
            if (rows.size() < page.limit && std::pair(imsi.str(), imei.str()) > *after)
                rows.push_back({imsi, imei, asked.svn, asked.host, asked.first, asked.last, asked.count});
        }
    }
    return rows;
}

std::vector<AuditRow> MemoryStore::audit(const AuditFilter& filter, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<AuditRow> newest;
    const auto before = number_position_down(page);
    if (!before) return newest;
    std::copy_if(audit_.rbegin(), audit_.rend(), std::back_inserter(newest), [&](const AuditRow& row) {
        return row.id < *before && (filter.who.empty() || row.who == filter.who) &&
               row.what.starts_with(filter.what) &&
               (filter.request.empty() || row.request == filter.request) &&
               row.at >= filter.since.value_or(row.at);
    });
    if (newest.size() > page.limit) newest.resize(page.limit);
    return newest;
}

}  // namespace bindhss::store
