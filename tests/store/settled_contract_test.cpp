// SPDX-License-Identifier: Apache-2.0
// What operators decide ends the alarms that asked for it; and a rule that is there already.
#include <catch2/catch.hpp>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using alarm::Id;
using binding::Policy;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

template <class World>
void raise(World& world, Id id, std::optional<Imei> device, const std::string& of = known) {
    await(world.store.record_alarm({alarm::Change::raised,
                                    {id, imsi(of), device, "mme1", "why", at(10)},
                                    alarm::Severity::minor,
                                    "text"}));
}

/// Names of the open alarms, in alphabetical order.
template <class World>
std::vector<std::string> open_alarms(World& world) {
    std::vector<std::string> names;
    for (const auto& row : world.provisioning.alarms(100)) names.push_back(row.name);
    std::sort(names.begin(), names.end());
    return names;
}
using Names = std::vector<std::string>;

}  // namespace

TEMPLATE_TEST_CASE("the end of a lock ends its alarms, by the operator's name", "[contract][decision][R35]",
                   WORLDS) {
    TestType world;
    const std::string other = "001010000000002";
    must_put(world, {item(put_subscriber(imsi(known))), item(put_subscriber(imsi(other))),
                     binding_of(Policy::kme, {own})});
    world.provisioning.act_as("ann@desk");
    raise(world, Id::binding_locked, own);
    raise(world, Id::kme_suspect, std::nullopt);
    raise(world, Id::imei_missing, std::nullopt);
    raise(world, Id::binding_locked, own, other);
    must_put(world, {item(store::SetLock{imsi(known), true})});
    CHECK(open_alarms(world).size() == 4);
    CHECK(world.provisioning.apply({item(store::SetLock{imsi(known), false})}, true).empty());
    CHECK(open_alarms(world).size() == 4);
    must_put(world, {item(store::SetLock{imsi(known), false})});
    CHECK(open_alarms(world) == Names{"binding_locked", "imei_missing"});
    // Running daemons are told of it, as of every act.
    const auto acts = await(world.store.alarm_acts(0, 10)).value().acts;
    REQUIRE(acts.size() == 2);
    for (const auto& act : acts) CHECK(act.who == "ann@desk");
    for (const auto& row : world.provisioning.alarms(100, true)) {
        CHECK(row.cleared.has_value() == !row.cleared_by.empty());
        if (row.cleared) CHECK(row.cleared_by == "ann@desk");
    }
}

TEMPLATE_TEST_CASE("a device that is authorised, or refused, ends the alarms about it and no others",
                   "[contract][decision][R14][R35]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce)});
    world.provisioning.act_as("ann@desk");
    for (const auto id : {Id::pair_unauthorised, Id::approval_pending, Id::association_changed,
                          Id::association_first_seen, Id::imei_mismatch, Id::access_limited})
        raise(world, id, own);
    raise(world, Id::insecure_device, own);
    raise(world, Id::pair_unauthorised, second);
    raise(world, Id::approval_pending, second);
    must_put(world, {item(store::AuthoriseDevice{imsi(known), own})});
    CHECK(open_alarms(world) == Names{"approval_pending", "insecure_device", "pair_unauthorised"});
    must_put(world, {item(store::RefuseDevice{imsi(known), second})});
    CHECK(open_alarms(world) == Names{"insecure_device", "pair_unauthorised"});
    for (const auto& row : world.provisioning.alarms(100, true))
        if (row.cleared) CHECK(row.cleared_by == "ann@desk");
}

TEMPLATE_TEST_CASE("a rule that is there already is not stored twice, and gets the comment",
                   "[contract][decision][R1][R38]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))),
                     item(store::PutSubscriptionGroup{"fleet", std::nullopt, std::nullopt}),
                     item(store::PutDevice{range("35824007"), "modems", std::nullopt})});
    const auto rule = [](const std::string& who, const std::string& what, const std::string& comment) {
        binding::Rule made;
        made.subscriptions = binding::SubscriptionSet::parse(who).value();
        made.devices = binding::DeviceSet::parse(what).value();
        made.from = at(0);
        made.comment = comment;
        return made;
    };
    std::vector<binding::Rule> rules{rule("00101*", "35824005:01,05", "one"), rule("*", "*", "two"),
                                     rule("group:fleet", "group:modems", "three"),
                                     rule(known, own.str(), "four")};
    const auto items_of = [&] {
        std::vector<store::Item> items;
        for (const auto& each : rules) items.push_back(item(store::PutRule{each}));
        return items;
    };
    must_put(world, items_of());
    const auto first = world.provisioning.rules(std::nullopt, 100);
    REQUIRE(first.size() == rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i)
        CHECK(world.provisioning.rule_like(rules[i]) == first[i].id);
    for (auto& each : rules) each.comment += " again";
    must_put(world, items_of());
    auto second_time = world.provisioning.rules(std::nullopt, 100);
    REQUIRE(second_time.size() == rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        CHECK(second_time[i].id == first[i].id);
        CHECK(second_time[i].comment == rules[i].comment);
    }
    SECTION("not even within one import, where the last comment counts") {
        auto twice = rule("00102*", "*", "old");
        auto items = std::vector{item(store::PutRule{twice})};
        twice.comment = "new";
        items.push_back(item(store::PutRule{twice}));
        must_put(world, items);
        const auto all = world.provisioning.rules(std::nullopt, 100);
        REQUIRE(all.size() == rules.size() + 1);
        CHECK(all.back().comment == "new");
    }
    SECTION("what differs in anything else is another rule") {
        auto changed = rules[0];
        changed.allow = false;
        auto later = rules[0];
        later.until = at(1000);
        auto stronger = rules[0];
        stronger.priority = 1;
        auto versions = rules[0];
        versions.devices.svns = {};
        for (const auto& each : {changed, later, stronger, versions}) {
            CHECK_FALSE(world.provisioning.rule_like(each));
            must_put(world, {item(store::PutRule{each})});
        }
        CHECK(world.provisioning.rules(std::nullopt, 100).size() == rules.size() + 4);
    }
}
