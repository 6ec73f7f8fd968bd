// SPDX-License-Identifier: Apache-2.0
// Public keys of devices: what is read, in which form, and what is refused as weak.
#include "crypto/device_key.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>
#include <memory>

namespace bindhss {

namespace {

using crypto::DevicePrivateKey;
using crypto::DevicePublicKey;
using crypto::KeyType;

constexpr std::string_view small_order_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "00000000000000000000000000000000000000000000000000000000000000"
    "80",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};

OctetString octets(std::string_view hex) {
    return from_hex(hex).value();
}

std::string outcome(const std::variant<DevicePublicKey, std::string>& result) {
    const auto* refusal = std::get_if<std::string>(&result);
    return refusal != nullptr ? *refusal : "a key";
}

/// OpenSSL makes a shared secret with the point; it refuses one of zeros.
bool makes_a_secret(OctetView point) {
    const auto free_key = [](EVP_PKEY* key) { EVP_PKEY_free(key); };
    const auto free_context = [](EVP_PKEY_CTX* context) { EVP_PKEY_CTX_free(context); };
    const std::unique_ptr<EVP_PKEY, decltype(free_key)> own(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    const std::unique_ptr<EVP_PKEY, decltype(free_key)> peer(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size()));
    const std::unique_ptr<EVP_PKEY_CTX, decltype(free_context)> context(EVP_PKEY_CTX_new(own.get(), nullptr));
    Octets<32> secret{};
    std::size_t size = secret.size();
    return EVP_PKEY_derive_init(context.get()) == 1 &&
           EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
           EVP_PKEY_derive(context.get(), secret.data(), &size) == 1;
}

/// An RSA modulus of so many octets that ends like this, and is odd elsewhere.
OctetString modulus_ending(std::string_view hex, std::size_t size = 256) {
    OctetString modulus(size, 0xc5);
    const auto end = octets(hex);
    std::copy(end.begin(), end.end(), modulus.end() - static_cast<std::ptrdiff_t>(end.size()));
    return modulus;
}

}  // namespace

TEST_CASE("A point that makes a shared secret of zeros with every key is no key of a device",
          "[crypto][device_key][R20]") {
    for (const auto hex : small_order_points) {
        INFO(hex);
        const auto point = octets(hex);
        CHECK_FALSE(makes_a_secret(point));
        CHECK(outcome(DevicePublicKey::of_point(KeyType::x25519, point)) ==
              "the point is of small order: it keeps no secret");
        const auto info = octets("302a300506032b656e032100" + std::string(hex));
        CHECK(outcome(DevicePublicKey::parse(info)) == "the point is of small order: it keeps no secret");
    }
}

TEST_CASE("One public key has one fingerprint, in whatever form it is given", "[crypto][device_key][R20]") {
    for (const auto type : {KeyType::x25519, KeyType::p256}) {
        const auto key = DevicePrivateKey::generate(type).public_key();
        const OctetView der(key.der());
        const auto point = der.last(type == KeyType::x25519 ? 32 : 65);
        const auto same = DevicePublicKey::of_point(type, point);
        REQUIRE(outcome(same) == "a key");
        CHECK(std::get<DevicePublicKey>(same).der() == key.der());
        CHECK(std::get<DevicePublicKey>(same).fingerprint() == key.fingerprint());
    }
    const auto key = DevicePrivateKey::generate(KeyType::p256).public_key();
    OctetString compressed(key.der().end() - 65, key.der().end() - 32);
    compressed[0] = static_cast<std::uint8_t>(2 + (key.der().back() & 1));
    const auto same = DevicePublicKey::of_point(KeyType::p256, compressed);
    REQUIRE(outcome(same) == "a key");
    CHECK(std::get<DevicePublicKey>(same).fingerprint() == key.fingerprint());

    const auto rsa = DevicePrivateKey::generate(KeyType::rsa, 3072).public_key();
    const OctetView der(rsa.der());
    // ... INTEGER 00 || modulus, INTEGER 65537
    const auto modulus = der.subspan(der.size() - 5 - 384, 384);
    const auto again = DevicePublicKey::of_rsa(modulus, octets("010001"));
    REQUIRE(outcome(again) == "a key");
    CHECK(std::get<DevicePublicKey>(again).der() == rsa.der());
    CHECK(std::get<DevicePublicKey>(again).bits() == 3072);
}

