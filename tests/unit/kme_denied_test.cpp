// SPDX-License-Identifier: Apache-2.0
// What the operator is told of a device that wants a key and must not have one: each fact once.
#include "key_world.h"

namespace bindhss::test {

namespace {

using alarm::Id;
using Ids = std::vector<Id>;

Ids raised(const World& world) {
    Ids ids;
    for (const auto& alarm : world.alarms.raised) ids.push_back(alarm.id);
    return ids;
}

/// The first attach of the card in a device that is not its own.
Ids raised_by_stranger(KeyWorld& world) {
    emu::Me foreign(world.stranger);
    const auto ula = world.attach_in(foreign, world.mme1);
    REQUIRE(ula);
    REQUIRE_FALSE(*ula);
    CHECK(ula->error().kme_access_info->cause == s6a::KmeCause::imei_not_authorised);
    CHECK(world.mme.inserted.empty());
    CHECK_FALSE(world.registered());
    return raised(world);
}

}  // namespace

TEST_CASE("A device that must not have a key raises one alarm for that, besides what it is of a device",
          "[kme][R14][R35]") {
    KeyWorld world;
    CHECK(raised_by_stranger(world) == Ids{Id::association_first_seen, Id::pair_unauthorised});
    const auto& alarm = world.alarms.raised.back();
    CHECK(alarm.imei == world.stranger);
    CHECK(alarm.peer == world.mme1.host);
    CHECK(alarm.detail == "no key is given to a device that is not authorised");
}

TEST_CASE("A pair that the policy has told of already is told of once", "[kme][R14][R35]") {
    KeyWorld world;
    world.unbound.policy = binding::Policy::kme_imei;
    world.unbound.on_unauthorised = binding::Reaction::alarm;
    world.put(store::PutTerms{world.unbound});
    CHECK(raised_by_stranger(world) == Ids{Id::association_first_seen, Id::pair_unauthorised});
    CHECK(world.alarms.raised.back().detail == "no rule allows it");
}

TEST_CASE("Where the operator is asked about the device, the question is the alarm", "[kme][R14]") {
    KeyWorld world(binding::Acquisition::approve);
    CHECK(raised_by_stranger(world) == Ids{Id::association_first_seen, Id::approval_pending});
    world.alarms.forget();
    world.put(store::AuthoriseDevice{world.imsi, world.own});
    CHECK(raised_by_stranger(world) == Ids{Id::approval_pending});
}

TEST_CASE("That the key of another device is not proven stays an alarm where none was to be given",
          "[kme][R35]") {
    KeyWorld world;
    REQUIRE(world.attach_in(world.device, world.mme1));
    world.alarms.forget();
    world.later(std::chrono::hours(1));
    const auto ula = world.key_ulr(world.mme1, world.stranger);
    CHECK_FALSE(ula);
    CHECK(raised(world) == Ids{Id::imei_mismatch, Id::update_unauthenticated, Id::binding_unverified});
}

}  // namespace bindhss::test
