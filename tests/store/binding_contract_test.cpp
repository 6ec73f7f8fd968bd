// SPDX-License-Identifier: Apache-2.0
// The contract of store.h about bindings: terms, rules, devices, and what an access leaves of them.
#include <catch2/catch.hpp>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::Policy;
using binding::Provenance;

#define WORLDS MemoryWorld, PostgresWorld

TEMPLATE_TEST_CASE("a subscription is under the terms it names, its group's, or the default ones",
                   "[contract][binding][R42]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), terms_named("fleet", Policy::imei_monitor),
                     terms_named("strict", Policy::imei_enforce)});
    const auto terms = [&] { return view_of(world).binding.terms.name; };
    CHECK(terms() == "off");
    must_put(world,
             {item(store::PutSubscriptionGroup{"meters", "fleet", 1}),
              item(store::PutSubscriptionGroup{"lifts", "strict", 2}),
              item(store::PutSubscriptionGroup{"plain", std::nullopt, 9}),
              item(store::PutMember{imsi(known), "plain"}), item(store::PutMember{imsi(known), "meters"})});
    CHECK(terms() == "fleet");
    CHECK(view_of(world).binding.groups == std::vector<std::string>{"meters", "plain"});
    must_put(world, {item(store::PutMember{imsi(known), "lifts"})});
    CHECK(terms() == "strict");
    must_put(world, {item(store::PutSubscriptionGroup{"meters", std::nullopt, 5})});
    CHECK(terms() == "fleet");
    must_put(world, {item(store::PutSubscriptionGroup{"meters", "", std::nullopt})});
    CHECK(terms() == "strict");
    must_put(world, {binding_of(Policy::imei_monitor)});
    CHECK(terms() == "imei_monitor");
    must_put(world, {binding_of(Policy::off, {}, "inherit")});
    CHECK(terms() == "strict");
    must_put(world,
             {item(store::PutMember{imsi(known), "lifts", false}), item(store::SetDefaultTerms{"fleet"})});
    CHECK(terms() == "fleet");
    must_put(world, {terms_named("fleet", Policy::off)});
    CHECK(view_of(world).binding.terms.policy == Policy::off);
}

TEMPLATE_TEST_CASE("terms come back as they were put, with the substitute profile", "[contract][binding]",
                   WORLDS) {
    TestType world;
    world.put_profile_without_apn("walled");
    binding::Terms terms{"limits", Policy::imei_enforce};
    terms.acquisition = binding::Acquisition::approve;
    terms.on_unauthorised = binding::Reaction::limit;
    terms.on_mismatch = binding::Reaction::lock;
    terms.on_unproven = binding::Reaction::reject;
    terms.on_shared = binding::Reaction::limit;
    terms.on_insecure = binding::Reaction::alarm;
    terms.on_suspicion = binding::OnSuspicion::lock;
    terms.imei_absent_allowed = true;
    terms.detach_on_notify = false;
    terms.require_secure = true;
    terms.limited_profile = "walled";
    terms.refuse_next = 20s;
    auto put = put_subscriber(imsi(known));
    put.override_document = R"({"ambr":{"uplink":1,"downlink":2}})";
    must_put(world, {item(put), item(store::PutTerms{terms}), binding_of(Policy::off, {}, "limits")});
    const auto view = view_of(world);
    CHECK(view.binding.terms == terms);
    REQUIRE(view.limited);
    CHECK_FALSE(view.limited->data.has_eps());
    CHECK(view.limited->data.msisdn == "491700000001");
    CHECK(view.limited->data.ambr != Ambr{1, 2});
    CHECK(view.subscription.data.ambr == Ambr{1, 2});
    CHECK(view.limited_version.profile_version != view.version.profile_version);
    CHECK(view.limited_version.msisdn == view.version.msisdn);
}