TEST_CASE(
    "A SubjectPublicKeyInfo with any octet changed or missing is read without harm, and never as the same "
    "key",
    "[crypto][device_key][R20]") {
    for (const auto type : {KeyType::x25519, KeyType::p256, KeyType::rsa}) {
        const auto key = DevicePrivateKey::generate(type).public_key();
        for (std::size_t i = 0; i < key.der().size(); ++i) {
            auto changed = key.der();
            changed[i] ^= 0x01;
            const auto result = DevicePublicKey::parse(changed);
            if (const auto* other = std::get_if<DevicePublicKey>(&result))
                CHECK(other->fingerprint() != key.fingerprint());
            CHECK(outcome(DevicePublicKey::parse(OctetView(key.der()).first(i))) ==
                  "no SubjectPublicKeyInfo in DER");
        }
    }
}

TEST_CASE("An RSA key that cannot be strong, or cannot be used, is refused", "[crypto][device_key][R20]") {
    const auto exponent = octets("010001");
    const auto refusal = [&](const OctetString& modulus) {
        return outcome(DevicePublicKey::of_rsa(modulus, exponent));
    };
    CHECK(refusal(modulus_ending("c4")) == "the modulus of the RSA key has a small factor");
    // 256 octets of 0xc5 are divisible by 0x0101, and so is what ends in a multiple of 3 less or more.
    auto odd = modulus_ending("c5");
    unsigned digits = 0;
    for (const auto octet : odd) digits += octet;  // 256 is 1 modulo 3
    odd.back() = static_cast<std::uint8_t>(odd.back() - digits % 3 * 2);
    CHECK(refusal(odd) == "the modulus of the RSA key has a small factor");
    CHECK(refusal(OctetString(255, 0xc5)) == "an RSA key has 2048 to 4096 bits, this one 2040");
    CHECK(refusal(OctetString(513, 0xc5)) == "an RSA key has 2048 to 4096 bits, this one 4104");
    const auto modulus = modulus_ending("c7");
    CHECK(outcome(DevicePublicKey::of_rsa(modulus, octets("010002"))) == "the exponent of an RSA key is odd");
    CHECK(outcome(DevicePublicKey::of_rsa(modulus, octets("03"))) ==
          "the exponent of the RSA key is below 65537");
    CHECK(outcome(DevicePublicKey::of_rsa(modulus, octets("010000000000000001"))) ==
          "the exponent of the RSA key has more than 64 bits");
}

TEST_CASE("A P-256 point that is not on the curve is refused, in every form", "[crypto][device_key][R20]") {
    const auto key = DevicePrivateKey::generate(KeyType::p256).public_key();
    auto off = key.der();
    off.back() ^= 1;
    CHECK(outcome(DevicePublicKey::parse(off)) == "the point is not on the curve");
    OctetString hybrid(key.der().end() - 65, key.der().end());
    hybrid[0] = static_cast<std::uint8_t>(6 + (hybrid.back() & 1));
    CHECK(outcome(DevicePublicKey::of_point(KeyType::p256, hybrid)) == "no point of the curve");
    CHECK(outcome(DevicePublicKey::of_point(KeyType::p256, octets("00"))) == "no point of the curve");
    CHECK(outcome(DevicePublicKey::of_point(KeyType::p256, {})) == "no point of the curve");
    CHECK(outcome(DevicePublicKey::of_point(KeyType::x25519, octets("00ff"))) == "no point of the curve");
    CHECK(outcome(DevicePublicKey::of_point(KeyType::rsa, octets("00ff"))) == "no point of the curve");
}

}  // namespace bindhss
