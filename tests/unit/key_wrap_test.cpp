// SPDX-License-Identifier: Apache-2.0
// The test vectors of RFC 3394 clause 4 and RFC 5649 clause 6, and what does not open.
#include "crypto/key_wrap.h"

#include <catch2/catch.hpp>

#include "crypto/hmac.h"

namespace bindhss::crypto {

namespace {

OctetString octets(std::string_view hex) {
    auto result = from_hex(hex);
    REQUIRE(result);
    return *result;
}

struct Vector {
    const char* kek;
    const char* key;
    const char* wrapped;
    KeyWrap method;
};

const Vector vectors[] = {
    {"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
     "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5", KeyWrap::rfc3394},
    {"000102030405060708090a0b0c0d0e0f1011121314151617", "00112233445566778899aabbccddeeff",
     "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d", KeyWrap::rfc3394},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff",
     "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7", KeyWrap::rfc3394},
    {"000102030405060708090a0b0c0d0e0f1011121314151617", "00112233445566778899aabbccddeeff0001020304050607",
     "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2", KeyWrap::rfc3394},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "00112233445566778899aabbccddeeff0001020304050607",
     "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1", KeyWrap::rfc3394},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
     "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21", KeyWrap::rfc3394},
    {"5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", "c37b7e6492584340bed12207808941155068f738",
     "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a", KeyWrap::rfc5649},
    {"5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f",
     KeyWrap::rfc5649},
};

}  // namespace

TEST_CASE("the vectors of RFC 3394 and RFC 5649 wrap and unwrap", "[R12][R15]") {
    for (const auto& vector : vectors) {
        INFO(vector.wrapped);
        const auto kek = octets(vector.kek);
        const auto key = octets(vector.key);
        const auto wrapped = octets(vector.wrapped);
        CHECK(wrap_key(kek, key, vector.method) == wrapped);
        const auto opened = unwrap_key(kek, wrapped, vector.method);
        REQUIRE(opened);
        CHECK(*opened == SecretString(OctetView(key)));
    }
}

TEST_CASE("a wrapped key with any bit changed, or under another key or method, does not open", "[R9]") {
    for (const auto method : {KeyWrap::rfc3394, KeyWrap::rfc5649}) {
        const auto kek = octets("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        const auto key = octets("00112233445566778899aabbccddeeff");
        const auto wrapped = wrap_key(kek, key, method);
        CHECK(wrapped.size() == 24);
        for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
            auto changed = wrapped;
            changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            CHECK_FALSE(unwrap_key(kek, changed, method));
        }
        auto other = kek;
        other[31] ^= 1;
        CHECK_FALSE(unwrap_key(other, wrapped, method));
        CHECK_FALSE(
            unwrap_key(kek, wrapped, method == KeyWrap::rfc3394 ? KeyWrap::rfc5649 : KeyWrap::rfc3394));
    }
}

TEST_CASE("lengths that no wrapped key has are refused, those that cannot be wrapped are faults", "[R9]") {
    const OctetString kek(32, 7);
    for (std::size_t size = 0; size < 24; ++size)
        CHECK_FALSE(unwrap_key(kek, OctetString(size, 1), KeyWrap::rfc3394));
    CHECK_FALSE(unwrap_key(kek, OctetString(8, 1), KeyWrap::rfc5649));
    CHECK_FALSE(unwrap_key(kek, OctetString(8'000, 1), KeyWrap::rfc5649));
    CHECK_THROWS(wrap_key(kek, OctetString(15, 1), KeyWrap::rfc3394));
    CHECK_THROWS(wrap_key(kek, OctetString(20, 1), KeyWrap::rfc3394));
    CHECK_THROWS(wrap_key(kek, OctetString(), KeyWrap::rfc5649));
    CHECK_THROWS(wrap_key(OctetString(17, 1), OctetString(16, 1), KeyWrap::rfc5649));
}

TEST_CASE("HMAC-SHA-256 over pieces is that over the whole (RFC 4231, test case 2)") {
    HmacSha256 mac(as_octets("Jefe"));
    mac.update(as_octets("what do ya want "));
    mac.update({});
    mac.update(as_octets("for nothing?"));
    CHECK(to_hex(mac.finish().view()) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace bindhss::crypto
