// SPDX-License-Identifier: Apache-2.0
#include "procedure/judgement.h"

namespace bindhss::procedure {

namespace {

/// A context that moves between nodes, of either domain, takes its proof along; a node that has purged it has
/// nothing to hand on.
bool verified_before(const store::Registrations& registrations) {
    const auto verified = [](const auto& one) { return one && one->verified && !one->purged; };
    return verified(registrations.mme) || verified(registrations.sgsn);
}

binding::Access access_of(const Report& report, const store::SubscriberView& subscriber) {
    binding::Access access;
    access.terminal_information = report.terminal_information;
    access.last_seen_imei = subscriber.last_seen_imei;
    access.pre_processed_at = subscriber.issued.pre_processed_at;
    access.under_active_kme =
        subscriber.active_kme_id.has_value() && subscriber.issued.kme_id == subscriber.active_kme_id;
    access.regular_at = subscriber.issued.regular_at;
    access.previously_verified = verified_before(subscriber.registrations);
    access.now = report.now;
    return access;
}

binding::JudgeSettings judge_settings(const Settings& settings) {
    return {settings.evidence_window, settings.regular_vector_open, settings.imei_absent_allowed_monitor,
            settings.imei_absent_allowed_enforce};
}

void raise(const Ports& ports, const Report& report, const binding::Verdict& verdict) {
    const auto imei = report.terminal_information ? report.terminal_information->imei : std::nullopt;
    for (const auto& finding : verdict.findings)
        ports.alarms.raise({finding.id, report.imsi, imei, report.origin.host, finding.detail, report.now});
}

}  // namespace

binding::Verdict judge_access(const Ports& ports, const Report& report,
                              const store::SubscriberView& subscriber) {
    auto verdict =
        binding::judge(subscriber.binding, access_of(report, subscriber), judge_settings(ports.settings));
    raise(ports, report, verdict);
    return verdict;
}

binding::Verdict judge_device_report(const Ports& ports, const Report& report,
                                     const store::SubscriberView& subscriber) {
    auto verdict = binding::judge_device(subscriber.binding, access_of(report, subscriber),
                                         judge_settings(ports.settings));
    raise(ports, report, verdict);
    return verdict;
}

}  // namespace bindhss::procedure
