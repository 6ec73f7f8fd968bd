// SPDX-License-Identifier: Apache-2.0
#include "binding/judge.h"

#include <algorithm>

namespace bindhss::binding {

namespace {

bool authorised(const Binding& binding, Imei imei) {
    return std::any_of(binding.devices.begin(), binding.devices.end(),
                       [&](const ImeiRange& range) { return range.contains(imei); });
}

void note(Verdict& verdict, alarm::Id id, std::string detail = {}) {
    verdict.findings.push_back({id, std::move(detail)});
}

/// TS 22.368 7.2.8: the association between ME and USIM is watched whatever the policy, except `off`.
void watch_association(const Access& access, Verdict& verdict) {
    const auto& imei = access.terminal_information->imei;
    if (!access.last_seen_imei) {
        note(verdict, alarm::Id::association_first_seen);
    } else if (*access.last_seen_imei != *imei) {
        note(verdict, alarm::Id::association_changed, "previously in device " + access.last_seen_imei->str());
    }
}

bool absent_allowed(Policy policy, const JudgeSettings& settings) {
    return enforces_imei(policy) ? settings.imei_absent_allowed_enforce
                                 : settings.imei_absent_allowed_monitor;
}

/// Is the reported device one of those authorised (R35)? Under `kme` alone the device's key decides, not its
/// IMEI: a difference is an alarm only (R13, I6).
void judge_device(const Binding& binding, const Access& access, const JudgeSettings& settings,
                  Verdict& verdict) {
    const auto& terminal = access.terminal_information;
    if (!terminal || !terminal->imei) {
        const bool invalid = terminal && terminal->imei_invalid;
        note(verdict, invalid ? alarm::Id::imei_invalid : alarm::Id::imei_missing);
        if (!absent_allowed(binding.policy, settings)) verdict.admitted = false;
        return;
    }
    watch_association(access, verdict);
    if (authorised(binding, *terminal->imei)) return;
    if (enforces_imei(binding.policy)) {
        verdict.admitted = false;
        note(verdict, alarm::Id::pair_unauthorised);
    } else if (!binding.devices.empty()) {  // without a list there is nothing that the IMEI could contradict
        note(verdict, needs_kme(binding.policy) ? alarm::Id::imei_mismatch : alarm::Id::pair_unauthorised);
    }
}

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

/// I1: no registration under a KME policy unless the binding was proven for this access, or before.
void judge_key(const Access& access, const JudgeSettings& settings, Verdict& verdict) {
    const auto evidence = evidence_of(access, settings);
    verdict.verified =
        evidence == Evidence::proven || (evidence == Evidence::none && access.previously_verified);
    if (verdict.verified) return;
    verdict.admitted = false;
    note(verdict, alarm::Id::binding_unverified, why_unverified(evidence));
}

}  // namespace

Evidence evidence_of(const Access& access, const JudgeSettings& settings) {
    const auto within = [&](const std::optional<WallTime>& since, std::chrono::seconds window) {
        return since && access.now - *since <= window;
    };
    if (within(access.regular_at, settings.regular_vector_open)) return Evidence::regular;
    if (within(access.pre_processed_at, settings.evidence_window)) {
        return access.under_active_kme ? Evidence::proven : Evidence::superseded;
    }
    return Evidence::none;
}

Verdict judge_device(const Binding& binding, const Access& access, const JudgeSettings& settings) {
    Verdict verdict;
    if (binding.policy != Policy::off) judge_device(binding, access, settings, verdict);
    return verdict;
}

Verdict judge(const Binding& binding, const Access& access, const JudgeSettings& settings) {
    auto verdict = judge_device(binding, access, settings);
    if (needs_kme(binding.policy)) judge_key(access, settings, verdict);
    return verdict;
}

}  // namespace bindhss::binding
