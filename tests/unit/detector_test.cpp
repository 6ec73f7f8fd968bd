// SPDX-License-Identifier: Apache-2.0
#include "alarm/detector.h"

#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "alarm/counters.h"
#include "notices.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using alarm::Change;
using alarm::Id;
using alarm::Severity;

namespace {

std::string imsi_text(std::uint64_t number) {
    auto digits = std::to_string(number);
    return "00101" + std::string(10 - digits.size(), '0') + digits;
}

alarm::Alarm occurrence(Id id, std::uint64_t subscriber, std::chrono::milliseconds after = 0ms,
                        std::string peer = "mme1", std::string imei = "35824005000001") {
    return {
        id,           Imsi::parse(imsi_text(subscriber)), Imei::parse(imei), std::move(peer), "the detail",
        start + after};
}

struct World {
    explicit World(alarm::DetectorSettings settings = {}) : detector(std::move(settings), {&told}) {}
    Recorder told;
    alarm::Detector detector;
};

alarm::DetectorSettings without_escalation() {
    alarm::DetectorSettings settings;
    settings.escalate_after = 0;
    return settings;
}

std::uint64_t sum_of(const std::vector<alarm::Notice>& notices) {
    std::uint64_t sum = 0;
    for (const auto& notice : notices) sum += notice.count;
    return sum;
}

}  // namespace

TEST_CASE("the first occurrence is told at once, with severity and text of the catalogue", "[R43]") {
    World world;
    world.detector.raise(occurrence(Id::pair_unauthorised, 1));
    const auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::raised);
    CHECK(told[0].severity == Severity::major);
    CHECK(told[0].text == alarm::describe(Id::pair_unauthorised).text);
    CHECK(told[0].count == 1);
    CHECK(told[0].alarm.imsi == Imsi::parse(imsi_text(1)));
    CHECK(told[0].alarm.peer == "mme1");
    CHECK(told[0].alarm.detail == "the detail");
    CHECK(told[0].alarm.time == start);
}

TEST_CASE("repetitions within the interval are one notice at its end, with their number", "[R43]") {
    World world(without_escalation());
    for (int i = 0; i < 100; ++i) world.detector.raise(occurrence(Id::imei_missing, 1, i * 1s));
    CHECK(world.told.take().size() == 1);
    world.detector.tick(start + 299s);
    CHECK(world.told.take().empty());
    world.detector.tick(start + 300s);
    const auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::repeated);
    CHECK(told[0].count == 99);
    CHECK(told[0].alarm.time == start + 99s);
    world.detector.tick(start + 900s);
    CHECK(world.told.take().empty());
}

TEST_CASE("what comes after a quiet interval is told at once again", "[R43]") {
    World world;
    world.detector.raise(occurrence(Id::imei_missing, 1));
    world.detector.tick(start + 301s);
    world.told.take();
    world.detector.raise(occurrence(Id::imei_missing, 1, 3600s));
    const auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::repeated);
    CHECK(told[0].count == 1);
}

TEST_CASE("alarms of other objects, devices, peers and kinds are other alarms") {
    World world;
    world.detector.raise(occurrence(Id::imei_missing, 1));
    world.detector.raise(occurrence(Id::imei_missing, 2));
    world.detector.raise(occurrence(Id::imei_missing, 1, 0ms, "mme2"));
    world.detector.raise(occurrence(Id::imei_missing, 1, 0ms, "mme1", "35824005000002"));
    world.detector.raise(occurrence(Id::imei_invalid, 1));
    world.detector.raise({Id::imei_missing, std::nullopt, std::nullopt, "", "", start});
    const auto told = world.told.take();
    CHECK(told.size() == 6);
    for (const auto& notice : told) CHECK(notice.change == Change::raised);
    CHECK(world.detector.states() == 6);
}

TEST_CASE("an alarm that does not end rises by one step, once", "[R43]") {
    alarm::DetectorSettings settings;
    settings.escalate_after = 10;
    settings.escalate_within = 60s;
    World world(settings);
    for (int i = 0; i < 50; ++i) world.detector.raise(occurrence(Id::imei_missing, 1, i * 1s));
    auto told = world.told.take();
    REQUIRE(told.size() == 2);
    CHECK(told[1].change == Change::escalated);
    CHECK(told[1].severity == Severity::minor);
    CHECK(told[1].count == 9);
    CHECK(told[1].alarm.time == start + 9s);
    world.detector.tick(start + 400s);
    told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::repeated);
    CHECK(told[0].severity == Severity::minor);
    CHECK(told[0].count == 40);

    SECTION("slower occurrences never do") {
        World slow(settings);
        for (int i = 0; i < 200; ++i) slow.detector.raise(occurrence(Id::imei_missing, 1, i * 7s));
        for (const auto& notice : slow.told.take()) CHECK(notice.change != Change::escalated);
    }
    SECTION("what is critical cannot rise") {
        for (int i = 0; i < 50; ++i) world.detector.raise(occurrence(Id::sqn_exhausted, 1, i * 1s));
        CHECK(world.told.take().size() == 1);
    }
    SECTION("after its end it may again") {
        world.detector.clear(occurrence(Id::imei_missing, 1, 500s));
        world.told.take();
        for (int i = 0; i < 10; ++i) world.detector.raise(occurrence(Id::imei_missing, 1, 600s + i * 1s));
        told = world.told.take();
        REQUIRE(told.size() == 2);
        CHECK(told[0].severity == Severity::warning);
        CHECK(told[1].change == Change::escalated);
    }
}

