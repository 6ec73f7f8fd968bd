// SPDX-License-Identifier: Apache-2.0
// Terms, subscription groups and rules as operators change them, against every implementation.
#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;
using store::PutMember;
using store::PutSubscriptionGroup;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

const auto other = imsi("001010000000002");

template <class World>
std::string terms_of(World& world, const Imsi& of = imsi(known)) {
    const auto row = world.provisioning.subscriber(of).value();
    return row.terms + " of " + row.terms_from;
}

template <class World>
const store::TermsRow named(World& world, const std::string& name) {
    for (const auto& row : world.provisioning.terms())
        if (row.terms.name == name) return row;
    FAIL("no terms " << name);
    return {};
}

}  // namespace

TEMPLATE_TEST_CASE("terms follow the binding, then the highest group, then the default, whatever changes",
                   "[contract][provisioning][R55]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), terms_named("strict", Policy::imei_enforce),
                     terms_named("loose", Policy::imei_monitor)});
    CHECK(terms_of(world) == "off of default");
    must_put(world, {item(store::SetDefaultTerms{"loose"})});
    CHECK(terms_of(world) == "loose of default");
    must_put(world, {item(PutSubscriptionGroup{"meters"}), item(PutMember{imsi(known), "meters"})});
    CHECK(terms_of(world) == "loose of default");  // the group has no say
    must_put(world, {item(PutSubscriptionGroup{"meters", "strict"})});
    CHECK(terms_of(world) == "strict of group:meters");
    must_put(world, {item(PutSubscriptionGroup{"lifts", "off", 5}), item(PutMember{imsi(known), "lifts"})});
    CHECK(terms_of(world) == "off of group:lifts");
    must_put(world, {item(PutSubscriptionGroup{"lifts", std::nullopt, -1})});
    CHECK(terms_of(world) == "strict of group:meters");
    must_put(world, {binding_of(Policy::kme, {own})});
    CHECK(terms_of(world) == "kme of binding");
    must_put(world, {binding_of(Policy::off, {own}, "inherit")});
    CHECK(terms_of(world) == "strict of group:meters");
    CHECK(world.provisioning.subscriber(imsi(known))->groups == std::vector<std::string>{"lifts", "meters"});
    must_put(world, {item(PutMember{imsi(known), "meters", false})});
    CHECK(terms_of(world) == "off of group:lifts");
    must_put(world, {item(PutSubscriptionGroup{"lifts", ""})});
    CHECK(terms_of(world) == "loose of default");
}

TEMPLATE_TEST_CASE("changed terms count at once for all who have them", "[contract][provisioning][R38]",
                   WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), item(put_subscriber(other)),
                     terms_named("ours", Policy::imei_monitor), item(PutSubscriptionGroup{"meters", "ours"}),
                     item(PutMember{other, "meters"}), binding_of(Policy::off, {own}, "ours")});
    CHECK(view_of(world).binding.terms.policy == Policy::imei_monitor);
    must_put(world, {terms_named("ours", Policy::imei_enforce)});
    CHECK(view_of(world).binding.terms.policy == Policy::imei_enforce);
    CHECK(world.provisioning.subscriber(other)->policy == Policy::imei_enforce);
    const auto row = named(world, "ours");
    CHECK(row.bindings == 1);
    CHECK(row.groups == 1);
    CHECK_FALSE(row.fixed);
    CHECK(named(world, "off").fixed);
    CHECK(named(world, "off").standard);
}

