// SPDX-License-Identifier: Apache-2.0
#include "aka/milenage.h"

namespace bindhss::aka {

using crypto::Block;

namespace {

// TS 35.206 4.1: rotations r1..r5 in octets (all are multiples of 8 bits) and the last octet of c1..c5.
struct Constants {
    unsigned rotate_octets;
    std::uint8_t constant;
};
constexpr Constants f1_constants{8, 0};
constexpr Constants f2_constants{0, 1};
constexpr Constants f3_constants{4, 2};
constexpr Constants f4_constants{8, 4};
constexpr Constants f5_star_constants{12, 8};

Block operator^(const Block& a, const Block& b) {
    Block result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = a[i] ^ b[i];
    return result;
}

Block rotate_left(const Block& block, unsigned octets) {
    Block result;
    for (std::size_t i = 0; i < block.size(); ++i) result[i] = block[(i + octets) % block.size()];
    return result;
}

template <std::size_t N>
Octets<N> cut(const Block& block, std::size_t offset) {
    Octets<N> result;
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(offset), N, result.begin());
    return result;
}

}  // namespace

Opc derive_opc(const SubscriberKey& k, OctetView op) {
    Block block{};
    std::copy_n(op.begin(), std::min(op.size(), block.size()), block.begin());
    return Opc(crypto::Aes(k.view()).encrypt(block) ^ block);
}

Block Milenage::temp(const Rand& rand) {
    return aes_.encrypt(rand.octets ^ opc_.octets());
}

Block Milenage::out(const Block& temp, unsigned rotate_octets, std::uint8_t constant) {
    auto input = rotate_left(temp ^ opc_.octets(), rotate_octets);
    input.back() ^= constant;
    return aes_.encrypt(input) ^ opc_.octets();
}

Block Milenage::out1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    Block in1;
    const auto sqn_octets = sqn.octets();
    for (const std::ptrdiff_t half : {0, 8}) {
        std::copy(sqn_octets.begin(), sqn_octets.end(), in1.begin() + half);
        std::copy(amf.octets.begin(), amf.octets.end(), in1.begin() + half + 6);
    }
    auto input = temp(rand) ^ rotate_left(in1 ^ opc_.octets(), f1_constants.rotate_octets);
    input.back() ^= f1_constants.constant;
    return aes_.encrypt(input) ^ opc_.octets();
}

MacA Milenage::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    return {cut<8>(out1(rand, sqn, amf), 0)};
}

MacS Milenage::f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    return {cut<8>(out1(rand, sqn, amf), 8)};
}

Challenge Milenage::f2345(const Rand& rand) {
    const auto t = temp(rand);
    const auto out2 = out(t, f2_constants.rotate_octets, f2_constants.constant);
    return {Res(cut<8>(out2, 8)), CipherKey(out(t, f3_constants.rotate_octets, f3_constants.constant)),
            IntegrityKey(out(t, f4_constants.rotate_octets, f4_constants.constant)),
            AnonymityKey(cut<6>(out2, 0))};
}

AnonymityKey Milenage::f5_star(const Rand& rand) {
    return AnonymityKey(
        cut<6>(out(temp(rand), f5_star_constants.rotate_octets, f5_star_constants.constant), 0));
}

}  // namespace bindhss::aka
