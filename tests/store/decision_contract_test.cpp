// SPDX-License-Identifier: Apache-2.0
// The contract of provisioning.h about what operators decide and read back: devices authorised and refused,
// keys of several generations, terms and groups in use, what was seen, audit and alarms.
#include <catch2/catch.hpp>
#include <set>

#include "store/binding_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::Policy;
using binding::Provenance;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

template <class World>
std::vector<std::string> errors_of(World& world, const std::vector<store::Item>& items) {
    std::vector<std::string> texts;
    for (const auto& error : world.provisioning.apply(items, false)) texts.push_back(error.text);
    return texts;
}
using Texts = std::vector<std::string>;

class Records final : public store::KmeSource {
  public:
    explicit Records(std::vector<store::KmeRecord> records) : records_(std::move(records)) {}
    std::optional<store::KmeRecord> next() override {
        if (next_ == records_.size()) return std::nullopt;
        return records_[next_++];
    }

  private:
    std::vector<store::KmeRecord> records_;
    std::size_t next_ = 0;
};

store::KmeRecord record(Imei of, std::uint8_t octet, std::uint32_t generation = 0, std::size_t line = 0) {
    return {of, generation, kme_key(octet), line};
}

template <class World>
std::vector<std::string> states_of(World& world, Imei of) {
    std::vector<std::string> states;
    for (const auto& row : world.provisioning.kmes(of, 10)) states.push_back(row.state);
    return states;
}

alarm::Notice notice(alarm::Change change, alarm::Severity severity, std::int64_t time,
                     std::uint64_t count = 1) {
    return {change,
            {alarm::Id::kme_suspect, imsi(known), std::nullopt, "mme1", "why", at(time)},
            severity,
            "text",
            count};
}

}  // namespace

TEMPLATE_TEST_CASE("a device is refused by a rule, and authorised after the fact",
                   "[contract][decision][R14][I5]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce),
                     item(store::RefuseDevice{imsi(known), own})});
    CHECK(allowed(world, own) == false);
    CHECK_FALSE(allowed(world, second).has_value());
    must_put(world, {item(store::RefuseDevice{imsi(known), own})});
    CHECK(world.provisioning.rules(std::nullopt, 10).size() == 1);
    must_put(world, {item(store::AuthoriseDevice{imsi(known), own})});
    CHECK(allowed(world, own) == true);
    CHECK(world.provisioning.rules(std::nullopt, 10).empty());
    must_put(world, {item(store::AuthoriseDevice{imsi(known), own}),
                     item(store::AuthoriseDevice{imsi(known), second})});
    CHECK(world.provisioning.subscriber(imsi(known))->devices ==
          std::vector{ImeiRange::of(own), ImeiRange::of(second)});
    must_put(world, {item(store::AuthoriseDevice{imsi(known), stranger, true})});
    CHECK(world.provisioning.subscriber(imsi(known))->devices == std::vector{ImeiRange::of(stranger)});
    CHECK(errors_of(world, {item(store::AuthoriseDevice{imsi("001010000000077"), own})}) ==
          Texts{"there is no subscriber 001010000000077"});
    std::vector<store::Item> many;
    for (std::uint64_t i = 0; i < limits::binding_devices_max; ++i)
        many.push_back(item(store::AuthoriseDevice{imsi(known), *Imei::from_number(35'824'006'000'000 + i)}));
    CHECK_FALSE(errors_of(world, many).empty());
    many.pop_back();
    CHECK(errors_of(world, many).empty());
}

TEMPLATE_TEST_CASE("a device that is authorised gets the full profile where it was limited",
                   "[contract][decision][R14]", WORLDS) {
    TestType world;
    world.put_profile_without_apn("walled");
    must_put(world, {item(put_subscriber(imsi(known)))});
    auto request = placed(1, own, 10);
    request.registration.limited_profile = "walled";
    place(world, request);
    const auto full = view_of(world).version;
    must_put(world, {item(store::AuthoriseDevice{imsi(known), second})});
    CHECK(view_of(world).registrations.mme->limited_profile == "walled");
    must_put(world, {item(store::AuthoriseDevice{imsi(known), own})});
    CHECK(view_of(world).registrations.mme->limited_profile.empty());
    const auto untold = await(world.store.take_untold({at(100), 10ms, 10})).value();
    REQUIRE(untold.size() == 1);
    CHECK(untold[0].version == full);
}

