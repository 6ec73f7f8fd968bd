// SPDX-License-Identifier: Apache-2.0
#include "procedure/authentication_information.h"

#include <algorithm>

#include "aka/resync.h"
#include "procedure/gate.h"
#include "procedure/judgement.h"
#include "procedure/kme_peers.h"
#include "procedure/vector_issue.h"
#include "procedure/witness.h"
#include "store/refusals.h"
#include "types/features.h"
#include "types/limits.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;
using Request = s6a::AuthenticationInformationRequest;
using Answer = s6a::AuthenticationInformationAnswer;

void raise(const Ports& ports, const Request& request, alarm::Id id, std::string detail) {
    ports.alarms.raise({id, request.imsi, std::nullopt, request.origin.host, std::move(detail),
                        ports.clock.now(), request.arrival.session});
}

void tell_of_resync(const Ports& ports, const Request& request, std::string_view outcome,
                    std::string_view under) {
    if (ports.witness == nullptr) return;
    const Note notes[] = {{"under", under}};
    ports.witness->decided({Decision::Kind::resync, request.imsi, request.arrival.session,
                            request.origin.host, outcome, false, notes});
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
    for (const auto* requested : {&request.eutran, &request.utran_geran}) {
        if (*requested && (*requested)->re_synchronization_info)
            return &*(*requested)->re_synchronization_info;
    }
    return nullptr;
}

/// An AUTS that MAC-S proves to be the USIM's.
struct Opened {
    Sqn sqn_ms;
    std::optional<std::int64_t> kme_id;  ///< under which key RAND had been encrypted; nothing: it was plain
};

/// TS 33.102 6.3.5 over a RAND that may have been encrypted (spec 4.3), under any of a bounded number of
/// keys.
Result<Opened> open_auts(const Ports& ports, const Request& request, const ReSynchronizationInfo& info,
                         const store::AuthenticationSubscription& subscription) {
    std::vector<OctetView> keys;
    std::vector<std::int64_t> ids;
    const auto add = [&](const binding::Kme& kme) {
        keys.push_back(kme.key.view());
        ids.push_back(kme.id);
    };
    if (subscription.kme) add(*subscription.kme);
    const auto others = std::min(subscription.other_kmes.size(), limits::resync_keys_max);
    std::for_each_n(subscription.other_kmes.begin(), others, add);
    const auto algorithms = aka::make_algorithm_set(subscription.keys);
    const auto opened = aka::open_auts(*algorithms, info, keys);
    if (!opened) {
        raise(ports, request, alarm::Id::resync_mac_failure,
              "MAC-S fits neither the encrypted nor the plain RAND");
        tell_of_resync(ports, request, "refused", "no_key_of_ours");
        return fail(Cause::authentication_data_unavailable, "AUTS does not verify");
    }
    Opened result{opened->sqn_ms, std::nullopt};
    if (opened->key_index) result.kme_id = ids[*opened->key_index];
    tell_of_resync(ports, request, "accepted", opened->key_index ? "kme" : "plain_rand");
    return result;
}

/// What of the store is 5012 to other procedures is 4181 to this one: there may be vectors later.
Failure unavailable(Failure failure) {
    if (failure.cause == Cause::unable_to_comply) failure.cause = Cause::authentication_data_unavailable;
    return failure;
}

/// A bound subscription whose UE answers a plain RAND, although the node has none that it could have sent.
awaitable<Result<store::Done>> check_plain(const Ports& ports, const Request& request) {
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin, std::nullopt);
    if (!subscriber) co_return unavailable(subscriber.error());
    const auto& regular_at = subscriber->issued.regular_at;
    if (!regular_at || ports.clock.now() - *regular_at > ports.settings.regular_vector_open) {
        raise(ports, request, alarm::Id::resync_mac_failure,
              "AUTS answers a plain RAND although none is sent");
    }
    co_return store::Done{};
}

void report_refusal(const Ports& ports, const Request& request, const Failure& failure) {
    if (failure.cause == Cause::kme_missing) raise(ports, request, alarm::Id::kme_missing, failure.detail);
    if (failure.cause == Cause::sqn_exhausted)
        raise(ports, request, alarm::Id::sqn_exhausted, failure.detail);
    if (failure.cause == Cause::resync_replayed)
        raise(ports, request, alarm::Id::resync_replayed, failure.detail);
}

store::KeyGrace grace_of(const Ports& ports) {
    return {ports.clock.now(), ports.settings.old_key_grace};
}

store::VectorReservationRequest wanted_of(const Ports& ports, const Request& request, std::uint32_t count) {
    store::VectorReservationRequest wanted{request.imsi, request.origin};
    wanted.count = count;
    wanted.unanswered_after = ports.settings.evidence.unanswered_after;
    wanted.now = ports.clock.now();
    return wanted;
}

