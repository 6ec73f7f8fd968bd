// SPDX-License-Identifier: Apache-2.0
// The registry of public keys on a real PostgreSQL: the example of the manual, and a manufacturer's file of a
// million.
#include <sys/resource.h>

#include <chrono>
#include <random>
#include <sstream>

#include "crypto/device_key.h"
#include "ctl/program.h"
#include "types/base64.h"
#include "types/identity.h"

using namespace bindhss;
using test::Installation;
using test::Outcome;

namespace {

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

/// The scripts below a heading of the manual, those of all its examples.
std::string commands_below(const std::string& heading) {
    std::ifstream manual(BINDHSS_SOURCE_DIR "/docs/operations.md");
    std::string commands;
    bool below = false;
    bool script = false;
    for (std::string line; std::getline(manual, line);) {
        if (line.starts_with('#') && !script) below = line == heading;
        if (line.starts_with("```")) {
            script = line == "```sh";
        } else if (below && script) {
            commands += line + "\n";
        }
    }
    return commands;
}

/// Runs commands of a shell in which `bindhssctl` works on the installation, in its folder.
Outcome run_in(const Installation& at, const std::string& commands) {
    const auto script = at.directory.path() + "/commands";
    std::ofstream(script) << "set -e\ncd " << test::quoted(at.directory.path()) << "\nbindhssctl() { "
                          << test::quoted(BINDHSSCTL) << " \"$@\" --database "
                          << test::quoted(at.database.url()) << " --keys " << test::quoted(at.keys) << "; }\n"
                          << commands;
    auto* const pipe = popen(("bash " + test::quoted(script) + " 2>&1 </dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome{};
    char block[4096];
    while (const auto size = fread(block, 1, sizeof block, pipe)) outcome.text.append(block, size);
    const int status = pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

/// DER of a key that is good, and not always another one.
class Keys {
  public:
    explicit Keys(crypto::KeyType type) : type_(type) {
        if (type == crypto::KeyType::x25519) return;
        const std::size_t count = type == crypto::KeyType::p256 ? 500 : 20;
        for (std::size_t i = 0; i < count; ++i)
            made_.push_back(crypto::DevicePrivateKey::generate(type).public_key().der());
    }
    OctetString operator()(std::uint64_t number) {
        if (type_ != crypto::KeyType::x25519) return made_[number % made_.size()];
        auto der = from_hex("302a300506032b656e032100").value();  // whatever follows is a point
        for (int i = 0; i < 4; ++i) {
            const auto word = random_();
            for (int k = 0; k < 8; ++k) der.push_back(static_cast<std::uint8_t>(word >> (8 * k)));
        }
        return der;
    }

  private:
    crypto::KeyType type_;
    std::vector<OctetString> made_;
    std::mt19937_64 random_{20};  // NOLINT: the same every time
};

void write_keys(const std::string& path, crypto::KeyType type, std::uint64_t count) {
    Keys keys(type);
    std::ofstream out(path, std::ios::binary);
    out << "imei,key,origin\n";
    for (std::uint64_t i = 0; i < count; ++i)
        out << Imei::from_number(35'824'005'000'000 + i)->str() << ',' << to_base64(keys(i))
            << ",Modem Works\n";
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void import_a_million(crypto::KeyType type) {
    constexpr std::uint64_t million = 1'000'000;
    const Installation at;
    const auto file = at.directory.path() + "/million.csv";
    write_keys(file, type, million);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(at.done({"device-key", "import", file}) ==
          "imported 1000000 public keys: 1000000 new, 0 unchanged; 0 of before revoked, 0 lines refused\n");
    const auto seconds = seconds_since(begin);
    struct rusage usage {};
    REQUIRE(::getrusage(RUSAGE_CHILDREN, &usage) == 0);
    const auto processor =
        static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_stime.tv_sec);
    WARN("imported a million " << crypto::name_of(type) << " keys in " << seconds << " s, " << processor
                               << " s of them bindhssctl's processor time");
    // initdb and the like are among them.
    WARN("no process had more than " << usage.ru_maxrss << " KiB");
    CHECK(seconds < 180);
    CHECK(usage.ru_maxrss < 128 * 1024);
    CHECK(at.database.query("SELECT count(*) FROM device_key") == "1000000");
}

}  // namespace

TEST_CASE("bindhssctl on PostgreSQL: the example of the manual imports, lists and revokes public keys",
          "[R20][R26]") {
    const Installation at;
    const auto commands = commands_below("### A worked example with OpenSSL");
    REQUIRE_FALSE(commands.empty());
    const auto outcome = run_in(at, commands);
    INFO(outcome.text);
    REQUIRE(outcome.code == 0);
    // What OpenSSL says of the keys is what the registry has: the example prints both.
    const auto fingerprint =
        at.database.query("SELECT encode(fingerprint, 'hex') FROM device_key WHERE type = 0");
    has(outcome.text, "added " + fingerprint + "\n");
    has(outcome.text, "= " + fingerprint + "\n");
    has(outcome.text, "35824005111111  " + fingerprint + "  x25519  ");
    has(outcome.text,
        "would import 2 public keys: 2 new, 0 unchanged; 0 of before revoked, 0 lines refused\n");
    has(outcome.text, "imported 2 public keys: 2 new, 0 unchanged; 0 of before revoked, 0 lines refused\n");
    has(outcome.text, "revoked 1 key\n");
    CHECK(at.database.query("SELECT string_agg(type::text, ',' ORDER BY imei) FROM device_key") == "0,1,2");
    CHECK(at.database.query("SELECT string_agg(origin, ',' ORDER BY imei) FROM device_key") ==
          "Modem Works,Modem Works,Modem Works");
    CHECK(at.database.query("SELECT secure FROM device_key WHERE type = 0") == "t");
    CHECK(at.database.query("SELECT count(*) FROM device_key WHERE revoked_at IS NOT NULL") == "1");
    const auto audit = at.done({"audit", "list"});
    has(audit, "keys.csv: 2 added, 0 unchanged, 0 revoked, 0 refused");
    has(audit, "revoke public keys");
    has(audit, "@");
}

TEST_CASE(
    "bindhssctl on PostgreSQL: of a file with wrong lines the right ones are stored, and the exit code tells",
    "[R20]") {
    constexpr std::uint64_t count = 3'000;  // several chunks
    const Installation at;
    const auto file = at.directory.path() + "/keys.csv";
    write_keys(file, crypto::KeyType::x25519, count);
    std::ofstream(file, std::ios::app) << "35824005111111,MCow,\n";
    const auto outcome = at.run({"device-key", "import", file});
    CHECK(outcome.code == 1);
    has(outcome.text, "keys.csv:3002: no SubjectPublicKeyInfo in DER\n");
    has(outcome.text, "bindhssctl: 1 line refused; the others are imported\n");
    has(outcome.text, "imported 3000 public keys: 3000 new");
    CHECK(at.database.query("SELECT count(*) FROM device_key") == "3000");
    has(at.done({"device-key", "list", "--limit", "2", "--json"}), "35824005000001");
    CHECK(at.done({"exchange", "list", "--json"}) == "[]\n");

    CHECK(at.run({"device-key", "import", file, "--strict", "--revoke-others"}).code == 1);
    CHECK(at.run({"device-key", "import", at.directory.path()}).code == 1);
    CHECK(at.run({"device-key", "import"}).code == 2);
    CHECK(at.run({"kme", "renew", "35824005000001"}).code == 1);
    CHECK(at.run({"kme", "set", "35824005000001", "--key-file", at.keys}).code == 1);
    CHECK(at.database.query("SELECT count(*) FROM device_key WHERE revoked_at IS NOT NULL") == "0");
}

TEST_CASE("a million X25519 keys are imported within three minutes", "[.][million][R20]") {
    import_a_million(crypto::KeyType::x25519);
}
TEST_CASE("a million P-256 keys are imported within three minutes", "[.][million][R20]") {
    import_a_million(crypto::KeyType::p256);
}
TEST_CASE("a million RSA keys are imported within three minutes", "[.][million][R20]") {
    import_a_million(crypto::KeyType::rsa);
}
