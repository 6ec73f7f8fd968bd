// SPDX-License-Identifier: Apache-2.0
#include "procedure/purge_ue.h"

#include "procedure/judgement.h"

namespace bindhss::procedure {

namespace {

/// PUR-Flags say which half of a combined node was purged; with none set, or without the feature "Partial
/// Purge" on both sides, all that the node is registered for was.
bool partial(const Ports& ports, const s6a::PurgeUeRequest& request) {
    const bool any = request.purged_in_mme.value_or(false) || request.purged_in_sgsn.value_or(false);
    const auto shared = features::common(ports.settings.features, request.supported_features);
    // A node that sends the flags without announcing the feature means them.
    return any && (!request.supported_features || (shared.list_1 & s6a::feature_1::partial_purge) != 0);
}

}  // namespace

boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(const Ports& ports, s6a::PurgeUeRequest request) {
    store::PurgeNode purge;
    purge.node = request.origin;
    if (partial(ports, request)) {
        purge.mme = request.purged_in_mme.value_or(false);
        purge.sgsn = request.purged_in_sgsn.value_or(false);
    }
    purge.location = request.location;
    purge.now = ports.clock.now();
    const auto halves = co_await ports.store.purge(request.imsi, std::move(purge));
    if (!halves) co_return halves.error();
    if (halves->vector_open) {
        // The purge is done, and the node is told so: a sign that cannot be stored is lost.
        (void)co_await report_sign(ports, request.imsi, request.origin.host, binding::Sign::strong_against,
                                   std::nullopt, request.arrival.session);
    }
    if (ports.exchanges != nullptr) {
        // Spec 4.4: the UE is gone. A store that is away leaves the exchange to its deadline.
        (void)co_await ports.exchanges->abort_exchange(request.imsi, request.origin.host);
    }
    s6a::PurgeUeAnswer answer;
    answer.freeze_m_tmsi = halves->mme;
    answer.freeze_p_tmsi = halves->sgsn;
    auto ours = ports.settings.features;
    ours.vendor = 0;  // nothing of the KME list concerns a purge
    answer.supported_features = features::announced_to(ours, request.supported_features);
    co_return answer;
}

}  // namespace bindhss::procedure
