// SPDX-License-Identifier: Apache-2.0
// What the audit tells of an import.
#include "store/equipment.h"
#include "store/import_plan.h"

namespace bindhss::store {
namespace {

std::string detail_of(const PutProfile& put) {
    return put.name;
}
std::string detail_of(const RemoveProfile& removal) {
    return removal.name;
}
std::string detail_of(const PutTerms& put) {
    const auto& terms = put.terms;
    const auto of = [](std::string_view what, auto value) {
        return ", " + std::string(what) + " " + std::string(binding::name_of(value));
    };
    return terms.name + of("policy", terms.policy) + of("acquisition", terms.acquisition) +
           of("on-unauthorised", terms.on_unauthorised) + of("on-mismatch", terms.on_mismatch) +
           of("on-unproven", terms.on_unproven) + of("on-shared", terms.on_shared) +
           of("on-insecure", terms.on_insecure) + of("on-suspicion", terms.on_suspicion) +
           (terms.require_secure ? ", require-secure" : "") +
           (terms.detach_on_notify ? "" : ", no detach-on-notify") +
           (terms.limited_profile.empty() ? "" : ", limited-profile '" + terms.limited_profile + "'") +
           (terms.refuse_next.count() == 0 ? ""
                                           : ", refuse-next " + std::to_string(terms.refuse_next.count()));
}
std::string detail_of(const RemoveTerms& removal) {
    return removal.name;
}
std::string detail_of(const SetDefaultTerms& put) {
    return put.name;
}
std::string detail_of(const PutSubscriptionGroup& put) {
    return put.name + (put.terms ? ", terms '" + *put.terms + "'" : "") +
           (put.rank ? ", rank " + std::to_string(*put.rank) : "");
}
std::string detail_of(const RemoveSubscriptionGroup& removal) {
    return removal.name;
}
std::string detail_of(const PutSubscriber& put) {
    return put.imsi.str() + (put.keys ? ", with keys" : "");
}
std::string detail_of(const RemoveSubscriber& removal) {
    return removal.imsi.str();
}
std::string detail_of(const PutDevice& put) {
    return put.range.str() + (put.group ? ", group '" + *put.group + "'" : "") +
           (put.uiccs_max ? ", uiccs-max " + std::to_string(*put.uiccs_max) : "");
}
std::string detail_of(const PutDeviceModel& put) {
    const auto known = [](const std::optional<bool>& secure, const std::string& what) {
        if (!secure) return std::string();
        return ", " + what + (*secure ? " in a secure environment" : " in no secure environment");
    };
    const auto digits = std::to_string(put.tac);
    return std::string(8 - digits.size(), '0') + digits + known(put.imei_secure, "IMEI") +
           known(put.key_secure, "key");
}
std::string detail_of(const PutEquipment& put) {
    return put.range.str() + (put.svn ? ":" + *put.svn : "") + ", " +
           (put.status ? std::string(name_of(*put.status)) : "not listed");
}
std::string detail_of(const PutKme& put) {
    return owner_name(put.owner) + ", generation " + std::to_string(put.generation);
}
std::string detail_of(const RetireKme& put) {
    return owner_name(put.owner) +
           (put.generation ? ", generation " + std::to_string(*put.generation) : ", every generation");
}
std::string detail_of(const PutBinding& put) {
    const auto terms = terms_named_by(put);
    auto text = put.imsi.str() + (terms.empty() ? ", inherited terms" : ", terms '" + terms + "'");
    if (!put.group.empty()) text += ", group '" + put.group + "'";
    for (const auto& range : put.devices) text += ", " + range.str();
    return text;
}
std::string detail_of(const PutMember& put) {
    return put.imsi.str() + (put.member ? " into '" : " out of '") + put.group + "'";
}
std::string detail_of(const PutRule& put) {
    const auto& rule = put.rule;
    return (rule.id == 0 ? "new" : std::to_string(rule.id)) +
           std::string(rule.allow ? ": allow " : ": deny ") + rule.subscriptions.str() + " " +
           rule.devices.str() + ", priority " + std::to_string(rule.priority);
}
std::string detail_of(const RemoveRule& removal) {
    return std::to_string(removal.id);
}
std::string detail_of(const AuthoriseDevice& put) {
    return put.imsi.str() + " " + put.imei.str() + (put.replace ? ", alone" : "");
}
std::string detail_of(const RefuseDevice& put) {
    return put.imsi.str() + " " + put.imei.str();
}
std::string detail_of(const SetLock& put) {
    return put.imsi.str() + (put.locked ? ", locked" : ", unlocked");
}

template <class T>
void tell(std::vector<AuditEntry>& entries, const std::vector<Planned<T>>& planned, const std::string& what) {
    if (planned.size() > audit_rows_each) {
        entries.push_back({what, std::to_string(planned.size()) + " of them"});
        return;
    }
    for (const auto& [put, line] : planned) entries.push_back({what, detail_of(*put)});
}

}  // namespace

std::vector<AuditEntry> audit_of(const ImportPlan& plan) {
    std::vector<AuditEntry> entries;
    tell(entries, plan.profiles, "put profile");
    tell(entries, plan.terms, "put terms");
    tell(entries, plan.default_terms, "set default terms");
    tell(entries, plan.subscription_groups, "put subscription group");
    tell(entries, plan.subscribers, "put subscriber");
    tell(entries, plan.devices, "put device");
    tell(entries, plan.device_models, "put device model");
    tell(entries, plan.equipment, "put equipment");
    tell(entries, plan.kmes, "put KME");
    tell(entries, plan.retired_kmes, "retire KME");
    tell(entries, plan.bindings, "put binding");
    tell(entries, plan.members, "put member");
    tell(entries, plan.rules, "put rule");
    tell(entries, plan.removed_rules, "remove rule");
    tell(entries, plan.authorisations, "authorise device");
    tell(entries, plan.refusals, "refuse device");
    tell(entries, plan.locks, "set lock");
    tell(entries, plan.removed_subscribers, "remove subscriber");
    tell(entries, plan.removed_subscription_groups, "remove subscription group");
    tell(entries, plan.removed_terms, "remove terms");
    tell(entries, plan.removed_profiles, "remove profile");
    return entries;
}

}  // namespace bindhss::store
