// SPDX-License-Identifier: Apache-2.0
// Terms, groups and rules in memory, what operators decide about devices, and what may be removed.
#include <algorithm>

#include "store/memory/memory_import.h"
#include "types/limits.h"

namespace bindhss::store::memory {
namespace {

void store_group(Tables& tables, const PutSubscriptionGroup& put) {
    const auto [entry, is_new] = tables.subscription_groups.try_emplace(put.name);
    if (is_new) entry->second.id = ++tables.last_group_id;
    if (put.terms) entry->second.terms = *put.terms;
    if (put.rank) entry->second.rank = *put.rank;
}

/// nullptr: there is no such subscriber, which is among the errors now.
Record* subscriber(Tables& tables, std::size_t line, const Imsi& imsi, std::vector<LineError>& errors) {
    const auto found = tables.subscribers.find(imsi);
    if (found != tables.subscribers.end()) return &found->second;
    errors.push_back(unknown_subscriber(line, imsi));
    return nullptr;
}

void store_member(Tables& tables, const Planned<PutMember>& planned, std::vector<LineError>& errors) {
    const auto& put = *planned.put;
    auto* record = subscriber(tables, planned.line, put.imsi, errors);
    if (record == nullptr) return;
    if (!put.member) {
        record->groups.erase(put.group);
        return;
    }
    record->groups.insert(put.group);
    if (record->groups.size() > limits::subscription_groups_max)
        errors.push_back(too_many_groups(planned.line, put.imsi));
}

std::int64_t add_rule(Tables& tables, binding::Rule rule) {
    rule.id = ++tables.last_rule_id;
    tables.rules.emplace(rule.id, std::move(rule));
    return tables.last_rule_id;
}

void store_rule(Tables& tables, const Planned<PutRule>& planned, std::vector<LineError>& errors) {
    const auto& rule = planned.put->rule;
    if (auto* like = rule.id == 0 ? rule_like(tables, rule) : nullptr; like != nullptr) {
        like->comment = rule.comment;
    } else if (rule.id == 0) {
        add_rule(tables, rule);
    } else if (const auto found = tables.rules.find(rule.id); found != tables.rules.end()) {
        found->second = rule;
    } else {
        errors.push_back(unknown_rule(planned.line, rule.id));
    }
}

bool reports(const Registration& registration, Imei imei) {
    return registration.terminal_information && registration.terminal_information->imei == imei;
}

void authorise(Tables& tables, const Planned<AuthoriseDevice>& planned, std::vector<LineError>& errors) {
    const auto& put = *planned.put;
    auto* record = subscriber(tables, planned.line, put.imsi, errors);
    if (record == nullptr) return;
    if (put.replace) {
        record->devices.clear();
        record->group.clear();
    }
    const bool listed = std::any_of(record->devices.begin(), record->devices.end(),
                                    [&](const ImeiRange& range) { return range.contains(put.imei); });
    if (!listed) record->devices.push_back(ImeiRange::of(put.imei));
    if (record->devices.size() > limits::binding_devices_max)
        errors.push_back(too_many_devices(planned.line, put.imsi));
    record->approvals.erase(put.imei);
    std::erase_if(tables.rules, [&](const auto& entry) { return stands_against(entry.second, put); });
    for (auto* registration : {&record->registrations.mme, &record->registrations.sgsn}) {
        if (!*registration || (*registration)->limited_profile.empty() || !reports(**registration, put.imei))
            continue;
        (*registration)->limited_profile.clear();
        tables.changed.insert(put.imsi);
    }
}

void refuse(Tables& tables, const Planned<RefuseDevice>& planned, std::vector<LineError>& errors) {
    const auto& put = *planned.put;
    auto* record = subscriber(tables, planned.line, put.imsi, errors);
    if (record == nullptr) return;
    record->approvals.erase(put.imei);
    const auto denial = denial_of(put);
    if (rule_like(tables, denial) == nullptr) add_rule(tables, denial);
}

/// Who is being given a key may be one who is to have none now: whoever is, comes again.
void abort_exchanges(Tables& tables, const ImportPlan& plan) {
    const auto ended = exchanges_ended_by(plan);
    if (ended.all)
        for (auto& [imsi, record] : tables.subscribers) record.exchange.reset();
    for (const auto& imsi : ended.imsis) {
        if (const auto found = tables.subscribers.find(imsi); found != tables.subscribers.end())
            found->second.exchange.reset();
    }
}

void set_lock(Record& record, bool locked) {
    auto& standing = record.standing;
    if (locked) {
        standing.state = binding::State::locked;
        return;
    }
    standing.state = binding::State::normal;
    standing.strong = standing.weak = standing.turns = 0;
    record.open.reset();
    record.refuse_until.reset();
}

std::uint64_t terms_limited_to(const Tables& tables, const std::string& profile) {
    return static_cast<std::uint64_t>(
        std::count_if(tables.terms.begin(), tables.terms.end(),
                      [&](const auto& entry) { return entry.second.terms.limited_profile == profile; }));
}

std::uint64_t registrations_limited_to(const Tables& tables, const std::string& profile) {
    std::uint64_t count = 0;
    for (const auto& [imsi, record] : tables.subscribers) {
        for (const auto* registration : {&record.registrations.mme, &record.registrations.sgsn})
            if (*registration && (*registration)->limited_profile == profile) ++count;
    }
    return count;
}

void remove_profile(Tables& tables, const Planned<RemoveProfile>& removal, std::vector<LineError>& errors) {
    const auto& name = removal.put->name;
    const auto limited = registrations_limited_to(tables, name);
    const auto terms = terms_limited_to(tables, name);
    if (!tables.profiles.contains(name)) return errors.push_back(unknown_profile(removal));
    if (const auto users = subscribers_of(tables, name); users > 0)
        return errors.push_back(profile_in_use(removal, users));
    if (terms + limited > 0) return errors.push_back(profile_limits(removal, terms, limited));
    tables.profiles.erase(name);
}

void remove_terms(Tables& tables, const Planned<RemoveTerms>& removal, std::vector<LineError>& errors) {
    const auto& name = removal.put->name;
    const bool standard = tables.default_terms == name;
    const auto bindings = bindings_of(tables, name);
    const auto groups = groups_of(tables, name);
    if (standard || bindings + groups > 0)
        return errors.push_back(terms_in_use(removal, standard, bindings, groups));
    tables.terms.erase(name);
}

void remove_group(Tables& tables, const Planned<RemoveSubscriptionGroup>& removal,
                  std::vector<LineError>& errors) {
    const auto& name = removal.put->name;
    const auto rules = static_cast<std::uint64_t>(
        std::count_if(tables.rules.begin(), tables.rules.end(),
                      [&](const auto& entry) { return entry.second.subscriptions.group == name; }));
    const auto members = members_of(tables, name);
    if (members + rules > 0) return errors.push_back(group_in_use(removal, members, rules));
    tables.subscription_groups.erase(name);
}

template <class Predicate>
std::uint64_t count_subscribers(const Tables& tables, Predicate predicate) {
    return static_cast<std::uint64_t>(
        std::count_if(tables.subscribers.begin(), tables.subscribers.end(),
                      [&](const auto& entry) { return predicate(entry.second); }));
}

}  // namespace

binding::Rule* rule_like(Tables& tables, const binding::Rule& rule) {
    for (auto& [id, stored] : tables.rules)
        if (says_the_same(stored, rule)) return &stored;
    return nullptr;
}

void store_policies(Tables& tables, const ImportPlan& plan) {
    for (const auto& [put, line] : plan.terms) tables.terms[put->terms.name].terms = put->terms;
    for (const auto& [put, line] : plan.default_terms) tables.default_terms = put->name;
    for (const auto& [put, line] : plan.subscription_groups) store_group(tables, *put);
}

void store_decisions(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    // Those who leave make room for those who come.
    for (const bool coming : {false, true}) {
        for (const auto& planned : plan.members)
            if (planned.put->member == coming) store_member(tables, planned, errors);
    }
    for (const auto& planned : plan.rules) store_rule(tables, planned, errors);
    for (const auto& [put, line] : plan.removed_rules)
        if (tables.rules.erase(put->id) == 0) errors.push_back(unknown_rule(line, put->id));
    for (const auto& planned : plan.authorisations) authorise(tables, planned, errors);
    for (const auto& planned : plan.refusals) refuse(tables, planned, errors);
    for (const auto& [put, line] : plan.locks) {
        if (auto* record = subscriber(tables, line, put->imsi, errors); record != nullptr)
            set_lock(*record, put->locked);
    }
    abort_exchanges(tables, plan);
}

void remove(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors) {
    for (const auto& planned : plan.removed_subscribers)
        if (tables.subscribers.erase(planned.put->imsi) == 0) errors.push_back(unknown_subscriber(planned));
    for (const auto& planned : plan.removed_subscription_groups) remove_group(tables, planned, errors);
    for (const auto& planned : plan.removed_terms) remove_terms(tables, planned, errors);
    for (const auto& planned : plan.removed_profiles) remove_profile(tables, planned, errors);
}

std::uint64_t subscribers_of(const Tables& tables, const std::string& profile) {
    return count_subscribers(tables, [&](const Record& record) { return record.profile == profile; });
}

std::uint64_t bindings_of(const Tables& tables, const std::string& terms) {
    return count_subscribers(tables, [&](const Record& record) { return record.terms == terms; });
}

std::uint64_t groups_of(const Tables& tables, const std::string& terms) {
    return static_cast<std::uint64_t>(
        std::count_if(tables.subscription_groups.begin(), tables.subscription_groups.end(),
                      [&](const auto& entry) { return entry.second.terms == terms; }));
}

std::uint64_t members_of(const Tables& tables, const std::string& group) {
    return count_subscribers(tables, [&](const Record& record) { return record.groups.contains(group); });
}

}  // namespace bindhss::store::memory
