// SPDX-License-Identifier: Apache-2.0
// Which vectors an Authentication-Information-Request gets, and making them (TS 29.272 5.2.3.1.3,
// spec 1.4, 4.2). Pure but for the randomness that is passed in.
#pragma once

#include "binding/preprocess.h"
#include "binding/provisioning.h"
#include "store/store.h"
#include "types/s6a.h"

namespace bindhss::procedure {

/// How many vectors of each kind.
struct VectorCounts {
    std::uint32_t eutran = 0;
    std::uint32_t utran_geran = 0;
    [[nodiscard]] std::uint32_t total() const { return eutran + utran_geran; }
};

/// As many as asked, at least one and at most `vectors_max` of a kind. When both kinds are asked for, and
/// Immediate-Response-Preferred is in one of them only, that kind alone: the other may be asked for when it
/// is needed (7.3.16), and would be overtaken by then.
[[nodiscard]] VectorCounts wanted_vectors(const s6a::AuthenticationInformationRequest& request,
                                          std::uint32_t vectors_max);

struct IssuedVectors {
    s6a::AuthenticationInformationAnswer answer;
    /// CK, IK and AUTN of the E-UTRAN vector, if there is one alone: what HOME-MAC can be computed with.
    std::optional<binding::AkaSession> session;
};

/// Vectors for a card that knows AUTN: E-UTRAN vectors first, then quintuplets, with ascending SQN. A
/// subscription bound by a KME has one SEQ, and gets one vector, for E-UTRAN when that was asked for;
/// pre-processed, unless the reservation was for a regular one (R33). authorization_rejected for a card that
/// does not know AUTN.
[[nodiscard]] Result<IssuedVectors> issue_vectors(Random& random, const binding::AmfMarks& marks,
                                                  const store::VectorReservation& reservation, bool regular,
                                                  VectorCounts counts, const Plmn& serving_network);

/// Triplets for a card that does not know AUTN. They need no SQN. authorization_rejected when nothing but
/// E-UTRAN vectors are asked for, which such a card cannot use (TS 33.401 6.1.1), and for a subscription
/// bound by a KME: a triplet has no AMF to tell the device of its key (spec 4.2).
[[nodiscard]] Result<s6a::AuthenticationInformationAnswer> issue_triplets(
    Random& random, const store::AuthenticationSubscription& subscription, VectorCounts counts);

}  // namespace bindhss::procedure
