// SPDX-License-Identifier: Apache-2.0
// What follows when a UE is used in a device that it should not be used in, and who is believed
// (spec 4.7, 5.3).
#include "signs_world.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using binding::Acquisition;
using binding::Policy;
using binding::Reaction;
using binding::Terms;
using test::cause_of_error;
using test::NodesWorld;

Terms enforcing() {
    Terms terms;
    terms.policy = Policy::imei_enforce;
    return terms;
}

struct Access : NodesWorld {
    static constexpr const char* substitute =
        R"({"ambr":{"uplink":1000,"downlink":1000},"default_context":1,"apns":{"1":{"apn":"walled"}}})";

    explicit Access(const Terms& terms) {
        put(store::PutProfile{"walled", substitute});
        bind(terms);
    }
    std::optional<Imei> last_seen() { return view(mme1).last_seen_imei; }
    bool refused(const Result<s6a::UpdateLocationAnswer>& answer) const {
        return !answer && answer.error().cause == settings.reject_cause;
    }
    std::string apn_of(const Result<s6a::UpdateLocationAnswer>& answer) const {
        REQUIRE(answer);
        REQUIRE(answer->subscription_data);
        return answer->subscription_data->apn_configuration_profile->apns.at(0).service_selection;
    }
    /// A device that the node finds out of its own accord.
    bool reports(const ServingNode& node, const Imei& imei, std::optional<bool> emergency_service = {}) {
        s6a::NotifyRequest request{imsi, node};
        request.terminal_information = TerminalInformation{imei, "01", false};
        request.emergency = emergency_service;
        return notify(std::move(request)).has_value();
    }
};

}  // namespace

TEST_CASE(
    "After a refused Update-Location the next AIR is refused as well, once, so that the phone hears of it",
    "[access][R35]") {
    auto terms = enforcing();
    terms.refuse_next = 30s;
    Access world(terms);
    REQUIRE(world.refused(world.attach(world.mme1, world.stranger)));
    SECTION("once: the right device is served right after") {
        const auto refused = world.air(world.mme1);
        CHECK(cause_of_error(refused) == Cause::access_refused);
        CHECK(result_code(refused.error().cause).number == 5003);
        CHECK(world.attach(world.mme1, world.own));
    }
    SECTION("within the window alone") {
        world.clock.advance(30s);
        CHECK(world.attach(world.mme1, world.own));
    }
    SECTION("whoever tries again and again") {
        for (int i = 0; i < 5; ++i) {
            CHECK_FALSE(world.air(world.mme1));
            REQUIRE(world.refused(world.attach(world.mme1, world.stranger)));
        }
        CHECK_FALSE(world.air(world.mme1));
        CHECK(world.attach(world.mme2, world.own));
    }
}

TEST_CASE("Without that choice no AIR is refused for a refused Update-Location", "[access]") {
    Access world(enforcing());
    REQUIRE(world.refused(world.attach(world.mme1, world.stranger)));
    CHECK(world.air(world.mme1));
}

TEST_CASE("An Update-Location that anybody could have written is told of and moves no binding",
          "[access][R40][I5]") {
    auto terms = enforcing();
    terms.refuse_next = 30s;
    SECTION("it is the device that the list has") {
        Access world(terms);
        REQUIRE(world.ulr(world.mme2, world.own));
        CHECK(world.alarms.count(alarm::Id::update_unauthenticated) == 1);
        CHECK(world.registrations().mme->provenance == binding::Provenance::unproven);
        CHECK_FALSE(world.last_seen());
        CHECK(world.alarms.count(alarm::Id::association_first_seen) == 0);
    }
    SECTION("it is refused where the operator wants it") {
        terms.on_unproven = Reaction::reject;
        Access world(terms);
        REQUIRE(world.attach(world.mme1, world.own));
        REQUIRE(world.purge({world.imsi, world.mme1}));
        CHECK(world.refused(world.ulr(world.mme2, world.own)));
        CHECK(world.registrations().mme->node == world.mme1);
        CHECK(world.attach(world.mme1, world.own));
    }
    SECTION("a forged device neither counts as seen nor shuts the right one out") {
        Access world(terms);
        REQUIRE(world.attach(world.mme1, world.own));
        REQUIRE(world.purge({world.imsi, world.mme1}));
        REQUIRE(world.refused(world.ulr(world.mme2, world.stranger)));
        CHECK(world.last_seen() == world.own);
        CHECK(world.attach(world.mme1, world.own));  // no AIR was refused for it
        CHECK(world.alarms.count(alarm::Id::association_changed) == 0);
    }
    SECTION("nor does it lock the subscription") {
        terms.on_unauthorised = Reaction::lock;
        Access world(terms);
        REQUIRE(world.refused(world.ulr(world.mme2, world.stranger)));
        CHECK(world.attach(world.mme1, world.own));
    }
    SECTION("nor is its device acquired, or the operator asked about it") {
        terms.acquisition = GENERATE(Acquisition::first_use, Acquisition::approve);
        Access world(terms);
        world.put(store::PutBinding{world.imsi, terms.policy, {}, "", "ours"});
        REQUIRE(world.refused(world.ulr(world.mme2, world.stranger)));
        CHECK(world.store.approvals(10).empty());
        CHECK(world.store.subscriber(world.imsi)->devices.empty());
    }
}

