// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "aka/milenage.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"

namespace bindhss {

using test::hex;
using test::of_hex;

TEST_CASE("Milenage gives the values of the standard's test sets", "[aka][milenage]") {
    for (const auto& set : test::milenage_sets) {
        DYNAMIC_SECTION(set.name) {
            const auto k = of_hex<SubscriberKey>(set.k);
            const auto opc = aka::derive_opc(k, hex<16>(set.op));
            CHECK(to_hex(opc.view()) == set.opc);

            aka::Milenage milenage(k, opc);
            const auto rand = of_hex<Rand>(set.rand);
            const auto sqn = test::sqn_of_hex(set.sqn);
            const auto amf = of_hex<Amf>(set.amf);
            CHECK(to_hex(milenage.f1(rand, sqn, amf).view()) == set.f1);
            CHECK(to_hex(milenage.f1_star(rand, sqn, amf).view()) == set.f1_star);
            const auto challenge = milenage.f2345(rand);
            CHECK(to_hex(challenge.res.view()) == set.f2);
            CHECK(to_hex(challenge.ck.view()) == set.f3);
            CHECK(to_hex(challenge.ik.view()) == set.f4);
            CHECK(to_hex(challenge.ak.view()) == set.f5);
            CHECK(to_hex(milenage.f5_star(rand).view()) == set.f5_star);
        }
    }
}

}  // namespace bindhss
