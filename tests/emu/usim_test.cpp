// SPDX-License-Identifier: Apache-2.0
#include "emu/usim.h"

#include <catch2/catch.hpp>

#include "aka/milenage.h"
#include "aka/resync.h"
#include "aka/vectors.h"
#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

const Rand rand_of_set1{*octets_from_hex<16>("23553cbe9637a89d218ae64dae47bf35")};

aka::AuthenticationVector vector_with(const Sqn& sqn) {
    aka::Milenage milenage(test::set1_k, test::set1_opc);
    return aka::make_vector(milenage, rand_of_set1, sqn, Amf{{0x80, 0x00}}, test::plmn("00101"));
}

Usim fresh_usim() {
    return Usim(test::imsi("001010123456789"), test::set1_keys);
}

bool accepts(Usim& usim, const Sqn& sqn) {
    const auto vector = vector_with(sqn);
    return std::holds_alternative<UsimAccepted>(usim.authenticate(vector.rand, vector.autn));
}

}  // namespace

TEST_CASE("USIM: a SEQ is accepted once for its IND", "[emu][sqn]") {
    auto usim = fresh_usim();
    CHECK(accepts(usim, Sqn(5, 3)));
    CHECK_FALSE(accepts(usim, Sqn(5, 3)));
    CHECK_FALSE(accepts(usim, Sqn(4, 3)));
    CHECK(accepts(usim, Sqn(6, 3)));
}

TEST_CASE("USIM: another IND may still use a SEQ below the highest one", "[emu][sqn]") {
    auto usim = fresh_usim();
    CHECK(accepts(usim, Sqn(100, 0)));
    CHECK(accepts(usim, Sqn(50, 1)));
    CHECK_FALSE(accepts(usim, Sqn(50, 1)));
    CHECK(usim.sequence().highest() == Sqn(100, 0));
}

TEST_CASE("USIM: SEQ 0 is never fresh", "[emu][sqn]") {
    auto usim = fresh_usim();
    CHECK_FALSE(accepts(usim, Sqn(0, 0)));
}

TEST_CASE("USIM: a SEQ further ahead than Delta is refused, Delta itself is not", "[emu][sqn]") {
    auto usim = fresh_usim();
    CHECK(accepts(usim, Sqn(10, 0)));
    CHECK_FALSE(accepts(usim, Sqn(10 + Sqn::delta + 1, 1)));
    CHECK(accepts(usim, Sqn(10 + Sqn::delta, 1)));
}

TEST_CASE("USIM: AUTS carries the highest SQN accepted and verifies with AMF* of zero", "[emu][sqn]") {
    auto usim = fresh_usim();
    REQUIRE(accepts(usim, Sqn(1000, 7)));
    const auto vector = vector_with(Sqn(900, 7));
    const auto answer = usim.authenticate(vector.rand, vector.autn);
    REQUIRE(std::holds_alternative<UsimSynchFailure>(answer));
    aka::Milenage milenage(test::set1_k, test::set1_opc);
    const ReSynchronizationInfo info{vector.rand, std::get<UsimSynchFailure>(answer).auts};
    const auto opened = aka::open_auts(milenage, info, {});
    REQUIRE(opened);
    CHECK(opened->sqn_ms == Sqn(1000, 7));
}

TEST_CASE("USIM: AUTS of vector B1", "[emu][vectors]") {
    auto usim = fresh_usim();
    const auto sqn_ms = Sqn::from_octets(*octets_from_hex<6>("ff9bb4d0b6e1"));
    usim.sequence().record(sqn_ms);
    const auto vector = vector_with(Sqn(sqn_ms.seq() - 1, sqn_ms.ind()));
    const auto answer = usim.authenticate(vector.rand, vector.autn);
    REQUIRE(std::holds_alternative<UsimSynchFailure>(answer));
    CHECK(to_hex(std::get<UsimSynchFailure>(answer).auts.view()) == "ba853f3c12da79d3f05c3fb9ac4e");
}

TEST_CASE("USIM: a changed RAND, SQN, AMF or MAC is a MAC failure and leaves the array alone", "[emu][sqn]") {
    auto usim = fresh_usim();
    const auto vector = vector_with(Sqn(7, 2));
    for (std::size_t octet = 0; octet < 16; ++octet) {
        auto rand = vector.rand;
        auto autn = vector.autn;
        rand.octets[octet] ^= 0x10;
        CHECK(std::holds_alternative<UsimMacFailure>(usim.authenticate(rand, vector.autn)));
        autn.octets[octet] ^= 0x01;
        CHECK(std::holds_alternative<UsimMacFailure>(usim.authenticate(vector.rand, autn)));
    }
    CHECK(usim.sequence().highest().seq() == 0);
    CHECK(accepts(usim, Sqn(7, 2)));
}

TEST_CASE("USIM: a card that was put ahead refuses what the HSS issues next", "[emu][sqn]") {
    auto usim = fresh_usim();
    REQUIRE(accepts(usim, Sqn(1, 0)));
    usim.sequence().advance(1000);
    CHECK_FALSE(accepts(usim, Sqn(2, 0)));
    CHECK_FALSE(accepts(usim, Sqn(1001, 9)));
    CHECK(accepts(usim, Sqn(1002, 9)));
}
