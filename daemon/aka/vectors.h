// SPDX-License-Identifier: Apache-2.0
// Authentication vectors for E-UTRAN and UTRAN, regular and pre-processed (TS 33.401 6.1.2, TS 33.102 6.3.2,
// spec 4.2).
#pragma once

#include "aka/algorithm_set.h"
#include "types/identity.h"

namespace bindhss::aka {

/// Separation bit: AMF bit 0 of TS 33.102 Annex H, set in every vector for EPS (TS 33.401 6.1.1), clear in
/// every other.
inline constexpr std::uint16_t amf_separation_bit = 0x8000;

/// A quintuplet of UMTS AKA (TS 33.102 6.3.2).
struct Quintuplet {
    Rand rand;  ///< as it is sent
    Res xres;
    CipherKey ck;
    IntegrityKey ik;
    Autn autn;
};

/// A vector for EPS.
struct AuthenticationVector {
    Rand rand;  ///< as it is sent
    Res xres;
    Autn autn;
    Kasme kasme;
    CipherKey ck;     ///< never sent in EPS
    IntegrityKey ik;  ///< never sent in EPS
};

/// KASME of TS 33.401 A.2 from CK, IK, the serving network and SQN xor AK.
[[nodiscard]] Kasme derive_kasme(const CipherKey& ck, const IntegrityKey& ik, const Plmn& serving_network,
                                 const Octets<6>& sqn_xor_ak);

/// One quintuplet from a plain RAND. `amf` is used as given: the caller sets separation bit and marks.
[[nodiscard]] Quintuplet make_quintuplet(AlgorithmSet& algorithms, const Rand& rand, const Sqn& sqn,
                                         const Amf& amf);

/// One vector for EPS from a plain RAND. `amf` is used as given: the caller sets separation bit and marks.
[[nodiscard]] AuthenticationVector make_vector(AlgorithmSet& algorithms, const Rand& rand, const Sqn& sqn,
                                               const Amf& amf, const Plmn& serving_network);

/// R4: RAND' = AES-ECB(KME, RAND). XRES, AUTN and KASME of the vector stay those of the plain RAND.
/// REQUIRES: kme.size() is 16 or 32.
[[nodiscard]] Rand encrypt_rand(OctetView kme, const Rand& rand);
[[nodiscard]] Rand decrypt_rand(OctetView kme, const Rand& rand);

}  // namespace bindhss::aka
