// SPDX-License-Identifier: Apache-2.0
// The worker that tells nodes of changes: its pace, its order, its hand-over.
#include "procedure/node_worker.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "nodes_world.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using test::NodesWorld;

/// The time, after so many exceptions.
struct FaultyClock final : Clock {
    mutable int faults = 0;
    [[nodiscard]] WallTime now() const override {
        if (faults > 0) {
            --faults;
            throw std::runtime_error("a fault");
        }
        return SystemClock().now();
    }
};

struct Fleet : NodesWorld {
    FaultyClock real;
    procedure::Ports live{store, alarms, nodes, random, real, settings};

    explicit Fleet(int size) {
        put_data();
        std::vector<store::Item> items;
        for (int i = 0; i < size; ++i)
            items.push_back({store::PutSubscriber{member(i), AkaKeys::milenage(k, opc)}, 0});
        if (!store.apply(items, false).empty()) throw std::runtime_error("no fleet");
        for (int i = 0; i < size; ++i) {
            auto request = ulr_of_mme(mme1);
            request.imsi = member(i);
            REQUIRE(update(request));
        }
    }
    static Imsi member(int i) { return *Imsi::parse("0010100001" + std::to_string(10'000 + i)); }

    /// Lets a worker run until `enough` messages have gone out, or the time is over.
    std::chrono::milliseconds work(procedure::NodeWorkerSettings worker_settings, std::size_t enough,
                                   std::chrono::milliseconds at_most) {
        boost::asio::io_context io;
        procedure::NodeWorker worker(io.get_executor(), live, worker_settings);
        boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
        const auto begin = std::chrono::steady_clock::now();
        const auto passed = [&] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                         begin);
        };
        while (passed() < at_most && nodes.inserted.size() < enough) io.run_for(10ms);
        const auto took = passed();
        worker.stop();
        io.run_for(1s);
        return took;
    }
};

procedure::NodeWorkerSettings quick() {
    return {.update_rate = 100'000, .lease = 30s, .poll = 20ms, .settle = 100ms};
}

}  // namespace

TEST_CASE("Each node of a changed profile is told exactly once", "[worker]") {
    Fleet world(300);
    world.data.ambr->uplink = 3;
    world.put_data();
    world.work(quick(), 300, 20s);
    world.work(quick(), 301, 500ms);
    REQUIRE(world.nodes.inserted.size() == 300);
    std::set<Imsi> told;
    for (const auto& insert : world.nodes.inserted) told.insert(insert.imsi);
    CHECK(told.size() == 300);
}

TEST_CASE("A profile that changes while the worker runs is noticed, and again after it settles", "[worker]") {
    Fleet world(20);
    boost::asio::io_context io;
    procedure::NodeWorker worker(io.get_executor(), world.live, quick());
    boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
    io.run_for(300ms);
    CHECK(world.nodes.inserted.empty());
    world.data.ambr->uplink = 4;
    world.put_data();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (world.nodes.inserted.size() < 20 && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    io.run_for(400ms);
    CHECK(world.nodes.inserted.size() == 20);
    worker.stop();
    io.run_for(1s);
}

TEST_CASE("A fault in the worker or while a node is told is reported, and stops nothing", "[worker]") {
    Fleet world(20);
    world.data.ambr->uplink = 5;
    world.put_data();
    auto settings = quick();
    settings.lease = 200ms;
    int faults = 0;
    settings.on_fault = [&faults](const std::exception_ptr& fault) {
        REQUIRE(fault);
        ++faults;
    };
    world.nodes.faults = 3;
    world.real.faults = 2;
    world.work(settings, 20, 20s);
    CHECK(faults == 5);
    std::set<Imsi> told;
    for (const auto& insert : world.nodes.inserted) told.insert(insert.imsi);
    CHECK(told.size() == 20);
}

TEST_CASE("Nodes are told at the configured rate, in each second of it", "[worker]") {
    constexpr int rate = 40;
    constexpr int saved_up = 4;  // in two ticks
    Fleet world(100);
    world.data.ambr->uplink = 5;
    world.put_data();
    boost::asio::io_context io;
    auto settings = quick();
    settings.update_rate = rate;
    procedure::NodeWorker worker(io.get_executor(), world.live, settings);
    boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
    using Steady = std::chrono::steady_clock;
    const auto begin = Steady::now();
    std::vector<std::pair<Steady::time_point, std::size_t>> told{{begin, 0}};
    while (told.back().second < 100 && Steady::now() - begin < 20s) {
        io.run_for(10ms);
        told.emplace_back(Steady::now(), world.nodes.inserted.size());
    }
    CHECK(told.back().second == 100);
    CHECK(told.back().first - begin >= 2'400ms);  // 96 at 40 in a second
    std::size_t fullest = 0;
    for (auto from = told.begin(), to = from; to != told.end(); ++to) {
        while (to->first - from->first > 1s) ++from;
        fullest = std::max(fullest, to->second - from->second);
    }
    // What was on its way when the second began comes on top.
    CHECK(fullest <= rate + 2 * saved_up);
    worker.stop();
    io.run_for(1s);
}

TEST_CASE("A subscriber that changes alone does not wait behind a profile", "[worker]") {
    Fleet world(200);
    world.data.ambr->uplink = 6;
    world.put_data();
    boost::asio::io_context io;
    auto settings = quick();
    settings.update_rate = 20;  // ten seconds for all
    procedure::NodeWorker worker(io.get_executor(), world.live, settings);
    boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (world.nodes.inserted.size() < 10 && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    store::PutSubscriber one{Fleet::member(199)};
    one.override_document = R"({"ambr":{"uplink":77,"downlink":78}})";
    world.put(one);
    const auto is_told = [&] {
        return std::any_of(world.nodes.inserted.begin(), world.nodes.inserted.end(),
                           [](const auto& insert) { return insert.imsi == Fleet::member(199); });
    };
    while (!is_told() && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    CHECK(is_told());
    CHECK(world.nodes.inserted.size() < 150);
    worker.stop();
    io.run_for(1s);
}

TEST_CASE("What one worker took and did not finish, another does when the lease is over", "[worker]") {
    Fleet world(5);
    world.data.ambr->uplink = 7;
    world.put_data();
    const store::Claim claim{world.real.now(), 300ms, 3};  // one that dies right after
    CHECK(world.run(world.store.sweep_untold(std::nullopt, claim)).value().untold.size() == 3);
    world.work(quick(), 2, 150ms);
    CHECK(world.nodes.inserted.size() == 2);
    world.work(quick(), 5, 20s);
    CHECK(world.nodes.inserted.size() == 5);
}

namespace {

/// A daemon on the same store as others, with peers of its own.
struct Daemon {
    test::RecordingNodes nodes;
    procedure::Ports ports;
    procedure::NodeWorker worker;

    Daemon(boost::asio::io_context& io, Fleet& world, const std::string& identity, const ServingNode& peer,
           const procedure::NodeWorkerSettings& settings)
        : ports{world.store, world.alarms, nodes, world.random, world.real, world.settings},
          worker(io.get_executor(), ports, settings) {
        nodes.peers = {identity, {peer.host}};
        boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
    }
};

/// Half of the fleet goes on to the second MME.
void spread(Fleet& world, int size) {
    for (int i = 0; i < size; i += 2) {
        auto request = world.ulr_of_mme(world.mme2);
        request.imsi = Fleet::member(i);
        REQUIRE(world.update(request));
    }
    world.nodes.cancelled.clear();
}

}  // namespace

TEST_CASE("Of several daemons each tells those nodes that are its peers", "[worker][reach]") {
    constexpr int size = 100;
    Fleet world(size);
    spread(world, size);
    boost::asio::io_context io;
    Daemon first(io, world, "hss1", world.mme1, quick());
    Daemon second(io, world, "hss2", world.mme2, quick());
    io.run_for(300ms);  // each knows of the other
    world.data.ambr->uplink = 8;
    world.put_data();
    const auto told = [&] { return first.nodes.inserted.size() + second.nodes.inserted.size(); };
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (told() < size && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    io.run_for(300ms);
    CHECK(first.nodes.inserted.size() == size / 2);
    CHECK(second.nodes.inserted.size() == size / 2);
    for (const auto& insert : first.nodes.inserted) CHECK(insert.destination == world.mme1);
    for (const auto& insert : second.nodes.inserted) CHECK(insert.destination == world.mme2);
    first.worker.stop();
    second.worker.stop();
    io.run_for(1s);
}

TEST_CASE("What belongs to a node goes out from another daemon when its own one ends", "[worker][reach]") {
    Fleet world(10);
    boost::asio::io_context io;
    Daemon first(io, world, "hss1", world.mme1, quick());
    Daemon second(io, world, "hss2", world.mme2, quick());
    io.run_for(200ms);
    first.worker.stop();
    io.run_for(200ms);
    world.data.ambr->uplink = 9;
    world.put_data();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (second.nodes.inserted.size() < 10 && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    CHECK(first.nodes.inserted.empty());
    CHECK(second.nodes.inserted.size() == 10);
    second.worker.stop();
    io.run_for(1s);
}

TEST_CASE("One daemon's sweep sets no pace for another, whose single changes go first", "[worker][reach]") {
    constexpr int size = 200;
    Fleet world(size);
    boost::asio::io_context io;
    auto slowly = quick();
    slowly.update_rate = 20;  // ten seconds for all
    Daemon first(io, world, "hss1", world.mme2, quick());
    Daemon second(io, world, "hss2", world.mme1, slowly);
    io.run_for(300ms);
    world.data.ambr->uplink = 8;
    world.put_data();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (second.nodes.inserted.size() < 10 && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    store::PutSubscriber one{Fleet::member(size - 1)};
    one.override_document = R"({"ambr":{"uplink":77,"downlink":78}})";
    world.put(one);
    const auto is_told = [&] {
        return std::any_of(second.nodes.inserted.begin(), second.nodes.inserted.end(),
                           [](const auto& insert) { return insert.imsi == Fleet::member(size - 1); });
    };
    while (!is_told() && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    CHECK(is_told());
    CHECK(second.nodes.inserted.size() < 150);
    CHECK(first.nodes.inserted.empty());
    first.worker.stop();
    second.worker.stop();
    io.run_for(1s);
}

TEST_CASE("Peers that come to a daemon whose sweep has passed them over are told, each once",
          "[worker][reach]") {
    constexpr int size = 100;
    Fleet world(size);
    boost::asio::io_context io;
    auto slowly = quick();
    slowly.update_rate = 20;
    Daemon first(io, world, "hss1", world.mme1, slowly);
    Daemon second(io, world, "hss2", world.mme2, quick());
    io.run_for(300ms);
    world.data.ambr->uplink = 8;
    world.put_data();
    io.run_for(600ms);  // the sweep of the second has ended, and begun anew once
    CHECK(second.nodes.inserted.empty());
    CHECK(first.nodes.inserted.size() < size / 2);
    first.nodes.peers.hosts.clear();
    first.worker.stop();
    second.nodes.peers.hosts.push_back(world.mme1.host);
    const auto told = [&] {
        std::set<Imsi> imsis;
        for (const auto* nodes : {&first.nodes, &second.nodes})
            for (const auto& insert : nodes->inserted) imsis.insert(insert.imsi);
        return imsis.size();
    };
    const auto end = std::chrono::steady_clock::now() + 40s;  // some had the lease of the first
    while (told() < size && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    CHECK(told() == size);
    io.run_for(300ms);
    CHECK(first.nodes.inserted.size() + second.nodes.inserted.size() == size);
    second.worker.stop();
    io.run_for(1s);
}

TEST_CASE("A worker that has finished has told the others that its peers are theirs", "[worker][reach]") {
    Fleet world(1);
    boost::asio::io_context io;
    Daemon only(io, world, "hss1", world.mme1, quick());
    io.run_for(200ms);
    store::PutSubscriber one{Fleet::member(0)};
    one.override_document = R"({"ambr":{"uplink":77,"downlink":78}})";
    const auto taken_by_another = [&] {
        const store::Claim claim{world.real.now(), 30s, 10, {"hss2", {}}};
        return world.run(world.store.take_untold(claim)).value().size();
    };
    bool finished = false;
    boost::asio::co_spawn(io, only.worker.finish(20s), [&](const std::exception_ptr&) { finished = true; });
    const auto begin = std::chrono::steady_clock::now();
    while (!finished && std::chrono::steady_clock::now() < begin + 20s) io.run_for(1ms);
    CHECK(finished);
    CHECK(std::chrono::steady_clock::now() < begin + 10s);
    world.put(one);
    CHECK(taken_by_another() == 1);
    CHECK(only.nodes.inserted.empty());
}

namespace {

/// Its database answers no more.
struct SilentStore : store::MemoryStore {
    store::Awaitable<store::Done> announce_reach(store::Reach /*reach*/, std::vector<std::string> /*come*/,
                                                 WallTime /*now*/, WallTime /*until*/) override {
        boost::asio::steady_timer never(co_await boost::asio::this_coro::executor, 1h);
        co_await never.async_wait(boost::asio::use_awaitable);
        co_return store::Done{};
    }
};

}  // namespace

TEST_CASE("A worker that cannot finish is not waited for longer than that", "[worker][reach]") {
    Fleet world(1);
    SilentStore silent;
    boost::asio::io_context io;
    test::RecordingNodes nodes;
    nodes.peers = {"hss1", {world.mme1.host}};
    const procedure::Ports ports{silent, world.alarms, nodes, world.random, world.real, world.settings};
    procedure::NodeWorker worker(io.get_executor(), ports, quick());
    boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
    io.run_for(100ms);
    bool finished = false;
    boost::asio::co_spawn(io, worker.finish(200ms), [&](const std::exception_ptr&) { finished = true; });
    const auto begin = std::chrono::steady_clock::now();
    while (!finished && std::chrono::steady_clock::now() < begin + 20s) io.run_for(10ms);
    CHECK(finished);
    CHECK(std::chrono::steady_clock::now() - begin >= 190ms);
}

TEST_CASE("A worker that is woken looks at once", "[worker][reach]") {
    Fleet world(1);
    boost::asio::io_context io;
    auto settings = quick();
    settings.poll = 1h;
    Daemon only(io, world, "hss1", world.mme1, settings);
    io.run_for(200ms);
    store::PutSubscriber one{Fleet::member(0)};
    one.override_document = R"({"ambr":{"uplink":77,"downlink":78}})";
    world.put(one);
    io.run_for(200ms);
    CHECK(only.nodes.inserted.empty());
    const auto begin = std::chrono::steady_clock::now();
    only.worker.wake();
    while (only.nodes.inserted.empty() && std::chrono::steady_clock::now() < begin + 20s) io.run_for(1ms);
    CHECK(only.nodes.inserted.size() == 1);
    only.worker.stop();
    io.run_for(1s);
}

TEST_CASE("A request that its daemon cannot send goes to the one whose peer the node is",
          "[worker][requests][reach]") {
    Fleet world(1);
    boost::asio::io_context io;
    Daemon other(io, world, "hss2", world.mme1, quick());
    io.run_for(200ms);
    world.nodes.peers = {"hss1", {world.mme2.host}};
    world.nodes.refusal = fail(Cause::unable_to_deliver);
    auto request = world.ulr_of_mme(world.mme2);
    request.imsi = Fleet::member(0);
    REQUIRE(world.run(procedure::dispatch(world.live, request, world.via)));
    const auto end = std::chrono::steady_clock::now() + 4s;  // the first pause of a failure is longer
    while (other.nodes.cancelled.empty() && std::chrono::steady_clock::now() < end) io.run_for(10ms);
    CHECK(other.nodes.cancelled.size() == 1);
    other.worker.stop();
    io.run_for(1s);
}

TEST_CASE("The worker sends requests whose time has come", "[worker][requests]") {
    Fleet world(1);
    world.nodes.refusal = fail(Cause::unable_to_deliver);
    auto request = world.ulr_of_mme(world.mme2);
    request.imsi = Fleet::member(0);
    REQUIRE(world.update(request));  // at the manual clock's time, long past
    world.nodes.refusal.reset();
    world.nodes.cancelled.clear();
    world.work(quick(), 1, 400ms);
    CHECK(world.nodes.cancelled.size() == 1);
}

}  // namespace bindhss
