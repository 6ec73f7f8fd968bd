// SPDX-License-Identifier: Apache-2.0
// Exchanges in PostgreSQL: many at once, in the middle of a crash, beside an import; and what the tables
// hold.
#include <catch2/catch.hpp>
#include <thread>

#include "store/at_once.h"
#include "store/exchange_rules.h"
#include "store/exchange_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

using World = PostgresExchangeWorld;

struct Tally {
    std::mutex mutex;
    int good = 0;
    int bad = 0;
    int failed = 0;
    std::vector<std::uint32_t> generations;
};

awaitable<void> finish_one(store::Exchanges& exchanges, store::FinishExchange finish, Tally& tally) {
    const auto result = co_await exchanges.finish_exchange(finish);
    const std::lock_guard lock(tally.mutex);
    ++(!result ? tally.failed : result->stored ? tally.good : tally.bad);
}

awaitable<void> begin_one(store::Exchanges& exchanges, store::BeginExchange exchange, Tally& tally) {
    const auto result = co_await exchanges.begin_exchange(exchange);
    const std::lock_guard lock(tally.mutex);
    if (!result) {
        ++tally.failed;
    } else if (const auto* it = std::get_if<store::Begun>(&*result)) {
        ++tally.good;
        tally.generations.push_back(it->generation);
    } else {
        ++tally.bad;
    }
}

/// Two daemons, each with its connections.
struct TwoDaemons : World {
    store::postgres::PostgresStore second_store{{.url = database.url()}, test_keys(), quiet_log()};
    store::postgres::PostgresExchanges second_exchanges{second_store, test_keys(), random};
    store::Exchanges& of(int i) {
        if (i % 2 == 0) return exchanges;
        return second_exchanges;
    }
};

const std::string count_active = "SELECT count(*) FROM kme WHERE state = 'active'";

void cut_connections(World& world) {
    world.database.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'bindhssd' AND datname = current_database()");
}

/// A cut connection fails what is on it; the next ones are served by another.
template <class Verb>
bool settles(Verb verb) {
    for (int i = 0; i < 100; ++i) {
        if (verb()) return true;
        std::this_thread::sleep_for(50ms);
    }
    return false;
}

}  // namespace

TEST_CASE("of a hundred that finish one transaction at once one has stored the key",
          "[postgres][exchange][R29][R30][I4]") {
    TwoDaemons world;
    bind_without_key(world);
    begun(world, wanted(1));
    Tally tally;
    at_once(100, [&](int i) { return finish_one(world.of(i), finish_of(1, 100), tally); });
    CHECK(tally.good == 1);
    CHECK(tally.bad == 99);
    CHECK(tally.failed == 0);
    CHECK(world.database.query(count_active) == "1");
    CHECK(world.database.query("SELECT count(*) FROM binding_device") == "1");
    CHECK(key_used(world)->key == kme_key(1));
}

TEST_CASE("of requests of one subscription that begin at once one is left, and its repetitions join",
          "[postgres][exchange][R31][I4]") {
    TwoDaemons world;
    bind_without_key(world);
    Tally tally;
    SECTION("the same request") {
        at_once(40, [&](int i) {
            auto exchange = wanted(1);
            exchange.transaction = transaction(static_cast<std::uint8_t>(i + 1));
            return begin_one(world.of(i), exchange, tally);
        });
        CHECK(tally.good == 1);
        CHECK(tally.bad == 39);
    }
    SECTION("different ones") {
        at_once(40, [&](int i) {
            return begin_one(world.of(i), wanted(static_cast<std::uint8_t>(i + 1)), tally);
        });
        CHECK(tally.good == 40);
        tally.good = 0;
        at_once(40, [&](int i) {
            return finish_one(world.of(i), finish_of(static_cast<std::uint8_t>(i + 1), 100), tally);
        });
        CHECK(tally.good == 1);
        CHECK(tally.bad == 39);
        CHECK(world.database.query(count_active) == "1");
    }
    CHECK(tally.failed == 0);
    CHECK(world.database.query("SELECT count(*) FROM kme_exchange") ==
          (tally.generations.size() == 1 ? "1" : "0"));
}

