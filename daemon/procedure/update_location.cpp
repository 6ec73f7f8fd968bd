// SPDX-License-Identifier: Apache-2.0
#include "procedure/update_location.h"

#include "procedure/judgement.h"
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

store::Registration registration_of(const s6a::UpdateLocationRequest& request,
                                    const store::SubscriberView& subscriber, const s6a::Features& common,
                                    WallTime now) {
    const auto& data = subscriber.subscription.data;
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
                                     .told = subscriber.version};
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

s6a::UpdateLocationAnswer answer_of(const Ports& ports, const store::Registration& registration,
                                    const s6a::Features& common) {
    s6a::UpdateLocationAnswer answer;
    answer.supported_features = features::announced_to(ports.settings.features, registration.features);
    answer.mme_registered_for_sms = registration.domain == s6a::Domain::mme && registration.sms_registered;
    if ((common.list_2 & s6a::feature_2::reset_ids) != 0) answer.reset_ids = ports.settings.reset_ids;
    return answer;
}

}  // namespace

awaitable<Result<s6a::UpdateLocationAnswer>> update_location(const Ports& ports,
                                                             s6a::UpdateLocationRequest request) {
    const auto now = ports.clock.now();
    const auto& settings = ports.settings;
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin);
    if (!subscriber) co_return subscriber.error();
    if (const auto spoofed = settings.serving_networks.check(request.origin.realm, request.visited_plmn))
        co_return *spoofed;
    const auto common = features::common(settings.features, request.supported_features);
    if (const auto failure = check_subscription(subscriber->subscription, request, common))
        co_return *failure;
    auto registration = registration_of(request, *subscriber, common, now);
    const auto fitted =
        subscription::fit(subscriber->subscription, node_of(settings, request.imsi, registration));
    if (!fitted) co_return fitted.error();

    const Report report{request.imsi, request.origin, request.terminal_information, now};
    const auto verdict = judge_access(ports, report, *subscriber);
    if (!verdict.admitted) co_return fail(settings.reject_cause, "the binding does not admit this access");
    registration.verified = verdict.verified;

    auto answer = answer_of(ports, registration, common);
    const bool skip =
        request.flags.skip_subscriber_data && has_it_all(subscriber->registrations, registration);
    if (!skip) answer.subscription_data = *fitted;
    store::RegisterNode stored{std::move(registration), request.flags.single_registration_indication,
                               request.flags.initial_attach_indicator};
    auto cancellations = co_await ports.store.register_node(request.imsi, std::move(stored), request_lease);
    if (!cancellations) co_return cancellations.error();
    co_await send_in_background(ports, std::move(*cancellations));
    co_return answer;
}

}  // namespace bindhss::procedure
