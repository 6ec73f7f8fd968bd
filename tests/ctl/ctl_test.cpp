// SPDX-License-Identifier: Apache-2.0
#include "ctl/program.h"
#include "store/postgres/embedded_cluster.h"
#include "store/postgres/migrations.h"

using namespace bindhss;
using test::bindhssctl;
using test::demo_import;
using test::new_keys;

TEST_CASE("bindhssctl imports the demo's fleet into PostgreSQL, twice, and shows it without a secret") {
    const test::TemporaryDirectory directory;
    const test::TestDatabase database;
    const std::vector<std::string> target{"--database", database.url(), "--keys", new_keys(directory)};
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), target.begin(), target.end());
        return bindhssctl(arguments);
    };

    auto dry = demo_import();
    dry.push_back("--dry-run");
    CHECK(run(dry).code == 0);
    CHECK(run({"subscriber", "list", "--json"}).text == "[]\n");

    for (int i = 0; i < 2; ++i) {
        const auto imported = run(demo_import());
        CHECK(imported.text == "imported 5 subscribers, 5 devices, 3 keys, 4 bindings\n");
        CHECK(imported.code == 0);
    }
    CHECK(
        run({"binding", "show", "001010000000003", "--json"})
            .text.find(
                R"({"imsi":"001010000000003","policy":"kme","devices":"35824005111111","group":"","kcv":"c6a13b",)") ==
        0);
    const auto list = run({"subscriber", "list"});
    CHECK(list.text.find("001010000000005") != std::string::npos);
    CHECK(list.text.find("465b5ce8") == std::string::npos);
    CHECK(run({"device", "list"}).text.find("lift 2") != std::string::npos);
    CHECK(run({"registration", "list", "--json"}).text == "[]\n");
    CHECK(run({"alarm", "list", "--json"}).text == "[]\n");
}

TEST_CASE("bindhssctl stores nothing of an import that the database refuses, and names file and line") {
    const test::TemporaryDirectory directory;
    const test::TestDatabase database;
    const auto file = directory.path() + "/bindings.csv";
    std::ofstream(file) << "imsi,policy,devices\n001010000000001,off,\n001019999999999,kme,35824005\n";
    auto arguments = demo_import();
    arguments.back() = file;
    for (const auto& argument :
         {std::string("--database"), database.url(), std::string("--keys"), new_keys(directory)})
        arguments.push_back(argument);
    const auto outcome = bindhssctl(arguments);
    CHECK(outcome.code == 1);
    CHECK(outcome.text == file + ":3: there is no subscriber 001019999999999 to bind\n" +
                              "bindhssctl: nothing was imported: 1 error\n");
    CHECK(database.query("SELECT count(*) FROM subscriber") == "0");
}

TEST_CASE("bindhssctl asks the daemon of its configuration, and says how to do without one") {
    const test::TemporaryDirectory directory;
    const auto state = directory.path() + "/state";
    const auto config = directory.path() + "/bindhssd.yaml";
    std::ofstream(config) << "state_directory: " << state << "\n";
    const auto away = bindhssctl({"subscriber", "list", "--config", config});
    CHECK(away.code == 3);
    CHECK(away.text.find(state + "/api.sock") != std::string::npos);
    CHECK(away.text.find("is bindhssd running?") != std::string::npos);
    CHECK(away.text.find("--database") != std::string::npos);
    {
        const store::postgres::EmbeddedCluster cluster({.directory = state}, test::quiet_log());
        store::postgres::migrate(cluster.url(), test::quiet_log());
        crypto::SystemRandom random;
        crypto::KeyRing::create(state + "/keys", random);
        const auto beside = [&](std::vector<std::string> arguments) {
            // The keys are where the configuration has them.
            for (const auto& more :
                 {std::string("--config"), config, std::string("--database"), cluster.url()})
                arguments.push_back(more);
            return bindhssctl(arguments);
        };
        CHECK(beside({"device", "add", "35824005111111"}).code == 0);
        CHECK(beside({"device", "list", "--json"}).text.find("35824005111111") != std::string::npos);
    }
    CHECK(bindhssctl({"subscriber", "list", "--config", config}).code == 3);
}

TEST_CASE("bindhssctl tells an unreachable database from wrong keys") {
    const test::TemporaryDirectory directory;
    const auto keys = new_keys(directory);
    const auto away = bindhssctl(
        {"subscriber", "list", "--database", "postgresql://u:s3cret@127.0.0.1:1/x", "--keys", keys});
    CHECK(away.code == 3);
    CHECK(away.text.find("s3cret") == std::string::npos);
    chmod(keys.c_str(), 0644);
    CHECK(bindhssctl({"subscriber", "list", "--database", "host=/nowhere", "--keys", keys}).code == 1);
}

TEST_CASE("bindhssctl shows all of one alarm, with the session of the request and what to do") {
    const test::Installation at;
    const auto insert =
        "INSERT INTO alarm (name, severity, imsi, first_at, last_at, session, cleared_at) VALUES"
        " ('imei_missing', 'warning', '001010000000001', now(), now(), 'mme1.example;1;18', "
        "now()), ('imei_missing', 'warning', '001010000000002', now(), now(), NULL, NULL)";
    at.database.query(insert);
    const auto id = [&](const std::string& imsi) {
        return at.database.query("SELECT id FROM alarm WHERE imsi = '" + imsi + "'");
    };
    const auto cleared = at.done({"alarm", "show", id("001010000000001")});
    CHECK_THAT(cleared, Catch::Contains("session    mme1.example;1;18\n"));
    CHECK_THAT(cleared, Catch::Contains("remedy     Switch on ADD at the MME"));
    const auto open = at.done({"alarm", "show", id("001010000000002"), "--json"});
    CHECK_THAT(open, Catch::Contains(R"("imsi":"001010000000002")") && Catch::Contains(R"("session":"")"));
    CHECK_THAT(at.done({"alarm", "list", "--all", "--json"}), Catch::Contains("mme1.example;1;18"));
    // A line for people is long enough without it.
    CHECK_THAT(at.done({"alarm", "list", "--all"}), !Catch::Contains("mme1.example;1;18"));
    const auto none = at.run({"alarm", "show", "9223372036854775806"});
    CHECK(none.code == 1);
    CHECK(none.text == "bindhssctl: there is no alarm 9223372036854775806\n");
    CHECK(at.run({"alarm", "show", "0"}).code == 2);
}
