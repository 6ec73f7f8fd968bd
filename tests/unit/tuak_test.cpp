// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <numeric>

#include "vectors/hex.h"
#include "vectors/ts35232.h"

namespace bindhss {

using test::of_hex;

namespace {

OctetString octets(std::string_view hex) {
    return from_hex(hex).value();
}

aka::TuakFunctions functions_of(const test::TuakSet& set, const aka::TuakShape& shape) {
    const auto topc = octets(set.topc);
    return {octets(set.k), topc, shape};
}

/// SHA3-256 over less than one block, from nothing but the permutation (FIPS 202 6.1).
std::string sha3_256(std::string_view text) {
    constexpr std::size_t rate = 136;
    REQUIRE(text.size() < rate);
    crypto::KeccakState state{};
    std::copy(text.begin(), text.end(), state.begin());
    state[text.size()] ^= 0x06;
    state[rate - 1] ^= 0x80;
    crypto::keccak_f1600(state);
    return to_hex(OctetView(state).first(32));
}

}  // namespace

TEST_CASE("Keccak-f[1600] permutes as the sets of TS 35.232 have it", "[crypto][keccak]") {
    crypto::KeccakState state{0x80};
    crypto::keccak_f1600(state);
    CHECK(to_hex(state) == test::keccak_set_2);
    std::iota(state.begin(), state.end(), std::uint8_t{1});
    crypto::keccak_f1600(state);
    CHECK(to_hex(state) == test::keccak_set_3);
}

TEST_CASE("A hash made of the permutation is SHA3-256", "[crypto][keccak]") {
    CHECK(sha3_256("") == "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    CHECK(sha3_256("abc") == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
}

TEST_CASE("TUAK derives TOPc as the standard's test sets have it", "[aka][tuak]") {
    for (const auto& set : test::tuak_sets) {
        DYNAMIC_SECTION(set.name) {
            CHECK(to_hex(aka::derive_topc(octets(set.k), octets(set.top), set.shape.iterations).view()) ==
                  set.topc);
        }
    }
}

TEST_CASE("TUAK gives the values of the standard's test sets", "[aka][tuak]") {
    for (const auto& set : test::tuak_sets) {
        DYNAMIC_SECTION(set.name) {
            const auto tuak = functions_of(set, set.shape);
            const auto rand = of_hex<Rand>(set.rand);
            const auto sqn = test::sqn_of_hex(set.sqn);
            const auto amf = of_hex<Amf>(set.amf);
            CHECK(to_hex(tuak.f1(rand, sqn, amf).view()) == set.f1);
            CHECK(to_hex(tuak.f1_star(rand, sqn, amf).view()) == set.f1_star);
            const auto outputs = tuak.f2345(rand);
            CHECK(to_hex(outputs.res.view()) == set.res);
            CHECK(to_hex(outputs.ck.view()) == set.ck);
            CHECK(to_hex(outputs.ik.view()) == set.ik);
            CHECK(to_hex(outputs.ak.view()) == set.ak);
            CHECK(to_hex(tuak.f5_star(rand).view()) == set.ak_star);
        }
    }
}

TEST_CASE("TUAK for a subscription has a MAC of 64 bits and RES of the subscription's length",
          "[aka][tuak]") {
    const auto& set = test::tuak_sets[0];
    const AkaKeys keys{AkaAlgorithm::tuak, SecretString(octets(set.k)), SecretString(octets(set.topc)), 1, 4};
    const auto tuak = aka::make_algorithm_set(keys);
    const auto rand = of_hex<Rand>(set.rand);
    CHECK(to_hex(tuak->f1(rand, test::sqn_of_hex(set.sqn), of_hex<Amf>(set.amf)).view()) == set.f1);
    CHECK(to_hex(tuak->f1_star(rand, test::sqn_of_hex(set.sqn), of_hex<Amf>(set.amf)).view()) == set.f1_star);
    const auto challenge = tuak->f2345(rand);
    CHECK(to_hex(challenge.res.view()) == set.res);
    CHECK(to_hex(challenge.ck.view()) == set.ck);
    CHECK(to_hex(challenge.ik.view()) == set.ik);
    CHECK(to_hex(challenge.ak.view()) == set.ak);
    CHECK(to_hex(tuak->f5_star(rand).view()) == set.ak_star);
    CHECK(aka::derive_operator_key(keys, octets(set.top)) == keys.opc);
}

}  // namespace bindhss