TEST_CASE("The first device of an authenticated access is acquired, and no other one after it",
          "[access][R14][I5]") {
    auto terms = enforcing();
    terms.acquisition = Acquisition::first_use;
    Access world(terms);
    world.put(store::PutBinding{world.imsi, terms.policy, {}, "", "ours"});
    REQUIRE(world.attach(world.mme1, world.own));
    CHECK(world.store.subscriber(world.imsi)->devices == std::vector{ImeiRange::of(world.own)});
    CHECK(world.alarms.count(alarm::Id::device_acquired) == 1);
    CHECK(world.refused(world.attach(world.mme1, world.stranger)));
    CHECK(world.attach(world.mme1, world.own));
    CHECK(world.alarms.count(alarm::Id::device_acquired) == 1);
}

TEST_CASE("The operator is asked about a device, authorises it, and it is served", "[access][R14]") {
    auto terms = enforcing();
    terms.acquisition = Acquisition::approve;
    Access world(terms);
    REQUIRE(world.refused(world.attach(world.mme1, world.stranger)));
    REQUIRE(world.store.approvals(10).size() == 1);
    CHECK(world.store.approvals(10)[0].imei == world.stranger);
    CHECK(world.alarms.count(alarm::Id::approval_pending) == 1);
    world.put(store::AuthoriseDevice{world.imsi, world.stranger});
    CHECK(world.store.approvals(10).empty());
    REQUIRE(world.attach(world.mme1, world.stranger));
    CHECK(world.alarms.is_over(alarm::Id::approval_pending));
    CHECK(world.attach(world.mme1, world.own));
}

TEST_CASE("The operator is also asked about a device that is served meanwhile", "[access][R14]") {
    auto terms = enforcing();
    terms.acquisition = Acquisition::approve;
    terms.on_unauthorised = Reaction::alarm;
    Access world(terms);
    REQUIRE(world.attach(world.mme1, world.stranger));
    REQUIRE(world.store.approvals(10).size() == 1);
    CHECK(world.store.approvals(10)[0].imei == world.stranger);
}

TEST_CASE("A device that is locked out stays out, its subscription with it, until the operator acts",
          "[access][R35]") {
    auto terms = enforcing();
    terms.on_unauthorised = Reaction::lock;
    Access world(terms);
    REQUIRE(world.attach(world.mme1, world.own));
    REQUIRE(world.refused(world.attach(world.mme1, world.stranger)));
    CHECK(world.alarms.count(alarm::Id::binding_locked) == 1);
    CHECK(cause_of_error(world.air(world.mme1)) == Cause::binding_locked);
    CHECK(world.refused(world.ulr(world.mme1, world.own)));
    world.put(store::SetLock{world.imsi, false});
    REQUIRE(world.attach(world.mme1, world.own));
    CHECK(world.alarms.is_over(alarm::Id::binding_locked));
    CHECK(world.alarms.is_over(alarm::Id::pair_unauthorised));
}

