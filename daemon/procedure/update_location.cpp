// SPDX-License-Identifier: Apache-2.0
#include "procedure/update_location.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "binding/judge.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;

/// TS 29.272 5.2.1.1.3, in its order: EPS subscription, RAT, roaming.
std::optional<Failure> check_subscription(const SubscriptionData& data, s6a::RatType rat_type) {
    if (!data.has_eps()) {
        return fail(Cause::unknown_eps_subscription, "the subscription has no APN configuration");
    }
    const bool nb_iot = rat_type == s6a::RatType::eutran_nb_iot;
    const auto restriction = nb_iot ? access_restriction::nb_iot : access_restriction::wb_eutran;
    if ((data.restricted() & restriction) != 0) {
        return fail(Cause::rat_not_allowed, "Access-Restriction-Data forbids the RAT");
    }
    if ((data.barred() & operator_determined_barring::all_packet_services) != 0) {
        return fail(Cause::roaming_not_allowed, "all packet services are barred");
    }
    return std::nullopt;
}

binding::Verdict judge(const Ports& ports, const s6a::UpdateLocationRequest& request,
                       const store::SubscriberView& subscriber, WallTime now) {
    const auto& settings = ports.settings;
    binding::Access access;
    access.terminal_information = request.terminal_information;
    access.last_seen_imei = subscriber.last_seen_imei;
    access.pre_processed_at = subscriber.issued.pre_processed_at;
    access.under_active_kme =
        subscriber.active_kme_id.has_value() && subscriber.issued.kme_id == subscriber.active_kme_id;
    access.regular_at = subscriber.issued.regular_at;
    access.previously_verified = subscriber.registration && subscriber.registration->verified;
    access.now = now;
    return binding::judge(subscriber.binding, access,
                          {settings.evidence_window, settings.regular_vector_open,
                           settings.imei_absent_allowed_monitor, settings.imei_absent_allowed_enforce});
}

void raise(const Ports& ports, const s6a::UpdateLocationRequest& request, const binding::Verdict& verdict,
           WallTime now) {
    const auto imei = request.terminal_information ? request.terminal_information->imei : std::nullopt;
    for (const auto& finding : verdict.findings) {
        ports.alarms.raise({finding.id, request.imsi, imei, request.origin.host, finding.detail, now});
    }
}

/// The node answers when it can; whether it does changes nothing for the UE that has moved (5.2.1.2).
awaitable<void> cancel_location(const Ports& ports, s6a::CancelLocationRequest request) {
    (void)co_await ports.nodes.cancel_location(std::move(request));
}

bool must_be_cancelled(const store::Registration& previous, const ServingNode& now_serving) {
    return previous.node.host != now_serving.host && !previous.purged;
}

}  // namespace

awaitable<Result<s6a::UpdateLocationAnswer>> update_location(const Ports& ports,
                                                             s6a::UpdateLocationRequest request) {
    if (!request.flags.s6a_indicator) co_return fail(Cause::unable_to_comply, "S6d is not served");
    const auto now = ports.clock.now();
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin);
    if (!subscriber) co_return subscriber.error();
    if (const auto failure = check_subscription(subscriber->subscription.data, request.rat_type))
        co_return *failure;

    const auto verdict = judge(ports, request, *subscriber, now);
    raise(ports, request, verdict, now);
    if (!verdict.admitted)
        co_return fail(ports.settings.reject_cause, "the binding does not admit this access");

    store::Registration registration{.node = request.origin,
                                     .visited_plmn = request.visited_plmn,
                                     .terminal_information = request.terminal_information,
                                     .verified = verdict.verified,
                                     .time = now};
    const auto previous = co_await ports.store.register_mme(request.imsi, registration);
    if (!previous) co_return previous.error();
    if (*previous && must_be_cancelled(**previous, request.origin)) {
        s6a::CancelLocationRequest cancel{request.imsi, (*previous)->node};
        boost::asio::co_spawn(co_await boost::asio::this_coro::executor,
                              cancel_location(ports, std::move(cancel)), boost::asio::detached);
    }
    s6a::UpdateLocationAnswer answer;
    answer.subscription_data = subscriber->subscription.data;
    co_return answer;
}

}  // namespace bindhss::procedure
