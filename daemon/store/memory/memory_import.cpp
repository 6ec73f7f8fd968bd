// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_import.h"

#include <algorithm>

#include "store/cancellations.h"
#include "store/memory/memory_store.h"
#include "subscription/document.h"

namespace bindhss::store {
namespace memory {
namespace {

void store_subscriber(Tables& tables, const Planned<PutSubscriber>& planned, std::vector<LineError>& errors) {
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
        // SQN_MS is that of one card.
        if (record.keys.k != put.keys->k || record.keys.opc != put.keys->opc) record.resync.reset();
        record.keys = *put.keys;
        record.sim_only = put.sim_only;
    }
    if (put.amf) record.amf = *put.amf;
    if (put.msisdn) record.msisdn = *put.msisdn;
    if (put.profile) record.profile = *put.profile;
    if (put.override_document)
        record.override_document = put.override_document->empty() ? "{}" : *put.override_document;
}

void store_device(Tables& tables, const Planned<PutDevice>& planned, std::vector<LineError>& errors) {
    const auto& put = *planned.put;
    const auto [entry, is_new] = tables.devices.try_emplace(put.range);
    auto& device = entry->second;
    if (is_new && !put.group && put.range.low != put.range.high) errors.push_back(needs_group(planned));
    if (put.group) device.group = *put.group;
    if (put.comment) device.comment = *put.comment;
    if (put.uiccs_max) device.uiccs_max = *put.uiccs_max == 0 ? std::nullopt : put.uiccs_max;
}

void store_model(Tables& tables, const PutDeviceModel& put) {
    auto& model = tables.device_models[put.tac];
    model.tac = put.tac;
    if (put.name || put.forget) model.name = put.name.value_or("");
    if (put.imei_secure || put.forget) model.imei_secure = put.imei_secure;
    if (put.key_secure || put.forget) model.key_secure = put.key_secure;
}

void store_kmes(Tables& tables, const ImportPlan& plan, WallTime now, std::vector<LineError>& errors) {
    for (const auto& [put, line] : plan.kmes)
        store_kme(tables, {put->owner, put->generation, put->key, line}, now, errors);
    retire_kmes(tables, plan, now, errors);
}

void store_bindings(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    for (const auto& planned : plan.bindings) {
        const auto found = tables.subscribers.find(planned.put->imsi);
        if (found == tables.subscribers.end()) {
            errors.push_back(unknown_subscriber(planned));
            continue;
        }
        found->second.terms = terms_named_by(*planned.put);
        found->second.devices = planned.put->devices;
        found->second.group = planned.put->group;
    }
}

void check_overrides(const Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    for (const auto& [imsi, record] : tables.subscribers) {
        if (record.override_document == "{}") continue;
        std::optional<std::size_t> line;
        for (const auto& planned : plan.profiles)
            if (planned.put->name == record.profile) line = planned.line;
        for (const auto& planned : plan.subscribers)
            if (planned.put->imsi == imsi) line = planned.line;
        const auto profile = tables.profiles.find(record.profile);  // none: its put is among the errors
        if (!line || profile == tables.profiles.end()) continue;
        const auto check =
            check_override_of(imsi.digits(), profile->second.document, record.override_document);
        if (check.error) errors.push_back({*line, *check.error});
    }
}

/// Whose nodes have to be told.
void note_changed(const Tables& before, Tables& after) {
    for (const auto& [imsi, record] : after.subscribers) {
        const auto old = before.subscribers.find(imsi);
        if (old == before.subscribers.end()) continue;
        const auto& was = old->second;
        if (was.profile != record.profile || was.override_document != record.override_document ||
            was.msisdn != record.msisdn)
            after.changed.insert(imsi);
    }
}

KnownNames known_names(const Tables& tables) {
    KnownNames known;
    for (const auto& [name, profile] : tables.profiles) known.profiles.insert(name);
    for (const auto& [name, terms] : tables.terms) known.terms.insert(name);
    for (const auto& [name, group] : tables.subscription_groups) known.subscription_groups.insert(name);
    known.groups = tables.groups;
    return known;
}

}  // namespace

void store_profile(Tables& tables, const std::string& name, std::string document, Subscription subscription) {
    auto& profile = tables.profiles[name];
    if (profile.document == document) return;
    profile = {++tables.last_profile_version, std::move(document), std::move(subscription)};
}

namespace {

/// When a generation ceased to be the active one.
WallTime ended(const StoredKme& key) {
    return key.replaced_at.value_or(key.changed);
}

/// Did `now` take over from `was`, and was it `was` that the subscription proved, not one before it?
bool renewed(const Tables& tables, const Record& record, const std::string& owner, const binding::Kme& was,
             const binding::Kme& now) {
    const auto old = tables.kmes.find({owner, was.generation});
    if (old == tables.kmes.end() || old->second.kme.id != was.id ||
        old->second.state != StoredKme::State::previous || now.generation != was.generation + 1)
        return false;
    return std::none_of(tables.kmes.begin(), old, [&](const auto& entry) {
        return entry.first.first == owner && (!record.proved_at || ended(entry.second) >= *record.proved_at);
    });
}

/// Is a generation before the active one retired now that the subscription proved, and none since?
bool proof_is_retired(const Tables& before, const Tables& after, const Record& record,
                      const std::string& owner, const binding::Kme& active) {
    return std::any_of(before.kmes.begin(), before.kmes.end(), [&](const auto& entry) {
        const auto& [place, key] = entry;
        return place.first == owner && place.second < active.generation &&
               key.state != StoredKme::State::retired &&
               after.kmes.at(place).state == StoredKme::State::retired &&
               (!record.proved_at || !key.replaced_at || *record.proved_at <= *key.replaced_at);
    });
}

/// Is what the subscription proved before the change proven after it?
bool still_proven(const Tables& before, const Record& was, const Tables& after, const Record& now) {
    const auto* old = active_kme(before, was);
    const auto* active = active_kme(after, now);
    if (old == nullptr || active == nullptr) return old == active;
    const auto& owner = now.chosen;
    if (old->id == active->id) return !proof_is_retired(before, after, now, owner, *active);
    return owner_of_active_kme(before, was) == owner && renewed(after, now, owner, *old, *active);
}

}  // namespace

void settle_keys(const Tables& before, Tables& after) {
    for (auto& [imsi, record] : after.subscribers) {
        record.chosen = owner_of_active_kme(after, record);
        const auto old = before.subscribers.find(imsi);
        if (old == before.subscribers.end()) continue;
        if (still_proven(before, old->second, after, record)) continue;
        if (record.registrations.mme) record.registrations.mme->verified = false;
        if (record.registrations.sgsn) record.registrations.sgsn->verified = false;
    }
}

void store(Tables& tables, const ImportPlan& plan, WallTime now, std::vector<LineError>& errors) {
    tables.groups.insert(plan.new_groups.begin(), plan.new_groups.end());
    for (const auto& [put, line] : plan.profiles)
        store_profile(tables, put->name, put->document, subscription::read_document(put->document).value());
    store_policies(tables, plan);
    for (const auto& planned : plan.subscribers) store_subscriber(tables, planned, errors);
    for (const auto& planned : plan.devices) store_device(tables, planned, errors);
    for (const auto& [put, line] : plan.device_models) store_model(tables, *put);
    store_equipment(tables, plan);
    store_kmes(tables, plan, now, errors);
    store_bindings(tables, plan, errors);
    store_decisions(tables, plan, errors);
    remove(tables, plan, errors);
    check_overrides(tables, plan, errors);
}

}  // namespace memory