TEST_CASE("Services are limited to the substitute profile, until the device is authorised",
          "[access][R35][R55]") {
    auto terms = enforcing();
    terms.on_unauthorised = Reaction::limit;
    terms.limited_profile = "walled";
    Access world(terms);
    CHECK(world.apn_of(world.attach(world.mme1, world.stranger)) == "walled");
    CHECK(world.registrations().mme->limited_profile == "walled");
    CHECK(world.registrations().mme->told == world.view(world.mme1).limited_version);
    CHECK(world.alarms.count(alarm::Id::access_limited) == 1);
    SECTION("the right device has its own") {
        CHECK(world.apn_of(world.attach(world.mme1, world.own)) == "internet");
        CHECK(world.registrations().mme->limited_profile.empty());
        CHECK(world.alarms.is_over(alarm::Id::access_limited));
        CHECK(world.alarms.is_over(alarm::Id::pair_unauthorised));
    }
    SECTION("Skip-Subscriber-Data is not followed when the profile is another one now") {
        world.put(store::AuthoriseDevice{world.imsi, world.stranger});
        auto request = world.ulr_of_mme(world.mme1);
        request.terminal_information->imei = world.stranger;
        request.flags.skip_subscriber_data = true;
        CHECK(world.apn_of(world.update(request)) == "internet");
    }
    SECTION("a device that Notify reports has to come again") {
        REQUIRE(world.attach(world.mme1, world.own));
        REQUIRE(world.reports(world.mme1, world.stranger));
        CHECK(world.nodes.cancelled.size() == 1);
        CHECK(world.apn_of(world.attach(world.mme1, world.stranger)) == "walled");
    }
}

TEST_CASE("What forbids the subscription forbids the substitute profile too", "[access]") {
    auto terms = enforcing();
    terms.on_unauthorised = Reaction::limit;
    terms.limited_profile = "walled";
    Access world(terms);
    world.put(store::PutProfile{
        "walled", R"({"ambr":{"uplink":1,"downlink":1},"default_context":1,"apns":{"1":{"apn":"walled"}},)"
                  R"("roaming":{"allowed":["26201"]}})"});
    REQUIRE(world.air(world.mme1));
    CHECK(cause_of_error(world.ulr(world.mme1, world.stranger)) == Cause::roaming_not_allowed);
    CHECK(world.store.registrations(10).empty());
}

TEST_CASE("An MME that repeats the IMEI of the device before gets round a check of IMEIs, not round a key",
          "[access][R13][R41]") {
    SECTION("by IMEI: nothing tells the thief's device from the right one") {
        Access world(enforcing());
        REQUIRE(world.attach(world.mme1, world.own));
        CHECK(world.attach(world.mme1, world.own));  // the thief's, which gave no IMEISV
    }
    SECTION("by key: its UE cannot answer, no Update-Location follows, and that is noticed") {
        test::SignsWorld world;
        REQUIRE(world.attach(world.mme1, world.own));
        REQUIRE(world.purge({world.imsi, world.mme1}));
        const auto vector = world.challenge(world.mme1);
        CHECK_FALSE(world.accepted(vector, vector.rand));
        CHECK_FALSE(world.accepted(vector, aka::decrypt_rand(world.other_kme.view(), vector.rand)));
        REQUIRE(world.purge({world.imsi, world.mme1}));
        world.fail_at(world.mme1);
        CHECK(world.alarms.count(alarm::Id::kme_suspect) == 1);
    }
}

TEST_CASE("What was proven goes with the UE from node to node, and no further", "[access][I1]") {
    test::SignsWorld world;
    REQUIRE(world.attach(world.mme1, world.own));
    world.clock.advance(1h);
    REQUIRE(world.ulr(world.mme2, world.own));
    CHECK(world.registrations().mme->verified);
    CHECK(world.registrations().mme->provenance == binding::Provenance::taken_over);
    REQUIRE(world.purge({world.imsi, world.mme2}));
    CHECK_FALSE(world.ulr(world.sgsn1, world.own));
    CHECK(world.alarms.count(alarm::Id::update_unauthenticated) == 1);
}

TEST_CASE("No check of the device ends an emergency service", "[access][nor][R35]") {
    Access world(enforcing());
    REQUIRE(world.attach(world.mme1, world.own));
    REQUIRE(world.reports(world.mme1, world.stranger, true));
    CHECK(world.nodes.cancelled.empty());
    CHECK(world.registrations().mme->emergency);
    CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
    SECTION("it is remembered") {
        REQUIRE(world.reports(world.mme1, world.stranger));
        CHECK(world.nodes.cancelled.empty());
    }
    SECTION("it goes on at another node") {
        REQUIRE(world.ulr(world.mme2, world.stranger));
        CHECK(world.registrations().mme->emergency);
        CHECK(world.registrations().mme->node == world.mme2);
    }
    SECTION("who attaches anew has none any more") {
        auto request = world.ulr_of_mme(world.mme1);
        request.terminal_information->imei = world.stranger;
        request.flags.initial_attach_indicator = true;
        REQUIRE(world.air(world.mme1));
        CHECK(world.refused(world.update(request)));
        request.terminal_information->imei = world.own;
        REQUIRE(world.update(request));
        CHECK_FALSE(world.registrations().mme->emergency);
    }
    SECTION("its end is told, and the check counts again") {
        REQUIRE(world.reports(world.mme1, world.stranger, false));
        CHECK_FALSE(world.registrations().mme->emergency);
        CHECK(world.nodes.cancelled.size() == 1);
    }
    SECTION("a purge ends it") {
        REQUIRE(world.purge({world.imsi, world.mme1}));
        CHECK(world.refused(world.attach(world.mme2, world.stranger)));
    }
}

