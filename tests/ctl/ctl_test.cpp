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
