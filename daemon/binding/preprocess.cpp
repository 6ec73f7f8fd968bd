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

Amf amf_of(const Treatment& treatment, VectorUse use) {
    return treatment.kme != nullptr
               ? pre_processed_amf(treatment.base, treatment.marks, treatment.kme->generation, use)
               : regular_amf(treatment.base, treatment.marks, use);
}

Rand draw(Random& random) {
    Rand rand;
    random.fill(rand.octets);
    return rand;
}

// Only what is sent changes: XRES, AUTN and the keys stay those of the plain RAND that the UICC will see (R4,
// R7).
Rand sent(const Treatment& treatment, const Rand& rand) {
    return treatment.kme != nullptr ? aka::encrypt_rand(treatment.kme->key.view(), rand) : rand;
}

}  // namespace

Amf regular_amf(const Amf& base, const AmfMarks& marks, VectorUse use) {
    const unsigned cleared =
        unsigned{marks.pre_processed} | marks.generation | unsigned{aka::amf_separation_bit};
    const unsigned separation = use == VectorUse::eps ? aka::amf_separation_bit : 0U;
    return to_amf((to_number(base) & ~cleared) | separation);
}

Amf pre_processed_amf(const Amf& base, const AmfMarks& marks, std::uint32_t generation, VectorUse use) {
    const unsigned parity = generation % 2 == 1 ? marks.generation : 0;
    return to_amf(to_number(regular_amf(base, marks, use)) | marks.pre_processed | parity);
}

aka::AuthenticationVector make_vector(aka::AlgorithmSet& algorithms, const Treatment& treatment,
                                      const Sqn& sqn, const Plmn& serving_network, Random& random) {
    const auto rand = draw(random);
    auto vector = aka::make_vector(algorithms, rand, sqn, amf_of(treatment, VectorUse::eps), serving_network);
    vector.rand = sent(treatment, rand);
    return vector;
}

aka::Quintuplet make_quintuplet(aka::AlgorithmSet& algorithms, const Treatment& treatment, const Sqn& sqn,
                                Random& random) {
    const auto rand = draw(random);
    auto vector = aka::make_quintuplet(algorithms, rand, sqn, amf_of(treatment, VectorUse::utran_geran));
    vector.rand = sent(treatment, rand);
    return vector;
}

}  // namespace bindhss::binding
