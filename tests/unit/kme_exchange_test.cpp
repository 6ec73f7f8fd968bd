// SPDX-License-Identifier: Apache-2.0
// Vectors E1 to E4 of KME-BIND v1 and those of TS 33.501 Annex C.4, bit for bit; and what does not open.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <sstream>

#include "binding/kme_exchange.h"
#include "crypto/device_key.h"
#include "vectors/hex.h"

namespace bindhss {

namespace {

using binding::KmeProvision;
using binding::Scheme;
using crypto::DevicePrivateKey;
using crypto::DevicePublicKey;
using crypto::KeyType;
using test::hex;

const Imsi imsi = Imsi::parse("001010123456789").value();
const Imei imei = Imei::parse("35824005111111").value();
const binding::Holder holder{imsi, imei};
constexpr std::string_view kme = "000102030405060708090a0b0c0d0e0f";

/// The home network keys and ephemeral keys of TS 33.501 C.4.3 (A) and C.4.4 (B).
struct Profile {
    KeyType type;
    Scheme scheme;
    std::string_view device_private;
    std::string_view device_public;
    std::string_view ephemeral_private;
};
const Profile profile_a{KeyType::x25519, Scheme::ecies_x25519,
                        "c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d",
                        "5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650",
                        "c80949f13ebe61af4ebdbd293ea4f942696b9e815d7e8f0096bbf6ed7de62256"};
const Profile profile_b{KeyType::p256, Scheme::ecies_p256,
                        "f1ab1074477ebcc7f554ea1c5fc368b1616730155e0041ac447d6301975fecda",
                        "0272da71976234ce833a6907425867b82e074d44ef907dfb4b3e21c1c2256ebcd1",
                        "99798858a1dc6a2c68637149a4b1dbfd1fdff5addd62a2142f06699ed7602529"};

const boost::json::object& vectors() {
    static const auto document = [] {
        std::ifstream file(BINDHSS_VECTORS "/kme_bind.json");
        std::stringstream text;
        text << file.rdbuf();
        return boost::json::parse(text.str()).as_object();
    }();
    return document;
}
std::string text(std::string_view vector, std::string_view key) {
    return std::string(std::string_view(vectors().at(vector).as_object().at(key).as_string()));
}

DevicePrivateKey private_of(const Profile& profile) {
    return DevicePrivateKey::of_scalar(profile.type, hex<32>(profile.device_private)).value();
}

DevicePublicKey parsed(std::variant<DevicePublicKey, std::string> key) {
    INFO((std::holds_alternative<std::string>(key) ? std::get<std::string>(key) : ""));
    REQUIRE(std::holds_alternative<DevicePublicKey>(key));
    return std::get<DevicePublicKey>(std::move(key));
}

KmeProvision provision_of(const Profile& profile) {
    KmeProvision provision;
    provision.transaction = hex<8>("0102030405060708");
    provision.generation = 1;
    provision.scheme = profile.scheme;
    provision.nonce = hex<32>("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f");
    const auto fingerprint = private_of(profile).public_key().fingerprint();
    std::copy_n(fingerprint.begin(), 8, provision.key_fingerprint.begin());
    return provision;
}

void seal(const DevicePublicKey& key, KmeProvision& provision, Random& random) {
    const auto sealed = key.seal(hex<16>(kme), binding::context_of(holder, provision), random);
    REQUIRE(sealed);
    provision.ephemeral_public = sealed->ephemeral_public;
    provision.ciphertext = sealed->ciphertext;
    provision.tag = sealed->tag;
}

crypto::SealedToDevice sealed_of(const KmeProvision& provision) {
    return {provision.ephemeral_public, provision.ciphertext, provision.tag};
}

void check_container(const Profile& profile, std::string_view name) {
    auto provision = provision_of(profile);
    CHECK(to_hex(binding::context_of(holder, provision)) == text(name, "CTX"));
    CHECK(to_hex(provision.key_fingerprint) == text(name, "fingerprint"));
    test::FixedRandom random(hex<32>(profile.ephemeral_private));
    seal(private_of(profile).public_key(), provision, random);
    CHECK(to_hex(provision.ciphertext) == text(name, "ciphertext"));
    CHECK(to_hex(provision.tag) == text(name, "tag"));
    const Secret<16> ck(hex<16>(text("A1_regular_AMF8000", "CK")));
    const Secret<16> ik(hex<16>(text("A1_regular_AMF8000", "IK")));
    const auto autn = test::of_hex<Autn>(text("A1_regular_AMF8000", "AUTN"));
    provision.home_mac = binding::home_mac_of(holder, provision, ck, ik, autn);
    CHECK(to_hex(*provision.home_mac) == text(name, "home_mac"));
    const auto octets = binding::encode(provision);
    CHECK(to_hex(octets) == text(name, "container"));
    const auto read = binding::parse_container(octets);
    REQUIRE(std::holds_alternative<binding::Container>(read));
    CHECK(std::get<KmeProvision>(std::get<binding::Container>(read)) == provision);
    const auto opened =
        private_of(profile).open(sealed_of(provision), binding::context_of(holder, provision));
    REQUIRE(opened);
    CHECK(to_hex(opened->view()) == kme);
}

class SeededRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) octet = static_cast<std::uint8_t>(engine_());
    }

  private:
    std::mt19937 engine_{20261121};
};

