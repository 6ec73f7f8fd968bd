// SPDX-License-Identifier: Apache-2.0
#include "procedure/subscription_update.h"

#include "procedure/location_checks.h"
#include "procedure/node_requests.h"
#include "procedure/pause.h"
#include "subscription/difference.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;

/// After so many attempts, some twenty minutes, somebody should look.
constexpr std::uint32_t attempts_until_alarm = 8;

/// How often the store is asked to note what a node has been told: a disk that stands still for a moment does
/// not have hundreds of nodes told once more.
constexpr int attempts_to_note = 3;
constexpr std::chrono::milliseconds pause_to_note{250};

/// May the node go on serving the subscriber? When not, a Cancel-Location is the last word; when it may, the
/// UE comes back and the node is told all anew.
bool servable(const store::Untold& untold, const subscription::Node& node) {
    const auto& place = untold.registration;
    return untold.now.roaming.admits(place.visited_plmn) &&
           !rat_restricted(untold.now.data.restricted(), place.rat_type) &&
           subscription::fit(untold.now, node).has_value();
}

subscription::Update update_of(const store::Untold& untold, const subscription::Node& node) {
    subscription::Update update;
    const bool admitted = untold.now.roaming.admits(untold.registration.visited_plmn);
    if (admitted && untold.told) return subscription::difference(*untold.told, untold.now, node);
    auto all = subscription::fit(untold.now, node);
    if (admitted && all) {
        update.insert = std::move(*all);
    } else {
        update.cancel = true;
    }
    return update;
}

awaitable<Result<store::Done>> insert(const Ports& ports, const store::Untold& untold,
                                      SubscriptionData data) {
    s6a::InsertSubscriberDataRequest request{untold.imsi, untold.registration.node, std::move(data)};
    const auto answer = co_await ports.nodes.insert_subscriber_data(std::move(request));
    if (!answer) co_return answer.error();
    co_return store::Done{};
}

awaitable<Result<store::Done>> remove(const Ports& ports, const store::Untold& untold,
                                      subscription::Update update) {
    s6a::DeleteSubscriberDataRequest request{untold.imsi, untold.registration.node, update.dsr_flags};
    request.context_identifiers = std::move(update.context_identifiers);
    request.trace_reference = std::move(update.trace_reference);
    request.edrx_related_rats = std::move(update.edrx_related_rats);
    const auto answer = co_await ports.nodes.delete_subscriber_data(std::move(request));
    if (!answer) co_return answer.error();
    co_return store::Done{};
}

/// What the node has afterwards.
enum class Told : std::uint8_t { everything, nothing_more };

awaitable<Result<Told>> cancel(const Ports& ports, const store::Untold& untold, bool reattach) {
    s6a::CancelLocationRequest request{untold.imsi, untold.registration.node,
                                       s6a::CancellationType::subscription_withdrawal};
    request.s6a_indicator = untold.registration.domain == s6a::Domain::mme;
    request.reattach_required = reattach;
    const auto answer = co_await ports.nodes.cancel_location(std::move(request));
    if (!answer) co_return answer.error();
    co_return Told::nothing_more;
}

awaitable<Result<Told>> tell(const Ports& ports, const store::Untold& untold,
                             const subscription::Node& node) {
    auto update = update_of(untold, node);
    if (update.cancel) {
        co_return co_await cancel(ports, untold, servable(untold, node));
    }
    if (update.insert) {
        const auto inserted = co_await insert(ports, untold, std::move(*update.insert));
        if (!inserted) co_return inserted.error();
    }
    if (update.dsr_flags == 0) co_return Told::everything;
    const auto removed = co_await remove(ports, untold, std::move(update));
    if (removed) co_return Told::everything;
    // A node without Delete-Subscriber-Data is made to ask anew.
    if (removed.error().cause == Cause::command_unsupported) {
        co_return co_await cancel(ports, untold, true);
    }
    co_return removed.error();
}

awaitable<void> try_later(const Ports& ports, const store::Untold& untold, const Failure& failure) {
    const auto now = ports.clock.now();
    std::string daemon;
    if (is_out_of_reach(ports, failure, untold.registration.node, daemon)) {
        const auto handed =
            co_await ports.store.hand_over_telling(untold.imsi, untold.registration, std::move(daemon), now);
        if (handed && *handed) co_return;
    }
    if (untold.attempts == attempts_until_alarm) {
        ports.alarms.raise({alarm::Id::subscription_update_failed, untold.imsi, std::nullopt,
                            untold.registration.node.host, failure.detail, now});
    }
    const auto at = now + retry_pause(untold.attempts);
    (void)co_await ports.store.postpone_telling(untold.imsi, untold.registration, at);
}

/// A store that stays away does not learn of it: then the lease ends, and the node is told once more.
awaitable<void> note(const Ports& ports, const store::Untold& untold, Told told) {
    for (int attempt = 0; attempt < attempts_to_note; ++attempt) {
        if (attempt > 0) {
            co_await pause(attempt * pause_to_note);
        }
        auto noting = told == Told::everything ? ports.store.mark_told(untold.imsi, untold.registration,
                                                                       untold.version, ports.clock.now())
                                               : ports.store.mark_detached(untold.imsi, untold.registration);
        const auto noted = co_await std::move(noting);
        if (noted) co_return;
    }
}

}  // namespace

awaitable<void> tell_node(const Ports& ports, store::Untold untold) {
    const auto node = node_of(ports.settings, untold.imsi, untold.registration);
    const auto told = co_await tell(ports, untold, node);
    if (told) {
        co_await note(ports, untold, *told);
    } else if (told.error().cause == Cause::user_unknown) {
        co_await note(ports, untold, Told::nothing_more);
    } else {
        co_await try_later(ports, untold, told.error());
    }
}

}  // namespace bindhss::procedure
