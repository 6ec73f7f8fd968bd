// SPDX-License-Identifier: Apache-2.0
#include "procedure/node_requests.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "procedure/pause.h"
#include "types/diameter_identity.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;

/// The outcome of one attempt: nothing, or why the node does not have it.
using Refusal = std::optional<Failure>;

template <class T>
Refusal refusal_of(const Result<T>& result) {
    if (result) return std::nullopt;
    return result.error();
}

awaitable<Refusal> cancel_location(const Ports& ports, store::NodeRequest request) {
    s6a::CancelLocationRequest cancel{*request.imsi, request.node, request.cancellation_type};
    cancel.s6a_indicator = request.domain == s6a::Domain::mme;
    cancel.reattach_required = request.reattach_required;
    const auto answer = co_await ports.nodes.cancel_location(std::move(cancel));
    if (ports.exchanges != nullptr) {
        // A key that the device is being given there is worth nothing any more (spec 4.4). A store that is
        // away leaves the exchange to its deadline. Behind the answer: CLRs leave in the order of their
        // requests.
        (void)co_await ports.exchanges->abort_exchange(*request.imsi, request.node.host);
    }
    co_return refusal_of(answer);
}

s6a::IdrFlags idr_flags_of(std::uint32_t bits) {
    const auto set = [bits](unsigned bit) { return (bits >> bit & 1U) != 0; };
    s6a::IdrFlags flags;
    flags.ue_reachability_request = set(0);
    flags.t_ads_data_request = set(1);
    flags.eps_user_state_request = set(2);
    flags.eps_location_information_request = set(3);
    flags.current_location_request = set(4);
    flags.local_time_zone_request = set(5);
    flags.remove_sms_registration = set(6);
    flags.rat_type_requested = set(7);
    flags.p_cscf_restoration_request = set(8);
    return flags;
}

/// The operator asks for what the node knows (5.2.2.1.1): Subscription-Data is empty, the flags matter.
awaitable<Refusal> insert(const Ports& ports, store::NodeRequest request) {
    s6a::InsertSubscriberDataRequest insert{*request.imsi, request.node};
    insert.flags = idr_flags_of(request.idr_flags);
    auto answer = co_await ports.nodes.insert_subscriber_data(std::move(insert));
    if (answer && answer->location) {
        auto location = std::move(*answer->location);
        (void)co_await ports.store.store_location(*request.imsi, request.node, std::move(location),
                                                  ports.clock.now());
    }
    co_return refusal_of(answer);
}

awaitable<Refusal> reset(const Ports& ports, store::NodeRequest request) {
    s6a::ResetRequest reset{request.node};
    reset.user_ids = request.user_ids;
    const auto answer = co_await ports.nodes.reset(std::move(reset));
    co_return refusal_of(answer);
}

awaitable<Refusal> attempt(const Ports& ports, store::NodeRequest request) {
    switch (request.kind) {
        case store::NodeRequest::Kind::cancel_location:
            co_return co_await cancel_location(ports, std::move(request));
        case store::NodeRequest::Kind::insert:
            co_return co_await insert(ports, std::move(request));
        case store::NodeRequest::Kind::reset:
            break;
    }
    co_return co_await reset(ports, std::move(request));
}

/// Repeating it would be of no use: the node does not know the UE, or has no such command.
bool final_answer(const store::NodeRequest& request, const Refusal& refusal) {
    if (!refusal || refusal->cause == Cause::user_unknown) return true;
    return request.kind != store::NodeRequest::Kind::cancel_location &&
           refusal->cause == Cause::command_unsupported;
}

void tell_of_giving_up(const Ports& ports, const store::NodeRequest& request, const Failure& failure,
                       WallTime now) {
    ports.alarms.raise({alarm::Id::cancel_location_failed, request.imsi, std::nullopt, request.node.host,
                        failure.detail, now});
}

}  // namespace

std::chrono::seconds retry_pause(std::uint32_t attempts) {
    constexpr std::uint32_t doublings_max = 10;
    const auto pause = request_retry_min * (1U << std::min(attempts, doublings_max));
    return std::min<std::chrono::seconds>(pause, request_retry_max);
}

bool is_out_of_reach(const Ports& ports, const Failure& failure, const ServingNode& node,
                     std::string& daemon) {
    if (failure.cause != Cause::unable_to_deliver) return false;
    auto reach = ports.nodes.reach();
    const auto host = lower_case(node.host);
    if (std::find(reach.hosts.begin(), reach.hosts.end(), host) != reach.hosts.end()) return false;
    daemon = std::move(reach.daemon);
    return !daemon.empty();
}

namespace {

awaitable<bool> handed_over(const Ports& ports, const store::NodeRequest& request, const Refusal& refusal) {
    std::string daemon;
    if (!refusal || !is_out_of_reach(ports, *refusal, request.node, daemon)) co_return false;
    const auto now = ports.clock.now();
    const auto handed = co_await ports.store.hand_over_request(request, std::move(daemon), now);
    co_return handed&&* handed;
}

}  // namespace

awaitable<void> send_node_request(const Ports& ports, store::NodeRequest request) {
    const auto refusal = co_await attempt(ports, request);
    if (co_await handed_over(ports, request, refusal)) {
        co_return;
    }
    const auto now = ports.clock.now();
    const bool given_up = !final_answer(request, refusal) && now - request.created >= request_given_up_after;
    if (given_up) tell_of_giving_up(ports, request, *refusal, now);
    // A store that is away leaves the request to the end of its lease: it is sent once more, and not lost.
    if (given_up || final_answer(request, refusal)) {
        (void)co_await ports.store.finish_request(std::move(request));
    } else {
        const auto at = now + retry_pause(request.attempts);
        (void)co_await ports.store.postpone_request(std::move(request), at);
    }
}

namespace {

awaitable<void> send_later(Ports ports, store::NodeRequest request, std::chrono::milliseconds after) {
    if (after.count() != 0) {
        co_await pause(after);
    }
    co_await send_node_request(ports, std::move(request));
}

}  // namespace

awaitable<void> send_in_background(const Ports& ports, std::vector<store::NodeRequest> requests,
                                   std::chrono::milliseconds after) {
    const auto executor = co_await boost::asio::this_coro::executor;
    for (auto& request : requests) {
        boost::asio::co_spawn(executor, send_later(ports, std::move(request), after),
                              [ports](const std::exception_ptr& fault) {
                                  if (fault) ports.on_fault(fault);
                              });
    }
}

}  // namespace bindhss::procedure