TEMPLATE_TEST_CASE("a profile that limits somebody is not removed", "[contract][decision]", WORLDS) {
    TestType world;
    world.put_profile_without_apn("walled");
    binding::Terms terms{"limits", Policy::imei_enforce};
    terms.on_unauthorised = binding::Reaction::limit;
    terms.limited_profile = "walled";
    must_put(world, {item(put_subscriber(imsi(known))), item(store::PutTerms{terms})});
    auto request = placed(1, own, 10);
    request.registration.limited_profile = "walled";
    place(world, request);
    CHECK(errors_of(world, {item(store::RemoveProfile{"walled"})}) ==
          Texts{"the profile 'walled' is the substitute of 1 set of terms"});
    CHECK(errors_of(world, {item(store::RemoveTerms{"limits"}), item(store::RemoveProfile{"walled"})}) ==
          Texts{"1 registration is limited to the profile 'walled'"});
    must_put(world, {item(store::AuthoriseDevice{imsi(known), own}), item(store::RemoveTerms{"limits"}),
                     item(store::RemoveProfile{"walled"})});
    CHECK_FALSE(world.provisioning.profile("walled"));
}

TEMPLATE_TEST_CASE("terms and groups are told with their users, and kept while they have any",
                   "[contract][decision][R36]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), terms_named("mine", Policy::imei_enforce),
                     item(store::PutSubscriptionGroup{"fleet", "mine", 3}),
                     item(store::PutMember{imsi(known), "fleet"}), binding_of(Policy::off, {}, "mine"),
                     rule_for("group:fleet", "*", true)});
    const auto groups = world.provisioning.subscription_groups(10);
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].terms == "mine");
    CHECK(groups[0].rank == 3);
    CHECK(groups[0].members == 1);
    const auto terms = world.provisioning.terms();
    const auto mine =
        std::find_if(terms.begin(), terms.end(), [](const auto& row) { return row.terms.name == "mine"; });
    REQUIRE(terms.size() == 6);
    REQUIRE(mine != terms.end());
    CHECK(mine->bindings == 1);
    CHECK(mine->groups == 1);
    CHECK_FALSE(mine->fixed);
    CHECK_FALSE(mine->standard);
    CHECK(world.provisioning.subscriber(imsi(known))->terms_from == "binding");
    CHECK(errors_of(world, {item(store::RemoveTerms{"mine"})}) ==
          Texts{"the terms 'mine' are those of 1 binding and 1 subscription group"});
    CHECK(errors_of(world, {item(store::RemoveSubscriptionGroup{"fleet"})}) ==
          Texts{"the subscription group 'fleet' has 1 member and 1 rule"});
    must_put(world, {binding_of(Policy::off, {}, "inherit")});
    CHECK(world.provisioning.subscriber(imsi(known))->terms_from == "group:fleet");
    const auto rules = world.provisioning.rules(imsi(known), 10);
    REQUIRE(rules.size() == 1);
    must_put(world, {item(store::SetDefaultTerms{"mine"}), item(store::RemoveRule{rules[0].id}),
                     item(store::PutMember{imsi(known), "fleet", false}),
                     item(store::RemoveSubscriptionGroup{"fleet"})});
    CHECK(world.provisioning.subscriber(imsi(known))->terms_from == "default");
    CHECK(errors_of(world, {item(store::RemoveTerms{"mine"})}) ==
          Texts{"the terms 'mine' are the default ones"});
    must_put(world, {item(store::SetDefaultTerms{"off"}), item(store::RemoveTerms{"mine"})});
    CHECK(world.provisioning.terms().size() == 5);
}

