// SPDX-License-Identifier: Apache-2.0
// What holds for every algorithm set: the test algorithm, the conversions to GSM, quintuplets, and the keys
// that are refused.
#include <catch2/catch.hpp>

#include "aka/gsm.h"
#include "aka/resync.h"
#include "aka/vectors.h"
#include "binding/preprocess.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"
#include "vectors/ts35232.h"

namespace bindhss {

using test::hex;
using test::of_hex;

namespace {

AkaKeys milenage_keys() {
    const auto& set = test::milenage_sets[0];
    return AkaKeys::milenage(of_hex<SubscriberKey>(set.k), of_hex<Opc>(set.opc));
}

AkaKeys tuak_keys(std::size_t set_number, std::uint8_t res_octets, std::uint8_t iterations = 1) {
    const auto& set = test::tuak_sets.at(set_number);
    return {AkaAlgorithm::tuak, SecretString(from_hex(set.k).value()),
            SecretString(from_hex(set.topc).value()), iterations, res_octets};
}

AkaKeys xor_keys(std::uint8_t res_octets = 8) {
    AkaKeys keys;
    keys.algorithm = AkaAlgorithm::xor_test;
    keys.k = SecretString(hex<16>("00112233445566778899aabbccddeeff"));
    keys.res_octets = res_octets;
    return keys;
}

std::vector<AkaKeys> keys_of_every_kind() {
    return {milenage_keys(),    tuak_keys(0, 4), tuak_keys(1, 8), tuak_keys(3, 16),
            tuak_keys(4, 8, 2), xor_keys(4),     xor_keys(8),     xor_keys(16)};
}

const auto rand_of_set_1 = of_hex<Rand>(test::milenage_sets[0].rand);
const auto sqn_of_set_1 = test::sqn_of_hex(test::milenage_sets[0].sqn);

/// What a USIM does with RAND and AUTN (TS 33.102 6.3.3): the SQN, when MAC-A is right.
std::optional<Sqn> accept(aka::AlgorithmSet& algorithms, const Rand& rand, const Autn& autn) {
    const auto view = autn.view();
    auto octets = algorithms.f2345(rand).ak.octets();
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= view[i];
    const auto sqn = Sqn::from_octets(octets);
    const auto mac = algorithms.f1(rand, sqn, *Amf::from(view.subspan(6, 2)));
    if (mac != *aka::MacA::from(view.subspan(8))) return std::nullopt;
    return sqn;
}

unsigned amf_of(const Autn& autn) {
    return unsigned{autn.octets[6]} << 8 | autn.octets[7];
}

}  // namespace

TEST_CASE("The XOR test algorithm follows TS 34.108 8.1.2", "[aka][xor]") {
    // XDOUT = 00112233445566778899aabbccddeeff xor 23553cbe9637a89d218ae64dae47bf35
    const std::string xdout = "23441e8dd262ceeaa9134cf6629a51ca";
    const auto algorithms = aka::make_algorithm_set(xor_keys());
    const auto challenge = algorithms->f2345(rand_of_set_1);
    CHECK(to_hex(challenge.res.view()) == xdout.substr(0, 16));
    CHECK(to_hex(challenge.ck.view()) == xdout.substr(2) + xdout.substr(0, 2));
    CHECK(to_hex(challenge.ik.view()) == xdout.substr(4) + xdout.substr(0, 4));
    CHECK(to_hex(challenge.ak.view()) == xdout.substr(6, 12));
    CHECK(algorithms->f5_star(rand_of_set_1) == challenge.ak);
    // CDOUT = ff9bb4d0b607 || b9b9
    const auto mac = algorithms->f1(rand_of_set_1, sqn_of_set_1, of_hex<Amf>("b9b9"));
    CHECK(to_hex(mac.view()) == "dcdfaa5d64657753");
    CHECK(to_hex(algorithms->f1_star(rand_of_set_1, sqn_of_set_1, of_hex<Amf>("b9b9")).view()) ==
          to_hex(mac.view()));
}

TEST_CASE("RES of the XOR test algorithm has the length of the subscription", "[aka][xor]") {
    for (std::uint8_t octets = 4; octets <= 16; ++octets) {
        const auto res = aka::make_algorithm_set(xor_keys(octets))->f2345(rand_of_set_1).res;
        CHECK(res.size() == octets);
        CHECK(to_hex(res.view()) == std::string("23441e8dd262ceeaa9134cf6629a51ca").substr(0, 2U * octets));
    }
}

TEST_CASE("A USIM accepts the quintuplet of its own algorithm set and refuses one with a changed bit",
          "[aka][vectors]") {
    for (const auto& keys : keys_of_every_kind()) {
        DYNAMIC_SECTION(name_of(keys.algorithm)
                        << ", K " << keys.k.size() << ", RES " << unsigned{keys.res_octets}) {
            const auto algorithms = aka::make_algorithm_set(keys);
            auto made = aka::make_quintuplet(*algorithms, rand_of_set_1, sqn_of_set_1, of_hex<Amf>("0000"));
            CHECK(made.xres.size() == keys.res_octets);
            CHECK(accept(*algorithms, made.rand, made.autn) == sqn_of_set_1);
            made.autn.octets[7] ^= 0x01;
            CHECK_FALSE(accept(*algorithms, made.rand, made.autn));
        }
    }
}

TEST_CASE("AUTS of every algorithm set opens, and not with a changed bit", "[aka][resync]") {
    for (const auto& keys : keys_of_every_kind()) {
        DYNAMIC_SECTION(name_of(keys.algorithm)
                        << ", K " << keys.k.size() << ", RES " << unsigned{keys.res_octets}) {
            const auto algorithms = aka::make_algorithm_set(keys);
            ReSynchronizationInfo info{rand_of_set_1,
                                       aka::make_auts(*algorithms, rand_of_set_1, sqn_of_set_1)};
            const auto opened = aka::open_auts(*algorithms, info, {});
            REQUIRE(opened);
            CHECK(opened->sqn_ms == sqn_of_set_1);
            info.auts.octets[13] ^= 0x80;
            CHECK_FALSE(aka::open_auts(*algorithms, info, {}));
        }
    }
}

TEST_CASE("A quintuplet is the vector of the same challenge without KASME", "[aka][vectors]") {
    for (const auto& keys : keys_of_every_kind()) {
        const auto algorithms = aka::make_algorithm_set(keys);
        const auto amf = of_hex<Amf>("8000");
        const auto plmn = *Plmn::parse("001/01");
        const auto utran = aka::make_quintuplet(*algorithms, rand_of_set_1, sqn_of_set_1, amf);
        const auto eutran = aka::make_vector(*algorithms, rand_of_set_1, sqn_of_set_1, amf, plmn);
        CHECK(utran.autn == eutran.autn);
        CHECK(utran.xres == eutran.xres);
        Octets<6> concealed;
        std::copy_n(utran.autn.octets.begin(), concealed.size(), concealed.begin());
        CHECK(aka::derive_kasme(utran.ck, utran.ik, plmn, concealed) == eutran.kasme);
    }
}

TEST_CASE("c2 and c3 give the triplet of TS 55.205 for the first set of Milenage", "[aka][gsm]") {
    const auto algorithms = aka::make_algorithm_set(milenage_keys());
    const auto triplet = aka::make_triplet(*algorithms, rand_of_set_1);
    CHECK(triplet.rand == rand_of_set_1);
    CHECK(to_hex(triplet.sres.view()) == "46f8416a");
    CHECK(to_hex(triplet.kc.view()) == "eae4be823af9a08b");
}

TEST_CASE("c2 folds RES of any length, filled up with zeros", "[aka][gsm]") {
    const auto fold = [](std::string_view res) {
        return to_hex(aka::convert_res(Res::from(from_hex(res).value()).value()).view());
    };
    CHECK(fold("01020304") == "01020304");
    CHECK(fold("0102030410") == "11020304");
    CHECK(fold("0102030410203040") == "11223344");
    CHECK(fold("01020304102030400f0f0f0ff0f0f0f0") == "eeddccbb");
}

TEST_CASE("A quintuplet has the separation bit clear, a vector for EPS has it set", "[binding][vectors]") {
    const auto algorithms = aka::make_algorithm_set(milenage_keys());
    const binding::Kme kme{1, SecretString(hex<16>("000102030405060708090a0b0c0d0e0f")), 1};
    test::FixedRandom random(rand_of_set_1.view());
    for (const auto* const base : {"8000", "0000", "8010"}) {
        const unsigned own = amf_of({{0, 0, 0, 0, 0, 0, 0, hex<2>(base)[1]}});
        const binding::Treatment regular{nullptr, {}, of_hex<Amf>(base)};
        const binding::Treatment bound{&kme, {}, of_hex<Amf>(base)};
        const auto plmn = *Plmn::parse("001/01");
        CHECK(amf_of(binding::make_quintuplet(*algorithms, regular, sqn_of_set_1, random).autn) == own);
        CHECK(amf_of(binding::make_quintuplet(*algorithms, bound, sqn_of_set_1, random).autn) ==
              (own | 0x00c0U));
        CHECK(amf_of(binding::make_vector(*algorithms, regular, sqn_of_set_1, plmn, random).autn) ==
              (own | 0x8000U));
        CHECK(amf_of(binding::make_vector(*algorithms, bound, sqn_of_set_1, plmn, random).autn) ==
              (own | 0x80c0U));
    }
}

TEST_CASE("A pre-processed quintuplet decrypts to the challenge that the USIM accepts, and no other way",
          "[binding][vectors]") {
    const auto algorithms = aka::make_algorithm_set(milenage_keys());
    test::FixedRandom random(rand_of_set_1.view());
    for (const std::size_t size : {16U, 32U}) {
        OctetString octets(size);
        for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i);
        const binding::Kme kme{1, SecretString(octets), 0};
        const binding::Treatment bound{&kme, {}, of_hex<Amf>("8000")};
        const auto made = binding::make_quintuplet(*algorithms, bound, sqn_of_set_1, random);
        const auto plain = aka::decrypt_rand(kme.key.view(), made.rand);
        CHECK(plain == rand_of_set_1);
        CHECK(accept(*algorithms, plain, made.autn) == sqn_of_set_1);
        CHECK(algorithms->f2345(plain).res == made.xres);
        CHECK(algorithms->f2345(plain).ck == made.ck);
        CHECK(algorithms->f2345(plain).ik == made.ik);
        CHECK_FALSE(accept(*algorithms, made.rand, made.autn));
    }
}

