// SPDX-License-Identifier: Apache-2.0
#include "types/base64.h"

#include <catch2/catch.hpp>
#include <random>

namespace bindhss {

namespace {

std::string text_of(const std::optional<OctetString>& octets) {
    return octets ? std::string(octets->begin(), octets->end()) : "nothing";
}

}  // namespace

TEST_CASE("base64 is that of RFC 4648 10") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, written] : vectors) {
        CHECK(to_base64(as_octets(plain)) == written);
        CHECK(text_of(from_base64(written)) == plain);
        std::string bare = written;
        bare.erase(std::min(bare.find('='), bare.size()));
        CHECK(to_base64url(as_octets(plain)) == bare);
        CHECK(text_of(from_base64(bare)) == plain);
    }
    CHECK(to_base64(OctetString{0xfb, 0xff}) == "+/8=");
    CHECK(to_base64url(OctetString{0xfb, 0xff}) == "-_8");
    CHECK(from_base64("-_8") == from_base64("+/8="));
}

TEST_CASE("What is no base64 is nothing") {
    for (const auto* text : {"=", "A", "A===", "AB=", "Zm9v=", "Zg=", "Zm8==", "Zm 9v", "Zm9v\n", "Zm9\xff",
                             "Zh==", "Zm9", "====", "Zg==Zg=="})
        CHECK_FALSE(from_base64(text));
}

TEST_CASE("Any octets come back from base64") {
    std::mt19937 random(64);  // NOLINT: the same every time
    for (std::size_t size = 0; size < 300; ++size) {
        OctetString octets(size);
        for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
        CHECK(from_base64(to_base64(octets)) == octets);
        CHECK(from_base64(to_base64url(octets)) == octets);
    }
}

}  // namespace bindhss