TEMPLATE_TEST_CASE("a subscription is in so many groups and no more", "[contract][decision][R43]", WORLDS) {
    TestType world;
    std::vector<store::Item> items{item(put_subscriber(imsi(known)))};
    for (std::size_t i = 0; i <= limits::subscription_groups_max; ++i) {
        const auto name = "g" + std::to_string(i);
        items.push_back(item(store::PutSubscriptionGroup{name, std::nullopt, std::nullopt}));
        if (i < limits::subscription_groups_max) items.push_back(item(store::PutMember{imsi(known), name}));
    }
    must_put(world, items);
    const auto one_more =
        item(store::PutMember{imsi(known), "g" + std::to_string(limits::subscription_groups_max)});
    CHECK(errors_of(world, {one_more}).size() == 1);
    must_put(world, {item(store::PutMember{imsi(known), "g0", false}), one_more});
    CHECK(world.provisioning.subscriber(imsi(known))->groups.size() == limits::subscription_groups_max);
}

TEMPLATE_TEST_CASE("rules are replaced and removed by their number", "[contract][decision][R1]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), rule_for("00101*", "35824005", true, 2),
                     rule_for("00102*", "*", false)});
    auto rules = world.provisioning.rules(std::nullopt, 10);
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].devices.str() == "35824005");
    CHECK(rules[0].priority == 2);
    CHECK(world.provisioning.rules(imsi(known), 10).size() == 1);
    rules[0].allow = false;
    rules[0].comment = "recalled";
    must_put(world, {item(store::PutRule{rules[0]})});
    CHECK(world.provisioning.rules(std::nullopt, 10) == rules);
    auto unknown = rules[0];
    unknown.id = 999;
    CHECK(errors_of(world, {item(store::PutRule{unknown}), item(store::RemoveRule{998})}) ==
          Texts{"there is no rule 999", "there is no rule 998"});
    must_put(world, {item(store::RemoveRule{rules[0].id})});
    CHECK(world.provisioning.rules(std::nullopt, 1).at(0).id == rules[1].id);
}

TEMPLATE_TEST_CASE("a generation follows another, is retired for good, and never goes back",
                   "[contract][decision][R12][R19]", WORLDS) {
    TestType world;
    bind_by_key(world);
    must_put(world, {item(store::PutKme{own, kme_key(2), 2})});
    CHECK(states_of(world, own) == Texts{"previous", "active"});
    must_put(world, {item(store::PutKme{own, kme_key(1), 0})});
    CHECK(states_of(world, own) == Texts{"previous", "active"});
    CHECK(errors_of(world, {item(store::PutKme{own, kme_key(9), 0})}).size() == 1);
    CHECK(errors_of(world, {item(store::PutKme{own, kme_key(9), 1})}).size() == 1);
    CHECK(errors_of(world, {item(store::RetireKme{own, 7})}) ==
          Texts{"device 35824005111111 has no KME of generation 7 in use"});
    must_put(world, {item(store::RetireKme{own, std::nullopt})});
    CHECK(states_of(world, own) == Texts{"retired", "retired"});
    CHECK(refused(world, request(imsi(known))) == Cause::kme_missing);
    CHECK(errors_of(world, {item(store::PutKme{own, kme_key(2), 2})}) ==
          Texts{"the KME of generation 2 of device 35824005111111 was retired: a new key needs a higher "
                "generation"});
    must_put(world, {item(store::PutKme{own, kme_key(3), 3})});
    CHECK(reserved(world).subscription.kme->generation == 3);
}