TEMPLATE_TEST_CASE("rules of intervals, prefixes and groups on both sides reach the decision",
                   "[contract][binding][R1][R35][R55]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce),
                     item(store::PutSubscriptionGroup{"meters", std::nullopt, std::nullopt}),
                     item(store::PutDevice{range("86000000"), "modems", std::nullopt})});
    CHECK_FALSE(allowed(world, own).has_value());
    CHECK_FALSE(view_of(world, reporting(own)).binding.has_list);
    SECTION("an exact pair") {
        must_put(world, {rule_for(known, own.str(), true)});
        CHECK(allowed(world, own) == true);
        CHECK_FALSE(allowed(world, second).has_value());
        CHECK(view_of(world, reporting(second)).binding.has_list);
    }
    SECTION("a prefix and a TAC") {
        must_put(world, {rule_for("00101*", "35824005", true), rule_for("00102*", "86000000", true)});
        CHECK(allowed(world, own) == true);
        CHECK_FALSE(allowed(world, stranger).has_value());
    }
    SECTION("the edges of an interval") {
        must_put(world, {rule_for("001010000000001-001010000000005", "35824005111111-35824005111112", true),
                         rule_for("001010000000002-001010000000005", "35824005222222", true)});
        CHECK(allowed(world, own) == true);
        CHECK(allowed(world, imei("35824005111112")) == true);
        CHECK_FALSE(allowed(world, imei("35824005111110")).has_value());
        CHECK_FALSE(allowed(world, imei("35824005111113")).has_value());
        CHECK_FALSE(allowed(world, second).has_value());
    }
    SECTION("groups") {
        must_put(world, {rule_for("group:meters", "group:modems", true)});
        CHECK_FALSE(allowed(world, stranger).has_value());
        CHECK_FALSE(view_of(world, reporting(stranger)).binding.has_list);
        must_put(world, {item(store::PutMember{imsi(known), "meters"})});
        CHECK(allowed(world, stranger) == true);
        CHECK_FALSE(allowed(world, own).has_value());
        CHECK(view_of(world, reporting(own)).binding.has_list);
    }
    SECTION("deny, priority and the more specific device") {
        must_put(world, {rule_for("*", "35824005", true), rule_for(known, own.str(), false)});
        CHECK(allowed(world, own) == false);
        CHECK(allowed(world, second) == true);
        must_put(world, {rule_for("*", "*", true, 7)});
        CHECK(allowed(world, own) == true);
        CHECK(allowed(world, stranger) == true);
    }
    SECTION("what is for everybody makes no list, nor does what is valid no more") {
        binding::Rule past;
        past.subscriptions = binding::SubscriptionSet::parse(known).value();
        past.devices = binding::DeviceSet::parse(own.str()).value();
        past.until = at(1000);
        must_put(world, {rule_for("*", "35824005", true), item(store::PutRule{past})});
        CHECK(allowed(world, own) == true);
        CHECK_FALSE(view_of(world, reporting(own)).binding.has_list);
        CHECK_FALSE(view_of(world, reporting(stranger)).binding.has_list);
        past.until = at(1'000'000'000'000);
        must_put(world, {item(store::PutRule{past})});
        CHECK(view_of(world, reporting(own)).binding.has_list);
        CHECK(view_of(world, reporting(stranger)).binding.has_list);
    }
    SECTION("nearly everybody are some") {
        must_put(world, {rule_for("0*", "35824005", true)});
        CHECK(view_of(world, reporting(stranger)).binding.has_list);
    }
    SECTION("a rule that denies makes no list") {
        must_put(world, {rule_for("*", own.str(), false)});
        CHECK(allowed(world, own) == false);
        CHECK_FALSE(view_of(world, reporting(own)).binding.has_list);
    }
}

TEMPLATE_TEST_CASE("rules hold for software versions and for a time", "[contract][binding][R1]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce),
                     rule_for("*", own.str() + ":05,07", false)});
    CHECK(allowed(world, own, "05") == false);
    CHECK(allowed(world, own, "07") == false);
    CHECK_FALSE(allowed(world, own, "06").has_value());
    CHECK_FALSE(allowed(world, own).has_value());
    binding::Rule rule;
    rule.devices = binding::DeviceSet::parse(own.str()).value();
    rule.from = at(1000);
    rule.until = at(2000);
    rule.comment = "for the trial";
    must_put(world, {item(store::PutRule{rule})});
    CHECK_FALSE(allowed(world, own, std::nullopt, 999).has_value());
    CHECK(allowed(world, own, std::nullopt, 1000) == true);
    CHECK_FALSE(allowed(world, own, std::nullopt, 2000).has_value());
    const auto rules = view_of(world, reporting(own)).binding.rules;
    REQUIRE(rules.size() == 1);
    CHECK(rules[0].comment == "for the trial");
    CHECK(rules[0].from == at(1000));
    CHECK(rules[0].until == at(2000));
}

TEMPLATE_TEST_CASE("a binding's own devices and group allow what they name", "[contract][binding][R1][R2]",
                   WORLDS) {
    TestType world;
    store::PutBinding put{imsi(known), Policy::imei_enforce, {range("35824005")}, "modems"};
    must_put(world, {item(put_subscriber(imsi(known))),
                     item(store::PutDevice{ImeiRange::of(stranger), "modems", std::nullopt}), item(put)});
    CHECK(allowed(world, own) == true);
    CHECK(allowed(world, stranger) == true);
    CHECK_FALSE(allowed(world, imei("86000000333334")).has_value());
    CHECK(view_of(world, reporting(imei("86000000333334"))).binding.has_list);
}

