// SPDX-License-Identifier: Apache-2.0
#include "procedure/vector_issue.h"

#include <algorithm>

#include "aka/gsm.h"
#include "types/limits.h"

namespace bindhss::procedure {

namespace {

using Answer = s6a::AuthenticationInformationAnswer;
using Requested = std::optional<s6a::RequestedAuthenticationInfo>;

std::uint32_t count_of(const Requested& requested, std::uint32_t vectors_max) {
    if (!requested) return 0;
    return std::clamp<std::uint32_t>(requested->number_of_requested_vectors, 1,
                                     std::min(vectors_max, limits::vectors_max));
}

bool immediate(const Requested& requested) {
    return requested && requested->immediate_response_preferred;
}

/// What is made of `count` SEQ values; a bound subscription has one.
VectorCounts share(VectorCounts wanted, std::uint32_t count) {
    wanted.eutran = std::min(wanted.eutran, count);
    wanted.utran_geran = std::min(wanted.utran_geran, count - wanted.eutran);
    return wanted;
}

/// SQN by SQN in the order of issue.
class Sequence {
  public:
    explicit Sequence(const store::SequenceReservation& reservation) : reservation_(reservation) {}
    Sqn next() { return {reservation_.first_seq + used_++, reservation_.ind}; }

  private:
    const store::SequenceReservation& reservation_;
    std::uint64_t used_ = 0;
};

}  // namespace

VectorCounts wanted_vectors(const s6a::AuthenticationInformationRequest& request, std::uint32_t vectors_max) {
    VectorCounts counts{count_of(request.eutran, vectors_max), count_of(request.utran_geran, vectors_max)};
    if (!request.eutran || !request.utran_geran) return counts;
    if (immediate(request.eutran) && !immediate(request.utran_geran)) counts.utran_geran = 0;
    if (immediate(request.utran_geran) && !immediate(request.eutran)) counts.eutran = 0;
    return counts;
}

Result<IssuedVectors> issue_vectors(Random& random, const binding::AmfMarks& marks,
                                    const store::VectorReservation& reservation, bool regular,
                                    VectorCounts counts, const Plmn& serving_network) {
    const auto& subscription = reservation.subscription;
    if (subscription.sim_only)
        return fail(Cause::authorization_rejected, "the card is a SIM: it cannot answer an E-UTRAN vector");
    binding::Treatment treatment{nullptr, marks, subscription.amf};
    if (binding::needs_kme(subscription.policy) && !regular) treatment.kme = &*subscription.kme;
    const auto algorithms = aka::make_algorithm_set(subscription.keys);
    const auto made = share(counts, reservation.sequence.count);
    Sequence sequence(reservation.sequence);
    IssuedVectors issued;
    auto& answer = issued.answer;
    answer.eutran_vectors.reserve(made.eutran);
    // Item-Number orders the vectors of a kind: the lower is used first, so it carries the lower SQN
    // (7.3.23).
    for (std::uint32_t item = 1; item <= made.eutran; ++item) {
        const auto vector =
            binding::make_vector(*algorithms, treatment, sequence.next(), serving_network, random);
        answer.eutran_vectors.push_back({item, vector.rand, vector.xres, vector.autn, vector.kasme});
        if (made.eutran == 1) issued.session = binding::AkaSession{vector.ck, vector.ik, vector.autn};
    }
    for (std::uint32_t item = 1; item <= made.utran_geran; ++item) {
        const auto vector = binding::make_quintuplet(*algorithms, treatment, sequence.next(), random);
        answer.utran_vectors.push_back({item, vector.rand, vector.xres, vector.autn, vector.ck, vector.ik});
    }
    return issued;
}

Result<Answer> issue_triplets(Random& random, const store::AuthenticationSubscription& subscription,
                              VectorCounts counts) {
    if (counts.utran_geran == 0)
        return fail(Cause::authorization_rejected, "the card is a SIM: it cannot answer an E-UTRAN vector");
    if (binding::needs_kme(subscription.policy))
        return fail(Cause::authorization_rejected, "a subscription bound by a key gets no triplets");
    const auto algorithms = aka::make_algorithm_set(subscription.keys);
    Answer answer;
    for (std::uint32_t item = 1; item <= counts.utran_geran; ++item) {
        Rand rand;
        random.fill(rand.octets);
        const auto triplet = aka::make_triplet(*algorithms, rand);
        answer.geran_vectors.push_back({item, triplet.rand, triplet.sres, triplet.kc});
    }
    return answer;
}

}  // namespace bindhss::procedure
