// SPDX-License-Identifier: Apache-2.0
#include "procedure/kme_update.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "procedure/kme_exchange.h"
#include "procedure/kme_peers.h"
#include "procedure/pause.h"
#include "types/limits.h"

namespace bindhss::procedure {

namespace {

using binding::ExchangeOutcome;
using boost::asio::awaitable;
using std::chrono::milliseconds;
using Answer = s6a::UpdateLocationAnswer;
using Request = s6a::UpdateLocationRequest;
using s6a::KmeCause;

void spawn(const Ports& ports, const boost::asio::any_io_executor& executor, awaitable<void> work) {
    boost::asio::co_spawn(executor, std::move(work), [ports](const std::exception_ptr& fault) {
        if (fault) ports.on_fault(fault);
    });
}

// --- what is sent

/// Nothing that would let a bearer come about (spec 4.4, the footnote of its table): no APN, and everything
/// barred besides.
SubscriptionData barred() {
    constexpr std::uint32_t pdn_connection_restricted = 1U << 3;  // Subscription-Data-Flags, 7.3.165
    SubscriptionData data;
    data.subscriber_status = SubscriberStatus::operator_determined_barring;
    data.operator_determined_barring = operator_determined_barring::all_packet_services;
    data.subscription_data_flags = pdn_connection_restricted;
    data.ambr = Ambr{1, 1};
    return data;
}

/// Never an empty Subscription-Data (7.2.9): while the UE has nothing, that it is barred; of one that is
/// served, what it has anyway.
SubscriptionData accompanying(const std::optional<SubscriptionData>& current) {
    SubscriptionData data;
    data.subscriber_status = SubscriberStatus::operator_determined_barring;
    data.operator_determined_barring = operator_determined_barring::all_packet_services;
    if (!current) return data;
    data.subscriber_status = current->subscriber_status.value_or(SubscriberStatus::service_granted);
    data.operator_determined_barring = current->operator_determined_barring;
    return data;
}

/// The node answers before the HSS gives up, and the HSS before the node does.
milliseconds time_to_answer(const Ports& ports, WallTime deadline) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - ports.clock.now()) -
                      milliseconds(limits::exchange_store_ms);
    return std::clamp(left, milliseconds(1), ports.settings.provisioning.response_timer);
}

store::ProvenKey key_of(const Exchange& exchange) {
    return {exchange.wanted.imei, exchange.terms.generation, exchange.kme};
}

/// IDR with the container; IDA with what the device says (R27 to R29).
awaitable<binding::Judged> deliver(const Ports& ports, Exchange exchange,
                                   std::optional<SubscriptionData> current) {
    const auto time = time_to_answer(ports, exchange.wanted.deadline);
    s6a::InsertSubscriberDataRequest idr{exchange.wanted.imsi, exchange.wanted.node, accompanying(current)};
    idr.kme_provisioning_request.emplace();
    idr.kme_provisioning_request->transaction = exchange.terms.transaction;
    idr.kme_provisioning_request->container = binding::encode(exchange.provision);
    idr.kme_provisioning_request->nas_container_type = ports.settings.provisioning.nas_container_type;
    idr.kme_provisioning_request->response_timer_ms = static_cast<std::uint32_t>(time.count());
    idr.answer_within = time;
    const auto ida = co_await ports.nodes.insert_subscriber_data(std::move(idr));
    if (!ida) co_return binding::Judged{ExchangeOutcome::not_answered, ida.error().detail};
    co_return binding::judge_delivery({exchange.wanted.imsi, exchange.wanted.imei}, exchange.terms,
                                      exchange.kme.view(), ida->kme_provisioning_response);
}

// --- how the Update-Location ends

Failure ended(Cause cause, std::string detail, std::uint32_t flags, KmeCause kme_cause) {
    auto failure = fail(cause, std::move(detail));
    failure.kme_access_info = {flags, kme_cause};
    return failure;
}

Failure ended_before(const Ports& ports, KmeCause kme_cause, std::string detail) {
    return ended(ports.settings.reject_cause, std::move(detail), s6a::kme_access::provisioning_only,
                 kme_cause);
}

Failure try_again(const Ports& ports, std::string detail) {
    return ended(ports.settings.provisioning.retry_cause, std::move(detail),
                 s6a::kme_access::provisioning_only, KmeCause::timeout);
}

Result<Answer> answer_of(const Ports& ports, const Request& request, const Ended& exchange) {
    const auto& conclusion = exchange.conclusion;
    if (conclusion.failure) {
        auto failure = fail(*conclusion.failure, "the exchange of the key has ended: " +
                                                     std::string(binding::name_of(exchange.outcome)));
        failure.kme_access_info = conclusion.access;
        return failure;
    }
    Answer answer;
    answer.subscription_data = barred();
    answer.supported_features = announced_in_answer(ports, request);
    answer.kme_access_info = conclusion.access;
    return answer;
}

/// A node that was told SUCCESS detaches the UE by itself; if the UE has not come again by then, it is told
/// to.
awaitable<void> detach_later(Ports ports, Imsi imsi, ServingNode node, WallTime since) {
    co_await pause(ports.settings.provisioning.reattach_after);
    const auto came = co_await ports.exchanges->has_come_again(imsi, node, since);
    if (!came || *came) co_return;
    s6a::CancelLocationRequest clr{imsi, node, s6a::CancellationType::subscription_withdrawal};
    clr.reattach_required = true;
    // The node holds nothing that is of use to the UE: nothing is lost with this request.
    (void)co_await ports.nodes.cancel_location(std::move(clr));
}

