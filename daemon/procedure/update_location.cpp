// SPDX-License-Identifier: Apache-2.0
#include "procedure/update_location.h"

#include "procedure/judgement.h"
#include "procedure/kme_peers.h"
#include "procedure/kme_update.h"
#include "procedure/location_checks.h"
#include "procedure/node_requests.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;

/// "SMS in MME" and "SMS in SGSN" (5.2.1.1.3): the node is registered for short messages when both sides have
/// the feature, the node gave its number, and the node or the subscription wants it so.
bool registers_for_sms(const s6a::UpdateLocationRequest& request, const SubscriptionData& data,
                       const s6a::Features& common) {
    constexpr std::uint32_t sms_in_sgsn_allowed = 1U << 1;  // Subscription-Data-Flags
    const auto wish = request.sms_register_request.value_or(s6a::SmsRegisterRequest::not_preferred);
    if (wish == s6a::SmsRegisterRequest::not_preferred) return false;
    if (domain_of(request.flags) == s6a::Domain::sgsn) {
        return (common.list_2 & s6a::feature_2::sms_in_sgsn) != 0 && !request.sgsn_number.empty() &&
               (data.subscription_data_flags.value_or(0) & sms_in_sgsn_allowed) != 0;
    }
    if ((common.list_2 & s6a::feature_2::sms_in_mme) == 0 || request.mme_number_for_mt_sms.empty())
        return false;
    return wish == s6a::SmsRegisterRequest::required || request.flags.sms_only_indication ||
           data.network_access_mode == NetworkAccessMode::only_packet;
}

/// GPRS-Subscription-Data is for those who ask, and for an SGSN when there is nothing else (7.3.7).
bool wants_gprs(const s6a::UpdateLocationRequest& request, const SubscriptionData& data) {
    return request.flags.gprs_subscription_data_indicator ||
           (domain_of(request.flags) == s6a::Domain::sgsn && !data.has_eps());
}

store::Registration registration_of(const s6a::UpdateLocationRequest& request, const SubscriptionData& data,
                                    const store::SubscriptionVersion& version, const s6a::Features& common,
                                    WallTime now) {
    store::Registration registration{.node = request.origin,
                                     .visited_plmn = request.visited_plmn,
                                     .terminal_information = request.terminal_information,
                                     .time = now,
                                     .domain = domain_of(request.flags),
                                     .rat_type = request.rat_type,
                                     .features = request.supported_features,
                                     .combined = request.flags.node_type_indicator,
                                     .gprs_wanted = wants_gprs(request, data),
                                     .ue_srvcc_capability = request.ue_srvcc_capability,
                                     .homogeneous_ims_voice = request.homogeneous_ims_voice,
                                     .active_apns = request.active_apns,
                                     .told = version};
    registration.sms_registered = registers_for_sms(request, data, common);
    registration.node_number =
        registration.domain == s6a::Domain::sgsn ? request.sgsn_number : request.mme_number_for_mt_sms;
    return registration;
}

/// Has the node exactly what it would be sent? A combined node has it by either of its halves.
bool has_it_all(const store::Registrations& registrations, const store::Registration& now) {
    const auto has = [&](const std::optional<store::Registration>& before) {
        return before && before->node == now.node && !before->purged && before->told == now.told &&
               before->features == now.features && (before->gprs_wanted || !now.gprs_wanted) &&
               (before->domain == now.domain || (before->combined && now.combined));
    };
    return has(registrations.mme) || has(registrations.sgsn);
}

s6a::UpdateLocationAnswer answer_of(const Ports& ports, const s6a::UpdateLocationRequest& request,
                                    const store::Registration& registration, const s6a::Features& common) {
    s6a::UpdateLocationAnswer answer;
    answer.supported_features = announced_in_answer(ports, request);
    answer.mme_registered_for_sms = registration.domain == s6a::Domain::mme && registration.sms_registered;
    if ((common.list_2 & s6a::feature_2::reset_ids) != 0) answer.reset_ids = ports.settings.reset_ids;
    return answer;
}

/// An emergency service goes with the UE from node to node; who attaches anew has none (TS 22.016 5).
bool emergency_goes_on(const s6a::UpdateLocationRequest& request, const store::SubscriberView& subscriber) {
    return !request.flags.initial_attach_indicator && has_emergency(subscriber.registrations);
}

/// What the UE is registered with, and which Subscription-Data that makes.
struct Service {
    store::Registration registration;
    SubscriptionData data;
};

/// The subscription as the node is sent it, with all that forbids it; `limited`: the substitute profile of
/// the binding's terms instead of its own (TS 22.368 7.2.8).
Result<Service> service_of(const Ports& ports, const s6a::UpdateLocationRequest& request,
                           const store::SubscriberView& subscriber, bool limited, WallTime now) {
    const auto& settings = ports.settings;
    const auto common = features::common(settings.features, request.supported_features);
    const auto& subscription = limited ? *subscriber.limited : subscriber.subscription;
    if (auto failure = check_subscription(subscription, request, common)) return std::move(*failure);
    const auto& version = limited ? subscriber.limited_version : subscriber.version;
    auto registration = registration_of(request, subscription.data, version, common, now);
    if (limited) registration.limited_profile = subscriber.binding.terms.limited_profile;
    auto fitted = subscription::fit(subscription, node_of(settings, request.imsi, registration));
    if (!fitted) return fitted.error();
    return Service{std::move(registration), std::move(*fitted)};
}