/// What was reserved, and what is made of it.
struct Reserved {
    store::VectorReservation reservation;
    /// A regular vector for a binding by key: what the device is to be given one for.
    std::optional<binding::Occasion> occasion;
};

/// The evidence that this request gives (spec 4.7), once it has been accepted: an AUTS counts once. The
/// standing of the binding after it.
awaitable<Result<binding::Standing>> take_evidence(const Ports& ports, const Request& request,
                                                   const store::VectorReservation& reservation,
                                                   std::optional<std::int64_t> proven_kme) {
    if (reservation.unanswered && ports.gate != nullptr) ports.gate->unanswered(request.imsi, request.origin);
    if (!proven_kme && !reservation.unanswered) {
        binding::Standing standing;
        standing.state = reservation.state;
        standing.reprovisions = reservation.reprovisions;
        co_return standing;
    }
    const auto sign = proven_kme ? binding::Sign::proof : binding::Sign::weak_against;
    auto change = co_await report_sign(ports, request.imsi, request.origin.host, sign, proven_kme,
                                       request.arrival.session);
    if (!change) co_return unavailable(change.error());
    co_return std::move(change->standing);
}

/// R33: instead of the vector under a key that seems to be of no use, now and then a regular one. It leads to
/// no registration (I1), but the device can be given a key with it.
awaitable<Result<Reserved>> reprovision(const Ports& ports, const Request& request, Reserved reserved,
                                        const binding::Standing& standing) {
    const auto now = ports.clock.now();
    if (standing.state != binding::State::suspect ||
        reserved.reservation.on_suspicion != binding::OnSuspicion::reprovision ||
        !binding::may_reprovision(standing, now, ports.settings.evidence))
        co_return std::move(reserved);
    auto wanted = wanted_of(ports, request, 1);
    wanted.regular = store::Regular::always;
    if (!standing.reprovisions.empty()) wanted.last_reprovision = standing.reprovisions.back();
    auto regular = co_await ports.store.reserve_vectors(std::move(wanted));
    if (regular) {
        Reserved made{std::move(*regular), binding::Occasion::suspicion};
        co_return std::move(made);
    }
    // Another request of the same moment was given it.
    if (regular.error().cause == Cause::rate_limited) co_return std::move(reserved);
    co_return regular.error();
}

/// Will the vector lead to an exchange, by this node or by a device that has no other service meanwhile?
bool leads_to_key(const Ports& ports, const Request& request) {
    const auto features = kme_features(ports, request.origin, request.supported_features, request.arrival);
    return (features & s6a::feature_kme::provisioning) != 0 || restricts_stock_mme(ports);
}

awaitable<Result<Reserved>> reserve(const Ports& ports, const Request& request,
                                    store::VectorReservationRequest wanted,
                                    std::optional<std::int64_t> proven_kme) {
    // R21, R22: a binding that has no key yet. An AUTS counts there as elsewhere.
    if (leads_to_key(ports, request)) wanted.regular = store::Regular::without_key;
    auto reservation = co_await ports.store.reserve_vectors(std::move(wanted));
    if (!reservation) co_return reservation.error();
    if (!binding::needs_kme(reservation->subscription.policy)) {
        Reserved regular{std::move(*reservation), std::nullopt};
        co_return std::move(regular);
    }
    if (!reservation->subscription.kme) {
        Reserved unbound{std::move(*reservation), binding::Occasion::first_key};
        co_return std::move(unbound);
    }
    const auto standing = co_await take_evidence(ports, request, *reservation, proven_kme);
    if (!standing) co_return standing.error();
    if (standing->state == binding::State::locked)
        co_return fail(Cause::binding_locked, "the evidence speaks against the device's key");
    Reserved reserved{std::move(*reservation), std::nullopt};
    co_return co_await reprovision(ports, request, std::move(reserved), *standing);
}

/// A SIM's triplets need no SQN, so that nothing is reserved that would tell of a lock.
awaitable<Result<Answer>> triplets(const Ports& ports, const Request& request,
                                   const store::AuthenticationSubscription& subscription,
                                   VectorCounts counts) {
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin, std::nullopt);
    if (!subscriber) co_return unavailable(subscriber.error());
    if (subscriber->binding.locked)
        co_return fail(Cause::binding_locked, "the binding is locked until the operator acts");
    co_return issue_triplets(ports.random, subscription, counts);
}