TEMPLATE_TEST_CASE("keys are imported together or not at all, and given out to a new operator",
                   "[contract][decision][R12][R15][R18]" NOT_OVER_API, WORLDS) {
    TestType world;
    world.provisioning.act_as("alice");
    must_put(world, {item(store::PutDevice{range("35824006"), "meters", std::nullopt}),
                     item(store::PutKme{own, kme_key(1)})});
    Records bad(
        {record(second, 2, 0, 3), {std::string("nobody"), 0, kme_key(3), 4}, {own, 0, kme_key(3, 15), 5}});
    const auto refused = world.provisioning.import_kmes(bad, false, "bad.csv");
    std::set<std::size_t> lines;
    for (const auto& error : refused.errors) lines.insert(error.line);
    CHECK_FALSE(lines.empty());
    CHECK_FALSE(lines.contains(3));
    CHECK(world.provisioning.kmes(std::nullopt, 10).size() == 1);

    const std::vector<store::KmeRecord> good{
        record(own, 1), record(second, 3, 1), record(second, 2), {std::string("meters"), 0, kme_key(4)}};
    Records trial(good);
    CHECK(world.provisioning.import_kmes(trial, true, "keys.csv").added == 3);
    CHECK(world.provisioning.kmes(std::nullopt, 10).size() == 1);
    Records real(good);
    const auto imported = world.provisioning.import_kmes(real, false, "keys.csv");
    CHECK(imported.errors.empty());
    CHECK(imported.added == 3);
    CHECK(imported.replaced == 0);
    CHECK(imported.unchanged == 1);
    CHECK(states_of(world, second) == Texts{"previous", "active"});

    std::vector<std::string> given;
    const auto visit = [&](const store::KmeRecord& one) {
        given.push_back(std::to_string(one.key.view()[0]) + "/" + std::to_string(one.generation));
    };
    CHECK(world.provisioning.export_kmes(std::nullopt, "to B", visit) == 3);
    CHECK(given == Texts{"4/0", "1/0", "3/1"});
    CHECK(world.provisioning.export_kmes(ImeiRange::of(second), "to C", visit) == 1);
    const auto audit = world.provisioning.audit(3);
    REQUIRE(audit.size() == 3);
    CHECK(audit[0].who == "alice");
    CHECK(audit[0].what == "export KMEs");
    CHECK(audit[0].detail.find("to C") == 0);
    CHECK(audit[2].what == "import KMEs");
    CHECK(audit[2].detail == "keys.csv: 3 added, 0 replaced, 1 unchanged");
}

TEMPLATE_TEST_CASE(
    "devices and subscriptions that were seen together are read in pages, with what judges them",
    "[contract][decision][R1][R35]", WORLDS) {
    TestType world;
    const std::string third = "001010000000003";
    must_put(world, {item(put_subscriber(imsi(known))), item(put_subscriber(imsi(third))),
                     binding_of(Policy::imei_enforce, {own})});
    place(world, placed(1, own, 10));
    place(world, placed(2, stranger, 20));
    place(world, placed(3, own, 30));
    place(world, placed(1, stranger, 40), third);
    const auto read = [&](const store::SeenFilter& filter) {
        std::vector<store::SeenPair> pairs;
        std::optional<store::SeenPosition> after;
        do {
            auto page = world.provisioning.seen(filter, after, 1);
            for (auto& pair : page.pairs) pairs.push_back(std::move(pair));
            after = page.next;
        } while (after);
        return pairs;
    };
    auto all = read({});
    REQUIRE(all.size() == 3);
    CHECK(all[0].device.imei == own);
    CHECK(all[0].device.svn == "01");
    CHECK(all[0].first == at(10));
    CHECK(all[0].last == at(30));
    CHECK(all[0].node == node(3).host);
    CHECK(all[0].binding.terms.policy == Policy::imei_enforce);
    CHECK(all[0].binding.rules.size() == 1);
    CHECK(all[1].device.imei == stranger);
    CHECK(all[1].binding.rules.empty());
    CHECK(all[1].binding.has_list);
    CHECK(all[1].facts.uiccs == 1);
    CHECK(all[2].imsi == imsi(third));
    store::SeenFilter of_device;
    of_device.imei = stranger;
    CHECK(read(of_device).size() == 2);
    store::SeenFilter late;
    late.since = at(30);
    CHECK(read(late).size() == 2);
    store::SeenFilter now;
    now.registered = true;
    all = read(now);
    REQUIRE(all.size() == 2);
    CHECK(all[0].device.imei == own);
    REQUIRE(all[0].registration);
    CHECK(all[0].registration->node == node(3));
    now.subscriptions = binding::SubscriptionSet::parse("001010000000002-001010000000009").value();
    CHECK(read(now).size() == 1);
    const auto pair = world.provisioning.pair(imsi(known), reporting(second));
    REQUIRE(pair);
    CHECK(pair->node.empty());
    CHECK(pair->first == WallTime{});
    CHECK_FALSE(world.provisioning.pair(imsi("001010000000099"), reporting(own)));
}

