// SPDX-License-Identifier: Apache-2.0
// From UMTS AKA to the triplets of GSM (TS 33.102 6.8.1.2).
#pragma once

#include "aka/algorithm_set.h"

namespace bindhss::aka {

struct Triplet {
    Rand rand;  ///< c1: the RAND of UMTS AKA as it is
    Sres sres;
    Kc kc;
};

/// c2: SRES = XRES1 xor XRES2 xor XRES3 xor XRES4, XRES filled up with zeros to 128 bits.
[[nodiscard]] Sres convert_res(const Res& res);
/// c3: Kc = CK1 xor CK2 xor IK1 xor IK2, the halves of CK and IK.
[[nodiscard]] Kc convert_keys(const CipherKey& ck, const IntegrityKey& ik);

/// A triplet. It has no AUTN: whoever has the network's half of it can use it again.
[[nodiscard]] Triplet make_triplet(AlgorithmSet& algorithms, const Rand& rand);

}  // namespace bindhss::aka
