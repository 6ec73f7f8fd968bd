// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_tables.h"

#include <algorithm>
#include <tuple>

#include "crypto/aes.h"
#include "store/import_plan.h"
#include "store/kept.h"
#include "store/own_list.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store::memory {
namespace {

/// The group whose terms count; nullptr: none has any.
const std::pair<const std::string, SubscriptionGroup>* group_with_terms(const Tables& tables,
                                                                        const Record& record) {
    const std::pair<const std::string, SubscriptionGroup>* first = nullptr;
    const auto rank = [](const SubscriptionGroup& group) { return std::pair(-group.rank, group.id); };
    for (const auto& name : record.groups) {
        const auto& entry = *tables.subscription_groups.find(name);
        if (entry.second.terms.empty()) continue;
        if (first == nullptr || rank(entry.second) < rank(first->second)) first = &entry;
    }
    return first;
}

std::uint64_t width_of(const ImeiRange& range) {
    return range.high.number() - range.low.number();
}

/// The devices that the binding lists, as rules without a number.
std::vector<binding::Rule> own_rules(const Record& record) {
    std::vector<binding::Rule> rules;
    binding::Rule rule;
    for (const auto& range : record.devices) {
        rule.devices.range = range;
        rules.push_back(rule);
    }
    if (record.group.empty()) return rules;
    rule.devices.range.reset();
    rule.devices.group = record.group;
    rules.push_back(rule);
    return rules;
}

/// Would the rule have a say about the pair at some time?
bool may_decide(binding::Rule rule, const binding::Pair& pair) {
    rule.from.reset();
    rule.until.reset();
    return binding::applies(rule, pair, WallTime{});
}

/// What may decide on a device, the highest priorities first.
std::vector<binding::Rule> rules_about(const Tables& tables, const Record& record,
                                       const binding::Pair& pair) {
    auto rules = own_rules(record);
    for (const auto& [id, rule] : tables.rules) rules.push_back(rule);
    std::erase_if(rules, [&](const auto& rule) { return !may_decide(rule, pair); });
    std::stable_sort(rules.begin(), rules.end(),
                     [](const auto& a, const auto& b) { return a.priority > b.priority; });
    if (rules.size() > limits::rules_per_access_max) rules.resize(limits::rules_per_access_max);
    return rules;
}

bool has_list(const Tables& tables, const Imsi& imsi, const Record& record, WallTime now) {
    return !record.devices.empty() || !record.group.empty() ||
           std::any_of(tables.rules.begin(), tables.rules.end(), [&](const auto& entry) {
               return makes_list(entry.second, now) && covers(entry.second.subscriptions, imsi, record);
           });
}

/// Anybody can write unproven reports: a few devices of them are kept.
bool has_room_for_unproven(const Record& record, const std::pair<Imei, std::string>& key) {
    if (record.associations.contains(key)) return true;
    const auto unproven = std::count_if(
        record.associations.begin(), record.associations.end(),
        [](const auto& entry) { return entry.second.provenance == binding::Provenance::unproven; });
    return static_cast<std::size_t>(unproven) < limits::unproven_devices_max;
}

bool registered_in(const Record& record, Imei imei) {
    const auto in_it = [&](const std::optional<Registration>& registration) {
        return registration && !registration->purged && registration->terminal_information &&
               registration->terminal_information->imei == imei;
    };
    return in_it(record.registrations.mme) || in_it(record.registrations.sgsn);
}

}  // namespace

std::vector<std::string> groups_of(const Tables& tables, Imei imei) {
    std::set<std::string> groups;
    for (const auto& [range, device] : tables.devices)
        if (range.contains(imei) && !device.group.empty()) groups.insert(device.group);
    return {groups.begin(), groups.end()};
}

const binding::Terms& terms_of(const Tables& tables, const Record& record) {
    if (!record.terms.empty()) return tables.terms.at(record.terms).terms;
    if (const auto* group = group_with_terms(tables, record); group != nullptr)
        return tables.terms.at(group->second.terms).terms;
    return tables.terms.at(tables.default_terms).terms;
}

std::string source_of_terms(const Tables& tables, const Record& record) {
    if (!record.terms.empty()) return "binding";
    const auto* group = group_with_terms(tables, record);
    return group == nullptr ? "default" : "group:" + group->first;
}

const StoredKme* active_key_of(const Tables& tables, const std::string& owner) {
    for (auto found = tables.kmes.lower_bound({owner, 0});
         found != tables.kmes.end() && found->first.first == owner; ++found)
        if (found->second.state == StoredKme::State::active) return &found->second;
    return nullptr;
}