TEST_CASE("Keys that do not fit their algorithm are refused in words without key material", "[aka][keys]") {
    const auto fault = [](auto change, AkaKeys keys) {
        change(keys);
        const auto text = fault_of(keys).value_or("");
        CHECK_THROWS_AS(aka::make_algorithm_set(keys), std::invalid_argument);
        return text;
    };
    const auto k = [](std::size_t octets) {
        return [octets](AkaKeys& keys) { keys.k = SecretString(OctetString(octets, 0xab)); };
    };
    const auto opc = [](std::size_t octets) {
        return [octets](AkaKeys& keys) { keys.opc = SecretString(OctetString(octets, 0xab)); };
    };
    const auto res = [](std::uint8_t octets) {
        return [octets](AkaKeys& keys) { keys.res_octets = octets; };
    };
    const auto iterations = [](std::uint8_t n) { return [n](AkaKeys& keys) { keys.tuak_iterations = n; }; };
    CHECK(fault(k(32), milenage_keys()) == "K of Milenage has 32 octets, it needs 16");
    CHECK(fault(opc(32), milenage_keys()) == "OPc has 32 octets, it needs 16");
    CHECK(fault(res(4), milenage_keys()) == "RES of Milenage has 8 octets, no other number");
    CHECK(fault(iterations(2), milenage_keys()) == "iterations belong to TUAK alone");
    CHECK(fault(k(24), tuak_keys(0, 8)) == "K of TUAK has 24 octets, it needs 16 or 32");
    CHECK(fault(opc(16), tuak_keys(0, 8)) == "TOPc has 16 octets, it needs 32");
    CHECK(fault(iterations(0), tuak_keys(0, 8)) == "TUAK has 1 to 16 iterations, not 0");
    CHECK(fault(iterations(17), tuak_keys(0, 8)) == "TUAK has 1 to 16 iterations, not 17");
    CHECK(fault(res(32), tuak_keys(0, 8)) == "RES of TUAK has 4, 8 or 16 octets, not 32");
    CHECK(fault(opc(16), xor_keys()) == "the XOR test algorithm has neither OPc nor TOPc");
    CHECK(fault(k(32), xor_keys()) == "K of the XOR test algorithm has 32 octets, it needs 16");
    CHECK(fault(res(3), xor_keys()) == "RES has 4 to 16 octets, not 3");
    CHECK(fault(res(17), xor_keys()) == "RES has 4 to 16 octets, not 17");
    for (const auto& keys : keys_of_every_kind()) CHECK_FALSE(fault_of(keys));
}

