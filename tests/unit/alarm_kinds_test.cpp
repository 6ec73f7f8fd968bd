// SPDX-License-Identifier: Apache-2.0
// What alarms can be told as, which their numbers are made of before they come.
#include <algorithm>
#include <catch2/catch.hpp>

#include "alarm/detector.h"
#include "notices.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using alarm::Id;
using alarm::Severity;

namespace {

struct World {
    explicit World(alarm::DetectorSettings settings = {}) : detector(std::move(settings), {&told}) {}
    Recorder told;
    alarm::Detector detector;
};

alarm::Alarm occurrence(Id id, std::uint64_t subscriber) {
    return {id,   Imsi::parse(std::to_string(262'010'000'000'000 + subscriber)), std::nullopt, "mme1", "",
            start};
}

}  // namespace

TEST_CASE("it is known before the first occurrence what an alarm can be told as", "[R43]") {
    const auto of = [](const alarm::Detector& detector, Id id) {
        std::vector<Severity> severities;
        for (const auto& kind : detector.kinds())
            if (kind.id == id) severities.push_back(kind.severity);
        return severities;
    };
    World world;
    CHECK(of(world.detector, Id::imei_missing) == std::vector{Severity::warning, Severity::minor});
    CHECK(of(world.detector, Id::kme_missing) == std::vector{Severity::critical});
    // No worse than what it sums up.
    CHECK(of(world.detector, Id::alarm_flood) ==
          std::vector{Severity::info, Severity::warning, Severity::minor, Severity::major});

    alarm::DetectorSettings settings;
    settings.escalate_after = 0;
    settings.rules[static_cast<std::size_t>(Id::imei_missing)].severity = Severity::info;
    world.detector.change(settings);
    CHECK(of(world.detector, Id::imei_missing) == std::vector{Severity::info});
    CHECK(world.detector.kinds().size() == alarm::id_count + 3);
}

TEST_CASE("nothing is told as what it was not said to be told as", "[R43]") {
    World world;
    for (std::size_t id = 0; id < alarm::id_count; ++id) {
        if (static_cast<Id>(id) == Id::alarm_flood) continue;
        for (std::uint64_t subscriber = 0; subscriber < 70; ++subscriber)
            for (int times = 0; times < 31; ++times)
                world.detector.raise(occurrence(static_cast<Id>(id), subscriber));
    }
    world.detector.flush(start + 1s);
    const auto kinds = world.detector.kinds();
    for (const auto& notice : world.told.take()) {
        INFO(alarm::describe(notice.alarm.id).name << ' ' << alarm::name_of(notice.severity));
        CHECK(std::find(kinds.begin(), kinds.end(), alarm::Kind{notice.alarm.id, notice.severity}) !=
              kinds.end());
    }
}
