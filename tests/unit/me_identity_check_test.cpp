// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "world.h"

namespace bindhss {

namespace {

using binding::Policy;
using s6a::EquipmentStatus;
using store::PutEquipment;
using test::World;

struct Register : World {
    void list(std::string_view range, std::optional<EquipmentStatus> status,
              std::optional<std::string> svn = std::nullopt) {
        put(PutEquipment{*ImeiRange::parse(range), std::move(svn), status, std::nullopt});
    }

    Result<s6a::MeIdentityCheckAnswer> ecr(std::optional<Imei> imei, std::optional<Imsi> of = std::nullopt,
                                           std::optional<std::string> svn = "01") {
        s6a::MeIdentityCheckRequest request{mme1, TerminalInformation{imei, std::move(svn), false}, of};
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::MeIdentityCheckAnswer>(*answer);
    }

    bool purge() { return dispatch(s6a::PurgeUeRequest{imsi, mme2}).has_value(); }

    EquipmentStatus status(Imei imei, std::optional<std::string> svn = "01") {
        const auto answer = ecr(imei, std::nullopt, std::move(svn));
        REQUIRE(answer);
        return answer->equipment_status;
    }
};

EquipmentStatus other(EquipmentStatus status) {
    return status == EquipmentStatus::permitted ? EquipmentStatus::prohibited : EquipmentStatus::permitted;
}

}  // namespace

TEST_CASE("A device in no list is permitted, prohibited or unknown, as the operator chooses", "[ecr]") {
    Register world;
    CHECK(world.status(world.own) == EquipmentStatus::permitted);
    world.settings.unlisted_equipment = EquipmentStatus::prohibited;
    CHECK(world.status(world.own) == EquipmentStatus::prohibited);
    CHECK(world.alarms.raised.empty());
    world.settings.unlisted_equipment = std::nullopt;
    const auto answer = world.ecr(world.own);
    REQUIRE_FALSE(answer);
    CHECK(result_code(answer.error().cause).number == 5422);
    CHECK(result_code(answer.error().cause).experimental);
}

TEST_CASE("The most specific entry decides: IMEISV, IMEI, narrower range, TAC, wider range", "[ecr]") {
    Register world;
    const auto imei = *Imei::parse("35824005111111");
    const std::vector<std::pair<std::string, std::optional<std::string>>> from_wide{
        {"35824000000000-35824099999999", std::nullopt},
        {"35824005", std::nullopt},
        {"35824005", "01"},
        {"35824005111000-35824005111999", std::nullopt},
        {"35824005111000-35824005111999", "01"},
        {"35824005111111", std::nullopt},
        {"35824005111111", "01"}};
    world.settings.unlisted_equipment = EquipmentStatus::tracked;
    CHECK(world.status(imei) == EquipmentStatus::tracked);
    auto status = EquipmentStatus::permitted;
    for (const auto& [range, svn] : from_wide) {
        status = other(status);
        world.list(range, status, svn);
        CHECK(world.status(imei) == status);
        if (svn) CHECK(world.status(imei, "02") != status);
    }
    // Taken off again from the narrow end, each entry uncovers the next one.
    for (auto entry = from_wide.rbegin(); entry != from_wide.rend(); ++entry) {
        CHECK(world.status(imei) == status);
        world.list(entry->first, std::nullopt, entry->second);
        status = other(status);
    }
    CHECK(world.status(imei) == EquipmentStatus::tracked);
    CHECK(world.store.equipment(10).empty());
}

TEST_CASE("Of overlapping ranges of one width the lower decides, always", "[ecr]") {
    Register world;
    world.list("35824005111000-35824005111199", EquipmentStatus::prohibited);
    world.list("35824005111100-35824005111299", EquipmentStatus::tracked);
    CHECK(world.status(*Imei::parse("35824005111150")) == EquipmentStatus::prohibited);
    CHECK(world.status(*Imei::parse("35824005111250")) == EquipmentStatus::tracked);
    CHECK(world.status(*Imei::parse("35824005111300")) == EquipmentStatus::permitted);
}

TEST_CASE("An entry for a software version does not count for a device that reports none", "[ecr]") {
    Register world;
    world.list("35824005", EquipmentStatus::prohibited, "03");
    CHECK(world.status(world.own, std::nullopt) == EquipmentStatus::permitted);
    CHECK(world.status(world.own, "03") == EquipmentStatus::prohibited);
}

TEST_CASE("A black-listed device raises an alarm with the IMSI, the IMEI and the entry; a grey one none",
          "[ecr]") {
    Register world;
    world.list("35824005", EquipmentStatus::prohibited);
    REQUIRE(world.ecr(world.own, world.imsi)->equipment_status == EquipmentStatus::prohibited);
    REQUIRE(world.alarms.raised.size() == 1);
    const auto& alarm = world.alarms.raised[0];
    CHECK(alarm.id == alarm::Id::equipment_prohibited);
    CHECK(alarm.imsi == world.imsi);
    CHECK(alarm.imei == world.own);
    CHECK(alarm.peer == world.mme1.host);
    CHECK(alarm.detail == "listed black by 35824005000000-35824005999999");
    world.list("35824005", EquipmentStatus::tracked);
    REQUIRE(world.ecr(world.own, world.imsi)->equipment_status == EquipmentStatus::tracked);
    CHECK(world.alarms.raised.size() == 1);
}

TEST_CASE("Without a valid IMEI the equipment is unknown, whatever the lists say", "[ecr]") {
    Register world;
    s6a::MeIdentityCheckRequest request{world.mme1, TerminalInformation{std::nullopt, "01", true},
                                        std::nullopt};
    const auto answer = world.dispatch(request);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().cause == Cause::equipment_unknown);
    CHECK(world.alarms.raised.empty());

