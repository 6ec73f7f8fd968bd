// SPDX-License-Identifier: Apache-2.0
#include "emu/load.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include <boost/asio/detached.hpp>

#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

constexpr std::uint64_t count = 8;

FleetSettings fleet_settings() {
    FleetSettings settings;
    settings.imsi_first = "001010000000000";
    settings.count = count;
    settings.key_seed = "test";
    return settings;
}

/// A FakeHss that serves the whole fleet.
struct Bench {
    Bench() {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto member = fleet.member(i);
            auto& subscriber = hss.subscribers[member.imsi.str()];
            subscriber.k = member.k;
            subscriber.opc = member.opc;
            if (member.bound) subscriber.kme = SecretString(member.kme.view());
        }
    }
    test::FakeHss::Subscriber& subscriber(std::uint64_t i) { return hss.subscribers.at(fleet.imsi(i).str()); }
    LoadReport load(SqnLedger& ledger, std::chrono::milliseconds duration = std::chrono::milliseconds(20)) {
        LoadSettings settings{fleet_settings(), test::plmn("00101")};
        settings.window = 4;
        settings.sequential = true;
        settings.attach = attach;
        settings.interval = interval;
        settings.end = std::chrono::steady_clock::now() + duration;
        LoadPeer peer(settings, {"mme1.test", "test"}, hss, ledger, 1);
        boost::asio::io_context io;
        boost::asio::co_spawn(io, peer.run(), boost::asio::detached);
        io.run();
        return peer.report();
    }
    std::uint64_t faults(VectorFault fault) {
        WindowLedger ledger(count);
        return load(ledger).faults[static_cast<std::size_t>(fault)];
    }

    Fleet fleet{fleet_settings()};
    test::FakeHss hss;
    bool attach = false;
    std::chrono::nanoseconds interval{0};
};

struct TemporaryFolder {
    TemporaryFolder() { std::filesystem::create_directories(path); }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("bindhss-emu-test-" + std::to_string(::getpid()));
};

}  // namespace

TEST_CASE("Fleet: keys depend on the IMSI and the seed alone", "[emu][fleet]") {
    Fleet fleet(fleet_settings());
    auto shifted = fleet_settings();
    shifted.imsi_first = "001010000000003";
    Fleet same(shifted);
    CHECK(fleet.member(3).k == same.member(0).k);
    CHECK(fleet.member(3).imsi.digits() == "001010000000003");
    CHECK_FALSE(fleet.member(3).k == fleet.member(4).k);
    CHECK_FALSE(fleet.member(3).opc.octets() == fleet.member(3).k.octets());
    shifted.key_seed = "other";
    CHECK_FALSE(Fleet(shifted).member(0).k == same.member(0).k);
}

TEST_CASE("Fleet: every second subscriber is bound", "[emu][fleet]") {
    Fleet fleet(fleet_settings());
    CHECK_FALSE(fleet.member(0).bound);
    CHECK(fleet.member(1).bound);
    CHECK_FALSE(fleet.member(2).bound);
}

TEST_CASE("Fleet: impossible ranges are refused", "[emu][fleet]") {
    auto settings = fleet_settings();
    settings.imsi_first = "99999";
    CHECK_THROWS_AS(Fleet(settings), std::invalid_argument);
    settings.imsi_first = "999999999999999";
    CHECK_THROWS_AS(Fleet(settings), std::invalid_argument);
    settings.imsi_first = "001010000000000";
    settings.count = 0;
    CHECK_THROWS_AS(Fleet(settings), std::invalid_argument);
}

TEST_CASE("Fleet: the import files have one line a subscriber or bound device", "[emu][fleet]") {
    const TemporaryFolder folder;
    Fleet fleet(fleet_settings());
    write_fleet(fleet, folder.path.string());
    const auto lines = [&folder](const char* name) {
        std::ifstream in(folder.path / name);
        std::size_t number = 0;
        for (std::string line; std::getline(in, line);) ++number;
        return number;
    };
    CHECK(lines("subscribers.csv") == 1 + count);
    CHECK(lines("devices.csv") == 1 + count / 2);
    CHECK(lines("kmes.csv") == 1 + count / 2);
    CHECK(lines("bindings.csv") == 1 + count / 2);
}

TEST_CASE("Load: every vector of a sane HSS is verified", "[emu][load]") {
    Bench bench;
    WindowLedger ledger(count);
    const auto report = bench.load(ledger);
    CHECK(report.fault_count() == 0);
    CHECK(report.verified > count);
    CHECK(report.verified == report.air.success_count());
    CHECK(report.air.latency.count() == report.air.success_count());
}

TEST_CASE("Load: a reused SQN is seen", "[emu][load]") {
    Bench bench;
    bench.subscriber(2).repeat_sqn = true;
    CHECK(bench.faults(VectorFault::sqn_reused) > 0);
}

TEST_CASE("Load: a wrong KASME is seen", "[emu][load]") {
    Bench bench;
    bench.subscriber(5).wrong_kasme = true;
    CHECK(bench.faults(VectorFault::kasme) > 0);
}

TEST_CASE("Load: wrong keys and wrong treatment of RAND are seen", "[emu][load]") {
    Bench bench;
    SECTION("K") {
        bench.subscriber(0).k.octets()[0] ^= 1;
        CHECK(bench.faults(VectorFault::mac_a) > 0);
    }
    SECTION("KME") {
        bench.subscriber(1).kme = test::kme128;
        CHECK(bench.faults(VectorFault::mac_a) > 0);
    }
    SECTION("a regular vector for a bound subscriber") {
        bench.subscriber(1).kme = SecretString();
        CHECK(bench.faults(VectorFault::not_encrypted) > 0);
    }
    SECTION("an encrypted RAND for one that is not bound") {
        bench.subscriber(0).kme = test::kme128;
        CHECK(bench.faults(VectorFault::encrypted) > 0);
    }
}