TEMPLATE_TEST_CASE("what is known of a device: groups, model, and how many UICCs it carries",
                   "[contract][binding][R41][R55]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), item(put_subscriber(imsi("001010000000002"))),
                     item(put_subscriber(imsi("001010000000003"))), binding_of(Policy::imei_monitor),
                     item(store::PutDevice{range("35824005"), "modems", std::nullopt, 3}),
                     item(store::PutDevice{range("35824005100000-35824005199999"), "lot 1", std::nullopt, 2}),
                     item(store::PutDeviceModel{35824005, "M1", true, false})});
    auto device = view_of(world, reporting(own)).device;
    std::sort(device.groups.begin(), device.groups.end());
    CHECK(device.groups == std::vector<std::string>{"lot 1", "modems"});
    CHECK(device.uiccs == 0);
    CHECK(device.uiccs_max == 2U);
    CHECK(device.imei_secure == true);
    CHECK(device.key_secure == false);
    CHECK(view_of(world, reporting(second)).device.uiccs_max == 3U);
    CHECK_FALSE(view_of(world, reporting(stranger)).device.uiccs_max);
    CHECK_FALSE(view_of(world, reporting(stranger)).device.imei_secure);
    place(world, placed(1, own, 10));
    place(world, placed(1, own, 10), "001010000000002");
    place(world, placed(2, own, 20), "001010000000003");
    CHECK(view_of(world, reporting(own)).device.uiccs == 2);
    await(world.store.purge(imsi("001010000000003"), {node(2), {}, {}, {}, at(30)})).value();
    CHECK(view_of(world, reporting(own)).device.uiccs == 1);
}

TEMPLATE_TEST_CASE("the device seen last is one that a node authenticated; an unproven report is kept apart",
                   "[contract][binding][R35][R48]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known)))});
    place(world, placed(1, own, 10));
    CHECK(view_of(world).last_seen_imei == own);
    CHECK(view_of(world).last_seen_svn == "01");
    store::Refusal refusal{node(2), reporting(stranger, "66"), Provenance::unproven};
    refusal.now = at(20);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    CHECK(view_of(world).last_seen_imei == own);
    // Nor does an unproven report of a device that was seen before bring it back.
    place(world, placed(1, second, 30));
    refusal.terminal_information = reporting(own, "01");
    refusal.now = at(40);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    CHECK(view_of(world).last_seen_imei == second);
    refusal.provenance = Provenance::taken_over;
    refusal.now = at(50);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    CHECK(view_of(world).last_seen_imei == own);
    CHECK_FALSE(view_of(world).registrations.mme->purged);
    CHECK(view_of(world).registrations.mme->node == node(1));
}

TEMPLATE_TEST_CASE("a registration keeps how the node came to the UE, limits and emergency",
                   "[contract][binding]", WORLDS) {
    TestType world;
    world.put_profile_without_apn("walled");
    must_put(world, {item(put_subscriber(imsi(known)))});
    auto request = placed(1, own, 10);
    request.registration.provenance = Provenance::taken_over;
    request.registration.limited_profile = "walled";
    request.registration.emergency = true;
    place(world, request);
    const auto stored = view_of(world).registrations.mme;
    REQUIRE(stored);
    CHECK(stored->provenance == Provenance::taken_over);
    CHECK(stored->limited_profile == "walled");
    CHECK(stored->emergency);
    // It goes with the UE, until its node tells of its end.
    place(world, placed(2, own, 20));
    CHECK(view_of(world).registrations.mme->emergency);
    CHECK(view_of(world).registrations.mme->limited_profile.empty());
    store::NotifyNode note{node(2)};
    note.now = at(30);
    note.emergency = false;
    await(world.store.notify(imsi(known), note, 10s)).value();
    CHECK_FALSE(view_of(world).registrations.mme->emergency);
}