std::string owner_of_key(const Tables& tables, const ImeiRange& range) {
    if (range.low == range.high) {
        auto own = owner_name(range.low);
        if (active_key_of(tables, own) != nullptr) return own;
    }
    std::string shared;
    std::uint64_t narrowest = UINT64_MAX;
    for (const auto& [of, device] : tables.devices) {
        if (range.low < of.low || of.high < range.high || width_of(of) >= narrowest) continue;
        if (device.group.empty() || active_key_of(tables, owner_name(device.group)) == nullptr) continue;
        narrowest = width_of(of);
        shared = owner_name(device.group);
    }
    return shared;
}

std::vector<std::string> candidates(const Tables& tables, const Record& record) {
    std::vector<std::string> owners;
    const auto add = [&](std::string owner) {
        if (owner.empty() || std::find(owners.begin(), owners.end(), owner) != owners.end()) return;
        owners.push_back(std::move(owner));
    };
    if (!record.group.empty() && active_key_of(tables, owner_name(record.group)) != nullptr)
        add(owner_name(record.group));
    for (const auto& range : record.devices) add(owner_of_key(tables, range));
    return owners;
}

std::vector<std::string> different_candidates(const Tables& tables, const Record& record) {
    std::vector<std::string> owners;
    for (auto& owner : candidates(tables, record)) {
        const auto& key = active_key_of(tables, owner)->kme.key;
        const bool there = std::any_of(owners.begin(), owners.end(), [&](const std::string& other) {
            return active_key_of(tables, other)->kme.key == key;
        });
        if (!there) owners.push_back(std::move(owner));
    }
    return owners;
}

std::string owner_of_active_kme(const Tables& tables, const Record& record) {
    const auto owners = candidates(tables, record);
    if (std::find(owners.begin(), owners.end(), record.chosen) != owners.end()) return record.chosen;
    return owners.empty() ? std::string() : owners.front();
}

const binding::Kme* active_kme(const Tables& tables, const Record& record) {
    const auto owner = owner_of_active_kme(tables, record);
    return owner.empty() ? nullptr : &active_key_of(tables, owner)->kme;
}

const binding::Kme* kme_for(const Tables& tables, const Record& record, std::int64_t wanted) {
    const auto owners = candidates(tables, record);
    for (const auto& [key, stored] : tables.kmes) {
        if (stored.kme.id == wanted && std::find(owners.begin(), owners.end(), key.first) != owners.end())
            return &active_key_of(tables, key.first)->kme;
    }
    return active_kme(tables, record);
}

std::string candidate_with(const Tables& tables, const Record& record, std::int64_t kme_id) {
    for (const auto& owner : candidates(tables, record))
        if (active_key_of(tables, owner)->kme.id == kme_id) return owner;
    return {};
}

std::vector<binding::Kme> other_kmes(const Tables& tables, const Record& record, const ServingNode& node,
                                     const KeyGrace& grace) {
    const auto owners = candidates(tables, record);
    const auto active = owner_of_active_kme(tables, record);
    std::optional<std::int64_t> last_issued;
    for (const auto& slot : record.slots)
        if (slot.node == node) last_issued = slot.issued.kme_id;
    // By how likely, then the newest generation.
    std::map<std::tuple<int, std::int64_t, std::int64_t>, binding::Kme> found;
    for (const auto& [key, stored] : tables.kmes) {
        const bool is_candidate = std::find(owners.begin(), owners.end(), key.first) != owners.end();
        const bool in_grace = stored.state == StoredKme::State::previous && stored.replaced_at &&
                              grace.now - *stored.replaced_at <= grace.grace;
        const bool is_active = stored.state == StoredKme::State::active;
        if (stored.state == StoredKme::State::retired || (is_active && key.first == active)) continue;
        int likely = 0;
        if (stored.kme.id != last_issued) {
            if (!is_candidate || !(is_active || in_grace)) continue;
            likely = is_active ? 2 : key.first == active ? 1 : 3;
        }
        found.emplace(std::tuple(likely, -std::int64_t{stored.kme.generation}, stored.kme.id), stored.kme);
    }
    std::vector<binding::Kme> kmes;
    for (const auto& [rank, kme] : found)
        if (kmes.size() < limits::resync_keys_max) kmes.push_back(kme);
    return kmes;
}

std::string kcv_of(const binding::Kme* kme) {
    return kme == nullptr ? std::string() : to_hex(crypto::key_check_value(kme->key.view()));
}

