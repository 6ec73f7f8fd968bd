// SPDX-License-Identifier: Apache-2.0
#include "procedure/authentication_information.h"

#include "aka/resync.h"
#include "procedure/vector_issue.h"
#include "store/refusals.h"
#include "types/features.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;
using Request = s6a::AuthenticationInformationRequest;
using Answer = s6a::AuthenticationInformationAnswer;

void raise(const Ports& ports, const Request& request, alarm::Id id, std::string detail) {
    ports.alarms.raise(
        {id, request.imsi, std::nullopt, request.origin.host, std::move(detail), ports.clock.now()});
}

/// What no subscription gets; looked at only when there is one.
std::optional<Failure> unserved(const Ports& ports, const Request& request) {
    const auto& eutran = request.eutran;
    const auto& utran_geran = request.utran_geran;
    if (!eutran && !utran_geran && !request.send_ue_usage_type)
        return fail(Cause::unable_to_comply, "the request asks for nothing");
    // KASME is bound to the serving network: a node gets none in the name of another one (5.2.3.1.3).
    if (auto refusal = ports.settings.serving_networks.check(request.origin.realm, request.visited_plmn))
        return refusal;
    // Both kinds out of step at once: AUTS is not even looked at (5.2.3.1.3).
    if (eutran && eutran->re_synchronization_info && utran_geran && utran_geran->re_synchronization_info) {
        return fail(Cause::unable_to_comply, "Re-Synchronization-Info for E-UTRAN and UTRAN-GERAN at once");
    }
    return std::nullopt;
}

const ReSynchronizationInfo* re_synchronization_of(const Request& request) {
    for (const auto* requested : {&request.eutran, &request.utran_geran})
        if (*requested && (*requested)->re_synchronization_info)
            return &*(*requested)->re_synchronization_info;
    return nullptr;
}

/// TS 33.102 6.3.5 over a RAND that may have been encrypted (spec 4.3): the SEQ of the USIM, once MAC-S
/// proves it.
Result<std::uint64_t> resynchronise(const Ports& ports, const Request& request,
                                    const ReSynchronizationInfo& info,
                                    const store::AuthenticationSubscription& subscription) {
    std::vector<OctetView> candidates;
    if (subscription.kme) candidates.push_back(subscription.kme->key.view());
    const auto algorithms = aka::make_algorithm_set(subscription.keys);
    const auto opened = aka::open_auts(*algorithms, info, candidates);
    if (!opened) {
        raise(ports, request, alarm::Id::resync_mac_failure,
              "MAC-S fits neither the encrypted nor the plain RAND");
        return fail(Cause::authentication_data_unavailable, "AUTS does not verify");
    }
    if (!opened->key_index && binding::needs_kme(subscription.policy)) {
        raise(ports, request, alarm::Id::resync_mac_failure,
              "AUTS answers a plain RAND although none is sent");
    }
    return opened->sqn_ms.seq();
}

void report_refusal(const Ports& ports, const Request& request, const Failure& failure) {
    if (failure.cause == Cause::kme_missing) raise(ports, request, alarm::Id::kme_missing, failure.detail);
    if (failure.cause == Cause::sqn_exhausted)
        raise(ports, request, alarm::Id::sqn_exhausted, failure.detail);
}

/// Reserves and makes vectors. The subscription is read by itself only where that decides something: an AIR
/// of an MME in step is one statement.
awaitable<Result<Answer>> vectors(const Ports& ports, const Request& request) {
    store::VectorReservationRequest wanted{request.imsi, request.origin, 0, std::nullopt, ports.clock.now()};
    const auto counts = wanted_vectors(request, ports.settings.vectors_max);
    const auto* resync = re_synchronization_of(request);
    if (resync != nullptr || request.utran_geran) {
        const auto subscription = co_await ports.store.load_authentication(request.imsi);
        if (!subscription) co_return subscription.error();
        if (resync != nullptr) {
            const auto seq_ms = resynchronise(ports, request, *resync, *subscription);
            if (!seq_ms) co_return seq_ms.error();
            wanted.seq_at_least = *seq_ms;
        }
        if (subscription->sim_only) co_return issue_triplets(ports.random, *subscription, counts);
    }
    wanted.count = counts.total();
    const auto reservation = co_await ports.store.reserve_vectors(wanted);
    if (!reservation) {
        report_refusal(ports, request, reservation.error());
        co_return reservation.error();
    }
    co_return issue_vectors(ports.random, ports.settings.amf_marks, *reservation, counts,
                            request.visited_plmn);
}

/// 5.2.3.1.3: with the UE-Usage-Type when the node asks for it. Vectors that were asked for are given with
/// it.
awaitable<Result<Answer>> add_usage_type(const Ports& ports, const Request& request, Answer answer) {
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin);
    if (!subscriber) co_return subscriber.error();
    const auto& data = subscriber->subscription.data;
    if (!data.has_eps() && !data.has_gprs()) co_return store::no_eps_subscription();
    if ((ports.settings.features.list_2 & s6a::feature_2::dedicated_core_networks) != 0)
        answer.ue_usage_type = data.ue_usage_type;
    co_return answer;
}

}  // namespace

awaitable<Result<Answer>> authentication_information(const Ports& ports, Request request) {
    if (const auto refusal = unserved(ports, request)) {
        // The subscription is checked first (TS 29.272 5.2.3.1.3).
        const auto subscription = co_await ports.store.load_authentication(request.imsi);
        co_return subscription ? *refusal : subscription.error();
    }
    Answer answer;
    if (request.eutran || request.utran_geran) {
        auto made = co_await vectors(ports, request);
        if (!made) co_return made.error();
        answer = std::move(*made);
    }
    if (request.send_ue_usage_type) {
        auto extended = co_await add_usage_type(ports, request, std::move(answer));
        if (!extended) co_return extended.error();
        answer = std::move(*extended);
    }
    answer.supported_features = features::announced_to(ports.settings.features, request.supported_features);
    co_return answer;
}

}  // namespace bindhss::procedure