/// A retransmission of a request that another daemon serves: what comes of that is answered here too.
awaitable<Result<Answer>> join(const Ports& ports, Request request, WallTime deadline) {
    while (ports.clock.now() < deadline) {
        co_await pause(milliseconds(limits::exchange_poll_ms));
        const auto pending = co_await ports.exchanges->exchange_pending(request.imsi, ports.clock.now());
        if (!pending) co_return pending.error();
        if (!*pending) break;
    }
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin, std::nullopt);
    if (!subscriber) co_return subscriber.error();
    Ended ended{ExchangeOutcome::superseded, {}};
    if (subscriber->active_kme_id && !subscriber->issued.regular_at)
        ended.outcome = ExchangeOutcome::established;
    ended.conclusion = binding::conclude(
        ended.outcome, kme_features(ports, request.origin, request.supported_features, request.arrival),
        ports.settings.reject_cause, ports.settings.provisioning.retry_cause);
    co_return answer_of(ports, request, ended);
}

Result<Answer> not_begun(const Ports& ports, const NoExchange& why) {
    if (why.why == store::NotBegun::no_public_key)
        return ended_before(ports, KmeCause::no_public_key, why.detail);
    return try_again(ports, why.detail);
}

KeyWanted wanted_of(const Ports& ports, const Request& request, Imei imei, binding::Occasion occasion) {
    KeyWanted wanted{request.imsi, imei, occasion};
    wanted.node = request.origin;
    wanted.end_to_end = request.arrival.end_to_end;
    wanted.session = request.arrival.session;
    wanted.deadline = ports.clock.now() + ports.settings.provisioning.deadline;
    return wanted;
}

awaitable<void> renew(Ports ports, Request request, SubscriptionData current) {
    // The UE has its ULA first, and the node knows it then.
    co_await pause(ports.settings.provisioning.behind_answer);
    auto wanted = wanted_of(ports, request, *request.terminal_information->imei, binding::Occasion::renewal);
    const auto features = kme_features(ports, request.origin, request.supported_features, request.arrival);
    auto begun = co_await begin_exchange(ports, wanted);
    if (!begun || std::holds_alternative<NoExchange>(*begun)) co_return;
    auto& exchange = std::get<Exchange>(*begun);
    const auto transaction = exchange.terms.transaction;
    auto key = key_of(exchange);
    auto judged = co_await deliver(ports, std::move(exchange), std::move(current));
    // A store that is away now leaves the key as it was: the row ends by its deadline.
    (void)co_await end_exchange(ports, std::move(wanted), transaction, std::move(judged), features,
                                std::move(key));
}

}  // namespace

awaitable<Result<Answer>> provision_key(const Ports& ports, Request request, binding::Verdict verdict,
                                        store::SubscriberView subscriber) {
    const auto& terminal = request.terminal_information;
    if (!terminal || !terminal->imei) {
        co_return ended(ports.settings.provisioning.retry_cause, "the device is not named",
                        s6a::kme_access::provisioning_only | s6a::kme_access::imei_required,
                        KmeCause::no_binding);
    }
    if (!verdict.authorised)  // which the judgement has told the operator
        co_return ended_before(ports, KmeCause::imei_not_authorised, "the device is not authorised");
    const auto occasion =
        subscriber.active_kme_id ? binding::Occasion::suspicion : binding::Occasion::first_key;
    auto wanted = wanted_of(ports, request, *terminal->imei, occasion);
    wanted.seen = store::SeenDevice{terminal->svn, verdict.provenance};
    // A regular vector is open here, and another one was issued since: which of the two the UE has answered
    // is not known.
    wanted.session_fits = !subscriber.issued.pre_processed_at;
    const auto features = kme_features(ports, request.origin, request.supported_features, request.arrival);

    auto begun = co_await begin_exchange(ports, wanted);
    if (!begun) co_return begun.error();
    if (const auto* none = std::get_if<NoExchange>(&*begun)) {
        if (none->why == store::NotBegun::joined) {
            co_return co_await join(ports, std::move(request), wanted.deadline);
        }
        co_return not_begun(ports, *none);
    }
    auto& exchange = std::get<Exchange>(*begun);
    const auto transaction = exchange.terms.transaction;
    auto key = key_of(exchange);
    auto judged = co_await deliver(ports, std::move(exchange), std::nullopt);
    const auto ended = co_await end_exchange(ports, std::move(wanted), transaction, std::move(judged),
                                             features, std::move(key));
    if (!ended) co_return ended.error();
    auto answer = answer_of(ports, request, *ended);
    if (answer) {
        spawn(ports, co_await boost::asio::this_coro::executor,
              detach_later(ports, request.imsi, request.origin, ports.clock.now()));
    }
    co_return answer;
}

awaitable<void> renew_in_background(const Ports& ports, Request request, SubscriptionData current) {
    spawn(ports, co_await boost::asio::this_coro::executor,
          renew(ports, std::move(request), std::move(current)));
}

}  // namespace bindhss::procedure
