// SPDX-License-Identifier: Apache-2.0
#include "procedure/kme_by_https.h"

#include <algorithm>

#include "procedure/judgement.h"
#include "procedure/kme_exchange.h"
#include "procedure/kme_peers.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;

Failure refused(std::string why) {
    return fail(Cause::authorization_rejected, std::move(why));
}

/// A rule says so.
bool denied(const binding::Verdict& verdict) {
    return std::ranges::any_of(verdict.findings, [](const auto& finding) {
        return finding.id == alarm::Id::pair_unauthorised || finding.id == alarm::Id::imei_mismatch;
    });
}

/// R14, I5. By a rule; or as the first of an empty list, if a node that authenticated the subscription has
/// seen it in this device: who asks here has proven nothing of the subscription.
bool authorised(const binding::Verdict& verdict, const store::SubscriberView& subscriber, Imei imei) {
    if (verdict.authorised) return true;
    if (denied(verdict)) return false;
    const auto& binding = subscriber.binding;
    return binding.terms.acquisition == binding::Acquisition::first_use && !binding.has_list &&
           subscriber.last_seen_imei == imei;
}

/// Why the device needs a key; absent: the one it has is good.
std::optional<binding::Occasion> occasion_of(const Ports& ports, const store::SubscriberView& subscriber,
                                             WallTime now) {
    if (!subscriber.active_kme_id) return binding::Occasion::first_key;
    if (renewal_due(ports, subscriber.kme_not_after, now)) return binding::Occasion::renewal;
    if (subscriber.suspect && subscriber.binding.terms.on_suspicion == binding::OnSuspicion::reprovision)
        return binding::Occasion::suspicion;
    return std::nullopt;
}

Failure not_begun(const NoExchange& why) {
    if (why.why == store::NotBegun::postponed) return fail(Cause::rate_limited, why.detail);
    return refused(why.detail);
}

}  // namespace

awaitable<Result<KeyOffer>> offer_key(const Ports& ports, Imsi imsi, Imei imei) {
    const auto now = ports.clock.now();
    TerminalInformation terminal;
    terminal.imei = imei;
    const std::optional<TerminalInformation> reported(terminal);
    const ServingNode nobody;
    const auto subscriber = co_await ports.store.load_subscriber(imsi, nobody, reported);
    if (!subscriber) co_return subscriber.error();
    if (!binding::needs_kme(subscriber->binding.terms.policy)) co_return refused("the policy needs no key");

    const Report report{imsi, nobody, reported, now, has_emergency(subscriber->registrations)};
    const auto verdict = judge_device_report(ports, report, *subscriber, Consequences::none);
    if (verdict.refused()) co_return refused("the binding does not admit this device");
    if (!authorised(verdict, *subscriber, imei))
        co_return refused("the device is not authorised for this subscription");
    const auto occasion = occasion_of(ports, *subscriber, now);
    if (!occasion) co_return refused("the device's key is good: nothing asks for another one");

    KeyWanted wanted{imsi, imei, *occasion, store::ExchangeWay::https};
    wanted.deadline = now + ports.settings.provisioning.https_deadline;
    const auto begun = co_await begin_exchange(ports, std::move(wanted));
    if (!begun) co_return begun.error();
    if (const auto* none = std::get_if<NoExchange>(&*begun)) co_return not_begun(*none);
    const auto& exchange = std::get<Exchange>(*begun);
    KeyOffer offer;
    offer.transaction = exchange.terms.transaction;
    offer.container = binding::encode(exchange.provision);
    offer.generation = exchange.terms.generation;
    offer.deadline = exchange.wanted.deadline;
    co_return offer;
}

awaitable<Result<KeyConfirmation>> confirm_key(const Ports& ports, binding::TransactionId transaction,
                                               OctetString container) {
    const auto pending = co_await ports.exchanges->load_exchange(transaction, ports.clock.now());
    if (!pending) co_return pending.error();
    // What travels by an MME is answered by it alone.
    if (!*pending || (*pending)->way != store::ExchangeWay::https)
        co_return fail(Cause::unknown_serving_node, "there is no such transaction, or its time is over");
    const auto& exchange = **pending;
    const auto judged = binding::judge_response({exchange.imsi, exchange.imei}, exchange.terms,
                                                exchange.kme.view(), container);
    KeyWanted wanted{exchange.imsi, exchange.imei, exchange.occasion, exchange.way};
    wanted.deadline = exchange.deadline;
    store::ProvenKey key{exchange.imei, exchange.terms.generation, exchange.kme};
    auto ended = co_await end_exchange(ports, std::move(wanted), transaction, judged, 0, std::move(key));
    if (!ended) co_return ended.error();
    KeyConfirmation confirmation{ended->outcome, judged.detail};
    co_return confirmation;
}

}  // namespace bindhss::procedure