TEMPLATE_TEST_CASE("a node that was told the substitute profile is told of changes of that one alone",
                   "[contract][binding]", WORLDS) {
    TestType world;
    binding::Terms terms{"limits", Policy::imei_enforce};
    terms.on_unauthorised = binding::Reaction::limit;
    terms.limited_profile = "walled";
    const auto walled = [](int uplink) {
        return item(store::PutProfile{
            "walled", R"({"apns":{"1":{"apn":"walled"}},"default_context":1,"ambr":{"uplink":)" +
                          std::to_string(uplink) + R"(,"downlink":1}})"});
    };
    must_put(world, {walled(1), item(store::PutTerms{terms}), item(put_subscriber(imsi(known))),
                     binding_of(Policy::off, {}, "limits")});
    auto request = placed(1, own, 10);
    request.registration.limited_profile = "walled";
    request.registration.told = view_of(world).limited_version;
    place(world, request);
    const auto untold = [&] {
        return await(world.store.sweep_untold(std::nullopt, {at(100), 10ms, 10})).value().untold;
    };
    CHECK(untold().empty());
    auto changed = put_subscriber(imsi(known));
    changed.override_document = R"({"ambr":{"uplink":7,"downlink":7}})";
    must_put(world, {item(changed)});
    CHECK(untold().empty());
    must_put(world, {walled(2)});
    const auto found = untold();
    REQUIRE(found.size() == 1);
    CHECK(found[0].now.data.ambr == Ambr{2, 1});
    await(world.store.mark_told(imsi(known), found[0].registration, found[0].version, at(110))).value();
    CHECK(untold().empty());
}

TEMPLATE_TEST_CASE("the first device is acquired once, and an operator's list stands",
                   "[contract][binding][R14]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce)});
    auto request = placed(1, own, 10);
    request.acquire = own;
    place(world, request);
    CHECK(allowed(world, own) == true);
    request = placed(2, second, 20);
    request.acquire = second;
    CHECK(not_placed(world, request) == Cause::authorization_rejected);
    CHECK(view_of(world).registrations.mme->node == node(1));
    CHECK(view_of(world).last_seen_imei == own);
    CHECK_FALSE(allowed(world, second).has_value());
    // The device that was first may say so twice.
    request = placed(3, own, 30);
    request.acquire = own;
    place(world, request);
    CHECK(view_of(world).registrations.mme->node == node(3));
    CHECK(world.provisioning.subscriber(imsi(known))->devices == std::vector{ImeiRange::of(own)});
    CHECK(view_of(world).binding.terms.policy == Policy::imei_enforce);
}

TEMPLATE_TEST_CASE("a group that was named meanwhile admits its devices, and no first one besides",
                   "[contract][binding][R14]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))),
                     item(store::PutDevice{ImeiRange::of(own), "modems", std::nullopt}),
                     item(store::PutBinding{imsi(known), Policy::imei_enforce, {}, "modems"})});
    auto request = placed(1, second, 10);
    request.acquire = second;
    CHECK(not_placed(world, request) == Cause::authorization_rejected);
    CHECK_FALSE(view_of(world).registrations.mme.has_value());
    request = placed(1, own, 20);
    request.acquire = own;
    place(world, request);
    CHECK(world.provisioning.subscriber(imsi(known))->devices.empty());
}

TEMPLATE_TEST_CASE("a device that is acquired brings its key", "[contract][binding][R10]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), item(store::PutKme{own, kme_key(1)}),
                     binding_of(Policy::imei_enforce)});
    CHECK_FALSE(view_of(world).binding.has_kme);
    auto request = placed(1, own, 10);
    request.acquire = own;
    place(world, request);
    CHECK(view_of(world).binding.has_kme);
    CHECK(await(world.store.load_authentication(imsi(known), node(), {})).value().kme.has_value());
}

TEMPLATE_TEST_CASE("the operator is asked once about a device, and the answer ends the question",
                   "[contract][binding][R14]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce)});
    store::Refusal refusal{node(1), reporting(own, "07"), Provenance::authenticated};
    refusal.ask = own;
    refusal.now = at(10);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    auto request = placed(2, own, 20);
    request.ask = own;
    place(world, request);
    store::NotifyNode note{node(2)};
    note.terminal_information = reporting(second, "02");
    note.ask = second;
    note.now = at(30);
    await(world.store.notify(imsi(known), note, 10s)).value();
    const auto rows = world.provisioning.approvals(10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].imei == own);
    CHECK(rows[0].count == 2);
    CHECK(rows[0].first == at(10));
    CHECK(rows[0].last == at(20));
    CHECK(rows[0].node == node(2).host);
    CHECK(rows[1].imei == second);
    CHECK(rows[1].svn == "02");
    must_put(world, {item(store::AuthoriseDevice{imsi(known), own})});
    CHECK(world.provisioning.approvals(10).size() == 1);
    CHECK(allowed(world, own) == true);
}
