// SPDX-License-Identifier: Apache-2.0
#include "aka/xor_test.h"

namespace bindhss::aka {

namespace {

/// Step 1 of TS 34.108 8.1.2.1: XDOUT = K xor RAND.
Secret<16> xdout_of(const SubscriberKey& k, const Rand& rand) {
    Secret<16> xdout;
    for (std::size_t i = 0; i < xdout.size; ++i) xdout.octets()[i] = k.octets()[i] ^ rand.octets[i];
    return xdout;
}

/// Steps 3 and 4: CDOUT = SQN || AMF, and MAC = XDOUT[bits 0 to 63] xor CDOUT.
Octets<8> mac_of(const Secret<16>& xdout, const Sqn& sqn, const Amf& amf) {
    Octets<8> mac;
    const auto sqn_octets = sqn.octets();
    const auto rest = std::copy(sqn_octets.begin(), sqn_octets.end(), mac.begin());
    std::copy(amf.octets.begin(), amf.octets.end(), rest);
    for (std::size_t i = 0; i < mac.size(); ++i) mac[i] ^= xdout.octets()[i];
    return mac;
}

Octets<16> rotated_left(const Secret<16>& xdout, std::ptrdiff_t octets) {
    Octets<16> result;
    const auto& from = xdout.octets();
    std::rotate_copy(from.begin(), from.begin() + octets, from.end(), result.begin());
    return result;
}

/// Step 2: AK = XDOUT[bits 24 to 71].
AnonymityKey ak_of(const Secret<16>& xdout) {
    return *AnonymityKey::from(xdout.view().subspan(3, AnonymityKey::size));
}

}  // namespace

MacA XorTest::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    return {mac_of(xdout_of(k_, rand), sqn, amf)};
}

MacS XorTest::f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    return {mac_of(xdout_of(k_, rand), sqn, amf)};
}

Challenge XorTest::f2345(const Rand& rand) {
    // Step 2: RES = XDOUT[bits 0 to n - 1], CK = XDOUT turned by 8 bits, IK = XDOUT turned by 16 bits.
    const auto xdout = xdout_of(k_, rand);
    return {*Res::from(xdout.view().first(res_octets_)), CipherKey(rotated_left(xdout, 1)),
            IntegrityKey(rotated_left(xdout, 2)), ak_of(xdout)};
}

AnonymityKey XorTest::f5_star(const Rand& rand) {
    return ak_of(xdout_of(k_, rand));
}

}  // namespace bindhss::aka
