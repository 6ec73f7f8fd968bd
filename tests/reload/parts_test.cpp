// SPDX-License-Identifier: Apache-2.0
// The parts of the daemon that a reload changes, each on its own.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "alarm/detector.h"
#include "gate_door.h"
#include "log/log.h"
#include "notices.h"
#include "procedure/gate.h"
#include "procedure/live_ports.h"
#include "procedure/token_buckets.h"
#include "world.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;

namespace {

std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string temporary(const std::string& name) {
    return "/tmp/bindhss-parts-" + std::to_string(::getpid()) + "-" + name;
}

int passes(procedure::TokenBuckets& buckets, std::uint64_t key, WallTime now) {
    int count = 0;
    while (count < 1000 && buckets.take(key, now)) ++count;
    return count;
}

}  // namespace

TEST_CASE("a log takes another level, format and file, and loses no event") {
    const auto first = temporary("first.log");
    const auto second = temporary("second.log");
    log::Logger logger({log::Level::info, log::Format::text, first});
    logger.debug("unseen");
    logger.info("before");
    const auto change = logger.prepare({log::Level::debug, log::Format::json, second});
    logger.info("between");
    change();
    CHECK(logger.enabled(log::Level::debug));
    logger.debug("after");
    logger.flush();
    CHECK(read(first).find("before") != std::string::npos);
    CHECK(read(first).find("between") != std::string::npos);
    CHECK(read(first).find("unseen") == std::string::npos);
    CHECK(read(second).find(R"("event":"after"})") != std::string::npos);
    CHECK_THROWS(logger.prepare({log::Level::error, log::Format::text, "/dev/null/x.log"}));
    CHECK(logger.enabled(log::Level::debug));
    std::remove(first.c_str());
    std::remove(second.c_str());
}

TEST_CASE("a log that was rotated goes on in a new file of the same name") {
    const auto path = temporary("rotated.log");
    log::Logger logger({log::Level::info, log::Format::text, path});
    logger.info("old");
    std::filesystem::rename(path, path + ".1");
    logger.prepare({log::Level::info, log::Format::text, path})();
    logger.info("new");
    logger.flush();
    CHECK(read(path + ".1").find("old") != std::string::npos);
    CHECK(read(path).find("new") != std::string::npos);
    CHECK(read(path).find("old") == std::string::npos);
    std::remove(path.c_str());
    std::remove((path + ".1").c_str());
}

TEST_CASE("buckets that are in use stay with another rate, and a rate may be switched on and off") {
    const WallTime now{std::chrono::hours(1'000'000)};
    procedure::TokenBuckets buckets({10, 60s}, 64);
    CHECK(passes(buckets, 1, now) == 10);
    buckets.set_rate({20, 60s});
    // Empty it was, and the way from there to full is a minute still.
    CHECK(passes(buckets, 1, now) == 0);
    CHECK(passes(buckets, 2, now) == 20);
    CHECK(passes(buckets, 1, now + 30s) == 10);
    buckets.set_rate({});
    CHECK(passes(buckets, 1, now + 30s) == 1000);
    buckets.set_rate({5, 60s});
    CHECK(passes(buckets, 3, now + 30s) == 5);
    procedure::TokenBuckets off({}, 64);
    CHECK(passes(off, 1, now) == 1000);
    off.set_rate({3, 60s});
    CHECK(passes(off, 1, now) == 3);
}

TEST_CASE("a request keeps the ports that it began with, and so does what goes on behind it") {
    World world;
    const auto ports_with = [&world](std::uint32_t vectors, std::weak_ptr<procedure::Settings>& watched) {
        const auto settings = std::make_shared<procedure::Settings>();
        settings->vectors_max = vectors;
        watched = settings;
        return procedure::Ports{.store = world.store,
                                .alarms = world.alarms,
                                .nodes = world.nodes,
                                .random = world.random,
                                .clock = world.clock,
                                .settings = *settings,
                                .kept = settings};
    };
    std::weak_ptr<procedure::Settings> first;
    std::weak_ptr<procedure::Settings> second;
    procedure::LivePorts live(ports_with(2, first));
    const auto other_handle = live;
    auto request = live.now();
    live.replace(ports_with(3, second));
    CHECK(request->settings.vectors_max == 2);
    CHECK(other_handle.now()->settings.vectors_max == 3);
    {
        const auto behind = *request;
        request.reset();
        CHECK_FALSE(first.expired());
        CHECK(behind.settings.vectors_max == 2);
    }
    CHECK(first.expired());
    CHECK_FALSE(second.expired());
}

TEST_CASE("limits of requests change, and who has used his up is not let in again by that", "[R43]") {
    auto limits = door::no_limits();
    limits.imsi.air = {5, 60s};
    door::Door gate(limits);
    CHECK(gate.passed(door::air(door::imsi(1), door::mme1), 10) == 5);
    limits.imsi.air = {8, 60s};
    limits.imsi.update = {2, 60s};
    gate.gate.change(limits);
    CHECK(gate.passed(door::air(door::imsi(1), door::mme1), 10) == 0);
    CHECK(gate.passed(door::air(door::imsi(2), door::mme1), 10) == 8);
    CHECK(gate.passed(door::ulr(door::imsi(2), door::mme1), 10) == 2);
    const auto refusal = gate.gate.admit(door::air(door::imsi(1), door::mme1), gate.via);
    REQUIRE(refusal.has_error());
    CHECK(refusal.error().detail ==
          "Authentication-Information-Requests of one IMSI at one node: more than 8 in 60000 ms");
    limits.imsi.air = {};
    gate.gate.change(limits);
    CHECK(gate.passed(door::air(door::imsi(1), door::mme1), 10) == 10);
}

TEST_CASE("rules of alarms change, and what is counted stays so") {
    Recorder recorder;
    alarm::Detector detector({}, {&recorder});
    const auto raise = [&detector](std::chrono::milliseconds after) {
        detector.raise({alarm::Id::imei_missing, Imsi::parse("001010000000001"), std::nullopt, "mme", "x",
                        start + after});
    };
    raise(0s);
    raise(1s);
    CHECK(recorder.take().size() == 1);
    alarm::DetectorSettings settings;
    settings.repeat_interval = 2s;
    settings.rules[static_cast<std::size_t>(alarm::Id::imei_missing)] = {alarm::Severity::critical, "mine"};
    detector.change(settings);
    detector.tick(start + 3s);
    const auto told = recorder.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].count == 1);
    detector.raise(
        {alarm::Id::imei_missing, Imsi::parse("001010000000002"), std::nullopt, "mme", "x", start + 4s});
    const auto anew = recorder.take();
    REQUIRE(anew.size() == 1);
    CHECK(anew[0].severity == alarm::Severity::critical);
    CHECK(anew[0].text == "mine");
}
