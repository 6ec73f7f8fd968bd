// SPDX-License-Identifier: Apache-2.0
#include "aka/gsm.h"

namespace bindhss::aka {

Sres convert_res(const Res& res) {
    Sres sres;
    const auto octets = res.view();
    for (std::size_t i = 0; i < octets.size(); ++i) sres.octets()[i % Sres::size] ^= octets[i];
    return sres;
}

Kc convert_keys(const CipherKey& ck, const IntegrityKey& ik) {
    Kc kc;
    for (std::size_t i = 0; i < CipherKey::size; ++i)
        kc.octets()[i % Kc::size] ^= static_cast<std::uint8_t>(ck.octets()[i] ^ ik.octets()[i]);
    return kc;
}

Triplet make_triplet(AlgorithmSet& algorithms, const Rand& rand) {
    const auto challenge = algorithms.f2345(rand);
    return {rand, convert_res(challenge.res), convert_keys(challenge.ck, challenge.ik)};
}

}  // namespace bindhss::aka
