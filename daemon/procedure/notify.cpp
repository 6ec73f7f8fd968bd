// SPDX-License-Identifier: Apache-2.0
#include "procedure/notify.h"

#include <algorithm>

#include "procedure/judgement.h"
#include "procedure/kme_peers.h"
#include "procedure/node_requests.h"

namespace bindhss::procedure {

namespace {

/// The answer is on its way before the node hears that the UE is to go.
constexpr std::chrono::milliseconds after_answer{100};

bool registered_at(const std::optional<store::Registration>& registration, const ServingNode& node) {
    return registration && registration->node.host == node.host;
}

/// The half that speaks. A combined node says so by its flags; else it is the MME.
std::optional<s6a::Domain> speaking(const store::Registrations& registrations,
                                    const s6a::NotifyRequest& request) {
    const bool mme = registered_at(registrations.mme, request.origin);
    const bool sgsn = registered_at(registrations.sgsn, request.origin);
    const auto& flags = request.flags;
    const bool of_sgsn = flags.sgsn_area_restricted || flags.ready_for_sm_from_sgsn ||
                         flags.ue_reachable_from_sgsn ||
                         (flags.homogeneous_support_of_ims_voice && !flags.s6a_indicator);
    if (mme && !(sgsn && of_sgsn)) return s6a::Domain::mme;
    if (sgsn) return s6a::Domain::sgsn;
    return std::nullopt;
}

bool has_apn(const SubscriptionData& data, const s6a::ActiveApn& told) {
    if (!data.apn_configuration_profile) return false;
    const auto& apns = data.apn_configuration_profile->apns;
    return std::any_of(apns.begin(), apns.end(), [&](const ApnConfiguration& apn) {
        if (apn.service_selection == "*") return true;
        return told.service_selection.empty() ? apn.context_identifier == told.context_identifier
                                              : apn.service_selection == told.service_selection;
    });
}

/// The PDN-GW of an emergency service is of no APN of the subscription, and is not kept.
bool names_apn(const s6a::NotifyRequest& request) {
    return request.pdn_gateway && !request.emergency.value_or(false);
}

store::NotifyNode stored_of(const s6a::NotifyRequest& request, s6a::Domain domain, WallTime now) {
    const auto& flags = request.flags;
    const bool mme = domain == s6a::Domain::mme;
    store::NotifyNode stored;
    stored.node = request.origin;
    stored.domain = domain;
    stored.terminal_information = request.terminal_information;
    stored.features = request.supported_features;
    if (names_apn(request)) stored.pdn_gateway = request.pdn_gateway;
    stored.emergency = request.emergency;
    stored.ue_srvcc_capability = request.ue_srvcc_capability;
    stored.ims_voice_told =
        flags.homogeneous_support_of_ims_voice || request.homogeneous_ims_voice.has_value();
    stored.homogeneous_ims_voice = request.homogeneous_ims_voice;
    stored.area_restricted = !mme && flags.sgsn_area_restricted;
    stored.reachable = mme ? flags.ue_reachable_from_mme : flags.ue_reachable_from_sgsn;
    stored.remove_sms = mme && flags.removal_of_mme_registration_for_sms;
    stored.single_registration = mme && flags.single_registration_indication;
    stored.now = now;
    return stored;
}

/// ADD: the same check as at an Update-Location, for the device alone; no Terminal-Information is no report.
/// Whoever would be served with less is to come again with an Update-Location. An emergency service is never
/// ended for it (TS 22.016 5).
void judge(const Ports& ports, const s6a::NotifyRequest& request, const store::SubscriberView& subscriber,
           store::NotifyNode& stored) {
    if (!request.terminal_information) return;
    const bool emergency = request.emergency.value_or(has_emergency(subscriber.registrations));
    const Report report{request.imsi, request.origin, request.terminal_information,
                        stored.now,   emergency,      request.arrival.session};
    const auto verdict = judge_device_report(ports, report, subscriber);
    stored.withdraw = verdict.admission != binding::Admission::admitted && !emergency &&
                      subscriber.binding.terms.detach_on_notify;
    stored.lock = verdict.lock;
    stored.ask = verdict.ask;
}

/// What S6a has no message for (spec 4.7): that the UE failed on the vector. Absent: the report is none that
/// speaks against the key.
std::optional<binding::Sign> sign_of(const s6a::KmeAuthFailureReport& report) {
    switch (report.emm_cause) {
        case s6a::kme_emm_cause::mac_failure:
        case s6a::kme_emm_cause::res_mismatch:
            return binding::Sign::strong_against;
        case s6a::kme_emm_cause::no_answer:
            return binding::Sign::weak_against;
        default:
            return std::nullopt;
    }
}

/// Believed of a trusted node that had a vector under the key a short time ago.
bool believed(const Ports& ports, const s6a::NotifyRequest& request, const store::SubscriberView& subscriber,
              WallTime now) {
    const auto features = kme_features(ports, request.origin, request.supported_features, request.arrival);
    const auto& issued = subscriber.issued.pre_processed_at;
    return (features & s6a::feature_kme::auth_failure_report) != 0 && issued &&
           now - *issued <= ports.settings.evidence_window;
}

}  // namespace

boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(const Ports& ports, s6a::NotifyRequest request) {
    const auto now = ports.clock.now();
    const auto subscriber =
        co_await ports.store.load_subscriber(request.imsi, request.origin, request.terminal_information);
    if (!subscriber) co_return subscriber.error();
    s6a::NotifyAnswer answer;
    answer.supported_features = announced_in_answer(ports, request);
    const auto domain = speaking(subscriber->registrations, request);
    if (const auto& failure = request.auth_failure_report) {
        const auto sign = sign_of(*failure);
        if (sign && believed(ports, request, *subscriber, now)) {
            const auto change = co_await report_sign(ports, request.imsi, request.origin.host, *sign,
                                                     std::nullopt, request.arrival.session);
            if (!change) co_return change.error();
        }
        // A UE that failed is registered nowhere (the exception to 5423 of spec 4.4).
        if (!domain) co_return answer;
    }
    if (!domain)
        co_return fail(Cause::unknown_serving_node, "the UE is not registered at " + request.origin.host);
    if (names_apn(request) && !has_apn(subscriber->subscription.data, *request.pdn_gateway))
        co_return fail(Cause::unable_to_comply, "the subscription has no such APN and no wildcard");

    auto stored = stored_of(request, *domain, now);
    judge(ports, request, *subscriber, stored);
    auto cancellations = co_await ports.store.notify(request.imsi, std::move(stored), request_lease);
    if (!cancellations) co_return cancellations.error();
    co_await send_in_background(ports, std::move(*cancellations), after_answer);
    co_return answer;
}

}  // namespace bindhss::procedure