std::string refusal(std::variant<DevicePublicKey, std::string> key) {
    return std::holds_alternative<std::string>(key) ? std::get<std::string>(key) : "";
}

std::string refusal_of(std::string_view octets) {
    const auto read = binding::parse_container(*from_hex(octets));
    return std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : "";
}

}  // namespace

TEST_CASE("ECIES is that of TS 33.501 Annex C.4, where nothing is shared and the tag is cut",
          "[crypto][ecies]") {
    const auto plain = *from_hex("00012080f6");
    const auto check = [&](const Profile& profile, std::string_view cipher, std::string_view tag) {
        test::FixedRandom random(hex<32>(profile.ephemeral_private));
        const auto sealed = private_of(profile).public_key().seal(plain, {}, random);
        REQUIRE(sealed);
        CHECK(to_hex(sealed->ciphertext) == cipher);
        CHECK(to_hex(sealed->tag).substr(0, 16) == tag);
    };
    check(profile_a, "cb02352410", "cddd9e730ef3fa87");
    check(profile_b, "46a33fc271", "6ac7dae96aa30a4d");
}

TEST_CASE("The KME's container for X25519 and P-256 is that of the vectors, HOME-MAC included",
          "[binding][vectors]") {
    check_container(profile_a, "E1_container_X25519");
    check_container(profile_b, "E2_container_P256");
}

TEST_CASE("Rsp and the device's container are those of the vectors", "[binding][vectors]") {
    const auto provision = provision_of(profile_a);
    const auto rsp = binding::response_to(holder, provision, hex<16>(kme));
    CHECK(to_hex(rsp.view()) == text("E3_Rsp", "Rsp"));
    binding::KmeResponse response{provision.transaction, binding::DeviceStatus::ok, rsp.octets()};
    const auto octets = binding::encode(response);
    CHECK(to_hex(octets) == text("E4_response_container", "container"));
    const auto read = binding::parse_container(octets);
    REQUIRE(std::holds_alternative<binding::Container>(read));
    CHECK(std::get<binding::KmeResponse>(std::get<binding::Container>(read)) == response);
}

