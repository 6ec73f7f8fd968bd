// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "crypto/hmac.h"
#include "crypto/key_ring.h"
#include "crypto/random.h"
#include "vectors/hex.h"

namespace bindhss {

namespace {

class Folder {
  public:
    Folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "bindhss-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string file(std::string_view name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

void write(const std::string& path, std::string_view text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
}

std::string error_of(const std::string& path) {
    try {
        (void)crypto::KeyRing::load(path);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "no error";
}

constexpr crypto::SealContext context{"auc", "k", "001010000000001"};
constexpr std::string_view key_digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

}  // namespace

TEST_CASE("A sealed secret opens in its own place only", "[crypto][R9]") {
    crypto::SystemRandom random;
    const auto ring = crypto::KeyRing::of(1, test::of_hex<Secret<32>>(key_digits));
    const auto secret = test::hex<16>("465b5ce8b199b49faa5f0a2ee238a6bc");
    const auto sealed = ring.seal(secret, context, random);
    CHECK(sealed.size() == secret.size() + crypto::KeyRing::overhead_octets);
    CHECK(ring.seal(secret, context, random) != sealed);
    REQUIRE(ring.open(sealed, context));
    CHECK(to_hex(ring.open(sealed, context)->view()) == to_hex(secret));
    CHECK_FALSE(ring.open(sealed, {"auc", "k", "001010000000002"}));
    CHECK_FALSE(ring.open(sealed, {"auc", "opc", "001010000000001"}));
    CHECK_FALSE(ring.open(sealed, {"auck", "", "001010000000001"}));
    CHECK_FALSE(crypto::KeyRing::of(2, test::of_hex<Secret<32>>(key_digits)).open(sealed, context));
    CHECK_FALSE(ring.open(OctetView(sealed).first(20), context));
}

TEST_CASE("Any changed bit of a sealed secret keeps it shut", "[crypto]") {
    crypto::SystemRandom random;
    const auto ring = crypto::KeyRing::of(1, test::of_hex<Secret<32>>(key_digits));
    const auto sealed = ring.seal(test::hex<16>("465b5ce8b199b49faa5f0a2ee238a6bc"), context, random);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto changed = sealed;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(ring.open(changed, context));
    }
}

TEST_CASE("A key file is created once, private, and read back", "[crypto]") {
    const Folder folder;
    crypto::SystemRandom random;
    const auto path = folder.file("keys");
    crypto::KeyRing::create(path, random);
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK_THROWS_WITH(crypto::KeyRing::create(path, random), Catch::Contains(path));
    const auto sealed = crypto::KeyRing::load(path).seal(test::hex<2>("abcd"), context, random);
    CHECK(crypto::KeyRing::load(path).open(sealed, context));
}

TEST_CASE("A key file that is open to others or malformed is refused with its line", "[crypto]") {
    const Folder folder;
    const auto path = folder.file("keys");
    CHECK_THAT(error_of(path), Catch::Contains("No such file"));
    write(path, "1 " + std::string(key_digits) + "\n", 0640);
    CHECK_THAT(error_of(path), Catch::Contains("chmod 600"));
    write(path, "# only a comment\n");
    CHECK_THAT(error_of(path), Catch::Contains("holds no key"));
    write(path, "# a comment\n1 abcd\n");
    CHECK_THAT(error_of(path),
               Catch::Contains("line 2: a key is 64 hexadecimal digits") && !Catch::Contains("abcd"));
    write(path, "x " + std::string(key_digits) + "\n");
    CHECK_THAT(error_of(path), Catch::Contains("line 1: expected a number"));
    write(path, "1 " + std::string(key_digits) + "\n1 " + std::string(key_digits) + "\n");
    CHECK_THAT(error_of(path), Catch::Contains("line 2: key number occurs twice"));
}

TEST_CASE("The highest key number seals and every number opens", "[crypto]") {
    const Folder folder;
    crypto::SystemRandom random;
    const auto path = folder.file("keys");
    write(path, "1 " + std::string(key_digits) + "\n");
    const auto old = crypto::KeyRing::load(path).seal(test::hex<2>("abcd"), context, random);
    write(path, "1 " + std::string(key_digits) + "\n2 " + std::string(64, 'a') + "  # since May\n");
    const auto ring = crypto::KeyRing::load(path);
    CHECK(ring.open(old, context));
    CHECK(ring.seal(test::hex<2>("abcd"), context, random)[1] == 2);
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231", "[crypto]") {
    const std::vector<std::uint8_t> key(20, 0x0b);
    CHECK(to_hex(crypto::hmac_sha256(key, as_octets("Hi There")).view()) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(crypto::hmac_sha256(as_octets("Jefe"), as_octets("what do ya want for nothing?")).view()) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace bindhss
