// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <thread>

#include "store/postgres/migrations.h"
#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using store::postgres::check_schema;
using store::postgres::embedded_migrations;
using store::postgres::migrate;
using store::postgres::SchemaError;

TEST_CASE("a second start applies nothing", "[migrations]") {
    const TestDatabase database(false);
    CHECK_THROWS_AS(check_schema(database.url()), SchemaError);
    CHECK(migrate(database.url(), quiet_log()) == embedded_migrations().size());
    CHECK(migrate(database.url(), quiet_log()) == 0);
    CHECK_NOTHROW(check_schema(database.url()));
}

TEST_CASE("migrations are numbered without gaps", "[migrations]") {
    int next = 1;
    for (const auto& migration : embedded_migrations()) {
        CHECK(migration.version == next++);
        CHECK(migration.checksum.size() == 64);
    }
    CHECK(next > 3);
}

TEST_CASE("two programs that migrate at once apply each migration once", "[migrations]") {
    const TestDatabase database(false);
    std::atomic<std::size_t> applied = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { applied += migrate(database.url(), quiet_log()); });
    for (auto& thread : threads) thread.join();
    CHECK(applied == embedded_migrations().size());
    CHECK(database.query("SELECT count(*) FROM schema_migration") ==
          std::to_string(embedded_migrations().size()));
}

TEST_CASE("a newer schema is refused", "[migrations]") {
    const TestDatabase database;
    database.query("INSERT INTO schema_migration VALUES (99, 'later', 'x')");
    CHECK_THROWS_WITH(migrate(database.url(), quiet_log()), Catch::Contains("start a newer version"));
    CHECK_THROWS_AS(check_schema(database.url()), SchemaError);
}

TEST_CASE("a newer schema that tolerates this program is left as it is", "[migrations]") {
    const TestDatabase database;
    const auto last = embedded_migrations().back().version;
    const auto later = [&](int version, int from) {
        database.query("INSERT INTO schema_migration (version, name, checksum, tolerated_from) VALUES (" +
                       std::to_string(version) + ", 'later', 'x', " + std::to_string(from) + ")");
    };
    later(last + 1, last - 1);
    later(last + 2, last);
    CHECK(migrate(database.url(), quiet_log()) == 0);
    CHECK_NOTHROW(check_schema(database.url()));
    later(last + 3, last + 1);
    CHECK_THROWS_WITH(migrate(database.url(), quiet_log()),
                      Catch::Contains(std::to_string(last + 3)) && Catch::Contains("start a newer version"));
    CHECK_THROWS_AS(check_schema(database.url()), SchemaError);
}

TEST_CASE("a migration stores which programs work on with it", "[migrations]") {
    const TestDatabase database;
    auto migrations = embedded_migrations();
    const auto version = migrations.back().version + 1;
    migrations.push_back(
        {version, "wider", "c", "-- a head\n-- tolerated-from: 12\nCREATE TABLE wide (a integer);"});
    CHECK(migrate(database.url(), quiet_log(), migrations) == 1);
    CHECK(database.query("SELECT tolerated_from FROM schema_migration ORDER BY version DESC LIMIT 1") ==
          "12");
    CHECK_NOTHROW(check_schema(database.url()));  // as a program that does not know it
}

TEST_CASE("a database of a program that knows no tolerance is brought up to date", "[migrations]") {
    const TestDatabase database;
    database.query("ALTER TABLE schema_migration DROP COLUMN tolerated_from");
    CHECK_NOTHROW(check_schema(database.url()));
    CHECK(migrate(database.url(), quiet_log()) == 0);
}

TEST_CASE("each migration since there is a rule says whom it tolerates", "[migrations]") {
    constexpr int first = 14;
    for (const auto& migration : embedded_migrations()) {
        const auto from = store::postgres::tolerated_from(migration.sql);
        CAPTURE(migration.version, migration.name);
        if (migration.version < first) continue;
        REQUIRE(from);
        CHECK(*from >= 1);
        CHECK(*from <= migration.version);
    }
    CHECK_FALSE(store::postgres::tolerated_from("CREATE TABLE a (b integer);"));
}

TEST_CASE("a migration that was changed is refused", "[migrations]") {
    const TestDatabase database;
    database.query("UPDATE schema_migration SET checksum = 'x' WHERE version = 2");
    CHECK_THROWS_WITH(migrate(database.url(), quiet_log()), Catch::Contains("migration 2 (subscription)"));
}

TEST_CASE("a migration that fails leaves nothing behind", "[migrations]") {
    const TestDatabase database;
    auto migrations = embedded_migrations();
    const auto version = migrations.back().version + 1;
    migrations.push_back({version, "broken", "c", "CREATE TABLE half (a integer); SELECT 1 / 0;"});
    CHECK_THROWS_AS(migrate(database.url(), quiet_log(), migrations), store::Unavailable);
    CHECK(database.query("SELECT to_regclass('half') IS NULL") == "t");
    CHECK_NOTHROW(check_schema(database.url()));
}

TEST_CASE("a database that cannot be reached is one clear line without the password", "[migrations]") {
    const std::string url = "postgresql://someone:geheim@127.0.0.1:1/x?connect_timeout=1";
    CHECK_THROWS_AS(migrate(url, quiet_log()), store::Unavailable);
    CHECK_THROWS_WITH(migrate(url, quiet_log()), !Catch::Contains("geheim") && !Catch::Contains("\n"));
}