TEST_CASE("A container opens for its own context alone: every changed bit of it keeps it shut",
          "[crypto][ecies]") {
    SeededRandom random;
    for (const auto type : {KeyType::x25519, KeyType::p256, KeyType::rsa}) {
        const auto device = DevicePrivateKey::generate(type);
        const auto key = hex<32>("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        auto context = binding::context_of(holder, provision_of(profile_a));
        const auto sealed = device.public_key().seal(key, context, random);
        REQUIRE(sealed);
        const auto opened = device.open(*sealed, context);
        REQUIRE(opened);
        CHECK(to_hex(opened->view()) == to_hex(key));
        const std::size_t step = type == KeyType::rsa ? 37 : 1;  // a private operation costs
        for (std::size_t bit = 0; bit < context.size() * 8; bit += step) {
            auto changed = context;
            changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
            REQUIRE_FALSE(device.open(*sealed, changed));
        }
        CHECK_FALSE(DevicePrivateKey::generate(type).open(*sealed, context));
        auto changed = *sealed;
        changed.ciphertext[3] ^= 1;
        CHECK_FALSE(device.open(changed, context));
    }
}

TEST_CASE("A device's public key is read from SubjectPublicKeyInfo, and weak or malformed ones are refused",
          "[crypto][device_key]") {
    for (const auto type : {KeyType::x25519, KeyType::p256, KeyType::rsa}) {
        const auto key = DevicePrivateKey::generate(type).public_key();
        const auto again = parsed(DevicePublicKey::parse(key.der()));
        CHECK(again.type() == type);
        CHECK(again.fingerprint() == key.fingerprint());
        auto longer = key.der();
        longer.push_back(0);
        CHECK(refusal(DevicePublicKey::parse(longer)) == "no SubjectPublicKeyInfo in DER");
    }
    CHECK(refusal(DevicePublicKey::parse({})) == "no SubjectPublicKeyInfo in DER");
    const auto short_key = DevicePrivateKey::generate(KeyType::rsa, 1024).public_key();
    CHECK(refusal(DevicePublicKey::parse(short_key.der())).find("2048") != std::string::npos);
    const OctetString modulus(256, 0xc5);
    CHECK(refusal(DevicePublicKey::of_rsa(modulus, *from_hex("03"))).find("65537") != std::string::npos);
    CHECK(refusal(DevicePublicKey::of_point(KeyType::p256, *from_hex("02" + std::string(64, 'f')))) ==
          "no point of the curve");
    CHECK(parsed(DevicePublicKey::of_point(KeyType::p256, *from_hex(profile_b.device_public))).bits() == 256);
}

TEST_CASE("A private key goes through PEM and comes back", "[crypto][device_key]") {
    const auto device = DevicePrivateKey::generate(KeyType::p256);
    const auto pem = device.pem();
    const std::string_view text(reinterpret_cast<const char*>(pem.view().data()), pem.size());
    const auto again = DevicePrivateKey::parse_pem(text);
    REQUIRE(again);
    CHECK(again->public_key().fingerprint() == device.public_key().fingerprint());
    CHECK_FALSE(DevicePrivateKey::parse_pem("no key"));
}

TEST_CASE("What is no container is refused with its fault", "[binding][container]") {
    CHECK(refusal_of("") == "the header is cut off");
    CHECK(refusal_of("02020000") == "the version is not 1");
    CHECK(refusal_of("01020001") == "the length of the header is not that of the container");
    CHECK(refusal_of("01090000") == "the type is not known");
    CHECK(refusal_of("0102000301000901") == "the length of the header is not that of the container");
    CHECK(refusal_of("01020003010009") == "a TLV is cut off");
    CHECK(refusal_of("010200080c0001000c000100") == "a TLV comes twice");
    CHECK(refusal_of("010200040c000100") == "TXID has 8 octets");
    CHECK(refusal_of("0102000f01000801020304050607080c000100") == "STATUS 0 comes with RSP");
    CHECK(refusal_of("0102000f01000801020304050607080c000109") == "STATUS is 0 to 8");
    CHECK(refusal_of(std::string(2 * 1025, '0')) == "a container has 1024 octets at most");
    // Unknown tags are skipped, and the order is free.
    CHECK(refusal_of("010200130c000101"
                     "ff0001aa"
                     "0100080102030405060708")
              .empty());
}

TEST_CASE("Reading any changed container ends in a container or a sentence",
          "[binding][container][property]") {
    std::mt19937 random(7);
    auto provision = provision_of(profile_a);
    SeededRandom source;
    seal(private_of(profile_a).public_key(), provision, source);
    const auto good = binding::encode(provision);
    unsigned accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto octets = good;
        for (unsigned n = 1 + random() % 4; n > 0; --n)
            octets[random() % octets.size()] = static_cast<std::uint8_t>(random());
        if (random() % 4 == 0) octets.resize(random() % octets.size());
        const auto read = binding::parse_container(octets);
        if (const auto* container = std::get_if<binding::Container>(&read)) {
            ++accepted;
            const auto again = binding::parse_container(binding::encode(*container));
            REQUIRE(std::get<binding::Container>(again) == *container);
        } else {
            REQUIRE_FALSE(std::get<std::string>(read).empty());
        }
    }
    CHECK(accepted > 0);
}

}  // namespace bindhss
