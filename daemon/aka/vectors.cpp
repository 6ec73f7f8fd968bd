// SPDX-License-Identifier: Apache-2.0
#include "aka/vectors.h"

#include "crypto/aes.h"
#include "crypto/hmac.h"

namespace bindhss::aka {

Kasme derive_kasme(const CipherKey& ck, const IntegrityKey& ik, const Plmn& serving_network,
                   const Octets<6>& sqn_xor_ak) {
    static constexpr std::uint8_t fc = 0x10;
    Secret<32> key;
    std::copy(ck.octets().begin(), ck.octets().end(), key.octets().begin());
    std::copy(ik.octets().begin(), ik.octets().end(), key.octets().begin() + CipherKey::size);
    const auto& sn_id = serving_network.octets();
    Octets<14> s{fc, sn_id[0], sn_id[1], sn_id[2], 0x00, 0x03};
    std::copy(sqn_xor_ak.begin(), sqn_xor_ak.end(), s.begin() + 6);
    s[13] = 0x06;
    return crypto::hmac_sha256(key.view(), s);
}

Quintuplet make_quintuplet(AlgorithmSet& algorithms, const Rand& rand, const Sqn& sqn, const Amf& amf) {
    const auto challenge = algorithms.f2345(rand);
    const auto mac = algorithms.f1(rand, sqn, amf);
    auto sqn_xor_ak = sqn.octets();
    for (std::size_t i = 0; i < sqn_xor_ak.size(); ++i) sqn_xor_ak[i] ^= challenge.ak.octets()[i];
    Autn autn;
    auto out = std::copy(sqn_xor_ak.begin(), sqn_xor_ak.end(), autn.octets.begin());
    out = std::copy(amf.octets.begin(), amf.octets.end(), out);
    std::copy(mac.octets.begin(), mac.octets.end(), out);
    return {rand, challenge.res, challenge.ck, challenge.ik, autn};
}

AuthenticationVector make_vector(AlgorithmSet& algorithms, const Rand& rand, const Sqn& sqn, const Amf& amf,
                                 const Plmn& serving_network) {
    const auto made = make_quintuplet(algorithms, rand, sqn, amf);
    Octets<6> sqn_xor_ak;
    std::copy_n(made.autn.octets.begin(), sqn_xor_ak.size(), sqn_xor_ak.begin());
    return {rand,    made.xres, made.autn, derive_kasme(made.ck, made.ik, serving_network, sqn_xor_ak),
            made.ck, made.ik};
}

Rand encrypt_rand(OctetView kme, const Rand& rand) {
    return {crypto::Aes(kme).encrypt(rand.octets)};
}

Rand decrypt_rand(OctetView kme, const Rand& rand) {
    return {crypto::Aes(kme).decrypt(rand.octets)};
}

}  // namespace bindhss::aka