TEST_CASE("OPc is derived from OP, TOPc from TOP, and nothing for the XOR test algorithm", "[aka][keys]") {
    const auto& milenage = test::milenage_sets[0];
    CHECK(aka::derive_operator_key(milenage_keys(), from_hex(milenage.op).value()) == milenage_keys().opc);
    const auto& tuak = test::tuak_sets[5];
    CHECK(aka::derive_operator_key(tuak_keys(5, 8, 2), from_hex(tuak.top).value()) == tuak_keys(5, 8).opc);
    CHECK(aka::derive_operator_key(xor_keys(), {}).empty());
}

TEST_CASE("Algorithms have names, and no other text is one", "[aka][keys]") {
    for (const auto algorithm : {AkaAlgorithm::milenage, AkaAlgorithm::tuak, AkaAlgorithm::xor_test})
        CHECK(parse_algorithm(name_of(algorithm)) == algorithm);
    CHECK_FALSE(parse_algorithm("Milenage"));
    CHECK_FALSE(parse_algorithm(""));
}

TEST_CASE("RES has 4 to 16 octets and is equal to what has the same octets and length", "[aka][res]") {
    const OctetString zeros(17);
    const OctetView view(zeros);
    CHECK_FALSE(Res::from(view.first(3)));
    CHECK_FALSE(Res::from(view));
    CHECK(Res::from(view.first(4))->size() == 4);
    CHECK(Res::from(view.first(16))->size() == 16);
    CHECK_FALSE(*Res::from(view.first(4)) == *Res::from(view.first(5)));
    CHECK(Res() == *Res::from(view.first(8)));
    const Octets<16> ones{1};
    CHECK_FALSE(Res(ones) == *Res::from(view.first(16)));
}

}  // namespace bindhss
