// SPDX-License-Identifier: Apache-2.0
// The database dies, stops or hangs: requests are answered, nothing is issued twice, service returns by
// itself.
#include <signal.h>

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "store/postgres/embedded_cluster.h"
#include "store/postgres/migrations.h"
#include "store/worlds.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;

namespace {

log::Logger& no_log() {
    static log::Logger log([] {
        log::Settings settings;
        settings.file = "/dev/null";
        return settings;
    }());
    return log;
}

/// A cluster of its own, so that its death is nobody else's.
struct OwnCluster {
    TemporaryDirectory directory;
    store::postgres::EmbeddedCluster cluster{{.directory = directory.path() + "/pg"}, no_log()};
    crypto::SystemRandom random;

    OwnCluster() {
        store::postgres::migrate(cluster.url(), no_log());
        store::postgres::PostgresProvisioning provisioning(cluster.url(), test_keys(), random);
        std::vector<store::Item> items;
        for (int i = 0; i < 8; ++i)
            items.push_back(item(put_subscriber(imsi("00101000000000" + std::to_string(i)))));
        REQUIRE(provisioning.apply(items, false).empty());
    }
};

struct Tally {
    std::mutex mutex;
    std::set<std::pair<std::string, std::uint64_t>> issued;
    std::size_t repeated = 0;
    std::size_t answered = 0;
    std::map<Cause, std::size_t> failures;
    std::chrono::steady_clock::duration longest{};
};

boost::asio::awaitable<void> ask(store::Store& store, Tally& tally, int coroutine,
                                 std::chrono::steady_clock::time_point until) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (int i = 0; std::chrono::steady_clock::now() < until; ++i) {
        auto wanted = request(imsi("00101000000000" + std::to_string((coroutine + i) % 8)), 1, coroutine % 3);
        const auto who = wanted.imsi.str();
        const auto begin = std::chrono::steady_clock::now();
        auto result = co_await store.reserve_vectors(wanted);
        {
            const std::lock_guard lock(tally.mutex);
            tally.longest = std::max(tally.longest, std::chrono::steady_clock::now() - begin);
            if (result) {
                ++tally.answered;
                if (!tally.issued.emplace(who, result->sequence.first_seq).second) ++tally.repeated;
            } else {
                ++tally.failures[result.error().cause];
            }
        }
        if (result) continue;
        timer.expires_after(20ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

bool served_again(store::Store& store) {
    for (int i = 0; i < 300; ++i) {
        if (await(store.reserve_vectors(request(imsi("001010000000000")))).has_value()) return true;
        std::this_thread::sleep_for(100ms);
    }
    return false;
}

}  // namespace

TEST_CASE("PostgreSQL killed under reservations: no SEQ twice, clean failures, service by itself",
          "[faults]") {
    OwnCluster world;
    store::postgres::PostgresStore store({.url = world.cluster.url()}, test_keys(), no_log());
    Tally tally;
    boost::asio::io_context context;
    const auto until = std::chrono::steady_clock::now() + 8s;
    for (int c = 0; c < 64; ++c)
        boost::asio::co_spawn(context, ask(store, tally, c, until), boost::asio::detached);
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) threads.emplace_back([&] { context.run(); });
    for (int kills = 0; kills < 3; ++kills) {
        std::this_thread::sleep_for(1500ms);
        if (const auto server = world.cluster.postmaster(); server > 0) kill(server, SIGKILL);
    }
    for (auto& thread : threads) thread.join();
    CHECK(served_again(store));
    CHECK(tally.repeated == 0);
    CHECK(tally.answered > 1000);
    CHECK(tally.failures.size() == 1);
    CHECK(tally.failures[Cause::authentication_data_unavailable] > 0);
    CHECK(tally.longest < std::chrono::milliseconds(limits::store_deadline_ms) + 1s);
}

TEST_CASE("a database that is down is answered at once", "[faults]") {
    crypto::SystemRandom random;
    store::postgres::PostgresStore store({.url = "host=/nowhere dbname=x"}, test_keys(), no_log());
    std::this_thread::sleep_for(200ms);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(await(store.reserve_vectors(request(imsi(known)))).error().cause ==
          Cause::authentication_data_unavailable);
    CHECK(await(store.load_authentication(imsi(known), node(), {})).error().cause ==
          Cause::authentication_data_unavailable);
    CHECK(await(store.load_subscriber(imsi(known), node(), std::nullopt)).error().cause ==
          Cause::unable_to_comply);
    CHECK_FALSE(store.usable());
    CHECK(std::chrono::steady_clock::now() - begin < 200ms);
}

TEST_CASE("a database that hangs costs a request its deadline and no more", "[faults]") {
    OwnCluster world;
    store::postgres::PostgresStore store({.url = world.cluster.url()}, test_keys(), no_log());
    REQUIRE(served_again(store));
    {
        pqxx::connection blocker(world.cluster.url());
        pqxx::work lock(blocker);
        lock.exec("LOCK TABLE auc");
        const auto begin = std::chrono::steady_clock::now();
        const auto result = await(store.reserve_vectors(request(imsi("001010000000000"))));
        CHECK(result.error().cause == Cause::authentication_data_unavailable);
        CHECK(std::chrono::steady_clock::now() - begin <
              std::chrono::milliseconds(limits::store_deadline_ms) + 500ms);
    }
    CHECK(served_again(store));
}

TEST_CASE("a row that somebody has locked delays its own requests alone", "[faults]") {
    OwnCluster world;
    store::postgres::PostgresStore store(
        {.url = world.cluster.url(), .connections = 1, .batch_connections = 1}, test_keys(), no_log());
    REQUIRE(served_again(store));
    const auto locked = imsi("001010000000000");
    const auto free = imsi("001010000000001");
    pqxx::connection blocker(world.cluster.url());
    pqxx::work lock(blocker);
    lock.exec("UPDATE auc SET amf = amf WHERE imsi = '001010000000000'");
    lock.exec("UPDATE subscriber SET msisdn = msisdn WHERE imsi = '001010000000000'");
    boost::asio::io_context context;
    int waited = 0;
    for (int i = 0; i < 3; ++i) {
        boost::asio::co_spawn(
            context,
            [&]() -> boost::asio::awaitable<void> {
                const auto wanted = request(locked);
                waited += (co_await store.reserve_vectors(wanted)).has_value() ? 1 : 0;
            },
            boost::asio::detached);
        boost::asio::co_spawn(
            context,
            [&]() -> boost::asio::awaitable<void> {
                const store::Registration place{node(), *Plmn::parse("00101"), std::nullopt, false, false,
                                                at(0)};
                const store::RegisterNode placing{place};
                waited += (co_await store.register_node(locked, placing, 10s)).has_value() ? 1 : 0;
            },
            boost::asio::detached);
    }
    std::thread waiting([&] { context.run(); });
    std::this_thread::sleep_for(100ms);
    for (int i = 0; i < 5; ++i) {
        CHECK(await(store.reserve_vectors(request(free))).has_value());
        const store::Registration place{node(), *Plmn::parse("00101"), std::nullopt, false, false, at(0)};
        CHECK(registered(store, free, place).has_value());
    }
    CHECK(await(store.reserve_vectors(request(imsi("001019999999999")))).error().cause ==
          Cause::user_unknown);
    lock.commit();
    waiting.join();
    CHECK(waited == 6);
}

TEST_CASE("more requests than may wait are too busy", "[faults]") {
    OwnCluster world;
    store::postgres::PostgresStore store({.url = world.cluster.url(), .batch_connections = 1}, test_keys(),
                                         no_log());
    REQUIRE(served_again(store));
    pqxx::connection blocker(world.cluster.url());
    pqxx::work lock(blocker);
    lock.exec("LOCK TABLE auc");
    std::map<Cause, std::size_t> failures;
    boost::asio::io_context context;
    for (std::size_t i = 0; i < limits::store_queue_max + 1000; ++i)
        boost::asio::co_spawn(
            context,
            [&]() -> boost::asio::awaitable<void> {
                auto wanted = request(imsi("001010000000000"));
                auto result = co_await store.reserve_vectors(wanted);
                if (!result) ++failures[result.error().cause];
            },
            boost::asio::detached);
    context.run();
    CHECK(failures[Cause::too_busy] >= 900);
    CHECK(failures[Cause::authentication_data_unavailable] >= limits::store_queue_max);
}