/// Which vectors were made, and why those.
void tell_of_vectors(const Ports& ports, const Request& request, const Reserved& reserved,
                     const Answer& answer) {
    if (ports.witness == nullptr) return;
    const auto& reservation = reserved.reservation;
    ports.witness->sequence_reserved(reservation.sequence.first_seq + reservation.sequence.count);
    const auto& subscription = reservation.subscription;
    const bool bound = binding::needs_kme(subscription.policy);
    const bool ordinary = !reserved.occasion && reservation.state == binding::State::normal;
    const Note notes[] = {{"policy", binding::name_of(subscription.policy)},
                          {"kind", bound && !reserved.occasion ? "pre_processed" : "regular"},
                          {"generation", bound && subscription.kme ? subscription.kme->generation : 0U},
                          {"eutran", answer.eutran_vectors.size()},
                          {"utran", answer.utran_vectors.size()},
                          {"ind", reservation.sequence.ind},
                          {"state", binding::name_of(reservation.state)},
                          {"unanswered", reservation.unanswered},
                          {"because", reserved.occasion ? binding::name_of(*reserved.occasion) : ""}};
    ports.witness->decided({Decision::Kind::vectors, request.imsi, request.arrival.session,
                            request.origin.host, "issued", ordinary, notes});
}

/// What a node with the KME AVPs is told with a vector, and what is kept of it for HOME-MAC (spec 4.5).
awaitable<Answer> with_notes(const Ports& ports, const Request& request, const Reserved& reserved,
                             IssuedVectors issued) {
    const auto& subscription = reserved.reservation.subscription;
    auto answer = std::move(issued.answer);
    if (!binding::needs_kme(subscription.policy)) co_return answer;
    const auto& occasion = reserved.occasion;
    if (kme_features(ports, request.origin, request.supported_features, request.arrival) != 0) {
        if (occasion)
            answer.kme_access_info = {s6a::kme_access::provisioning_only, binding::cause_of(*occasion)};
        const auto flags = occasion ? s6a::kme_access::provisioning_only : s6a::kme_access::av_pre_processed;
        for (auto& vector : answer.eutran_vectors) vector.kme_access_flags = flags;
    }
    const auto now = ports.clock.now();
    const bool given_soon =
        occasion || (subscription.kme && renewal_due(ports, subscription.kme->not_after, now));
    if (!issued.session || !given_soon || !leads_to_key(ports, request)) co_return answer;
    // Without it the exchange does without HOME-MAC, where the device lets it.
    (void)co_await ports.exchanges->keep_session(request.imsi, std::move(*issued.session),
                                                 now + ports.settings.provisioning.session_kept);
    co_return answer;
}

/// Reserves and makes vectors. The subscription is read by itself only where that decides something: an AIR
/// of an MME in step is one statement.
awaitable<Result<Answer>> vectors(const Ports& ports, const Request& request) {
    const auto counts = wanted_vectors(request, ports.settings.vectors_max);
    auto wanted = wanted_of(ports, request, counts.total());
    std::optional<std::int64_t> proven_kme;
    if (request.terminal_information && request.terminal_information->imei) {
        const auto named = co_await ports.store.find_kme(request.imsi, *request.terminal_information->imei);
        if (!named) co_return named.error();
        wanted.kme_id = *named;
    }
    const auto* resync = re_synchronization_of(request);
    if (resync != nullptr || request.utran_geran) {
        const auto subscription =
            co_await ports.store.load_authentication(request.imsi, request.origin, grace_of(ports));
        if (!subscription) co_return subscription.error();
        if (resync != nullptr) {
            const auto opened = open_auts(ports, request, *resync, *subscription);
            if (!opened) co_return opened.error();
            if (!opened->kme_id && binding::needs_kme(subscription->policy)) {
                const auto checked = co_await check_plain(ports, request);
                if (!checked) co_return checked.error();
            }
            proven_kme = opened->kme_id;
            // In which device the UE is, its answer says better than the node.
            if (proven_kme) wanted.kme_id = proven_kme;
            wanted.seq_at_least = opened->sqn_ms.seq();
            wanted.resync =
                store::ReSynchronisation{opened->sqn_ms.number(), aka::fingerprint_of(resync->auts)};
        }
        if (subscription->sim_only) {
            co_return co_await triplets(ports, request, *subscription, counts);
        }
    }
    const auto reserved = co_await reserve(ports, request, std::move(wanted), proven_kme);
    if (!reserved) {
        report_refusal(ports, request, reserved.error());
        co_return reserved.error();
    }
    auto issued = issue_vectors(ports.random, ports.settings.amf_marks, reserved->reservation,
                                reserved->occasion.has_value(), counts, request.visited_plmn);
    if (!issued) co_return issued.error();
    tell_of_vectors(ports, request, *reserved, issued->answer);
    co_return co_await with_notes(ports, request, *reserved, std::move(*issued));
}

/// 5.2.3.1.3: with the UE-Usage-Type when the node asks for it. Vectors that were asked for are given with
/// it.
awaitable<Result<Answer>> add_usage_type(const Ports& ports, const Request& request, Answer answer) {
    const auto subscriber = co_await ports.store.load_subscriber(request.imsi, request.origin, std::nullopt);
    if (!subscriber) co_return unavailable(subscriber.error());
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
        const auto subscription =
            co_await ports.store.load_authentication(request.imsi, request.origin, grace_of(ports));
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
    answer.supported_features = announced_in_answer(ports, request);
    co_return answer;
}

}  // namespace bindhss::procedure
