// SPDX-License-Identifier: Apache-2.0
#include "binding/judge.h"

#include <algorithm>
#include <array>

namespace bindhss::binding {

namespace {

/// What is judged, and what has come of it so far.
struct Case {
    const Imsi& imsi;
    const Binding& binding;
    const Access& access;
    const JudgeSettings& settings;
    Verdict verdict;
    /// Nothing decides on the device, and the list waits for its first one (Acquisition::first_use).
    bool first_device = false;
};

void note(Case& it, alarm::Id id, std::string detail = {}) {
    it.verdict.findings.push_back({id, std::move(detail)});
}

// --- what follows

/// The strictest of several wins.
void at_least(Case& it, Admission admission) {
    it.verdict.admission = std::max(it.verdict.admission, admission);
}

void follow(Case& it, Reaction reaction) {
    switch (reaction) {
        case Reaction::alarm:
            return;
        case Reaction::limit:
            return at_least(
                it, it.binding.terms.limited_profile.empty() ? Admission::refused : Admission::limited);
        case Reaction::lock:
            it.verdict.lock = true;
            [[fallthrough]];
        case Reaction::reject:
            return at_least(it, Admission::refused);
    }
}

/// Did the UE authenticate at this node? Of a UE that is said to have moved any node could have said so, as
/// it could of one that nobody serves: that locks nobody out for good, and is no question to the operator.
bool authenticated(const Case& it) {
    return it.verdict.provenance == Provenance::authenticated;
}

void follow_believed(Case& it, Reaction reaction) {
    follow(it, reaction == Reaction::lock && !authenticated(it) ? Reaction::reject : reaction);
}

/// What follows from a device. An IMEI check alone never keeps a UE from an emergency service (TS 22.016 5).
void follow_device(Case& it, Reaction reaction) {
    if (!it.access.emergency) follow_believed(it, reaction);
}

// --- the device (spec 5.1 to 5.3)

std::optional<Imei> reported_imei(const Access& access) {
    return access.terminal_information ? access.terminal_information->imei : std::nullopt;
}

void judge_absence(Case& it) {
    const auto& terminal = it.access.terminal_information;
    note(it, terminal && terminal->imei_invalid ? alarm::Id::imei_invalid : alarm::Id::imei_missing);
    const auto& terms = it.binding.terms;
    const bool by_policy = enforces_imei(terms.policy) ? it.settings.imei_absent_allowed_enforce
                                                       : it.settings.imei_absent_allowed_monitor;
    if (!terms.imei_absent_allowed.value_or(by_policy)) follow_device(it, Reaction::reject);
}

/// TS 22.368 7.2.8: the association between ME and USIM is watched whatever the policy, except `off`. What
/// anybody could have written is none.
void watch_association(Case& it, Imei imei) {
    if (it.verdict.provenance == Provenance::unproven) return;
    const auto& access = it.access;
    const auto& svn = access.terminal_information->svn;
    if (!access.last_seen_imei) {
        note(it, alarm::Id::association_first_seen);
    } else if (*access.last_seen_imei != imei) {
        note(it, alarm::Id::association_changed, "previously in device " + access.last_seen_imei->str());
    } else if (svn && access.last_seen_svn && *svn != *access.last_seen_svn) {
        note(it, alarm::Id::imeisv_changed, "previously with software version " + *access.last_seen_svn);
    }
}

/// Under `kme` alone the device's key decides, not its IMEI: a difference contradicts (R13, I6). Monitoring
/// tells of it.
void refuse_pair(Case& it, std::string why) {
    const auto& terms = it.binding.terms;
    if (enforces_imei(terms.policy)) {
        note(it, alarm::Id::pair_unauthorised, std::move(why));
        follow_device(it, terms.on_unauthorised);
    } else if (needs_kme(terms.policy)) {
        note(it, alarm::Id::imei_mismatch, std::move(why));
        follow_device(it, terms.on_mismatch);
    } else {
        note(it, alarm::Id::pair_unauthorised, std::move(why));
    }
}

/// R14: a change of device has to be authorised, and here it is the operator who is asked.
bool ask_operator(Case& it, Imei imei) {
    if (it.binding.terms.acquisition != Acquisition::approve || it.binding.locked || !authenticated(it))
        return false;
    it.verdict.ask = imei;
    note(it, alarm::Id::approval_pending);
    return true;
}

void judge_unlisted(Case& it, Imei imei) {
    const auto& terms = it.binding.terms;
    const bool has_list = it.binding.has_list;
    if (terms.acquisition == Acquisition::first_use && !has_list) {
        it.first_device = true;
        return;
    }
    const bool asked = ask_operator(it, imei);
    if (asked && enforces_imei(terms.policy)) {
        follow_device(it, terms.on_unauthorised);  // it waits, and is not yet called unauthorised
    } else if (enforces_imei(terms.policy) || has_list) {
        // Without a list there is nothing that the IMEI could contradict.
        refuse_pair(it, "no rule allows it");
    }
}

/// Is the device one of those authorised (R1, R35)?
void judge_pair(Case& it, Imei imei) {
    const Pair pair{it.imsi, it.binding.groups, imei, it.access.terminal_information->svn,
                    it.access.device.groups};
    const auto* rule = deciding_rule(it.binding.rules, pair, it.access.now);
    if (rule == nullptr) return judge_unlisted(it, imei);
    it.verdict.authorised = rule->allow;
    if (!rule->allow) refuse_pair(it, "rule " + std::to_string(rule->id) + " denies it");
}

/// One device for many UICCs is as the operator says (spec 5.1, both directions).
void judge_sharing(Case& it) {
    const auto& device = it.access.device;
    if (!device.uiccs_max) return;
    if (device.uiccs < *device.uiccs_max) {
        it.verdict.count_again = it.binding.terms.on_shared != Reaction::alarm && !it.access.emergency;
        return;
    }
    note(it, alarm::Id::imei_shared,
         std::to_string(device.uiccs + std::uint64_t{1}) + " subscriptions at once, " +
             std::to_string(*device.uiccs_max) + " allowed");
    follow_device(it, it.binding.terms.on_shared);
}

/// R41: binding by IMEI is worth what the device's protection of its IMEI is worth. A device that is not
/// named is not known to protect anything.
void judge_environment(Case& it) {
    const auto& terms = it.binding.terms;
    if (!terms.require_secure) return;
    const auto& device = it.access.device;
    const bool named = reported_imei(it.access).has_value();
    const bool imei_secure = named && device.imei_secure.value_or(false);
    const bool key_secure = !needs_kme(terms.policy) || (named && device.key_secure.value_or(false));
    if (imei_secure && key_secure) return;
    note(it, alarm::Id::insecure_device,
         imei_secure ? "its key is not known to be secure" : "its IMEI is not known to be secure");
    follow_device(it, terms.on_insecure);
}

void judge_reported_device(Case& it) {
    if (const auto imei = reported_imei(it.access)) {
        watch_association(it, *imei);
        judge_pair(it, *imei);
        judge_sharing(it);
    } else {
        judge_absence(it);
    }
    judge_environment(it);
}

// --- who reports it

bool within(const std::optional<WallTime>& since, WallTime now, std::chrono::seconds window) {
    return since && now - *since <= window;
}

bool served_here(const Access& access, const JudgeSettings& settings) {
    return access.serves_now || within(access.registered_here_at, access.now, settings.authenticated_within);
}

/// What a peer reports is not taken for truth: it is an event of its own, and the first device of a list is
/// one that was authenticated.
void judge_provenance(Case& it) {
    if (it.verdict.provenance == Provenance::unproven) {
        note(it, alarm::Id::update_unauthenticated,
             "the node had no vector for the UE, and no other node serves it");
        follow_believed(it, it.binding.terms.on_unproven);
        if (it.first_device && enforces_imei(it.binding.terms.policy))
            refuse_pair(it, "the first device has to be authenticated");
    } else if (authenticated(it) && it.first_device) {
        it.verdict.acquire = reported_imei(it.access);
        it.verdict.authorised = true;
    }
}

// --- the key (spec 4.7)

std::string why_unverified(Evidence evidence) {
    switch (evidence) {
        case Evidence::regular:
            return "a regular vector is open at the node";
        case Evidence::superseded:
            return "the last vector was under a key that has been replaced";
        default:
            return "no vector under the device's key was issued to the node in time";
    }
}

/// A context moves with the device that it was made in.
bool same_device(const Access& access) {
    const auto imei = reported_imei(access);
    return !imei || !access.last_seen_imei || *imei == *access.last_seen_imei;
}

/// A context that moves between nodes takes its proof along; a node that never had it does not.
bool inherits_proof(const Case& it) {
    if (!it.access.previously_verified) return false;
    if (it.verdict.provenance == Provenance::taken_over) return same_device(it.access);
    return served_here(it.access, it.settings);
}

/// I1: no registration under a KME policy unless the binding was proven for this access, or before. This is
/// no IMEI check, and an emergency service needs no APN of the subscription.
void judge_key(Case& it) {
    const auto evidence = evidence_of(it.access, it.settings);
    const bool believed = it.verdict.provenance != Provenance::unproven;
    it.verdict.proof = believed && evidence == Evidence::proven;
    it.verdict.verified = it.verdict.proof || (believed && evidence == Evidence::none && inherits_proof(it));
    if (it.verdict.verified) return;
    it.verdict.key_may_be_given =
        evidence == Evidence::regular && it.verdict.admission == Admission::admitted && authenticated(it);
    note(it, alarm::Id::binding_unverified, why_unverified(evidence));
    at_least(it, Admission::refused);
}

// --- the whole

/// No service until the operator acts; but a lock that an IMEI check may have brought about ends no emergency
/// service.
void judge_lock(Case& it, bool by_device_alone) {
    if (!it.binding.locked) return;
    note(it, alarm::Id::binding_locked, "it was locked before");
    const bool by_key = needs_kme(it.binding.terms.policy) && !by_device_alone;
    if (by_key || !it.access.emergency) at_least(it, Admission::refused);
}

void conclude(Case& it) {
    auto& verdict = it.verdict;
    if (verdict.lock && !it.binding.locked) note(it, alarm::Id::binding_locked);
    if (verdict.admission != Admission::admitted || (needs_kme(it.binding.terms.policy) && !verdict.proof))
        verdict.acquire.reset();
}

Case open_case(const Imsi& imsi, const Binding& binding, const Access& access,
               const JudgeSettings& settings) {
    Case it{imsi, binding, access, settings, {}, false};
    it.verdict.provenance = provenance_of(access, settings);
    return it;
}

}  // namespace

std::string_view name_of(Admission admission) {
    switch (admission) {
        case Admission::admitted:
            return "admitted";
        case Admission::limited:
            return "limited";
        case Admission::refused:
            break;
    }
    return "refused";
}

std::string_view name_of(Provenance provenance) {
    constexpr std::array<std::string_view, 3> names{"authenticated", "taken_over", "unproven"};
    return names[static_cast<std::size_t>(provenance)];
}

Evidence evidence_of(const Access& access, const JudgeSettings& settings) {
    if (within(access.regular_at, access.now, settings.regular_vector_open)) return Evidence::regular;
    // A context without a proof that is younger than the B-AV: the ULR may rest on that.
    if (access.unverified_at > access.pre_processed_at) return Evidence::none;
    if (within(access.pre_processed_at, access.now, settings.evidence_window)) {
        return access.under_candidate_kme ? Evidence::proven : Evidence::superseded;
    }
    return Evidence::none;
}

Provenance provenance_of(const Access& access, const JudgeSettings& settings) {
    const auto lately = [&](const std::optional<WallTime>& since) {
        return within(since, access.now, settings.authenticated_within);
    };
    if (lately(access.pre_processed_at) || lately(access.regular_at) || served_here(access, settings))
        return Provenance::authenticated;
    return access.registered_elsewhere ? Provenance::taken_over : Provenance::unproven;
}

Verdict judge_device(const Imsi& imsi, const Binding& binding, const Access& access,
                     const JudgeSettings& settings) {
    auto it = open_case(imsi, binding, access, settings);
    judge_lock(it, true);
    if (binding.terms.policy != Policy::off) judge_reported_device(it);
    conclude(it);
    return std::move(it.verdict);
}

Verdict judge(const Imsi& imsi, const Binding& binding, const Access& access, const JudgeSettings& settings) {
    auto it = open_case(imsi, binding, access, settings);
    judge_lock(it, false);
    if (binding.terms.policy != Policy::off) {
        judge_reported_device(it);
        judge_provenance(it);
    }
    if (needs_kme(binding.terms.policy)) judge_key(it);
    conclude(it);
    if (it.verdict.admission == Admission::limited)
        note(it, alarm::Id::access_limited, "with the profile " + binding.terms.limited_profile);
    return std::move(it.verdict);
}

}  // namespace bindhss::binding
