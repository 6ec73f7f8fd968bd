// SPDX-License-Identifier: Apache-2.0
#include "procedure/authentication_information.h"

#include "aka/resync.h"
#include "binding/preprocess.h"
#include "types/limits.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;

void raise(const Ports& ports, const s6a::AuthenticationInformationRequest& request, alarm::Id id,
           std::string detail) {
    ports.alarms.raise(
        {id, request.imsi, std::nullopt, request.origin.host, std::move(detail), ports.clock.now()});
}

/// TS 33.102 6.3.5 over a RAND that may have been encrypted (spec 4.3): the SEQ of the USIM, once MAC-S
/// proves it.
awaitable<Result<std::uint64_t>> resynchronise(const Ports& ports,
                                               const s6a::AuthenticationInformationRequest& request,
                                               const ReSynchronizationInfo& info) {
    const auto subscription = co_await ports.store.load_authentication(request.imsi);
    if (!subscription) co_return subscription.error();
    std::vector<OctetView> candidates;
    if (subscription->kme) candidates.push_back(subscription->kme->key.view());
    const auto algorithms = aka::make_algorithm_set(subscription->keys);
    const auto opened = aka::open_auts(*algorithms, info, candidates);
    if (!opened) {
        raise(ports, request, alarm::Id::resync_mac_failure,
              "MAC-S fits neither the encrypted nor the plain RAND");
        co_return fail(Cause::authentication_data_unavailable, "AUTS does not verify");
    }
    if (!opened->key_index && binding::needs_kme(subscription->policy)) {
        raise(ports, request, alarm::Id::resync_mac_failure,
              "AUTS answers a plain RAND although none is sent");
    }
    co_return opened->sqn_ms.seq();
}

/// What no subscription gets.
std::optional<Failure> unserved(const s6a::AuthenticationInformationRequest& request) {
    if (!request.eutran) return fail(Cause::unable_to_comply, "only E-UTRAN vectors are served");
    // Both kinds out of step at once: AUTS is not even looked at (5.2.3.1.3).
    if (request.eutran->re_synchronization_info && request.utran_geran &&
        request.utran_geran->re_synchronization_info) {
        return fail(Cause::unable_to_comply, "Re-Synchronization-Info for E-UTRAN and UTRAN-GERAN at once");
    }
    return std::nullopt;
}

std::uint32_t wanted_vectors(const s6a::RequestedAuthenticationInfo& requested, const Settings& settings) {
    return std::clamp<std::uint32_t>(requested.number_of_requested_vectors, 1,
                                     std::min(settings.vectors_max, limits::vectors_max));
}

/// Item-Number orders the vectors: the lower is used first, so it carries the lower SQN (TS 29.272 7.3.23).
s6a::AuthenticationInformationAnswer make_answer(const Ports& ports, const Plmn& serving_network,
                                                 const store::VectorReservation& reservation) {
    const auto& subscription = reservation.subscription;
    binding::Treatment treatment{nullptr, ports.settings.amf_marks, subscription.amf};
    if (binding::needs_kme(subscription.policy)) treatment.kme = &*subscription.kme;
    const auto algorithms = aka::make_algorithm_set(subscription.keys);
    s6a::AuthenticationInformationAnswer answer;
    answer.eutran_vectors.reserve(reservation.sequence.count);
    for (std::uint32_t i = 0; i < reservation.sequence.count; ++i) {
        const Sqn sqn(reservation.sequence.first_seq + i, reservation.sequence.ind);
        const auto vector = binding::make_vector(*algorithms, treatment, sqn, serving_network, ports.random);
        answer.eutran_vectors.push_back({i + 1, vector.rand, vector.xres, vector.autn, vector.kasme});
    }
    return answer;
}

void report_refusal(const Ports& ports, const s6a::AuthenticationInformationRequest& request,
                    const Failure& failure) {
    if (failure.cause == Cause::kme_missing) raise(ports, request, alarm::Id::kme_missing, failure.detail);
    if (failure.cause == Cause::sqn_exhausted)
        raise(ports, request, alarm::Id::sqn_exhausted, failure.detail);
}

}  // namespace

awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
    const Ports& ports, s6a::AuthenticationInformationRequest request) {
    if (const auto refusal = unserved(request)) {
        // The subscription is checked first (TS 29.272 5.2.3.1.3).
        const auto subscription = co_await ports.store.load_authentication(request.imsi);
        co_return subscription ? *refusal : subscription.error();
    }
    store::VectorReservationRequest wanted{request.imsi, request.origin,
                                           wanted_vectors(*request.eutran, ports.settings), std::nullopt,
                                           ports.clock.now()};
    if (const auto& resync = request.eutran->re_synchronization_info) {
        const auto seq_ms = co_await resynchronise(ports, request, *resync);
        if (!seq_ms) co_return seq_ms.error();
        wanted.seq_at_least = *seq_ms;
    }
    const auto reservation = co_await ports.store.reserve_vectors(wanted);
    if (!reservation) {
        report_refusal(ports, request, reservation.error());
        co_return reservation.error();
    }
    co_return make_answer(ports, request.visited_plmn, *reservation);
}

}  // namespace bindhss::procedure
