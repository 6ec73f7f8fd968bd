// SPDX-License-Identifier: Apache-2.0
// What receivers hear of acts of operators, and what becomes of the alarm.
#include <catch2/catch.hpp>

#include "alarm/detector.h"
#include "notices.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using alarm::Change;
using alarm::Id;
using alarm::Severity;

namespace {

alarm::Alarm suspect(std::chrono::milliseconds after, Id id = Id::kme_suspect) {
    return {id,           Imsi::parse("001010000000001"), Imei::parse("35824005000001"), "mme1", "the detail",
            start + after};
}
alarm::Alarm flood(std::chrono::milliseconds after) {
    return {Id::alarm_flood, std::nullopt, std::nullopt, "mme1", "", start + after};
}

struct World {
    explicit World(alarm::DetectorSettings settings = {})
        : detector(std::move(settings), {&receiver, &table}) {
        table.is_table = true;
    }
    void acted(Change change, const alarm::Alarm& alarm, Severity severity = Severity::major) {
        detector.acted({change, alarm, severity, "carol"});
    }
    Recorder receiver;
    Recorder table;
    alarm::Detector detector;
};

}  // namespace

TEST_CASE("receivers hear who acknowledged an alarm, and it goes on") {
    World world;
    world.detector.raise(suspect(0s));
    world.receiver.take();
    world.table.take();
    world.acted(Change::acknowledged, suspect(1s));
    const auto told = world.receiver.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::acknowledged);
    CHECK(told[0].by == "carol");
    CHECK(told[0].alarm.time == start + 1s);
    CHECK(told[0].count == 0);
    world.detector.tick(start + 390s);
    world.detector.raise(suspect(400s));
    CHECK(world.receiver.take().at(0).change == Change::repeated);
    // The table has it from the operator himself.
    CHECK(world.table.take().at(0).change == Change::repeated);
}

TEST_CASE(
    "receivers hear who cleared an alarm, with what was not told of it, and it comes again as a new one") {
    alarm::DetectorSettings settings;
    settings.escalate_after = 3;
    World world(settings);
    for (int i = 0; i < 4; ++i) world.detector.raise(suspect(i * 1s));
    world.receiver.take();
    world.table.take();
    world.acted(Change::cleared, suspect(5s), Severity::critical);
    auto told = world.receiver.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::cleared);
    CHECK(told[0].by == "carol");
    CHECK(told[0].severity == Severity::critical);
    CHECK(told[0].count == 1);
    // Another daemon may have raised it anew there: that one would be cleared.
    CHECK(world.table.take().empty());
    CHECK(world.detector.states() == 0);
    world.detector.raise(suspect(6s));
    told = world.receiver.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::raised);
    CHECK(told[0].severity == Severity::major);
    CHECK(told[0].by.empty());
    CHECK(world.table.take().size() == 1);
}

TEST_CASE("what has occurred since an operator cleared it is raised anew") {
    World world;
    world.detector.raise(suspect(0s));
    world.detector.raise(suspect(3s));
    world.receiver.take();
    world.table.take();
    world.acted(Change::cleared, suspect(2s));
    auto told = world.receiver.take();
    REQUIRE(told.size() == 2);
    CHECK(told[0].change == Change::cleared);
    CHECK(told[0].count == 0);
    CHECK(told[1].change == Change::raised);
    CHECK(told[1].count == 1);
    CHECK(world.table.take().at(0).change == Change::raised);

    // The table was told of this one when it occurred, and has a new row of it.
    world.detector.tick(start + 390s);
    world.detector.raise(suspect(400s));
    world.receiver.take();
    CHECK(world.table.take().at(0).change == Change::repeated);
    world.acted(Change::cleared, suspect(399s));
    told = world.receiver.take();
    REQUIRE(told.size() == 2);
    CHECK(told[1].change == Change::raised);
    CHECK(world.table.take().empty());
    world.acted(Change::cleared, suspect(401s));
    CHECK(world.receiver.take().size() == 1);
    CHECK(world.detector.states() == 0);
}

TEST_CASE("an act on an alarm that another daemon raised is told by this one too, and ends no other") {
    World world;
    world.detector.raise(suspect(0s, Id::binding_locked));
    world.receiver.take();
    auto elsewhere = suspect(1s);
    elsewhere.peer = "mme2";
    world.acted(Change::cleared, elsewhere);
    CHECK(world.receiver.take().at(0).alarm.peer == "mme2");
    CHECK(world.detector.states() == 1);
}

TEST_CASE("a flood that an operator has cleared begins anew when it goes on") {
    alarm::DetectorSettings settings;
    settings.flood_after = 1;
    World world(settings);
    const auto device = [](int number, std::chrono::milliseconds after) {
        auto alarm = suspect(after);
        alarm.imei = Imei::parse("3582400500000" + std::to_string(number));
        return alarm;
    };
    for (int i = 0; i < 5; ++i) world.detector.raise(device(i, 1s));
    world.receiver.take();
    world.acted(Change::cleared, flood(2s));
    auto told = world.receiver.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].alarm.id == Id::alarm_flood);
    CHECK(told[0].count == 3);
    world.detector.raise(device(6, 3s));
    world.detector.raise(device(7, 3s));
    told = world.receiver.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::raised);
    world.detector.tick(start + 62s);
    told = world.receiver.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::repeated);
    CHECK(told[0].count == 1);
}