TEMPLATE_TEST_CASE("rules are listed as they were put, for all or for one subscriber",
                   "[contract][provisioning][R1]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), item(PutSubscriptionGroup{"meters"}),
                     item(PutMember{imsi(known), "meters"}), item(PutSubscriptionGroup{"lifts"}),
                     item(store::PutDevice{range("35824006"), "modems", ""})});
    binding::Rule whole;
    whole.subscriptions = binding::SubscriptionSet::parse("00101*").value();
    whole.devices = binding::DeviceSet::parse("group:modems:01,05").value();
    whole.allow = false;
    whole.priority = -3;
    whole.from = at(0);
    whole.until = at(5);
    whole.comment = "as agreed";
    must_put(world,
             {item(store::PutRule{whole}), rule_for("*", "*", true),
              rule_for("group:meters", "35824005", true), rule_for("group:lifts", "35824005", true),
              rule_for("00102*", "35824005", true), rule_for("001010000000001", "35824005111111", true)});
    const auto rules = world.provisioning.rules(std::nullopt, 10);
    REQUIRE(rules.size() == 6);
    whole.id = rules[0].id;
    CHECK(rules[0] == whole);
    CHECK(rules[1].subscriptions.str() == "*");
    CHECK_FALSE(rules[1].devices.range.has_value());
    CHECK(rules[2].subscriptions.group == "meters");
    CHECK(rules[5].devices.range == range("35824005111111"));
    std::vector<std::int64_t> of_known;
    for (const auto& rule : world.provisioning.rules(imsi(known), 10)) of_known.push_back(rule.id);
    CHECK(of_known == std::vector{rules[0].id, rules[1].id, rules[2].id, rules[5].id});
    CHECK(world.provisioning.rules(imsi(known), 2).size() == 2);
    whole.devices = binding::DeviceSet::parse("35824005").value();
    whole.until.reset();
    must_put(world, {item(store::PutRule{whole}), item(store::RemoveRule{rules[1].id})});
    CHECK(world.provisioning.rules(std::nullopt, 1).at(0) == whole);
    CHECK(world.provisioning.rules(std::nullopt, 10).size() == 5);
}

TEMPLATE_TEST_CASE("how many UICCs a device may carry is kept, changed and lifted",
                   "[contract][provisioning]", WORLDS) {
    TestType world;
    store::PutDevice put{ImeiRange::of(own)};
    put.uiccs_max = 2;
    must_put(world, {item(put)});
    CHECK(world.provisioning.devices(1).at(0).uiccs_max == 2);
    must_put(world, {item(store::PutDevice{ImeiRange::of(own), "modems", std::nullopt})});
    CHECK(world.provisioning.devices(1).at(0).uiccs_max == 2);
    put.uiccs_max = 0;
    must_put(world, {item(put)});
    CHECK(world.provisioning.devices(1).at(0).uiccs_max == 0);
    CHECK(world.provisioning.devices(1).at(0).group == "modems");
}

TEMPLATE_TEST_CASE("a dry run finds the same errors and stores nothing of any kind",
                   "[contract][provisioning]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known)))});
    const auto told = world.provisioning.audit(100).size();
    const std::vector<store::Item> items{terms_named("ours", Policy::imei_enforce),
                                         item(store::SetDefaultTerms{"ours"}),
                                         item(PutSubscriptionGroup{"meters", "ours"}),
                                         item(PutMember{imsi(known), "meters"}),
                                         rule_for("group:meters", "*", false),
                                         item(store::PutDeviceModel{35824005, "M1"}),
                                         item(store::PutKme{own, kme_key(1), 4}),
                                         item(store::AuthoriseDevice{imsi(known), own}),
                                         item(store::RefuseDevice{imsi(known), stranger}),
                                         item(store::SetLock{imsi(known), true})};
    CHECK(world.provisioning.apply(items, true).empty());
    CHECK(world.provisioning.apply({item(store::SetLock{other, true}, 4)}, true).at(0).line == 4);
    CHECK(world.provisioning.terms().size() == 5);
    CHECK(world.provisioning.subscription_groups(10).empty());
    CHECK(world.provisioning.rules(std::nullopt, 10).empty());
    CHECK(world.provisioning.device_models(10).empty());
    CHECK(world.provisioning.kmes(std::nullopt, 10).empty());
    CHECK(world.provisioning.subscriber(imsi(known))->devices.empty());
    CHECK(world.provisioning.subscriber(imsi(known))->standing == binding::Standing{});
    CHECK(world.provisioning.audit(100).size() == told);
    must_put(world, items);
    CHECK(terms_of(world) == "ours of group:meters");
    CHECK(world.provisioning.audit(100).size() == told + items.size());
}
