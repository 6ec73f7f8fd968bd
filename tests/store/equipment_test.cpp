// SPDX-License-Identifier: Apache-2.0
// The contract of the equipment register, run against every implementation.
#include <catch2/catch.hpp>
#include <random>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using s6a::EquipmentStatus;
using store::EquipmentEntry;
using store::PutDevice;
using store::PutEquipment;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

void must_apply(store::Provisioning& provisioning, const std::vector<store::Item>& items) {
    for (const auto& error : provisioning.apply(items, false)) FAIL(error.text);
}

PutEquipment listed(std::string_view of, std::optional<EquipmentStatus> status,
                    std::optional<std::string> svn = std::nullopt,
                    std::optional<std::string> comment = std::nullopt) {
    return {range(of), std::move(svn), status, std::move(comment)};
}

std::optional<EquipmentEntry> decides(store::Store& store, std::string_view of,
                                      std::optional<std::string> svn = std::nullopt) {
    return await(store.load_equipment(imei(of), std::move(svn))).value();
}

}  // namespace

TEMPLATE_TEST_CASE("the most specific entry of the register decides", "[equipment]", WORLDS) {
    TestType world;
    CHECK_FALSE(decides(world.store, "35824005111111"));
    must_apply(world.provisioning,
               {item(listed("35824005", EquipmentStatus::tracked, std::nullopt, "type under watch")),
                item(listed("35824005", EquipmentStatus::prohibited, "07")),
                item(listed("35824005111000-35824005111999", EquipmentStatus::permitted)),
                item(listed("35824005111111", EquipmentStatus::prohibited)),
                item(listed("35824005111111", EquipmentStatus::permitted, "02"))});
    CHECK(decides(world.store, "35824005000001") ==
          EquipmentEntry{range("35824005"), std::nullopt, EquipmentStatus::tracked, "type under watch"});
    CHECK(decides(world.store, "35824005000001", "07")->status == EquipmentStatus::prohibited);
    CHECK(decides(world.store, "35824005111112", "07")->range == range("35824005111000-35824005111999"));
    CHECK(decides(world.store, "35824005111111", "01")->status == EquipmentStatus::prohibited);
    CHECK(decides(world.store, "35824005111111", "02")->svn == "02");
    CHECK_FALSE(decides(world.store, "35824006000001"));
    CHECK(world.provisioning.equipment_of(imei("35824005111111"), "02") ==
          decides(world.store, "35824005111111", "02"));
}

TEMPLATE_TEST_CASE("the register is listed by range and version, up to a limit", "[equipment]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(listed("35824006", EquipmentStatus::prohibited, "01", "b")),
                                    item(listed("35824006", EquipmentStatus::tracked, std::nullopt, "a")),
                                    item(listed("35824005111111", EquipmentStatus::permitted))});
    const std::vector<EquipmentEntry> all{
        {range("35824005111111"), std::nullopt, EquipmentStatus::permitted, ""},
        {range("35824006"), std::nullopt, EquipmentStatus::tracked, "a"},
        {range("35824006"), "01", EquipmentStatus::prohibited, "b"}};
    CHECK(world.provisioning.equipment(10) == all);
    CHECK(world.provisioning.equipment(1) == std::vector{all[0]});
}

TEMPLATE_TEST_CASE("an entry is changed and taken off, and leaves group and comment of its device",
                   "[equipment]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(PutDevice{range("35824005"), "meters", "hall 3"})});
    must_apply(world.provisioning, {item(listed("35824005", EquipmentStatus::tracked)),
                                    item(listed("35824005", EquipmentStatus::tracked, "01", "old firmware")),
                                    item(listed("35824006", EquipmentStatus::prohibited))});
    CHECK(decides(world.store, "35824005000001")->comment == "hall 3");
    must_apply(world.provisioning, {item(listed("35824005", EquipmentStatus::prohibited)),
                                    item(listed("35824005", EquipmentStatus::prohibited, "01"))});
    CHECK(decides(world.store, "35824005000001")->status == EquipmentStatus::prohibited);
    CHECK(decides(world.store, "35824005000001", "01")->comment == "old firmware");
    must_apply(world.provisioning,
               {item(listed("35824005", std::nullopt)), item(listed("35824005", std::nullopt, "01")),
                item(listed("35824006", std::nullopt)), item(listed("35824007", std::nullopt))});
    CHECK(world.provisioning.equipment(10).empty());
    const auto devices = world.provisioning.devices(10);
    REQUIRE(devices.size() == 1);  // a range that says nothing any more is gone
    CHECK(devices[0].group == "meters");
    CHECK(devices[0].comment == "hall 3");
}

TEMPLATE_TEST_CASE("an entry that is none is an error of its line, and nothing is stored",
                   "[equipment]" NOT_OVER_API, WORLDS) {
    TestType world;
    const auto errors =
        world.provisioning.apply({item(listed("35824005", EquipmentStatus::tracked), 1),
                                  item(listed("35824005", EquipmentStatus::tracked, "1"), 2),
                                  item(listed("35824005", EquipmentStatus::tracked, "0a"), 3),
                                  item(listed("35824005", EquipmentStatus::tracked, "01", "a\nb"), 4),
                                  item(PutEquipment{{imei("35824005111112"), imei("35824005111111")},
                                                    std::nullopt,
                                                    EquipmentStatus::tracked,
                                                    std::nullopt},
                                       5)},
                                 false);
    std::vector<std::size_t> lines;
    for (const auto& error : errors) lines.push_back(error.line);
    CHECK(lines == std::vector<std::size_t>{2, 3, 4, 5});
    CHECK(world.provisioning.equipment(10).empty());
}

TEST_CASE("both stores decide alike on any register", "[equipment]") {
    MemoryWorld memory;
    PostgresWorld postgres;
    std::mt19937 random(7);
    const std::uint64_t base = imei("35824005000000").number();
    const auto number = [&] { return base + random() % 40; };
    std::vector<store::Item> items;
    for (int i = 0; i < 120; ++i) {
        auto low = number();
        auto high = random() % 3 == 0 ? low : number();
        if (high < low) std::swap(low, high);
        PutEquipment put{{*Imei::from_number(low), *Imei::from_number(high)},
                         std::nullopt,
                         static_cast<EquipmentStatus>(random() % 3),
                         std::nullopt};
        if (random() % 2 == 0) put.svn = random() % 2 == 0 ? "01" : "02";
        items.push_back(item(put));
    }
    must_apply(memory.provisioning, items);
    must_apply(postgres.provisioning, items);
    CHECK(memory.provisioning.equipment(1'000) == postgres.provisioning.equipment(1'000));
    for (std::uint64_t n = 0; n < 40; ++n) {
        for (const auto& svn : {std::optional<std::string>(), std::optional<std::string>("01"),
                                std::optional<std::string>("03")}) {
            const auto device = *Imei::from_number(base + n);
            CHECK(await(memory.store.load_equipment(device, svn)).value() ==
                  await(postgres.store.load_equipment(device, svn)).value());
        }
    }
}