void MemoryStore::act_as(std::string who) {
    const std::lock_guard lock(mutex_);
    who_ = std::move(who);
}

void MemoryStore::by_request(std::string name) {
    const std::lock_guard lock(mutex_);
    request_ = std::move(name);
}

void MemoryStore::tell_audit(const std::string& what, const std::string& detail, const std::string& request) {
    const auto id = audit_.empty() ? 1 : audit_.back().id + 1;
    audit_.push_back({id, now(), who_, what, detail, request});
}

Applied MemoryStore::apply(const std::vector<Item>& items, const ApplyOptions& options) {
    const std::lock_guard lock(mutex_);
    if (options.once && !options.dry_run) {
        const auto asked = asked_.find(options.once->key);
        if (asked != asked_.end()) {
            return {asked->second.first == options.once->fingerprint ? Applied::Outcome::before
                                                                     : Applied::Outcome::another_once,
                    {}};
        }
    }
    if (options.guard && !holds(*options.guard)) return {Applied::Outcome::changed, {}};
    auto plan = plan_import(items, memory::known_names(tables_));
    auto next = tables_;
    memory::store(next, plan, now(), plan.errors);
    if (!plan.errors.empty()) return {Applied::Outcome::refused, std::move(plan.errors)};
    if (options.dry_run) return {};
    memory::note_changed(tables_, next);
    if (next.last_profile_version != tables_.last_profile_version) ++profile_changes_;
    for (const auto& planned : plan.removed_subscribers) withdraw(planned.put->imsi);
    replace_tables(std::move(next));
    for (const auto& settled : settled_alarms(plan)) clear_settled(settled);
    for (const auto& entry : audit_of(plan)) tell_audit(entry.what, entry.detail, options.request);
    if (options.once) asked_[options.once->key] = {options.once->fingerprint, now()};
    return {};
}

void MemoryStore::replace_tables(Tables next) {
    memory::settle_keys(tables_, next);
    tables_ = std::move(next);
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

}  // namespace bindhss::store
