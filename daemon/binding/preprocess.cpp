// SPDX-License-Identifier: Apache-2.0
#include "binding/preprocess.h"

namespace bindhss::binding {

namespace {

std::uint16_t to_number(const Amf& amf) {
    return static_cast<std::uint16_t>(amf.octets[0] << 8 | amf.octets[1]);
}

Amf to_amf(unsigned number) {
    return {{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)}};
}

}  // namespace

Amf regular_amf(const Amf& base, const AmfMarks& marks) {
    const unsigned unmarked = to_number(base) & ~(unsigned{marks.pre_processed} | marks.generation);
    return to_amf(unmarked | aka::amf_separation_bit);
}

Amf pre_processed_amf(const Amf& base, const AmfMarks& marks, std::uint32_t generation) {
    const unsigned parity = generation % 2 == 1 ? marks.generation : 0;
    return to_amf(to_number(regular_amf(base, marks)) | marks.pre_processed | parity);
}

aka::AuthenticationVector make_vector(aka::Milenage& milenage, const Kme* kme, const AmfMarks& marks,
                                      const Amf& base, const Sqn& sqn, const Plmn& serving_network,
                                      Random& random) {
    Rand rand;
    random.fill(rand.octets);
    const auto amf =
        kme != nullptr ? pre_processed_amf(base, marks, kme->generation) : regular_amf(base, marks);
    auto vector = aka::make_vector(milenage, rand, sqn, amf, serving_network);
    // Only what is sent changes: XRES, AUTN and KASME stay those of the plain RAND that the UICC will see
    // (R4, R7).
    if (kme != nullptr) vector.rand = aka::encrypt_rand(kme->key.view(), rand);
    return vector;
}

}  // namespace bindhss::binding