TEST_CASE("an alarm is cleared with what was not told of it, and comes again as a new one") {
    World world;
    world.detector.raise(occurrence(Id::kme_suspect, 1));
    world.detector.raise(occurrence(Id::kme_suspect, 1, 1s));
    world.detector.raise(occurrence(Id::kme_suspect, 1, 2s));
    world.told.take();
    auto end = occurrence(Id::kme_suspect, 1, 3s);
    end.detail = "it has proved itself";
    world.detector.clear(end);
    auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::cleared);
    CHECK(told[0].count == 2);
    CHECK(told[0].alarm.detail == "it has proved itself");
    CHECK(told[0].alarm.time == start + 3s);
    CHECK(world.detector.states() == 0);
    world.detector.raise(occurrence(Id::kme_suspect, 1, 4s));
    told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::raised);
}

TEST_CASE("clearing without device or peer ends all that fit, and is told as a whole too") {
    World world;
    world.detector.raise(occurrence(Id::kme_suspect, 1, 0ms, "mme1"));
    world.detector.raise(occurrence(Id::kme_suspect, 1, 0ms, "mme2"));
    world.detector.raise(occurrence(Id::kme_suspect, 2, 0ms, "mme1"));
    world.detector.raise(occurrence(Id::binding_locked, 1, 0ms, "mme1"));
    world.told.take();
    world.detector.clear({Id::kme_suspect, Imsi::parse(imsi_text(1)), std::nullopt, "", "", start + 1s});
    const auto told = world.told.take();
    REQUIRE(told.size() == 3);
    CHECK(told[0].alarm.peer == "mme1");
    CHECK(told[1].alarm.peer == "mme2");
    // What another daemon raised, or this one before its restart, is in the table alone.
    CHECK(told[2].alarm.peer.empty());
    CHECK_FALSE(told[2].alarm.imei);
    CHECK(told[2].count == 0);
    for (const auto& notice : told) CHECK(notice.change == Change::cleared);
    CHECK(world.detector.states() == 2);
}

TEST_CASE("receivers hear of the ends of alarms that they know, and of no others") {
    World world;
    world.told.unknown_ends = false;
    world.detector.raise(occurrence(Id::kme_suspect, 1));
    world.told.take();
    world.detector.clear({Id::kme_suspect, Imsi::parse(imsi_text(1)), std::nullopt, "", "", start + 1s});
    CHECK(world.told.take().size() == 1);
    world.detector.clear({Id::kme_suspect, Imsi::parse(imsi_text(1)), std::nullopt, "", "", start + 2s});
    CHECK(world.told.take().empty());
}

TEST_CASE("an alarm that was open before the start goes on, rises no more than it had, and ends") {
    alarm::DetectorSettings settings;
    settings.escalate_after = 3;
    World world(settings);
    world.told.unknown_ends = false;
    world.detector.remember(occurrence(Id::kme_suspect, 1), Severity::major);
    world.detector.remember(occurrence(Id::imei_missing, 2), Severity::minor);
    CHECK(world.told.take().empty());
    world.detector.raise(occurrence(Id::kme_suspect, 1, 1s));
    auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::repeated);
    CHECK(told[0].count == 1);
    for (int i = 0; i < 10; ++i) world.detector.raise(occurrence(Id::imei_missing, 2, 2s));
    told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].severity == Severity::minor);
    CHECK(told[0].change == Change::repeated);
    world.detector.clear({Id::kme_suspect, Imsi::parse(imsi_text(1)), std::nullopt, "", "", start + 3s});
    told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].change == Change::cleared);
    CHECK(told[0].alarm.peer == "mme1");
}