TEST_CASE("subscriptions in one device that are provisioned at once have one key in the end: the newest",
          "[postgres][exchange][R2][R19][I4]") {
    TwoDaemons world;
    constexpr int count = 20;
    const auto who = [](int i) { return "0010100000001" + std::to_string(10 + i); };
    for (int i = 0; i < count; ++i) bind_without_key(world, {own}, who(i));
    Tally tally;
    at_once(count, [&](int i) {
        return begin_one(world.of(i), wanted(static_cast<std::uint8_t>(i + 1), 0, who(i)), tally);
    });
    CHECK(tally.good == count);
    std::sort(tally.generations.begin(), tally.generations.end());
    for (int i = 0; i < count; ++i) CHECK(tally.generations.at(i) == static_cast<std::uint32_t>(i + 1));
    tally.good = 0;
    at_once(count, [&](int i) {
        auto finish = finish_of(static_cast<std::uint8_t>(i + 1), 100);
        finish.imsi = imsi(who(i));
        return finish_one(world.of(i), finish, tally);
    });
    CHECK(tally.good >= 1);
    CHECK(tally.good + tally.bad == count);
    CHECK(world.database.query("SELECT generation FROM kme WHERE state = 'active'") == std::to_string(count));
    CHECK(world.database.query(count_active) == "1");
    CHECK(world.database.query("SELECT count(DISTINCT kme_id) FROM auc") == "1");
    const auto newest = key_used(world, 200, who(0));
    REQUIRE(newest);
    CHECK(newest->generation == count);
}

