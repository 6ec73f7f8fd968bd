// SPDX-License-Identifier: Apache-2.0
// What the table of alarms keeps of the detector's notices, in both stores.
#include <catch2/catch.hpp>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using alarm::Change;
using alarm::Severity;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

alarm::Notice told(Change change, Severity severity, int after, std::uint64_t count,
                   const std::string& peer = "mme1", const char* imei_digits = "35824005111111") {
    alarm::Notice notice;
    notice.change = change;
    notice.alarm = {alarm::Id::kme_suspect, imsi("001010000000001"), std::nullopt, peer, "detail", at(after)};
    if (imei_digits != nullptr) notice.alarm.imei = imei(imei_digits);
    notice.severity = severity;
    notice.count = count;
    return notice;
}

}  // namespace

TEMPLATE_TEST_CASE("an end without device or peer ends all rows that fit, whoever raised them",
                   "[contract][R48]", WORLDS) {
    TestType world;
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme1")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2", "35824005222222")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2", nullptr)));
    auto other = told(Change::raised, Severity::major, 0, 1);
    other.alarm.imsi = imsi("001010000000002");
    await(world.store.record_alarm(other));

    await(world.store.record_alarm(told(Change::cleared, Severity::major, 5, 0, "mme2", "35824005222222")));
    CHECK(world.provisioning.alarms(10).size() == 4);
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 6, 0, "mme2", nullptr)));
    CHECK(world.provisioning.alarms(10).size() == 2);
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 7, 0, "", nullptr)));
    const auto left = world.provisioning.alarms(10);
    REQUIRE(left.size() == 1);
    CHECK(left[0].imsi == "001010000000002");
    CHECK(world.provisioning.alarms(10, true).size() == 5);
}

TEMPLATE_TEST_CASE("an end that is about nobody ends nothing that is about somebody", "[contract][R48]",
                   WORLDS) {
    TestType world;
    auto of_peer = told(Change::raised, Severity::major, 0, 1, "mme1", nullptr);
    of_peer.alarm.imsi.reset();
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme1")));
    await(world.store.record_alarm(of_peer));
    of_peer.change = Change::cleared;
    await(world.store.record_alarm(of_peer));
    const auto left = world.provisioning.alarms(10);
    REQUIRE(left.size() == 1);
    CHECK(left[0].imsi == "001010000000001");
}

TEMPLATE_TEST_CASE("what was not told yet is counted with the end, and a new occurrence has a new row",
                   "[contract][R48]", WORLDS) {
    TestType world;
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1)));
    await(world.store.record_alarm(told(Change::repeated, Severity::major, 1, 7)));
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 2, 3)));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 3, 1)));
    const auto rows = world.provisioning.alarms(10, true);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].count == 1);
    CHECK_FALSE(rows[0].cleared);
    CHECK(rows[1].count == 11);
    CHECK(rows[1].cleared == at(2));
}

TEMPLATE_TEST_CASE("a severity that rose stays, and asks to be acknowledged anew", "[contract][R48]",
                   WORLDS) {
    TestType world;
    await(world.store.record_alarm(told(Change::raised, Severity::minor, 0, 1)));
    CHECK(world.provisioning.acknowledge_alarms({std::nullopt, "kme_suspect", std::nullopt}, "carol") == 1);
    await(world.store.record_alarm(told(Change::repeated, Severity::minor, 1, 5)));
    CHECK(world.provisioning.alarms(10).at(0).acknowledged_by == "carol");
    await(world.store.record_alarm(told(Change::escalated, Severity::major, 2, 5)));
    CHECK(world.provisioning.alarms(10).at(0).acknowledged_by.empty());
    // Another daemon has not seen it rise.
    await(world.store.record_alarm(told(Change::repeated, Severity::minor, 3, 1)));
    CHECK(world.provisioning.alarms(10).at(0).severity == "major");
    CHECK(world.provisioning.alarms(10).at(0).count == 12);
}