TEST_CASE("Load: error answers are counted by their code", "[emu][load]") {
    Bench bench;
    bench.hss.subscribers.erase(bench.fleet.imsi(0).str());
    WindowLedger ledger(count);
    const auto report = bench.load(ledger);
    CHECK(report.air.results.at(5001) > 0);
    CHECK(report.fault_count() == 0);
}

TEST_CASE("Load: with attaches every AIR is followed by a ULR that reports the device", "[emu][load]") {
    Bench bench;
    bench.subscriber(3).only_imei = *Imei::parse("35824005111111");
    bench.attach = true;
    WindowLedger ledger(count);
    const auto report = bench.load(ledger);
    CHECK(report.ulr.latency.count() == report.air.latency.count());
    CHECK(report.ulr.results.at(5003) > 0);
    CHECK_FALSE(report.ulr.all_successful());
    CHECK(report.air.all_successful());
}

TEST_CASE("Ledger: SEQ may come out of order but never twice", "[emu][ledger]") {
    WindowLedger window(2);
    ExactLedger exact(2);
    SqnLedger& ledger =
        GENERATE(0, 1) == 0 ? static_cast<SqnLedger&>(window) : static_cast<SqnLedger&>(exact);
    for (const std::uint64_t seq : {100, 103, 101, 102, 104, 99}) CHECK_FALSE(ledger.record(0, Sqn(seq, 1)));
    for (const std::uint64_t seq : {99, 100, 101, 102, 103, 104}) {
        CHECK(ledger.record(0, Sqn(seq, 2)) == VectorFault::sqn_reused);
    }
    CHECK_FALSE(ledger.record(1, Sqn(100, 1)));
}

TEST_CASE("Load: with a rate AIRs begin in turn, and a late one is not counted as quick", "[emu][load]") {
    using namespace std::chrono_literals;
    Bench bench;
    WindowLedger ledger(count);
    bench.interval = 5ms;
    const auto report = bench.load(ledger, 100ms);
    CHECK(report.air.latency.count() >= 5);
    CHECK(report.air.latency.count() <= 21);
}

TEST_CASE("Ledger: the window reports what it can no longer judge", "[emu][ledger]") {
    WindowLedger ledger(1);
    CHECK_FALSE(ledger.record(0, Sqn(1000, 0)));
    CHECK_FALSE(ledger.record(0, Sqn(937, 0)));
    CHECK(ledger.record(0, Sqn(936, 0)) == VectorFault::sqn_too_old);
    CHECK_FALSE(ledger.record(0, Sqn(5000, 0)));
    CHECK(ledger.record(0, Sqn(1000, 0)) == VectorFault::sqn_too_old);
}

TEST_CASE("Ledger: the exact one agrees with a set over random orders", "[emu][ledger]") {
    ExactLedger ledger(1);
    std::set<std::uint64_t> seen;
    std::mt19937_64 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const auto seq = 1 + random() % 3'000;
        REQUIRE(ledger.record(0, Sqn(seq, 0)).has_value() != seen.insert(seq).second);
    }
}

TEST_CASE("Ledger: a state file carries every SEQ and the cards' arrays to the next run", "[emu][ledger]") {
    const TemporaryFolder folder;
    const auto path = (folder.path / "state").string();
    ExactLedger before(2);
    for (const std::uint64_t seq : {5, 6, 9}) (void)before.record(1, Sqn(seq, seq % 2));
    before.save(path, "fleet");
    ExactLedger after(2);
    after.load(path, "fleet");
    CHECK(after.record(1, Sqn(6, 0)) == VectorFault::sqn_reused);
    CHECK(after.record(1, Sqn(9, 0)) == VectorFault::sqn_reused);
    CHECK_FALSE(after.record(1, Sqn(7, 0)));
    CHECK(after.sequence(1).seq(1) == 9);
    CHECK_THROWS_AS(after.load(path, "another fleet"), std::runtime_error);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4);
    CHECK_THROWS_AS(ExactLedger(2).load(path, "fleet"), std::runtime_error);
}

TEST_CASE("Load: all USIMs authenticate again with one re-synchronisation at most", "[emu][load]") {
    Bench bench;
    ExactLedger states(count);
    SequenceArray ahead;
    ahead.advance(500);
    states.set_sequence(3, ahead);
    bench.subscriber(4).unreachable = true;
    LoadSettings settings{fleet_settings(), test::plmn("00101")};
    settings.window = 3;
    LoadPeer peer(settings, {"mme1.test", "test"}, bench.hss, states, 1);
    boost::asio::io_context io;
    boost::asio::co_spawn(io, peer.authenticate_all(states, 0, 1), boost::asio::detached);
    io.run();
    CHECK(peer.report().in_step == count - 2);
    CHECK(peer.report().resynchronised == 1);
    CHECK(peer.report().not_authenticated == 1);
    CHECK(peer.report().fault_count() == 0);
}

TEST_CASE("Latency: percentiles are within the width of a bucket", "[emu][load]") {
    LatencyHistogram histogram;
    CHECK(histogram.percentile(0.99).count() == 0);
    for (int us = 1; us <= 10'000; ++us) histogram.add(std::chrono::microseconds(us));
    CHECK(histogram.percentile(0.5).count() == Approx(5'000).epsilon(0.04));
    CHECK(histogram.percentile(0.99).count() == Approx(9'900).epsilon(0.04));
    histogram.add(std::chrono::hours(24));
    CHECK(histogram.percentile(1.0).count() > 3'600'000'000LL);
}