/// No registration is touched; what was seen is kept, and what is to follow. Absent: it is stored.
awaitable<std::optional<Failure>> remember_refused(const Ports& ports, const Report& report,
                                                   const binding::Terms& terms,
                                                   const binding::Verdict& verdict) {
    store::Refusal refusal;
    refusal.node = report.origin;
    refusal.terminal_information = report.terminal_information;
    refusal.provenance = verdict.provenance;
    refusal.lock = verdict.lock;
    // The phone of a forged request is not there to hear of it, and the right one must not be shut out: only
    // a node that had the UE authenticated is believed to have one.
    if (terms.refuse_next.count() != 0 && verdict.provenance == binding::Provenance::authenticated)
        refusal.refuse_until = report.now + terms.refuse_next;
    refusal.ask = verdict.ask;
    refusal.now = report.now;
    const auto stored = co_await ports.store.record_refusal(report.imsi, std::move(refusal));
    if (!stored) co_return stored.error();
    co_return std::nullopt;
}

awaitable<Failure> refuse(const Ports& ports, const Report& report, const binding::Terms& terms,
                          const binding::Verdict& verdict) {
    const auto failed = co_await remember_refused(ports, report, terms, verdict);
    if (failed) co_return *failed;
    co_return fail(ports.settings.reject_cause, "the binding does not admit this access");
}

bool named(const Report& report) {
    return report.terminal_information && report.terminal_information->imei;
}

/// Refused for the want of a key, which the device is given meanwhile (spec 4.4). What comes of that is said
/// to the node; what was seen is kept, with the exchange if there is one.
awaitable<Result<s6a::UpdateLocationAnswer>> give_key(const Ports& ports,
                                                      const s6a::UpdateLocationRequest& request,
                                                      const Report& report,
                                                      const store::SubscriberView& subscriber,
                                                      const binding::Verdict& verdict) {
    auto answer = co_await provision_key(ports, request, verdict, subscriber);
    if (verdict.authorised && named(report)) co_return answer;
    auto terms = subscriber.binding.terms;
    terms.refuse_next = std::chrono::seconds(0);  // the UE is to come again
    (void)co_await remember_refused(ports, report, terms, verdict);
    co_return answer;
}

/// A node that cannot give the device its key serves it with a profile whose only purpose is that (spec 4.4
/// "restricted_apn"): it takes the place of the substitute profile.
awaitable<Result<store::Done>> restrict_service(const Ports& ports, const Report& report,
                                                store::SubscriberView* subscriber,
                                                binding::Verdict* verdict) {
    const auto& name = ports.settings.provisioning.restricted_profile;
    auto profile = co_await ports.exchanges->load_restricted(report.imsi, name);
    if (!profile) co_return profile.error();
    if (!*profile) co_return fail(Cause::unable_to_comply, "the restricted profile is missing");
    subscriber->limited = std::move((*profile)->subscription);
    subscriber->limited_version = std::move((*profile)->version);
    subscriber->binding.terms.limited_profile = name;
    verdict->admission = binding::Admission::limited;
    ports.alarms.raise({alarm::Id::kme_missing, report.imsi, std::nullopt, report.origin.host,
                        "served with the profile " + name + " until the device has a key", report.now,
                        std::string(report.session)});
    co_return store::Done{};
}

/// What a node with the KME AVPs is told of a device that is to have no key (spec 4.4); nothing: it is not
/// that.
std::optional<s6a::KmeAccessInfo> unauthorised_device(const store::SubscriberView& subscriber,
                                                      const Report& report, const binding::Verdict& verdict) {
    if (!binding::needs_kme(subscriber.binding.terms.policy) || !named(report) || verdict.authorised)
        return std::nullopt;
    return s6a::KmeAccessInfo{s6a::kme_access::provisioning_only, s6a::KmeCause::imei_not_authorised};
}

bool gives_keys(const Ports& ports, const s6a::UpdateLocationRequest& request) {
    const auto features = kme_features(ports, request.origin, request.supported_features, request.arrival);
    return (features & s6a::feature_kme::provisioning) != 0;
}

/// A key whose time is nearly over is renewed behind the answer, while the UE is there and has just proven it
/// (R12, R19): what the node has of the subscription then. Absent: it is not to be renewed.
std::optional<SubscriptionData> renewal_of(const Ports& ports, const s6a::UpdateLocationRequest& request,
                                           const store::SubscriberView& subscriber,
                                           const binding::Verdict& verdict, const SubscriptionData& data) {
    const bool named = request.terminal_information && request.terminal_information->imei;
    if (!verdict.proof || !verdict.authorised || !named || !gives_keys(ports, request) ||
        !renewal_due(ports, subscriber.kme_not_after, ports.clock.now()))
        return std::nullopt;
    return data;
}