TEST_CASE("clearing what nobody knows is told, but not without end") {
    World world;
    for (std::uint64_t i = 0; i < 10'000; ++i) world.detector.clear(occurrence(Id::kme_suspect, i));
    CHECK(world.told.take().size() == 60);
    world.detector.clear(occurrence(Id::kme_suspect, 1, 61s));
    CHECK(world.told.take().size() == 1);
}

TEST_CASE("a flood is no worse than what it is a flood of", "[R43]") {
    World world(without_escalation());
    for (std::uint64_t i = 0; i < 100; ++i) world.detector.raise(occurrence(Id::association_first_seen, i));
    auto told = world.told.take();
    CHECK(told.back().alarm.id == Id::alarm_flood);
    CHECK(told.back().severity == Severity::info);
    for (std::uint64_t i = 0; i < 100; ++i) world.detector.raise(occurrence(Id::pair_unauthorised, i));
    world.detector.flush(start + 10s);
    told = world.told.take();
    CHECK(told.back().alarm.id == Id::alarm_flood);
    CHECK(told.back().severity == Severity::major);
}

TEST_CASE("a million unauthorised devices are one flood, and none of them is lost to the count", "[R43]") {
    World world(without_escalation());
    constexpr std::uint64_t devices = 1'000'000;
    std::vector<alarm::Notice> all;
    for (std::uint64_t i = 0; i < devices; ++i) {
        // 10,000 a second.
        const auto now = std::chrono::milliseconds(i / 10);
        world.detector.raise(occurrence(Id::pair_unauthorised, i, now));
        if (i % 10'000 == 0) world.detector.tick(start + now);
    }
    world.detector.flush(start + 100s);
    const auto told = world.told.take();
    CHECK(told.size() == 60 + 60 + 1 + 2);  // two minutes; the flood raised, and told of at the end of each
    CHECK(sum_of(told) == devices);
    std::map<Id, std::size_t> kinds;
    for (const auto& notice : told) ++kinds[notice.alarm.id];
    CHECK(kinds[Id::pair_unauthorised] == 120);
    CHECK(told[60].alarm.id == Id::alarm_flood);
    CHECK(told[60].change == Change::raised);
    CHECK(told[60].alarm.peer == "mme1");
    CHECK(told[60].alarm.detail == "more than 60 different ones of pair_unauthorised in a minute");
    CHECK(told[61].change == Change::repeated);
    CHECK(told[61].alarm.detail == "in one minute, besides those told: pair_unauthorised 599940");
    CHECK(world.detector.states() == 120);

    world.detector.tick(start + 121s);
    CHECK(world.told.take().empty());
    world.detector.tick(start + 182s);
    const auto end = world.told.take();
    REQUIRE(end.size() == 1);
    CHECK(end[0].change == Change::cleared);
    CHECK(end[0].alarm.id == Id::alarm_flood);
}

TEST_CASE("a flood of one peer or kind keeps nothing back of another") {
    World world;
    for (std::uint64_t i = 0; i < 1'000; ++i) world.detector.raise(occurrence(Id::pair_unauthorised, i));
    world.told.take();
    world.detector.raise(occurrence(Id::pair_unauthorised, 5'000, 1s, "mme2"));
    world.detector.raise(occurrence(Id::kme_missing, 5'000, 1s, "mme1"));
    // Known before the flood: still counted one by one.
    for (int i = 0; i < 29; ++i) world.detector.raise(occurrence(Id::pair_unauthorised, 1, 2s));
    const auto told = world.told.take();
    REQUIRE(told.size() == 3);
    CHECK(told[0].alarm.peer == "mme2");
    CHECK(told[1].alarm.id == Id::kme_missing);
    CHECK(told[2].change == Change::escalated);
}

TEST_CASE("peers whose names are made up share one budget") {
    World world;
    for (std::uint64_t i = 0; i < 200'000; ++i)
        world.detector.raise(occurrence(Id::pair_unauthorised, i, 0ms, "made-up-" + std::to_string(i)));
    const auto told = world.told.take();
    CHECK(told.size() <= limits::alarm_peers_max + 60 + 1);
    CHECK(told.back().alarm.id == Id::alarm_flood);
    CHECK(told.back().alarm.peer.empty());
    world.detector.tick(start + 61s);
    CHECK(sum_of(told) + sum_of(world.told.take()) == 200'000);
}

TEST_CASE(
    "only so many alarms are known apart; the one that was quiet longest is forgotten, its count told") {
    alarm::DetectorSettings settings = without_escalation();
    settings.flood_after = 100'000;
    World world(settings);
    for (std::uint64_t i = 0; i < limits::alarm_states_max; ++i)
        world.detector.raise(occurrence(Id::imei_missing, i));
    world.detector.raise(occurrence(Id::imei_missing, 0, 1s));
    for (std::uint64_t i = 1; i < limits::alarm_states_max; ++i)
        world.detector.raise(occurrence(Id::imei_missing, i, 2s));
    CHECK(world.told.take().size() == limits::alarm_states_max);
    world.detector.raise(occurrence(Id::imei_missing, 999'999, 3s));
    const auto told = world.told.take();
    REQUIRE(told.size() == 2);
    CHECK(told[0].change == Change::repeated);
    CHECK(told[0].alarm.imsi == Imsi::parse(imsi_text(0)));
    CHECK(told[1].change == Change::raised);
    CHECK(world.detector.states() == limits::alarm_states_max);

    world.detector.tick(start + 400s);
    CHECK(world.told.take().size() == limits::alarm_notices_per_tick_max);
    for (int i = 1; i < 200; ++i) world.detector.tick(start + 400s + i * 1s);
    CHECK(world.told.take().size() == limits::alarm_states_max - 1 - limits::alarm_notices_per_tick_max);
}

TEST_CASE("an alarm that was quiet for a day is forgotten") {
    World world;
    world.detector.raise(occurrence(Id::imei_missing, 1));
    world.detector.tick(start + 301s);
    world.detector.tick(start + 23h);
    CHECK(world.detector.states() == 1);
    world.detector.tick(start + 24h);
    CHECK(world.detector.states() == 0);
}

TEST_CASE("a clock that is set back stops no repetition from being told") {
    World world(without_escalation());
    world.detector.raise(occurrence(Id::imei_missing, 1, 24h));
    world.detector.raise(occurrence(Id::imei_missing, 1, 24h));
    world.told.take();
    world.detector.tick(start);
    CHECK(world.told.take().size() == 1);
    for (std::uint64_t i = 0; i < 100; ++i) world.detector.raise(occurrence(Id::imei_invalid, i, 24h));
    world.told.take();
    world.detector.raise(occurrence(Id::imei_invalid, 500, 1s));
    CHECK(world.told.take().back().change == Change::raised);
}

TEST_CASE("severity and text are the operator's where he wants them so") {
    alarm::DetectorSettings settings;
    settings.rules[static_cast<std::size_t>(Id::imei_missing)] = {Severity::critical, "Call Anna."};
    World world(settings);
    world.detector.raise(occurrence(Id::imei_missing, 1));
    world.detector.raise(occurrence(Id::imei_invalid, 1));
    const auto told = world.told.take();
    REQUIRE(told.size() == 2);
    CHECK(told[0].severity == Severity::critical);
    CHECK(told[0].text == "Call Anna.");
    CHECK(told[1].severity == Severity::warning);
}

TEST_CASE("what is counted is told before the end") {
    World world(without_escalation());
    for (int i = 0; i < 5; ++i) world.detector.raise(occurrence(Id::imei_missing, 1, i * 1s));
    world.detector.raise(occurrence(Id::imei_missing, 2, 5s));
    world.told.take();
    world.detector.flush(start + 6s);
    const auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].count == 4);
    world.detector.flush(start + 7s);
    CHECK(world.told.take().empty());
}

TEST_CASE("a peer's name and a sentence of any length are kept short") {
    World world;
    auto alarm = occurrence(Id::imei_missing, 1, 0ms, std::string(60'000, 'x'));
    alarm.detail = std::string(60'000, 'y');
    alarm.session = std::string(60'000, 'z');
    world.detector.raise(alarm);
    world.detector.raise(alarm);
    const auto told = world.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].alarm.peer.size() == 255);
    CHECK(told[0].alarm.detail.size() == 1'024);
    CHECK(told[0].alarm.session.size() == 1'024);
    world.detector.clear(alarm);
    CHECK(world.told.take().size() == 1);
}

TEST_CASE("threads may raise, clear and tick at once, and no occurrence gets lost") {
    alarm::Counters counters;
    alarm::DetectorSettings settings = without_escalation();
    alarm::Detector detector(settings, {&counters});
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t t = 0; t < 4; ++t) {
            threads.emplace_back([&detector, t] {
                for (std::uint64_t i = 0; i < 5'000; ++i) {
                    detector.raise(occurrence(Id::imei_missing, i % 200, std::chrono::milliseconds(i)));
                    if (i % 100 == 0) detector.tick(start + std::chrono::milliseconds(i));
                    if (i % 500 == t) detector.clear(occurrence(Id::imei_missing, i % 200));
                }
            });
        }
    }
    detector.flush(start + 1h);
    std::uint64_t sum = 0;
    for (const auto& count : counters.snapshot()) sum += count.occurrences;
    CHECK(sum == 20'000);
    CHECK(detector.lost() == 0);
}

TEST_CASE("counters count occurrences by kind and severity") {
    alarm::Counters counters;
    CHECK(counters.snapshot().empty());
    alarm::Notice notice{Change::raised, occurrence(Id::imei_missing, 1), Severity::warning, "", 1};
    counters.tell(notice);
    notice.change = Change::repeated;
    notice.count = 41;
    counters.tell(notice);
    notice.severity = Severity::minor;
    notice.count = 2;
    counters.tell(notice);
    CHECK(counters.snapshot() ==
          std::vector<alarm::Counters::Count>{{Id::imei_missing, Severity::warning, 42},
                                              {Id::imei_missing, Severity::minor, 2}});
}