TEST_CASE("a database that goes away in the middle of a finish leaves the old key or the new one",
          "[postgres][exchange][faults][R19][I4]") {
    World world;
    bind_without_key(world);
    provision(world, 1, 0);
    begun(world, wanted(2, 1'000));
    SECTION("between the two transactions") {
        cut_connections(world);
        CHECK(settles([&] { return key_used(world, 1'100).has_value(); }));
        CHECK(key_used(world, 1'100)->key == kme_key(1));
        CHECK(
            settles([&] { return await(world.exchanges.finish_exchange(finish_of(2, 1'200))).has_value(); }));
        CHECK(key_used(world, 1'300)->key == kme_key(2));
    }
    SECTION("within the second: where each of its rows is waited for") {
        const std::string row =
            GENERATE("SELECT FROM subscriber FOR UPDATE", "SELECT FROM auc FOR UPDATE",
                     "SELECT FROM kme WHERE id <> 0 FOR UPDATE", "SELECT FROM binding FOR UPDATE");
        std::optional<Blocker> blocker(std::in_place, world.database.url(), row);
        Tally tally;
        std::thread finishing([&] {
            at_once(1, [&](int) { return finish_one(world.exchanges, finish_of(2, 1'200), tally); });
        });
        std::this_thread::sleep_for(150ms);
        cut_connections(world);
        blocker.reset();
        finishing.join();
        CHECK(tally.good + tally.bad + tally.failed == 1);
        CHECK(settles([&] { return key_used(world, 1'300).has_value(); }));
        CHECK(world.database.query(count_active) == "1");
        const auto key = key_used(world, 1'300)->key;
        const bool is_new = key == kme_key(2);
        CHECK((is_new || key == kme_key(1)));
        // What was not stored can still be, until its deadline; what was is not stored twice.
        CHECK(settles(
            [&] { return await(world.exchanges.exchange_pending(imsi(known), at(1'300))).has_value(); }));
        CHECK(await(world.exchanges.exchange_pending(imsi(known), at(1'300))).value() == !is_new);
        CHECK(established(world, 2, 1'400) == !is_new);
        CHECK(key_used(world, 1'500)->key == kme_key(2));
        CHECK(world.database.query(count_active) == "1");
    }
}

TEST_CASE("while the database is down an exchange fails at once", "[postgres][exchange][faults]") {
    log::Settings nobody_reads;
    nobody_reads.file = "/dev/null";
    log::Logger log(nobody_reads);
    store::postgres::PostgresStore store({.url = "host=/nowhere dbname=x"}, test_keys(), log);
    crypto::SystemRandom random;
    store::postgres::PostgresExchanges exchanges(store, test_keys(), random);
    std::this_thread::sleep_for(200ms);
    CHECK(await(exchanges.exchange_pending(imsi(known), at(0))).error().cause == Cause::unable_to_comply);
    CHECK(await(exchanges.finish_exchange(finish_of(1, 0))).error().cause == Cause::unable_to_comply);
}

TEST_CASE("a key that an import stores while an exchange is finished is the operator's choice",
          "[postgres][exchange][R12][I4]") {
    World world;
    bind_without_key(world);
    begun(world, wanted(1));
    // As an import does it: the key of the same generation, not committed yet.
    std::optional<Blocker> import(
        std::in_place, world.database.url(),
        "INSERT INTO kme (owner, imei, generation, algorithm, key, kcv) VALUES ('imei:" + own.str() + "', " +
            std::to_string(own.number()) + ", 1, 1, '', '')");
    Tally tally;
    std::thread finishing(
        [&] { at_once(1, [&](int) { return finish_one(world.exchanges, finish_of(1, 100), tally); }); });
    std::this_thread::sleep_for(200ms);
    SECTION("and it is stored") {
        import->work->commit();
        finishing.join();
        CHECK(tally.bad == 1);
    }
    SECTION("or is not") {
        import.reset();
        finishing.join();
        CHECK(tally.good == 1);
        CHECK(key_used(world)->key == kme_key(1));
    }
    CHECK(world.database.query(count_active) == "1");
}

TEST_CASE("a device that the operator takes off the list while its exchange is finished gets no key",
          "[postgres][exchange][R14][I4]") {
    World world;
    bind_without_key(world);
    begun(world, wanted(1));
    // As an import does it: the list first, the exchanges at its end.
    Blocker import(world.database.url(),
                   "SELECT FROM binding FOR UPDATE; UPDATE binding_device SET imei_lo = " +
                       std::to_string(second.number()) + ", imei_hi = " + std::to_string(second.number()));
    Tally tally;
    std::thread finishing(
        [&] { at_once(1, [&](int) { return finish_one(world.exchanges, finish_of(1, 100), tally); }); });
    std::this_thread::sleep_for(200ms);
    import.work->exec("DELETE FROM kme_exchange");
    import.work->commit();
    finishing.join();
    CHECK(tally.bad == 1);
    CHECK(world.database.query(count_active) == "0");
    CHECK_FALSE(key_used(world));
}

TEST_CASE("an import of the next key is not lost to an exchange that is finished meanwhile",
          "[postgres][exchange][R12]") {
    World world;
    bind_without_key(world);
    // As an exchange does it: the first key of the device, not committed yet.
    Blocker exchange(world.database.url(),
                     "INSERT INTO kme (owner, imei, generation, algorithm, key, kcv) VALUES ('imei:" +
                         own.str() + "', " + std::to_string(own.number()) + ", 1, 1, '', '')");
    std::vector<store::LineError> errors{{0, "not done"}};
    std::thread import([&] {
        errors = world.provisioning.apply({item(store::PutKme{own, kme_key(7), 2})}, false);
    });
    std::this_thread::sleep_for(300ms);
    exchange.work->commit();
    import.join();
    CHECK(errors.empty());
    CHECK(world.database.query(count_active) == "1");
    CHECK(world.database.query("SELECT generation FROM kme WHERE state = 'active'") == "2");
    CHECK(key_used(world)->key == kme_key(7));
}

TEST_CASE("no secret of an exchange is in the database, and none opens in another row",
          "[postgres][exchange][R9][R19]") {
    World world;
    const std::string other = "001010000000002";
    bind_without_key(world);
    bind_without_key(world, {own}, other);
    const binding::AkaSession session{secret<16>(0xab), secret<16>(0xcd), {}};
    await(world.exchanges.keep_session(imsi(known), session, at(120'000))).value();
    await(world.exchanges.keep_session(imsi(other), session, at(120'000))).value();
    begun(world, wanted(0x5a));
    begun(world, wanted(0x5b, 0, other));
    const auto text = world.database.query(
        "SELECT string_agg(e::text, ' ') || string_agg(s::text, ' ') FROM kme_exchange e, kme_session s");
    REQUIRE(text.find(known) != std::string::npos);
    for (const auto* octet : {"5a", "5b", "ab", "cd"}) {
        std::string run;
        for (int i = 0; i < 8; ++i) run += octet;
        CHECK(text.find(run) == std::string::npos);
    }
    world.database.query("UPDATE kme_exchange SET secret = (SELECT secret FROM kme_exchange WHERE imsi = '" +
                         other + "')");
    world.database.query("UPDATE kme_session SET secret = (SELECT secret FROM kme_session WHERE imsi = '" +
                         other + "')");
    CHECK(await(world.exchanges.load_exchange(transaction(0x5a), at(1))).error().cause ==
          Cause::unable_to_comply);
    CHECK(await(world.exchanges.finish_exchange(finish_of(0x5a, 100))).error().cause ==
          Cause::unable_to_comply);
    CHECK(await(world.exchanges.load_exchange(transaction(0x5b), at(1))).has_value());
    CHECK_FALSE(begun(world, wanted(1, 1)).session);
    CHECK(begun(world, wanted(2, 1, other)).session);
}

TEST_CASE("what is over goes by itself, a few at a time", "[postgres][exchange][R43]") {
    World world;
    bind_without_key(world);
    const std::string times = "to_timestamp(1700000000 - i)";
    world.database.query(
        "INSERT INTO subscriber (imsi, profile_id) SELECT '00101' || (2000000000 + i), p.id"
        " FROM generate_series(1, 300) i, profile p WHERE p.name = 'default'");
    for (const std::string columns :
         {"kme_session (imsi, secret, expires_at) SELECT s.imsi, '', ",
          "kme_pause (imsi, failures, not_before) SELECT s.imsi, 1, ",
          "kme_exchange (transaction, imei, generation, secret, rand_algorithm, occasion, way, started_at, "
          "imsi,"
          " deadline) SELECT substr(sha256(s.imsi::bytea), 1, 8), 1, 1, '', 1, 0, 0, now(), s.imsi, "})
        world.database.query("INSERT INTO " + columns +
                             "to_timestamp(1700000000) - row_number() OVER () * interval '1 hour'"
                             " FROM subscriber s WHERE s.imsi > '001012'");
    const auto left = [&](const std::string& table) {
        return std::stoi(world.database.query("SELECT count(*) FROM " + table));
    };
    begun(world, wanted(1, 0));
    CHECK(left("kme_session") == 300 - static_cast<int>(store::exchanges_swept_max));
    CHECK(left("kme_exchange") == 300 - static_cast<int>(store::exchanges_swept_max) + 1);
    for (std::uint32_t i = 0; i < store::exchanges_between_sweeps; ++i)
        begun(world, wanted(static_cast<std::uint8_t>(i + 2), 0));
    CHECK(left("kme_session") == 0);
    CHECK(left("kme_exchange") == 1);
    CHECK(left("kme_pause") == 24);  // whose failures still count
    CHECK(await(world.exchanges.exchange_pending(imsi(known), at(0))).value());
}