/// The registration and what the verdict says of it, for the store.
store::RegisterNode stored_of(const s6a::UpdateLocationRequest& request, store::Registration registration,
                              const binding::Verdict& verdict, bool emergency) {
    registration.verified = verdict.verified;
    registration.provenance = verdict.provenance;
    registration.emergency = emergency;
    store::RegisterNode stored{std::move(registration)};
    stored.single_registration = request.flags.single_registration_indication;
    stored.initial_attach = request.flags.initial_attach_indicator;
    stored.proof = verdict.proof;
    stored.acquire = verdict.acquire;
    stored.ask = verdict.ask;
    stored.count_uiccs = verdict.count_again;
    return stored;
}

/// Was the access judged when the binding was not yet locked, the list still empty, or room in the device?
bool came_too_late(const Failure& failure) {
    return failure.cause == Cause::authorization_rejected || failure.cause == Cause::binding_locked;
}

/// Nothing: something of what was judged has changed before it was stored, and it is to be judged again. Not
/// with `last`.
awaitable<std::optional<Result<s6a::UpdateLocationAnswer>>> judged_and_stored(
    const Ports& ports, const s6a::UpdateLocationRequest& request, bool last) {
    const auto now = ports.clock.now();
    const auto& settings = ports.settings;
    auto subscriber =
        co_await ports.store.load_subscriber(request.imsi, request.origin, request.terminal_information);
    if (!subscriber) co_return subscriber.error();
    if (const auto spoofed = settings.serving_networks.check(request.origin.realm, request.visited_plmn))
        co_return *spoofed;
    auto service = service_of(ports, request, *subscriber, false, now);
    if (!service) co_return service.error();

    const bool emergency = emergency_goes_on(request, *subscriber);
    const Report report{request.imsi, request.origin, request.terminal_information,
                        now,          emergency,      request.arrival.session};
    const bool gives = gives_keys(ports, request);
    const bool restricts = !gives && restricts_stock_mme(ports);
    auto verdict = judge_access(ports, report, *subscriber,
                                gives || restricts ? WantOfKey::provided_for : WantOfKey::told);
    if (verdict.key_may_be_given && gives) {
        co_return co_await give_key(ports, request, report, *subscriber, verdict);
    }
    if (verdict.key_may_be_given && verdict.authorised && restricts) {
        const auto restricted = co_await restrict_service(ports, report, &*subscriber, &verdict);
        if (!restricted) co_return restricted.error();
    }
    if (verdict.refused()) {
        auto failure = co_await refuse(ports, report, subscriber->binding.terms, verdict);
        if (gives) failure.kme_access_info = unauthorised_device(*subscriber, report, verdict);
        co_return failure;
    }
    if (verdict.admission == binding::Admission::limited) {
        if (!subscriber->limited)
            co_return fail(Cause::unable_to_comply, "the substitute profile of the binding is missing");
        service = service_of(ports, request, *subscriber, true, now);
        if (!service) co_return service.error();
    }

    const auto common = features::common(settings.features, request.supported_features);
    auto answer = answer_of(ports, request, service->registration, common);
    const bool skip =
        request.flags.skip_subscriber_data && has_it_all(subscriber->registrations, service->registration);
    auto renewal = renewal_of(ports, request, *subscriber, verdict, service->data);
    if (!skip) answer.subscription_data = std::move(service->data);
    auto stored = stored_of(request, std::move(service->registration), verdict, emergency);
    const auto& issued_kme = subscriber->issued.kme_id;
    if (verdict.proof && issued_kme != subscriber->active_kme_id) stored.proven_kme = issued_kme;
    auto cancellations = co_await ports.store.register_node(request.imsi, std::move(stored), request_lease);
    if (!cancellations) {
        if (!last && came_too_late(cancellations.error())) co_return std::nullopt;
        co_return cancellations.error();
    }
    if (renewal) {
        co_await renew_in_background(ports, request, std::move(*renewal));
    }
    clear_what_is_over(ports, report, *subscriber, verdict);
    if (verdict.acquire) {
        ports.alarms.raise({alarm::Id::device_acquired,
                            request.imsi,
                            verdict.acquire,
                            request.origin.host,
                            {},
                            now,
                            request.arrival.session});
    }
    co_await send_in_background(ports, std::move(*cancellations));
    co_return answer;
}

}  // namespace

awaitable<Result<s6a::UpdateLocationAnswer>> update_location(const Ports& ports,
                                                             s6a::UpdateLocationRequest request) {
    // Once more at most: what it is judged by then is what the first attempt failed for.
    auto answer = co_await judged_and_stored(ports, request, false);
    if (!answer) {
        answer = co_await judged_and_stored(ports, request, true);
    }
    co_return std::move(*answer);
}

}  // namespace bindhss::procedure
