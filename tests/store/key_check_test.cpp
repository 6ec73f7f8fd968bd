// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/key_check.h"

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using store::postgres::check_keys;
using store::postgres::forget_unused_keys;
using store::postgres::KeyMismatch;

namespace {

crypto::KeyRing ring(std::uint8_t number, std::uint8_t octet) {
    return crypto::KeyRing::of(number, secret<32>(octet));
}

/// A ring of several keys can be had from a file alone. Pairs of number and octet.
crypto::KeyRing ring(std::initializer_list<std::pair<int, std::uint8_t>> keys) {
    const TemporaryDirectory directory;
    const auto path = directory.path() + "/keys";
    {
        std::ofstream file(path);
        for (const auto& [number, octet] : keys)
            file << number << ' ' << to_hex(OctetString(32, octet)) << '\n';
    }
    chmod(path.c_str(), S_IRUSR);
    return crypto::KeyRing::load(path);
}

void check(const TestDatabase& database, const crypto::KeyRing& keys) {
    crypto::SystemRandom random;
    check_keys(database.url(), keys, random, "/etc/keys");
}

std::string known_keys(const TestDatabase& database) {
    return database.query(
        "SELECT coalesce(string_agg(number::text, ' ' ORDER BY number), '') FROM key_check");
}

void store_one(const TestDatabase& database, const crypto::KeyRing& keys, store::Item put) {
    crypto::SystemRandom random;
    store::postgres::PostgresProvisioning provisioning(database.url(), keys, random);
    REQUIRE(provisioning.apply({std::move(put)}, false).empty());
}
void store_subscriber(const TestDatabase& database, const crypto::KeyRing& keys) {
    store_one(database, keys, item(put_subscriber(imsi(known))));
}
void store_kme(const TestDatabase& database, const crypto::KeyRing& keys) {
    store_one(database, keys, item(store::PutKme{imei("35824005111111"), kme_key(7)}));
}

}  // namespace

TEST_CASE("a fresh database takes the keys of the first program and no others", "[keys]") {
    const TestDatabase database;
    check(database, ring(1, 0x11));
    CHECK(known_keys(database) == "1");
    CHECK_NOTHROW(check(database, ring(1, 0x11)));
    CHECK_THROWS_WITH(check(database, ring(1, 0x22)),
                      "key file /etc/keys: is not the one that this database was sealed with:"
                      " its key 1 is another one");
    CHECK_THROWS_AS(check(database, ring(2, 0x11)), KeyMismatch);
    CHECK(known_keys(database) == "1");
}

TEST_CASE("a key that is added to the key file is noted beside the old one", "[keys]") {
    const TestDatabase database;
    check(database, ring(1, 0x11));
    store_subscriber(database, ring(1, 0x11));
    check(database, ring({{1, 0x11}, {2, 0x22}}));
    CHECK(known_keys(database) == "1 2");
    CHECK_THROWS_AS(check(database, ring({{1, 0x11}, {2, 0x33}})), KeyMismatch);
    CHECK_THROWS_AS(check(database, ring({{1, 0x33}, {2, 0x22}})), KeyMismatch);
}

TEST_CASE("a key may leave the key file when nothing is sealed under it", "[keys]") {
    const TestDatabase database;
    const auto both = ring({{1, 0x11}, {2, 0x22}});
    check(database, both);
    CHECK_NOTHROW(check(database, ring(2, 0x22)));
    SECTION("a subscriber") {
        store_subscriber(database, ring(1, 0x11));
    }
    SECTION("a device key") {
        store_kme(database, ring(1, 0x11));
    }
    CHECK_THROWS_WITH(check(database, ring(2, 0x22)), Catch::Contains("key 1 is missing in it"));
    CHECK_NOTHROW(check(database, ring(1, 0x11)));
    CHECK_NOTHROW(check(database, both));
}

TEST_CASE("a database from before the check values accepts the keys that open its secrets", "[keys]") {
    const TestDatabase database;
    SECTION("a subscriber") {
        store_subscriber(database, ring(1, 0x11));
    }
    SECTION("a device key") {
        store_kme(database, ring(1, 0x11));
    }
    CHECK_THROWS_AS(check(database, ring(1, 0x22)), KeyMismatch);
    CHECK_THROWS_AS(check(database, ring(2, 0x11)), KeyMismatch);
    CHECK_THROWS_AS(check(database, ring({{1, 0x22}, {2, 0x11}})), KeyMismatch);
    CHECK(known_keys(database).empty());
    check(database, ring({{1, 0x11}, {2, 0x22}}));
    CHECK(known_keys(database) == "1 2");
}

TEST_CASE("programs with different keys that start at once: all but those with the first one's are refused",
          "[keys]") {
    const TestDatabase database;
    std::atomic<int> accepted = 0, refused = 0;
    std::vector<std::thread> threads;
    for (std::uint8_t i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            try {
                check(database, ring(static_cast<std::uint8_t>(1 + i % 2), i));
                ++accepted;
            } catch (const KeyMismatch&) {
                ++refused;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(accepted == 1);
    CHECK(refused == 5);
    CHECK(database.query("SELECT count(*) FROM key_check") == "1");
}

TEST_CASE("known keys are forgotten only while nothing is sealed", "[keys]") {
    const TestDatabase database;
    check(database, ring(1, 0x11));
    CHECK(forget_unused_keys(database.url()));
    check(database, ring(1, 0x22));
    SECTION("a subscriber") {
        store_subscriber(database, ring(1, 0x22));
    }
    SECTION("a device key") {
        store_kme(database, ring(1, 0x22));
    }
    CHECK_FALSE(forget_unused_keys(database.url()));
    CHECK(known_keys(database) == "1");
}

TEST_CASE("keys cannot be checked against a database that is away", "[keys]") {
    crypto::SystemRandom random;
    CHECK_THROWS_AS(check_keys("host=127.0.0.1 port=1 connect_timeout=1", test_keys(), random, "keys"),
                    store::Unavailable);
}
