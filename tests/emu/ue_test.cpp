// SPDX-License-Identifier: Apache-2.0
// Vectors A1-A4, C1, C2 of tests/vectors/kme_bind.json through ME and USIM.
#include "emu/ue.h"

#include <yaml-cpp/yaml.h>

#include <catch2/catch.hpp>

#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

const Imei imei = *Imei::parse("35824005111111");

struct Vector {
    explicit Vector(const std::string& name) {
        const auto node = YAML::LoadFile(BINDHSS_VECTORS)[name];
        const auto hex = [&node](const char* key) { return *from_hex(node[key].as<std::string>()); };
        rand = *Rand::from(hex("RAND_sent"));
        plain = *Rand::from(hex("RAND_plain"));
        autn = *Autn::from(hex("AUTN"));
        xres = *Res::from(hex("XRES"));
        kasme = *Kasme::from(hex("KASME"));
    }
    Rand rand;
    Rand plain;
    Autn autn;
    Res xres;
    Kasme kasme;
};

const char* const a1 = "A1_regular_AMF8000";
const char* const a2 = "A2_preprocessed_AES128_gen0_AMF8080";
const char* const a3 = "A3_preprocessed_AES128_gen1_AMF80c0";
const char* const a4 = "A4_preprocessed_AES256_gen2_AMF8080";

/// A card that accepts the SQN of the vectors.
Usim card() {
    Usim usim(test::imsi("001010123456789"), test::set1_keys);
    const auto sqn = Sqn::from_octets(*octets_from_hex<6>("ff9bb4d0b607"));
    usim.sequence().advance(sqn.seq() - 1);
    return usim;
}

Me device(std::uint32_t generation, const SecretString& kme) {
    Me me(imei);
    me.load_kme(generation, kme);
    return me;
}

UeAnswer answer_of(const Me& me, const Vector& vector) {
    auto usim = card();
    return Ue{me, usim}.authenticate(vector.rand, vector.autn, test::plmn("00101"));
}

void check_accepted(const Me& me, const Vector& vector) {
    const auto came = answer_of(me, vector);
    CHECK(came.opened.rand == vector.plain);
    REQUIRE(std::holds_alternative<AuthenticationResponse>(came.answer));
    CHECK(std::get<AuthenticationResponse>(came.answer).res == vector.xres);
    CHECK(std::get<AuthenticationResponse>(came.answer).kasme == vector.kasme);
}

void check_mac_failure(const Me& me, const Vector& vector, bool reaches_usim) {
    const auto came = answer_of(me, vector);
    REQUIRE(std::holds_alternative<AuthenticationFailure>(came.answer));
    CHECK(std::get<AuthenticationFailure>(came.answer).cause == EmmCause::mac_failure);
    CHECK(came.reached_usim == reaches_usim);
}

}  // namespace

TEST_CASE("UE: the regular vector A1 works in every device", "[emu][vectors]") {
    check_accepted(device(0, test::kme128), Vector(a1));
    check_accepted(Me(imei), Vector(a1));
    check_accepted(Me(imei, "01", Me::Feature::legacy), Vector(a1));
}

TEST_CASE("UE: A2, A3 and A4 work in the device that has the key of their generation",
          "[emu][vectors][R6][R7]") {
    check_accepted(device(0, test::kme128), Vector(a2));
    check_accepted(device(1, test::kme128), Vector(a3));
    check_accepted(device(2, test::kme256), Vector(a4));
}

TEST_CASE("UE: a key serves the vectors of its own parity only", "[emu][vectors]") {
    check_mac_failure(device(1, test::kme128), Vector(a2), false);
    check_mac_failure(device(0, test::kme128), Vector(a3), false);
}

TEST_CASE("UE: with a key in either slot, G of AMF chooses", "[emu][vectors]") {
    Me me(imei);
    me.load_kme(0, test::kme128);
    me.load_kme(1, test::kme256);
    check_accepted(me, Vector(a2));
    check_mac_failure(me, Vector(a3), true);
    me.load_kme(2, test::kme256);  // takes the place of generation 0
    me.load_kme(3, test::kme128);
    check_accepted(me, Vector(a4));
    check_accepted(me, Vector(a3));
    check_mac_failure(me, Vector(a2), true);
}

TEST_CASE("UE: C1, a wrong KME ends in a MAC failure of the card", "[emu][vectors][R8]") {
    const auto zeros = SecretString(OctetString(16));
    const Vector vector(a2);
    CHECK(to_hex(device(0, zeros).open(vector.rand, vector.autn).rand->view()) ==
          "d90a4ccd0f1ef2b48ae116bef5793f07");
    check_mac_failure(device(0, zeros), vector, true);
}

TEST_CASE("UE: C2, a legacy device hands the encrypted RAND through and the card refuses it",
          "[emu][vectors][R8][R14]") {
    const Vector vector(a2);
    const Me legacy(imei, "01", Me::Feature::legacy);
    CHECK(legacy.open(vector.rand, vector.autn).rand == vector.rand);
    check_mac_failure(legacy, vector, true);
}

TEST_CASE("UE: a device without a key refuses an encrypted RAND without asking its card", "[emu]") {
    check_mac_failure(Me(imei), Vector(a2), false);
}

TEST_CASE("UE: the masks of the AMF marks are configurable", "[emu]") {
    Me me(imei, "01", Me::Feature::kme, AmfMasks{0x0001, 0x0002});
    me.load_kme(0, test::kme128);
    const Vector vector(a2);
    CHECK_FALSE(me.open(vector.rand, vector.autn).pre_processed);
    auto autn = vector.autn;
    autn.octets[7] = 0x01;
    CHECK(me.open(vector.rand, autn).rand == vector.plain);
}

TEST_CASE("UE: a vector without the separation bit is no vector for EPS", "[emu]") {
    Vector vector(a1);
    vector.autn.octets[6] = 0;
    const auto came = answer_of(Me(imei), vector);
    REQUIRE(std::holds_alternative<AuthenticationFailure>(came.answer));
    CHECK(std::get<AuthenticationFailure>(came.answer).cause ==
          EmmCause::non_eps_authentication_unacceptable);
}
