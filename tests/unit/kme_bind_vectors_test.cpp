// SPDX-License-Identifier: Apache-2.0
// Vectors A1 to A4, B1, C1 and C2 of KME-BIND v1, bit for bit, from tests/vectors/kme_bind.json.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "aka/milenage.h"
#include "aka/resync.h"
#include "binding/preprocess.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"

namespace bindhss {

namespace {

using test::hex;
using test::of_hex;

constexpr std::string_view kme128 = "000102030405060708090a0b0c0d0e0f";
constexpr std::string_view kme256 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

const boost::json::object& vectors() {
    static const auto document = [] {
        std::ifstream file(BINDHSS_VECTORS "/kme_bind.json");
        std::stringstream text;
        text << file.rdbuf();
        return boost::json::parse(text.str()).as_object();
    }();
    return document;
}

std::string_view text(std::string_view vector, std::string_view key) {
    return vectors().at(vector).as_object().at(key).as_string();
}

aka::Milenage milenage_of_set_1() {
    const auto& set = test::milenage_sets[0];
    return {of_hex<SubscriberKey>(set.k), of_hex<Opc>(set.opc)};
}

void check_vector(std::string_view name, std::string_view kme_hex, std::uint32_t generation) {
    const auto rand = hex<16>(text(name, "RAND_plain"));
    test::FixedRandom random(rand);
    const binding::Kme kme{1, SecretString(from_hex(kme_hex).value()), generation};
    auto milenage = milenage_of_set_1();
    const binding::Treatment treatment{kme_hex.empty() ? nullptr : &kme, {}, Amf{{0x80, 0x00}}};
    const auto vector = binding::make_vector(milenage, treatment, test::sqn_of_hex(text(name, "SQN")),
                                             *Plmn::parse("001/01"), random);
    CHECK(to_hex(vector.rand.view()) == text(name, "RAND_sent"));
    CHECK(to_hex(vector.autn.view()) == text(name, "AUTN"));
    CHECK(to_hex(vector.xres.view()) == text(name, "XRES"));
    CHECK(to_hex(vector.kasme.view()) == text(name, "KASME"));
}

}  // namespace

TEST_CASE("A regular vector is the one of TS 33.401 with both marks clear", "[binding][vectors][R42]") {
    check_vector("A1_regular_AMF8000", "", 0);
}

TEST_CASE("A pre-processed vector encrypts RAND and marks AMF, and changes nothing else",
          "[binding][vectors][R4][R16]") {
    check_vector("A2_preprocessed_AES128_gen0_AMF8080", kme128, 0);
    check_vector("A3_preprocessed_AES128_gen1_AMF80c0", kme128, 1);
    check_vector("A4_preprocessed_AES256_gen2_AMF8080", kme256, 2);
}

TEST_CASE("AUTS opens under the key with which RAND was encrypted, and not crosswise", "[aka][resync]") {
    auto milenage = milenage_of_set_1();
    const auto encrypted =
        *ReSynchronizationInfo::from(hex<30>(text("B1_resync", "ReSyncInfo_preprocessed")));
    const auto regular = *ReSynchronizationInfo::from(hex<30>(text("B1_resync", "ReSyncInfo_regular")));
    const auto key = hex<16>(kme128);
    const auto other = hex<32>(kme256);
    const std::vector<OctetView> right{other, key};
    const std::vector<OctetView> wrong{other};

    const auto opened = aka::open_auts(milenage, encrypted, right);
    REQUIRE(opened);
    CHECK(opened->sqn_ms == test::sqn_of_hex(text("B1_resync", "SQN_MS")));
    CHECK(opened->key_index == 1);
    CHECK_FALSE(aka::open_auts(milenage, encrypted, wrong));

    const auto plain = aka::open_auts(milenage, regular, right);
    REQUIRE(plain);
    CHECK_FALSE(plain->key_index);
    CHECK(plain->sqn_ms == opened->sqn_ms);
}

TEST_CASE("The USIM's AUTS is the one of the vectors", "[aka][resync]") {
    auto milenage = milenage_of_set_1();
    const auto rand = of_hex<Rand>(text("A1_regular_AMF8000", "RAND_plain"));
    const auto auts = aka::make_auts(milenage, rand, test::sqn_of_hex(text("B1_resync", "SQN_MS")));
    CHECK(to_hex(auts.view()) == text("B1_resync", "AUTS"));
}

TEST_CASE("Any changed bit of AUTS is refused", "[aka][resync]") {
    auto milenage = milenage_of_set_1();
    const auto good = hex<30>(text("B1_resync", "ReSyncInfo_regular"));
    for (std::size_t bit = 0; bit < Auts::size * 8; ++bit) {
        auto bad = good;
        bad[Rand::size + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(aka::open_auts(milenage, *ReSynchronizationInfo::from(bad), {}));
    }
}

TEST_CASE("A wrong KME and a device without one leave the UICC with a RAND that MAC-A does not fit",
          "[binding][vectors][R8]") {
    auto milenage = milenage_of_set_1();
    const auto sent = of_hex<Rand>(text("A3_preprocessed_AES128_gen1_AMF80c0", "RAND_sent"));
    const auto autn = of_hex<Autn>(text("A3_preprocessed_AES128_gen1_AMF80c0", "AUTN"));
    // The UICC recovers SQN with the AK of the RAND it was given, so a wrong RAND spoils both inputs of f1.
    const auto xmac_a = [&](const Rand& rand) {
        Octets<6> sqn;
        const auto ak = milenage.f2345(rand).ak;
        for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] = autn.octets[i] ^ ak.octets()[i];
        return to_hex(milenage.f1(rand, Sqn::from_octets(sqn), Amf{{autn.octets[6], autn.octets[7]}}).view());
    };

    const auto decrypted = aka::decrypt_rand(Octets<16>{}, sent);
    CHECK(to_hex(decrypted.view()) == text("C1_wrong_KME_all_zero", "RAND_decrypted"));
    CHECK(xmac_a(decrypted) == text("C1_wrong_KME_all_zero", "XMAC_A"));
    CHECK(to_hex(milenage.f2345(decrypted).res.view()) == text("C1_wrong_KME_all_zero", "RES"));

    CHECK(xmac_a(sent) == text("C2_legacy_ME_no_decrypt", "XMAC_A"));
    CHECK(to_hex(milenage.f2345(sent).res.view()) == text("C2_legacy_ME_no_decrypt", "RES"));
}

TEST_CASE("Marks never leak from a subscriber's AMF into a regular vector, and may be moved", "[binding]") {
    const binding::AmfMarks marks{.pre_processed = 0x0001, .generation = 0x0002};
    CHECK(to_hex(binding::regular_amf(of_hex<Amf>("80c0"), binding::AmfMarks{}).view()) == "8000");
    CHECK(to_hex(binding::regular_amf(of_hex<Amf>("0010"), marks).view()) == "8010");
    CHECK(to_hex(binding::pre_processed_amf(of_hex<Amf>("0010"), marks, 0).view()) == "8011");
    CHECK(to_hex(binding::pre_processed_amf(of_hex<Amf>("0010"), marks, 7).view()) == "8013");
}

}  // namespace bindhss
