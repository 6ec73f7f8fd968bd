// SPDX-License-Identifier: Apache-2.0
// Cards of every algorithm, in a scenario and in both security contexts.
#include <catch2/catch.hpp>

#include "aka/gsm.h"
#include "aka/resync.h"
#include "aka/vectors.h"
#include "emu/scenario_parts.h"
#include "fake_hss.h"
#include "vectors/ts35232.h"

namespace bindhss::emu {

namespace {

const Rand rand_of_set1{*octets_from_hex<16>("23553cbe9637a89d218ae64dae47bf35")};
const auto& tuak_set = ::bindhss::test::tuak_sets[1];

AkaKeys tuak_keys(std::uint8_t res_octets = 8) {
    return {AkaAlgorithm::tuak, SecretString(*from_hex(tuak_set.k)), SecretString(*from_hex(tuak_set.topc)),
            1, res_octets};
}

AkaKeys xor_keys(std::uint8_t res_octets = 8) {
    AkaKeys keys;
    keys.algorithm = AkaAlgorithm::xor_test;
    keys.k = SecretString(test::set1_k.view());
    keys.res_octets = res_octets;
    return keys;
}

UsimDefinition read(const std::string& card) {
    const std::string file = "s.yaml";
    return read_usim(ScenarioNode(YAML::Load("{imsi: \"001010123456789\", " + card + "}"), file, "card"));
}

std::string error_of(const std::string& card) {
    try {
        (void)read(card);
    } catch (const ScenarioError& error) {
        return error.what();
    }
    return "";
}

const std::string k = "k: 465b5ce8b199b49faa5f0a2ee238a6bc";
const std::string opc = "opc: cd63cb71954a9f4e48a5994e37a02baf";
const std::string tuak_k = "algorithm: tuak, k: " + std::string(tuak_set.k);
const std::string topc = "topc: " + std::string(tuak_set.topc);

}  // namespace

TEST_CASE("USIM: a card of any algorithm accepts a quintuplet of its keys once", "[emu][card]") {
    for (const auto& keys : {test::set1_keys, tuak_keys(), tuak_keys(16), xor_keys(), xor_keys(4)}) {
        const auto algorithms = aka::make_algorithm_set(keys);
        Usim usim(test::imsi("001010123456789"), keys);
        const auto made = aka::make_quintuplet(*algorithms, rand_of_set1, Sqn(5, 1), Amf{});
        const auto answer = usim.authenticate(made.rand, made.autn);
        REQUIRE(std::holds_alternative<UsimAccepted>(answer));
        const auto& accepted = std::get<UsimAccepted>(answer);
        CHECK(accepted.res == made.xres);
        CHECK(accepted.res.size() == keys.res_octets);
        CHECK(accepted.ck == made.ck);
        CHECK(accepted.ik == made.ik);

        const auto again = usim.authenticate(made.rand, made.autn);
        REQUIRE(std::holds_alternative<UsimSynchFailure>(again));
        const ReSynchronizationInfo info{made.rand, std::get<UsimSynchFailure>(again).auts};
        const auto opened = aka::open_auts(*algorithms, info, {});
        REQUIRE(opened);
        CHECK(opened->sqn_ms == Sqn(5, 1));
    }
}

TEST_CASE("USIM: in a GSM context it answers with the triplet of the challenge", "[emu][card]") {
    for (const auto& keys : {test::set1_keys, tuak_keys(16), xor_keys(5)}) {
        const auto algorithms = aka::make_algorithm_set(keys);
        Usim usim(test::imsi("001010123456789"), keys);
        const auto triplet = aka::make_triplet(*algorithms, rand_of_set1);
        const auto answer = usim.authenticate_gsm(rand_of_set1);
        CHECK(answer.sres == triplet.sres);
        CHECK(answer.kc == triplet.kc);
    }
    Usim set1(test::imsi("001010123456789"), test::set1_keys);
    CHECK(to_hex(set1.authenticate_gsm(rand_of_set1).sres.view()) == "46f8416a");
    CHECK(to_hex(set1.authenticate_gsm(rand_of_set1).kc.view()) == "eae4be823af9a08b");
}

TEST_CASE("Scenario: a card has the algorithm that it names, Milenage when it names none", "[emu][card]") {
    CHECK(read(k + ", " + opc).keys == test::set1_keys);
    CHECK(read("algorithm: milenage, " + k + ", op: cdc202d5123e20f62b6d676ac72cb318").keys ==
          test::set1_keys);
    CHECK(read(tuak_k + ", " + topc + ", res_octets: 16").keys == tuak_keys(16));
    CHECK(read(tuak_k + ", top: " + std::string(tuak_set.top)).keys == tuak_keys());
    CHECK(read("algorithm: xor, " + k + ", res_octets: 4, seq: 7").keys == xor_keys(4));
    CHECK(read("algorithm: xor, " + k + ", seq: 7").seq == 7);
    CHECK(read(tuak_k + ", " + topc + ", tuak_iterations: 3").keys.tuak_iterations == 3);
}

TEST_CASE("Scenario: a card whose keys do not fit its algorithm is refused without showing them",
          "[emu][card]") {
    CHECK(error_of("algorithm: comp128, " + k + ", " + opc) ==
          "s.yaml:1: algorithm is not one of milenage, tuak, xor");
    CHECK(error_of(k) == "s.yaml:1: a USIM needs either 'opc' or 'op'");
    CHECK(error_of(tuak_k) == "s.yaml:1: a USIM needs either 'topc' or 'top'");
    CHECK(error_of(tuak_k + ", " + opc) == "s.yaml:1: a USIM needs either 'topc' or 'top'");
    CHECK(error_of(tuak_k + ", " + topc + ", " + opc) ==
          "s.yaml:1: 'opc' does not belong to the algorithm tuak");
    CHECK(error_of("algorithm: xor, " + k + ", " + opc) ==
          "s.yaml:1: 'opc' does not belong to the algorithm xor");
    CHECK(error_of(tuak_k + ", " + topc + ", res_octets: 5") ==
          "s.yaml:1: RES of TUAK has 4, 8 or 16 octets, not 5");
    CHECK(error_of(tuak_k + ", " + topc + ", res_octets: 264") == "s.yaml:1: res_octets is too large");
    CHECK(error_of(k + ", " + opc + ", tuak_iterations: 2") == "s.yaml:1: iterations belong to TUAK alone");
    CHECK(error_of("algorithm: tuak, k: 00, " + topc) ==
          "s.yaml:1: k has to have 32 or 64 hexadecimal digits");
}

}  // namespace bindhss::emu