bool covers(const binding::SubscriptionSet& set, const Imsi& imsi, const Record& record) {
    if (!set.group.empty()) return record.groups.contains(set.group);
    const auto number = binding::SubscriptionSet::number_of(imsi);
    return set.low <= number && number <= set.high;
}

binding::Binding binding_of(const Tables& tables, const Imsi& imsi, const Record& record,
                            const std::optional<TerminalInformation>& reported, WallTime now) {
    binding::Binding result;
    result.terms = terms_of(tables, record);
    result.groups = {record.groups.begin(), record.groups.end()};
    result.has_list = has_list(tables, imsi, record, now);
    result.locked = record.standing.state == binding::State::locked;
    result.has_kme = active_kme(tables, record) != nullptr;
    if (!reported || !reported->imei) return result;
    const auto groups = groups_of(tables, *reported->imei);
    result.rules = rules_about(tables, record, {imsi, result.groups, *reported->imei, reported->svn, groups});
    return result;
}

binding::DeviceFacts facts_of(const Tables& tables, const Imsi& imsi,
                              const std::optional<TerminalInformation>& reported) {
    binding::DeviceFacts facts;
    if (!reported || !reported->imei) return facts;
    const auto imei = *reported->imei;
    facts.groups = groups_of(tables, imei);
    for (const auto& [other, record] : tables.subscribers)
        if (other != imsi && registered_in(record, imei)) ++facts.uiccs;
    std::uint64_t narrowest = UINT64_MAX;
    for (const auto& [range, device] : tables.devices) {
        if (!device.uiccs_max || !range.contains(imei) || width_of(range) >= narrowest) continue;
        narrowest = width_of(range);
        facts.uiccs_max = device.uiccs_max;
    }
    if (const auto model = tables.device_models.find(imei.tac()); model != tables.device_models.end()) {
        facts.imei_secure = model->second.imei_secure;
        facts.key_secure = model->second.key_secure;
    }
    return facts;
}

Subscription subscription_of(const Tables& tables, const Record& record) {
    const auto& profile = tables.profiles.at(record.profile);
    auto subscription = profile.subscription;
    subscription.data.msisdn = record.msisdn;
    if (record.override_document == "{}") return subscription;
    return subscription::subscription_of(profile.document, record.override_document, record.msisdn).value();
}

Subscription limited_subscription(const Tables& tables, const Record& record, const std::string& profile) {
    auto subscription = tables.profiles.at(profile).subscription;
    subscription.data.msisdn = record.msisdn;
    return subscription;
}

Subscription subscription_for(const Tables& tables, const Record& record, const Registration& registration) {
    return registration.limited_profile.empty()
               ? subscription_of(tables, record)
               : limited_subscription(tables, record, registration.limited_profile);
}

void remember_device(Record& record, const std::optional<TerminalInformation>& reported,
                     const std::string& host, binding::Provenance provenance, WallTime now) {
    if (!reported || !reported->imei) return;
    const std::pair key{*reported->imei, reported->svn.value_or("")};
    if (provenance == binding::Provenance::unproven && !has_room_for_unproven(record, key)) return;
    const auto [entry, is_new] = record.associations.try_emplace(key);
    auto& association = entry->second;
    // Once the device was seen by a node that had the UE, an unproven report says nothing new of it.
    if (!is_new && provenance == binding::Provenance::unproven && association.provenance != provenance)
        return;
    if (is_new) association.first = now;
    association.last = std::max(association.last, now);
    association.host = host;
    association.provenance = provenance;
    if (provenance != binding::Provenance::unproven) record.last_seen = reported;
    if (record.associations.size() <= devices_kept_max) return;
    record.associations.erase(
        std::min_element(record.associations.begin(), record.associations.end(),
                         [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

void ask_about(Record& record, Imei imei, const std::optional<TerminalInformation>& reported,
               const std::string& host, WallTime now) {
    auto& approval = record.approvals[imei];
    if (approval.count++ == 0) approval.first = now;
    approval.last = now;
    approval.host = host;
    if (reported && reported->svn) approval.svn = *reported->svn;
    if (record.approvals.size() <= approvals_kept_max) return;
    record.approvals.erase(
        std::min_element(record.approvals.begin(), record.approvals.end(), [](const auto& a, const auto& b) {
            return std::tie(a.second.last, a.second.first) < std::tie(b.second.last, b.second.first);
        }));
}

bool is_registered_at(const Record& record, const std::string& host) {
    const auto there = [&](const std::optional<Registration>& registration) {
        return registration && !registration->purged && registration->node.host == host;
    };
    return there(record.registrations.mme) || there(record.registrations.sgsn);
}

}  // namespace bindhss::store::memory
