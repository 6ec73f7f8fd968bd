// SPDX-License-Identifier: Apache-2.0
// The verdict on a device that is reported, condition by condition (spec 5.1 to 5.3).
#include <catch2/catch.hpp>

#include "judge_cases.h"

namespace bindhss::binding {

using namespace test;

TEST_CASE("A subscription that is not managed is admitted without a finding", "[judge][R42]") {
    auto binding = bound(Policy::off);
    binding.rules.push_back(rule(1, false, "*", "*"));
    binding.terms.require_secure = true;
    for (const auto& access : {access_from(stranger), forged(stranger), access_from(std::nullopt)}) {
        const auto verdict = judged(binding, access);
        CHECK(admitted(verdict));
        CHECK_FALSE(verdict.verified);
        CHECK_FALSE(verdict.proof);
        CHECK_FALSE(verdict.acquire);
        CHECK(ids(verdict).empty());
        CHECK(ids(judged_device(binding, access)).empty());
    }
}

TEST_CASE("Monitoring reports an unauthorised pair and admits it; enforcing rejects it", "[judge][R35]") {
    const auto monitored = judged(bound(Policy::imei_monitor), access_from(stranger));
    CHECK(admitted(monitored));
    CHECK(ids(monitored) == Ids{Id::pair_unauthorised});
    const auto enforced = judged(bound(Policy::imei_enforce), access_from(stranger));
    CHECK(enforced.refused());
    CHECK(ids(enforced) == Ids{Id::pair_unauthorised});
    CHECK(ids(judged(bound(Policy::imei_enforce), access_from(own))).empty());
}

TEST_CASE("Enforcing without any authorised device rejects every device; monitoring has nothing to tell",
          "[judge][R35]") {
    const auto enforced = judged(empty(Policy::imei_enforce), access_from(own));
    CHECK(enforced.refused());
    CHECK(ids(enforced) == Ids{Id::pair_unauthorised});
    CHECK(ids(judged(empty(Policy::imei_monitor), access_from(own))).empty());
    CHECK(ids(judged(empty(Policy::kme), proven(own))).empty());
}

TEST_CASE("A rule that denies counts under every policy, one that allows admits", "[judge][R1][R35]") {
    auto binding = bound(Policy::imei_enforce);
    binding.rules.push_back(rule(7, true, "86543503"));
    CHECK(admitted(judged(binding, access_from(stranger))));
    binding.rules.push_back(rule(8, false, "86543503053961"));
    const auto denied = judged(binding, access_from(stranger));
    CHECK(denied.refused());
    REQUIRE(ids(denied) == Ids{Id::pair_unauthorised});
    CHECK_THAT(denied.findings[0].detail, Catch::Contains("rule 8"));

    auto monitored = empty(Policy::imei_monitor);
    monitored.rules = {rule(8, false, "86543503053961")};
    CHECK(ids(judged(monitored, access_from(stranger))) == Ids{Id::pair_unauthorised});
    CHECK(admitted(judged(monitored, access_from(stranger))));
}

TEST_CASE("A group of devices is allowed to a group of subscriptions", "[judge][R55]") {
    auto binding = empty(Policy::imei_enforce);
    binding.rules = {rule(1, true, "group:meters", "group:metering")};
    binding.has_list = true;
    auto access = access_from(own);
    access.device.groups = {"meters"};
    CHECK(judged(binding, access).refused());
    binding.groups = {"metering"};
    CHECK(admitted(judged(binding, access)));
    access.device.groups = {"modems"};
    CHECK(judged(binding, access).refused());
}

TEST_CASE("A device is allowed by the versions that its model may have", "[judge][R55]") {
    auto binding = empty(Policy::imei_enforce);
    binding.rules = {rule(1, true, "35824005"), rule(2, false, "35824005111111:01")};
    binding.has_list = true;
    CHECK(judged(binding, access_from(own)).refused());
    auto updated = access_from(own);
    updated.terminal_information->svn = updated.last_seen_svn = "02";
    CHECK(admitted(judged(binding, updated)));
}

TEST_CASE("A missing or invalid IMEI is admitted when monitoring, rejected when enforcing, by default",
          "[judge][R36]") {
    CHECK(ids(judged(bound(Policy::imei_monitor), access_from(std::nullopt))) == Ids{Id::imei_missing});
    CHECK(admitted(judged(bound(Policy::imei_monitor), access_from(std::nullopt))));
    const auto missing = judged(bound(Policy::imei_enforce), access_from(std::nullopt));
    CHECK(missing.refused());
    CHECK(ids(missing) == Ids{Id::imei_missing});
    auto access = access_from(std::nullopt);
    access.terminal_information = TerminalInformation::normalise("not digits", std::nullopt);
    const auto invalid = judged(bound(Policy::imei_enforce), access);
    CHECK(invalid.refused());
    CHECK(ids(invalid) == Ids{Id::imei_invalid});
}

TEST_CASE("What a missing IMEI means is as the terms say, else as configured", "[judge][R36]") {
    const auto nobody = access_from(std::nullopt);
    CHECK(admitted(judged(bound(Policy::imei_enforce), nobody, {.imei_absent_allowed_enforce = true})));
    CHECK(judged(bound(Policy::imei_monitor), nobody, {.imei_absent_allowed_monitor = false}).refused());
    auto binding = bound(Policy::imei_enforce);
    binding.terms.imei_absent_allowed = true;
    CHECK(admitted(judged(binding, nobody)));
    binding = bound(Policy::imei_monitor);
    binding.terms.imei_absent_allowed = false;
    CHECK(judged(binding, nobody).refused());
}

TEST_CASE("The association of UICC and device is watched: first seen, changed, another version",
          "[judge][R48]") {
    const auto binding = bound(Policy::imei_monitor);
    auto access = access_from(own);
    access.last_seen_imei.reset();
    CHECK(ids(judged(binding, access)) == Ids{Id::association_first_seen});
    access.last_seen_imei = stranger;
    access.last_seen_svn = "99";
    const auto changed = judged(binding, access);
    REQUIRE(ids(changed) == Ids{Id::association_changed});
    CHECK_THAT(changed.findings[0].detail, Catch::Contains(stranger.str()));
    access.last_seen_imei = own;
    const auto updated = judged(binding, access);
    REQUIRE(ids(updated) == Ids{Id::imeisv_changed});
    CHECK_THAT(updated.findings[0].detail, Catch::Contains("99"));
    access.last_seen_svn.reset();
    CHECK(ids(judged(binding, access)).empty());
    access.last_seen_svn = "01";
    CHECK(ids(judged(binding, access)).empty());
}

TEST_CASE("What follows an unauthorised device is as the terms say", "[judge][R35]") {
    auto binding = bound(Policy::imei_enforce);
    auto& terms = binding.terms;
    terms.on_unauthorised = Reaction::alarm;
    CHECK(admitted(judged(binding, access_from(stranger))));
    terms.on_unauthorised = Reaction::limit;
    terms.limited_profile = "quarantine";
    const auto limited = judged(binding, access_from(stranger));
    CHECK(limited.admission == Admission::limited);
    CHECK(ids(limited) == Ids{Id::pair_unauthorised, Id::access_limited});
    terms.limited_profile.clear();
    CHECK(judged(binding, access_from(stranger)).refused());
    terms.on_unauthorised = Reaction::reject;
    CHECK_FALSE(judged(binding, access_from(stranger)).lock);
    terms.on_unauthorised = Reaction::lock;
    const auto locked = judged(binding, access_from(stranger));
    CHECK(locked.refused());
    CHECK(locked.lock);
    CHECK(ids(locked) == Ids{Id::pair_unauthorised, Id::binding_locked});
}

TEST_CASE("Of several reactions the strictest counts", "[judge]") {
    auto binding = bound(Policy::imei_enforce);
    binding.terms.on_unauthorised = Reaction::reject;
    binding.terms.on_shared = Reaction::limit;
    binding.terms.limited_profile = "quarantine";
    auto access = access_from(stranger);
    access.device.uiccs = 1;
    access.device.uiccs_max = 1;
    CHECK(judged(binding, access).refused());
    binding.terms.on_unauthorised = Reaction::alarm;
    CHECK(judged(binding, access).admission == Admission::limited);
    binding.terms.on_shared = Reaction::alarm;
    CHECK(admitted(judged(binding, access)));
}

TEST_CASE("A device that carries more UICCs than it may is told of, and more by the terms", "[judge][R35]") {
    auto binding = bound(Policy::imei_monitor);
    auto access = access_from(own);
    access.device.uiccs = 7;
    CHECK(ids(judged(binding, access)).empty());  // any number
    access.device.uiccs_max = 8;
    CHECK(ids(judged(binding, access)).empty());
    access.device.uiccs = 8;
    const auto shared = judged(binding, access);
    CHECK(admitted(shared));
    REQUIRE(ids(shared) == Ids{Id::imei_shared});
    CHECK(shared.findings[0].detail == "9 subscriptions at once, 8 allowed");
    binding.terms.on_shared = Reaction::reject;
    CHECK(judged(binding, access).refused());
}

TEST_CASE("A policy may ask for devices whose IMEI is protected", "[judge][R41]") {
    auto binding = bound(Policy::imei_enforce);
    auto access = access_from(own);
    CHECK(admitted(judged(binding, access)));
    binding.terms.require_secure = true;
    CHECK(ids(judged(binding, access)) == Ids{Id::insecure_device});  // not known
    CHECK(judged(binding, access).refused());
    access.device.imei_secure = false;
    CHECK(judged(binding, access).refused());
    access.device.imei_secure = true;
    CHECK(ids(judged(binding, access)).empty());
    binding.terms.on_insecure = Reaction::alarm;
    access.device.imei_secure = false;
    CHECK(admitted(judged(binding, access)));
}

TEST_CASE("Where a key binds, the key has to be protected too", "[judge][R41]") {
    auto binding = bound(Policy::kme);
    binding.terms.require_secure = true;
    auto access = proven(own);
    access.device.imei_secure = true;
    const auto verdict = judged(binding, access);
    CHECK(verdict.refused());
    REQUIRE(ids(verdict) == Ids{Id::insecure_device});
    CHECK_THAT(verdict.findings[0].detail, Catch::Contains("key"));
    access.device.key_secure = true;
    CHECK(admitted(judged(binding, access)));
}

TEST_CASE("A device that is not named is not known to be secure", "[judge][R41]") {
    auto binding = bound(Policy::imei_monitor);
    binding.terms.require_secure = true;
    auto nobody = access_from(std::nullopt);
    nobody.device.imei_secure = true;
    CHECK(ids(judged(binding, nobody)) == Ids{Id::imei_missing, Id::insecure_device});
    CHECK(judged(binding, nobody).refused());
}

}  // namespace bindhss::binding
