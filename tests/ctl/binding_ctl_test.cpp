// SPDX-License-Identifier: Apache-2.0
// The commands about bindings on a real PostgreSQL: what the store in memory answers in tests/unit, this
// answers too.
#include "ctl/kme_file.h"
#include "ctl/program.h"

using namespace bindhss;
using test::Installation;

namespace {

const std::string imsi = "001010000000004";  // of the demo: imei_enforce, in 35824005222222
const std::string own = "35824005222222";
const std::string foreign = "35824006222222";

/// The demo's fleet.
struct Demo : Installation {
    Demo() { CHECK(run(test::demo_import()).code == 0); }
    [[nodiscard]] std::string verdict(const std::string& device) const {
        const auto text = done({"rule", "test", imsi, device, "--json"});
        return text.find(R"("verdict":"admitted")") != std::string::npos  ? "admitted"
               : text.find(R"("verdict":"refused")") != std::string::npos ? "refused"
                                                                          : text;
    }
};

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("bindhssctl on PostgreSQL: terms, groups, rules and models of the example are stored and decide",
          "[R1][R38][R55]") {
    const Demo at;
    const std::string example = BINDHSS_SOURCE_DIR "/config/demo/rules.json";
    CHECK(at.run({"import", example, "--dry-run"}).code == 0);
    CHECK(at.done({"rule", "list", "--json"}) == "[]\n");
    has(at.done({"import", example}), "2 terms, 2 groups, 3 members, 3 rules, 1 models");
    has(at.done({"terms", "show", "ask"}), "acquisition approve");
    has(at.done({"group", "list"}), "tracker-cards  ask     5     2");
    has(at.done({"rule", "list", imsi}), "broken firmware");
    has(at.done({"model", "list"}), "35824005  Modem 3  yes          unknown");
    CHECK(at.verdict(own) == "admitted");
    CHECK(at.verdict(own + "07") == "refused");
    CHECK(at.verdict("35824007000001") == "refused");
    CHECK(at.verdict("35824006000001") == "admitted");  // the trackers' range
    has(at.done({"binding", "show", imsi}), "terms_from binding");
    CHECK(at.run({"binding", "set", imsi, "--policy", "inherit", "--device", own}).code == 0);
    has(at.done({"binding", "show", imsi}), "terms_from group:tracker-cards");
    CHECK(at.run({"group", "remove", "tracker-cards"}).code == 1);
    CHECK(at.run({"terms", "remove", "ask"}).code == 1);
    const auto denying = at.database.query("SELECT id FROM rule WHERE NOT allow");
    CHECK(at.done({"rule", "remove", denying}).empty());
    CHECK(at.verdict(own + "07") == "admitted");
    CHECK(at.run({"rule", "remove", denying}).code == 1);
    CHECK(at.run({"rule", "test", "001019999999999", own}).code == 1);
    has(at.done({"audit", "list"}), "@");
}

TEST_CASE("bindhssctl on PostgreSQL: a device is authorised, refused, and a binding locked", "[R14][R35]") {
    const Demo at;
    CHECK(at.verdict(foreign) == "refused");
    CHECK(at.run({"binding", "authorise", imsi, foreign, "--dry-run"}).code == 0);
    CHECK(at.verdict(foreign) == "refused");
    CHECK(at.done({"binding", "authorise", imsi, foreign}).empty());
    CHECK(at.verdict(foreign) == "admitted");
    CHECK(at.done({"binding", "refuse", imsi, foreign}).empty());
    CHECK(at.verdict(foreign) == "refused");
    CHECK(at.done({"binding", "authorise", imsi, foreign, "--replace"}).empty());
    CHECK(at.verdict(foreign) == "admitted");
    CHECK(at.verdict(own) == "refused");
    CHECK(at.done({"binding", "lock", imsi}).empty());
    has(at.done({"binding", "show", imsi}), "state      locked");
    CHECK(at.verdict(foreign) == "refused");
    CHECK(at.done({"binding", "unlock", imsi}).empty());
    CHECK(at.verdict(foreign) == "admitted");
    CHECK(at.done({"approval", "list", "--json"}) == "[]\n");
    CHECK(at.done({"report", "devices", imsi, "--json"}) == "[]\n");
    CHECK(at.done({"report", "uiccs", own, "--json"}) == "[]\n");
    has(at.done({"report", "enforcement", "--json"}), R"("pairs":0)");
    has(at.done({"binding", "reevaluate", "--json"}), R"("registrations":0)");
    CHECK(at.run({"alarm", "clear", "--all"}).code == 1);
    CHECK(at.done({"device", "set", own, "--uiccs-max", "3"}).empty());
    has(at.done({"device", "list", "--json"}), R"("uiccs_max":"3")");
}

TEST_CASE("bindhssctl on PostgreSQL: keys by the thousand go to another operator and are all there",
          "[R12][R15][R18]") {
    constexpr std::uint64_t number = 5'000;  // several chunks
    const Installation at;
    const auto key_file = at.directory.path() + "/transport";
    const auto made = at.directory.path() + "/made.kme";
    const auto given = at.directory.path() + "/given.kme";
    std::ofstream(key_file) << std::string(64, '7');
    ::chmod(key_file.c_str(), 0600);
    {
        const auto key = ctl::TransportKey::load(key_file);
        std::ofstream out(made, std::ios::binary);
        ctl::KmeFileWriter writer(out, key, crypto::KeyWrap::rfc5649);
        for (std::uint64_t i = 0; i < number; ++i) {
            OctetString octets(i % 2 == 0 ? 16 : 32, static_cast<std::uint8_t>(i));
            octets[0] = static_cast<std::uint8_t>(i >> 8);
            writer.add({*Imei::from_number(35'824'005'000'000 + i), 0, SecretString(std::move(octets)), 0});
        }
        writer.finish();
    }
    CHECK(at.done({"kme", "import", made, "--transport-key", key_file, "--dry-run"}) ==
          "would import 5000 keys: 5000 new, 0 replaced, 0 unchanged\n");
    CHECK(at.database.query("SELECT count(*) FROM kme WHERE algorithm > 0") == "0");
    CHECK(at.done({"kme", "import", made, "--transport-key", key_file}) ==
          "imported 5000 keys: 5000 new, 0 replaced, 0 unchanged\n");
    CHECK(at.done({"kme", "export", given, "--transport-key", key_file}) == "exported 5000 keys\n");
    has(at.done({"kme", "list", "35824005000007"}), "active");
    has(at.done({"audit", "list"}), "5000 keys, transport key");

    const Installation other;
    CHECK(other.done({"kme", "import", given, "--transport-key", key_file}) ==
          "imported 5000 keys: 5000 new, 0 replaced, 0 unchanged\n");
    CHECK(other.done({"kme", "import", made, "--transport-key", key_file}) ==
          "imported 5000 keys: 0 new, 0 replaced, 5000 unchanged\n");
    CHECK(other.done({"kme", "list", "35824005000007", "--json"}).substr(0, 70) ==
          at.done({"kme", "list", "35824005000007", "--json"}).substr(0, 70));
    CHECK(other.run({"kme", "retire", "35824005000007"}).code == 0);
    has(other.done({"kme", "list", "35824005000007"}), "retired");

    // One octet of the last key: nothing at all is stored.
    std::ifstream in(made, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    text[text.rfind("END") - 3] ^= 1;
    std::ofstream(made, std::ios::binary) << text;
    const Installation third;
    const auto refused = third.run({"kme", "import", made, "--transport-key", key_file});
    CHECK(refused.code == 1);
    has(refused.text, "the file is not as it was written");
    CHECK(third.database.query("SELECT count(*) FROM kme WHERE algorithm > 0") == "0");
}