TEMPLATE_TEST_CASE("what is known of device models is kept, or forgotten", "[contract][decision][R41]",
                   WORLDS) {
    TestType world;
    must_put(world, {item(store::PutDeviceModel{35824005, "M1", true, std::nullopt})});
    must_put(world, {item(store::PutDeviceModel{35824005, std::nullopt, std::nullopt, false})});
    auto models = world.provisioning.device_models(10);
    REQUIRE(models.size() == 1);
    CHECK(models[0].name == "M1");
    CHECK(models[0].imei_secure == true);
    CHECK(models[0].key_secure == false);
    store::PutDeviceModel forget{35824005, "M1", std::nullopt, true};
    forget.forget = true;
    must_put(world, {item(forget)});
    models = world.provisioning.device_models(10);
    CHECK_FALSE(models.at(0).imei_secure);
    CHECK(models.at(0).key_secure == true);
}

TEMPLATE_TEST_CASE("what operators do is told in the audit, and what fails is not",
                   "[contract][decision][R36]" NOT_OVER_API, WORLDS) {
    TestType world;
    world.provisioning.act_as("bob");
    must_put(world, {item(put_subscriber(imsi(known)))});
    CHECK_FALSE(errors_of(world, {item(store::RemoveRule{5})}).empty());
    world.provisioning.apply({item(store::SetLock{imsi(known), true})}, true);
    must_put(world, {item(store::SetLock{imsi(known), true})});
    const auto rows = world.provisioning.audit(10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].who == "bob");
    CHECK(rows[0].what == "set lock");
    CHECK(rows[0].detail == known + ", locked");
    CHECK(rows[1].what == "put subscriber");
}

TEMPLATE_TEST_CASE("an alarm is repeated, escalated, acknowledged, cleared and raised again",
                   "[contract][decision][R48]" NOT_OVER_API, WORLDS) {
    TestType world;
    using alarm::Change;
    using alarm::Severity;
    await(world.store.record_alarm(notice(Change::raised, Severity::warning, 0)));
    await(world.store.record_alarm(notice(Change::escalated, Severity::major, 10, 4)));
    auto rows = world.provisioning.alarms(10);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].count == 5);
    CHECK(rows[0].severity == "major");
    CHECK(world.provisioning.acknowledge_alarms({std::nullopt, "kme_suspect", imsi("001010000000002")},
                                                "carol") == 0);
    CHECK(world.provisioning.acknowledge_alarms({rows[0].id, std::nullopt, std::nullopt}, "carol") == 1);
    CHECK(world.provisioning.alarms(10).at(0).acknowledged_by == "carol");
    await(world.store.record_alarm(notice(Change::cleared, Severity::major, 20)));
    CHECK(world.provisioning.alarms(10).empty());
    CHECK(world.provisioning.alarms(10, true).at(0).cleared == at(20));
    await(world.store.record_alarm(notice(Change::cleared, Severity::major, 30)));
    await(world.store.record_alarm(notice(Change::raised, Severity::warning, 40)));
    rows = world.provisioning.alarms(10, true);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].count == 1);
    CHECK(rows[0].acknowledged_by.empty());
    CHECK(world.provisioning.clear_alarms({std::nullopt, "kme_suspect", imsi(known)}, "carol") == 1);
    CHECK(world.provisioning.alarms(10).empty());
}