    world.bind(Policy::imei_enforce);
    request.imsi = world.imsi;
    CHECK(world.dispatch(request).error().cause == Cause::equipment_unknown);
    CHECK(world.alarms.count(alarm::Id::imei_invalid) == 1);
}

TEST_CASE("A pair that an enforcing binding does not have is prohibited, a white list notwithstanding",
          "[ecr][binding]") {
    const auto policy = GENERATE(Policy::imei_enforce, Policy::kme_imei);
    Register world;
    world.bind(policy);
    world.list(world.stranger.str(), EquipmentStatus::permitted);
    CHECK(world.ecr(world.stranger, world.imsi)->equipment_status == EquipmentStatus::prohibited);
    CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
    CHECK(world.ecr(world.own, world.imsi)->equipment_status == EquipmentStatus::permitted);
    CHECK(world.ecr(world.stranger)->equipment_status == EquipmentStatus::permitted);
    CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
    world.settings.unlisted_equipment = std::nullopt;
    world.list(world.stranger.str(), std::nullopt);
    CHECK(world.ecr(world.stranger, world.imsi)->equipment_status == EquipmentStatus::prohibited);
}

TEST_CASE("A pair that is only watched is permitted, with the alarms of an Update-Location",
          "[ecr][binding]") {
    Register world;
    world.bind(Policy::imei_monitor);
    REQUIRE(world.air(world.mme1));
    CHECK(world.ecr(world.stranger, world.imsi)->equipment_status == EquipmentStatus::permitted);
    CHECK(world.alarms.count(alarm::Id::association_first_seen) == 1);
    CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
    REQUIRE(world.ulr(world.mme1, world.own));
    CHECK(world.ecr(world.stranger, world.imsi)->equipment_status == EquipmentStatus::permitted);
    CHECK(world.alarms.count(alarm::Id::association_changed) == 1);
}

TEST_CASE("Bound by key alone, a foreign IMEI is told of and permitted: the key decides", "[ecr][binding]") {
    Register world;
    world.bind(Policy::kme);
    CHECK(world.ecr(world.stranger, world.imsi)->equipment_status == EquipmentStatus::permitted);
    CHECK(world.alarms.count(alarm::Id::imei_mismatch) == 1);
    CHECK(world.alarms.count(alarm::Id::binding_unverified) == 0);
}

TEST_CASE("An equipment check locks nothing, asks nobody, and tells of neither", "[ecr][binding]") {
    Register world;
    binding::Terms terms;
    terms.policy = Policy::imei_enforce;
    terms.on_unauthorised = binding::Reaction::lock;
    terms.acquisition = binding::Acquisition::approve;
    world.bind(terms);
    REQUIRE(world.attach(world.mme1, world.own));
    CHECK(world.ecr(world.stranger, world.imsi)->equipment_status == EquipmentStatus::prohibited);
    CHECK(world.alarms.count(alarm::Id::binding_locked) == 0);
    CHECK(world.alarms.count(alarm::Id::approval_pending) == 0);
    CHECK(world.attach(world.mme1, world.own));
}

TEST_CASE("An equipment check changes neither registration nor what was seen", "[ecr][binding]") {
    Register world;
    world.bind(Policy::imei_monitor);
    REQUIRE(world.attach(world.mme1, world.own));
    const auto seen = world.alarms.raised.size();
    REQUIRE(world.ecr(world.stranger, world.imsi));
    REQUIRE(world.ulr(world.mme1, world.own));
    CHECK(world.alarms.count(alarm::Id::association_changed) == 1);  // told at the check, not stored
    CHECK(world.alarms.raised.size() == seen + 2);
    REQUIRE(world.store.registrations(10).size() == 1);
}

TEST_CASE("What a node asks about a UE that it has nothing to do with is no change of device",
          "[ecr][binding][R40]") {
    Register world;
    world.bind(Policy::imei_monitor);
    REQUIRE(world.attach(world.mme2, world.own));
    REQUIRE(world.purge());
    world.alarms.forget();
    REQUIRE(world.ecr(world.stranger, world.imsi));
    CHECK(world.alarms.count(alarm::Id::association_changed) == 0);
}

TEST_CASE("The card of another network is no reason against its device", "[ecr]") {
    Register world;
    CHECK(world.ecr(world.own, *Imsi::parse("262019999999999"))->equipment_status ==
          EquipmentStatus::permitted);
    CHECK(world.alarms.raised.empty());
}

TEST_CASE("While the database is down no status is invented", "[ecr]") {
    Register world;
    world.store.fail_with(fail(Cause::unable_to_comply, "down"));
    CHECK(world.ecr(world.own).error().cause == Cause::unable_to_comply);
    CHECK(world.ecr(world.own, world.imsi).error().cause == Cause::unable_to_comply);
}

}  // namespace bindhss