TEST_CASE("An equipment check knows of an emergency service too", "[access][ecr]") {
    Access world(enforcing());
    REQUIRE(world.attach(world.mme1, world.own));
    const s6a::MeIdentityCheckRequest request{world.mme1, TerminalInformation{world.stranger, "01", false},
                                              world.imsi};
    const auto status = [&] {
        const auto answer = world.dispatch(request);
        REQUIRE(answer);
        return std::get<s6a::MeIdentityCheckAnswer>(*answer).equipment_status;
    };
    CHECK(status() == s6a::EquipmentStatus::prohibited);
    REQUIRE(world.reports(world.mme1, world.own, true));
    CHECK(status() == s6a::EquipmentStatus::permitted);
}

TEST_CASE("Under a key an emergency service is no way to be registered without it", "[access][I1]") {
    test::SignsWorld world;
    REQUIRE(world.attach(world.mme1, world.own));
    s6a::NotifyRequest request{world.imsi, world.mme1};
    request.emergency = true;
    REQUIRE(world.notify(request));
    world.put(store::PutKme{world.own, world.other_kme, 1});
    REQUIRE(world.air(world.mme1));
    REQUIRE(world.purge({world.imsi, world.mme1}));
    CHECK_FALSE(world.ulr(world.mme2, world.own));
}

TEST_CASE("A device that Notify reports is left in peace where the operator wants it", "[access][nor]") {
    auto terms = enforcing();
    terms.detach_on_notify = false;
    Access world(terms);
    REQUIRE(world.attach(world.mme1, world.own));
    REQUIRE(world.reports(world.mme1, world.stranger));
    CHECK(world.nodes.cancelled.empty());
    CHECK_FALSE(world.registrations().mme->purged);
    CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
}

TEST_CASE("A Notify locks, or asks the operator, as an Update-Location does", "[access][nor]") {
    auto terms = enforcing();
    SECTION("lock") {
        terms.on_unauthorised = Reaction::lock;
        Access world(terms);
        REQUIRE(world.attach(world.mme1, world.own));
        REQUIRE(world.reports(world.mme1, world.stranger));
        CHECK(world.nodes.cancelled.size() == 1);
        CHECK(cause_of_error(world.air(world.mme1)) == Cause::binding_locked);
        CHECK(world.alarms.count(alarm::Id::binding_locked) == 1);
    }
    SECTION("ask") {
        terms.acquisition = Acquisition::approve;
        Access world(terms);
        REQUIRE(world.attach(world.mme1, world.own));
        REQUIRE(world.reports(world.mme1, world.stranger));
        REQUIRE(world.store.approvals(10).size() == 1);
        CHECK(world.store.approvals(10)[0].imei == world.stranger);
    }
}

TEST_CASE("Alarms are over when the subscription is back in its device, and not before", "[access][R48]") {
    Access world(enforcing());
    REQUIRE(world.attach(world.mme1, world.own));
    world.alarms.forget();
    REQUIRE(world.ulr(world.mme1, world.own));
    CHECK(world.alarms.cleared.empty());  // nothing was amiss
    REQUIRE(world.refused(world.attach(world.mme1, world.stranger)));
    CHECK(world.alarms.cleared.empty());
    REQUIRE(world.attach(world.mme1, world.own));
    CHECK(world.alarms.is_over(alarm::Id::pair_unauthorised));
    CHECK_FALSE(world.alarms.is_over(alarm::Id::association_changed));
    for (const auto& alarm : world.alarms.cleared) {
        CHECK(alarm.imsi == world.imsi);
        CHECK_FALSE(alarm.imei);
        CHECK(alarm.peer.empty());
    }
}

}  // namespace bindhss
