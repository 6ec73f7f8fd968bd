// SPDX-License-Identifier: Apache-2.0
#include "procedure/judgement.h"

#include <algorithm>
#include <initializer_list>

#include "procedure/witness.h"

namespace bindhss::procedure {

namespace {

using alarm::Id;

/// A context that moves between nodes, of either domain, takes its proof along; a node that has purged it has
/// nothing to hand on. Which of two contexts moves is not known, so both have to be proven.
void add_proof(binding::Access& access, const store::Registrations& registrations) {
    for (const auto* one : {&registrations.mme, &registrations.sgsn}) {
        const auto& registration = *one;
        if (!registration || registration->purged) continue;
        access.previously_verified |= registration->verified;
        if (!registration->verified) {
            access.unverified_at =
                std::max(access.unverified_at.value_or(registration->time), registration->time);
        }
    }
    if (access.unverified_at) access.previously_verified = false;
}

/// Where the UE is registered, as seen by the node that asks. A registration that anybody could have written
/// makes nobody believable, and who says that he took the UE over has not authenticated it by that.
void add_place(binding::Access& access, const store::Registrations& registrations, const ServingNode& node) {
    for (const auto* one : {&registrations.mme, &registrations.sgsn}) {
        const auto& registration = *one;
        if (!registration || registration->provenance == binding::Provenance::unproven) continue;
        const bool serves = !registration->purged;
        if (registration->node.host == node.host &&
            registration->provenance == binding::Provenance::authenticated) {
            access.serves_now |= serves;
            access.registered_here_at =
                std::max(access.registered_here_at.value_or(registration->time), registration->time);
        } else {
            access.registered_elsewhere |= serves;
        }
    }
}

binding::Access access_of(const Report& report, const store::SubscriberView& subscriber) {
    binding::Access access;
    access.terminal_information = report.terminal_information;
    access.device = subscriber.device;
    access.last_seen_imei = subscriber.last_seen_imei;
    access.last_seen_svn = subscriber.last_seen_svn;
    access.pre_processed_at = subscriber.issued.pre_processed_at;
    access.under_candidate_kme = subscriber.issued_under_candidate;
    access.regular_at = subscriber.issued.regular_at;
    add_place(access, subscriber.registrations, report.origin);
    add_proof(access, subscriber.registrations);
    access.emergency = report.emergency;
    access.now = report.now;
    return access;
}

binding::JudgeSettings judge_settings(const Settings& settings) {
    binding::JudgeSettings choices;
    choices.evidence_window = settings.evidence_window;
    choices.regular_vector_open = settings.regular_vector_open;
    choices.authenticated_within = settings.authenticated_within;
    choices.imei_absent_allowed_monitor = settings.imei_absent_allowed_monitor;
    choices.imei_absent_allowed_enforce = settings.imei_absent_allowed_enforce;
    return choices;
}

std::optional<Imei> imei_of(const Report& report) {
    return report.terminal_information ? report.terminal_information->imei : std::nullopt;
}

bool found(const binding::Verdict& verdict, Id id) {
    return std::ranges::any_of(verdict.findings, [id](const auto& finding) { return finding.id == id; });
}

void raise(const Ports& ports, const Report& report, const binding::Verdict& verdict) {
    const auto imei = imei_of(report);
    for (const auto& finding : verdict.findings) {
        ports.alarms.raise({finding.id, report.imsi, imei, report.origin.host, finding.detail, report.now,
                            std::string(report.session)});
    }
}

/// "pair_unauthorised: no rule allows it; ..."
std::string reasons_of(const binding::Verdict& verdict) {
    std::string reasons;
    for (const auto& finding : verdict.findings) {
        if (!reasons.empty()) reasons += "; ";
        reasons += alarm::describe(finding.id).name;
        if (!finding.detail.empty()) reasons += ": " + finding.detail;
    }
    return reasons;
}

void tell(const Ports& ports, Decision::Kind kind, const Report& report,
          const store::SubscriberView& subscriber, const binding::Verdict& verdict) {
    if (ports.witness == nullptr) return;
    const auto reported = imei_of(report);
    const auto imei = reported ? reported->str() : std::string();
    const auto reasons = reasons_of(verdict);
    const auto& terms = subscriber.binding.terms;
    const Note notes[] = {{"policy", binding::name_of(terms.policy)},
                          {"terms", terms.name},
                          {"imei", imei},
                          {"provenance", binding::name_of(verdict.provenance)},
                          {"authorised", verdict.authorised},
                          {"verified", verdict.verified},
                          {"proof", verdict.proof},
                          {"lock", verdict.lock},
                          {"acquires", verdict.acquire.has_value()},
                          {"asks", verdict.ask.has_value()},
                          {"key_may_be_given", verdict.key_may_be_given},
                          {"suspect", subscriber.suspect},
                          {"reasons", reasons}};
    const bool ordinary = verdict.admission == binding::Admission::admitted && verdict.findings.empty() &&
                          !verdict.acquire && !verdict.ask;
    ports.witness->decided({kind, report.imsi, report.session, report.origin.host,
                            binding::name_of(verdict.admission), ordinary, notes});
}

std::string_view name_of(binding::Sign sign) {
    switch (sign) {
        case binding::Sign::proof:
            return "proof";
        case binding::Sign::strong_against:
            return "strong_against";
        case binding::Sign::weak_against:
            break;
    }
    return "weak_against";
}

/// What was reported, and what it makes of the binding.
void tell_of_evidence(const Ports& ports, const Imsi& imsi, const std::string& peer,
                      const std::string& session, binding::Sign sign, const binding::Change& change) {
    if (ports.witness == nullptr) return;
    std::string_view outcome = "unchanged";
    if (change.became_suspect) outcome = "suspect";
    if (change.became_locked) outcome = "locked";
    if (change.cleared) outcome = "cleared";
    const Note notes[] = {{"sign", name_of(sign)},
                          {"state", binding::name_of(change.standing.state)},
                          {"strong", change.standing.strong},
                          {"weak", change.standing.weak},
                          {"next_key", change.next_key}};
    const bool ordinary = sign == binding::Sign::proof && outcome == "unchanged";
    ports.witness->decided({Decision::Kind::evidence, imsi, session, peer, outcome, ordinary, notes});
}

/// Has the node only said again what it said before, of a UE that is served in full? Then there is nothing to
/// be over: as a rule, and the operator's alarm list need not be looked through for it.
bool as_before(const Report& report, const store::SubscriberView& subscriber) {
    const auto same = [&](const std::optional<store::Registration>& before) {
        return before && !before->purged && before->node.host == report.origin.host &&
               before->terminal_information == report.terminal_information &&
               before->limited_profile.empty() && before->provenance != binding::Provenance::unproven;
    };
    return same(subscriber.registrations.mme) || same(subscriber.registrations.sgsn);
}

/// The HSS itself has left the node without a vector under the device's key, so that the key can be given:
/// that nothing proves the key is no finding. Where it must not be given, one alarm says so: that the IMEI
/// is not in the list is the reason for it, and no second fact; nor is it `imei_mismatch`, of a device that
/// has the key. A question to the operator says as much.
void say_once_what_is_of_the_key(const Report& report, binding::Verdict& verdict) {
    const bool denied = !verdict.authorised && imei_of(report);
    if (!verdict.authorised && !denied) return;  // without an IMEI nobody knows whose key it would be
    std::erase_if(verdict.findings, [denied](const auto& finding) {
        return finding.id == Id::binding_unverified || (denied && finding.id == Id::imei_mismatch);
    });
    if (denied && !verdict.ask && !found(verdict, Id::pair_unauthorised)) {
        verdict.findings.push_back(
            {Id::pair_unauthorised, "no key is given to a device that is not authorised"});
    }
}

/// Whatever device or node the alarm was about: the subscription is what it has been raised for.
void clear(const Ports& ports, const Imsi& imsi, Id id, WallTime now) {
    ports.alarms.clear({id, imsi, std::nullopt, {}, {}, now});
}

}  // namespace

bool has_emergency(const store::Registrations& registrations) {
    const auto emergency = [](const auto& one) { return one && one->emergency && !one->purged; };
    return emergency(registrations.mme) || emergency(registrations.sgsn);
}

binding::Verdict judge_access(const Ports& ports, const Report& report,
                              const store::SubscriberView& subscriber, WantOfKey want) {
    auto verdict = binding::judge(report.imsi, subscriber.binding, access_of(report, subscriber),
                                  judge_settings(ports.settings));
    if (want == WantOfKey::provided_for && verdict.key_may_be_given)
        say_once_what_is_of_the_key(report, verdict);
    raise(ports, report, verdict);
    tell(ports, Decision::Kind::access, report, subscriber, verdict);
    return verdict;
}

binding::Verdict judge_device_report(const Ports& ports, const Report& report,
                                     const store::SubscriberView& subscriber, Consequences consequences) {
    auto verdict = binding::judge_device(report.imsi, subscriber.binding, access_of(report, subscriber),
                                         judge_settings(ports.settings));
    if (consequences == Consequences::none && !subscriber.binding.locked) {
        std::erase_if(verdict.findings, [](const auto& finding) {
            return finding.id == Id::binding_locked || finding.id == Id::approval_pending;
        });
    }
    raise(ports, report, verdict);
    tell(ports, Decision::Kind::device, report, subscriber, verdict);
    return verdict;
}

void clear_what_is_over(const Ports& ports, const Report& report, const store::SubscriberView& subscriber,
                        const binding::Verdict& verdict) {
    if (subscriber.binding.terms.policy == binding::Policy::off) return;
    const auto over = [&](std::initializer_list<Id> ids) {
        for (const auto id : ids)
            if (!found(verdict, id)) clear(ports, report.imsi, id, report.now);
    };
    if (verdict.proof) over({Id::kme_suspect, Id::kme_missing, Id::binding_unverified});
    // A device that a stranger reports says nothing of the one that was told of.
    if (verdict.provenance == binding::Provenance::unproven) return;
    if (!imei_of(report) || (as_before(report, subscriber) && !found(verdict, Id::association_changed)))
        return;
    over({Id::binding_locked, Id::imei_missing, Id::imei_invalid, Id::pair_unauthorised, Id::imei_mismatch,
          Id::insecure_device, Id::approval_pending, Id::access_limited});
}

boost::asio::awaitable<Result<binding::Change>> report_sign(const Ports& ports, Imsi imsi, std::string peer,
                                                            binding::Sign sign,
                                                            std::optional<std::int64_t> kme_id,
                                                            std::string session) {
    const auto now = ports.clock.now();
    store::SignReport report;
    report.sign = sign;
    report.settings = ports.settings.evidence;
    report.now = now;
    report.kme_id = kme_id;
    auto change = co_await ports.store.record_sign(imsi, report);
    if (!change) co_return change.error();
    const auto raise = [&](Id id, const char* detail) {
        ports.alarms.raise({id, imsi, std::nullopt, peer, detail, now, session});
    };
    if (change->became_suspect) raise(Id::kme_suspect, "vectors under the device's key go unanswered");
    if (change->became_locked) raise(Id::binding_locked, "the evidence speaks against the device's key");
    if (change->cleared) clear(ports, imsi, Id::kme_suspect, now);
    tell_of_evidence(ports, imsi, peer, session, sign, *change);
    co_return std::move(*change);
}

}  // namespace bindhss::procedure
