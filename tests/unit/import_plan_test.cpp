// SPDX-License-Identifier: Apache-2.0
// What an import is checked for before anything is stored, and how it is told in the audit.
#include "store/import_plan.h"

#include <catch2/catch.hpp>

#include "store/memory/memory_store.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::store;

namespace {

const auto imsi = Imsi::parse("001010000000001").value();
const auto other = Imsi::parse("001010000000002").value();
const auto device = Imei::parse("35824005111111").value();

const KnownNames known{{"default", "small"}, {"meters"}, {"strict"}, {"fleet"}};

/// The errors of an import of these items, which are at the lines 1, 2, ...
template <class... Puts>
std::vector<std::string> errors_of(Puts... puts) {
    std::vector<Item> items;
    (items.push_back({std::move(puts), items.size() + 1}), ...);
    std::vector<std::string> errors;
    for (const auto& [line, text] : plan_import(items, known).errors)
        errors.push_back(std::to_string(line) + ": " + text);
    return errors;
}
using Errors = std::vector<std::string>;

PutTerms terms(const std::string& name) {
    PutTerms put;
    put.terms.name = name;
    put.terms.policy = binding::Policy::imei_enforce;
    return put;
}

PutRule rule(std::string_view subscriptions, std::string_view devices) {
    PutRule put;
    put.rule.subscriptions = binding::SubscriptionSet::parse(subscriptions).value();
    put.rule.devices = binding::DeviceSet::parse(devices).value();
    return put;
}

PutKme kme(std::uint32_t generation) {
    return {device, SecretString(OctetString(16, 7)), generation};
}

WallTime at(std::int64_t seconds) {
    return WallTime(std::chrono::seconds(1'700'000'000 + seconds));
}

}  // namespace

TEST_CASE("import plan: terms are refused that are fixed, or limit to no profile", "[R36]") {
    CHECK(errors_of(terms("mine")).empty());
    CHECK(errors_of(terms("kme+imei")) == Errors{"1: the terms 'kme+imei' are fixed"});
    CHECK(errors_of(terms("inherit")) == Errors{"1: terms cannot be named 'inherit'"});
    CHECK(errors_of(terms("")) == Errors{"1: the terms' name is missing"});
    CHECK(errors_of(terms(std::string(limits::name_octets_max + 1, 'x'))) ==
          Errors{"1: the terms' name is too long or not printable"});
    CHECK(errors_of(terms(" x")) == Errors{"1: the terms' name begins or ends with a blank"});
    auto limiting = terms("mine");
    limiting.terms.on_shared = binding::Reaction::limit;
    CHECK(errors_of(limiting) == Errors{"1: terms that limit services need a limited_profile"});
    limiting.terms.limited_profile = "tiny";
    CHECK(errors_of(limiting) == Errors{"1: there is no profile 'tiny'"});
    limiting.terms.limited_profile = "small";
    CHECK(errors_of(limiting).empty());
    limiting.terms.refuse_next = std::chrono::hours(2);
    CHECK(errors_of(limiting) == Errors{"1: refuse_next is not 0 to 3600 seconds"});
}

TEST_CASE("import plan: what an item names is there before, or comes with the import, in any order") {
    PutBinding binding{imsi};
    binding.terms = "mine";
    CHECK(errors_of(binding) == Errors{"1: there are no terms 'mine'"});
    CHECK(errors_of(binding, terms("mine")).empty());
    for (const std::string name : {"strict", "inherit", "kme", ""}) {
        binding.terms = name;
        CHECK(errors_of(binding).empty());
    }
    CHECK(errors_of(SetDefaultTerms{"mine"}) == Errors{"1: there are no terms 'mine'"});
    CHECK(errors_of(SetDefaultTerms{"imei_monitor"}).empty());
    CHECK(errors_of(PutMember{imsi, "lifts"}) == Errors{"1: there is no subscription group 'lifts'"});
    CHECK(errors_of(PutMember{imsi, "lifts"}, PutSubscriptionGroup{"lifts", "strict", 3}).empty());
    CHECK(errors_of(PutSubscriptionGroup{"lifts", "mine", 3}) == Errors{"1: there are no terms 'mine'"});
    CHECK(errors_of(rule("group:lifts", "*")) == Errors{"1: there is no subscription group 'lifts'"});
    CHECK(errors_of(rule("group:fleet", "group:modems")) == Errors{"1: there is no device group 'modems'"});
    CHECK(errors_of(rule("group:fleet", "group:modems"), PutDevice{ImeiRange::of(device), "modems", ""})
              .empty());
}

TEST_CASE("import plan: rules that could never decide are refused", "[R1]") {
    CHECK(errors_of(rule("00101*", "35824005:01,05")).empty());
    auto empty = rule("00101*", "35824005");
    std::swap(empty.rule.subscriptions.low, empty.rule.subscriptions.high);
    CHECK(errors_of(empty) == Errors{"1: the IMSI range ends before it begins"});
    auto beyond = rule("*", "*");
    ++beyond.rule.subscriptions.high;
    CHECK(errors_of(beyond) == Errors{"1: an IMSI has at most 15 digits"});
    auto backwards = rule("*", "35824005");
    std::swap(backwards.rule.devices.range->low, backwards.rule.devices.range->high);
    CHECK(errors_of(backwards) == Errors{"1: the device range ends before it begins"});
    auto both = rule("*", "35824005");
    both.rule.devices.group = "meters";
    CHECK(errors_of(both) == Errors{"1: a rule names devices by a range or by a group, not by both"});
    auto over = rule("*", "*");
    over.rule.from = at(10);
    over.rule.until = at(10);
    CHECK(errors_of(over) == Errors{"1: the rule ends before it begins"});
    over.rule.until = at(11);
    CHECK(errors_of(over).empty());
    auto secret = rule("*", "*");
    secret.rule.comment = std::string(32, 'a');
    CHECK(errors_of(secret) == Errors{"1: the comment looks like a key"});
    auto negative = rule("*", "*");
    negative.rule.id = -1;
    CHECK(errors_of(negative) == Errors{"1: a rule's number is not below zero"});
}

TEST_CASE("import plan: a name that looks like a key is refused and not repeated", "[R9]") {
    const std::string key = "465b5ce8b199b49faa5f0a2ee238a6bc";
    PutBinding binding{imsi};
    binding.terms = key;
    const std::vector<Errors> told{
        errors_of(terms(key)),
        errors_of(PutSubscriptionGroup{key}),
        errors_of(PutMember{imsi, key}),
        errors_of(RemoveTerms{key}),
        errors_of(SetDefaultTerms{key}),
        errors_of(RemoveSubscriptionGroup{key}),
        errors_of(PutDeviceModel{35824005, key}),
        errors_of(binding),
    };
    for (const auto& errors : told) {
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].find(key.substr(4, 8)) == std::string::npos);
    }
}

TEST_CASE("import plan: of several puts of one thing the last counts, of new rules each") {
    auto first = terms("mine");
    auto last = terms("mine");
    last.terms.on_shared = binding::Reaction::reject;
    PutSubscriptionGroup group{"fleet", std::nullopt, 1};
    auto changed = rule("*", "35824005");
    changed.rule.id = 7;
    auto changed_again = changed;
    changed_again.rule.allow = false;
    const std::vector<Item> items{{first},
                                  {rule("*", "35824005")},
                                  {last},
                                  {group},
                                  {changed},
                                  {rule("*", "35824006")},
                                  {changed_again},
                                  {PutMember{imsi, "fleet", true}},
                                  {PutMember{imsi, "fleet", false}},
                                  {SetLock{imsi, true}},
                                  {SetLock{imsi, false}},
                                  {kme(1)},
                                  {kme(0)},
                                  {kme(1)}};
    const auto plan = plan_import(items, known);
    CHECK(plan.errors.empty());
    REQUIRE(plan.terms.size() == 1);
    CHECK(plan.terms[0].put->terms == last.terms);
    REQUIRE(plan.rules.size() == 3);
    CHECK(plan.rules[0].put->rule.devices.str() == "35824005");
    CHECK(plan.rules[1].put->rule.devices.str() == "35824006");
    CHECK_FALSE(plan.rules[2].put->rule.allow);
    REQUIRE(plan.members.size() == 1);
    CHECK_FALSE(plan.members[0].put->member);
    REQUIRE(plan.locks.size() == 1);
    CHECK_FALSE(plan.locks[0].put->locked);
    REQUIRE(plan.kmes.size() == 2);
    CHECK(plan.kmes[0].put->generation == 0);
}

TEST_CASE("import plan: what is put and taken away at once is a contradiction") {
    CHECK(errors_of(RemoveSubscriber{imsi}, SetLock{imsi, true}) ==
          Errors{"1: subscriber 001010000000001 is both put and removed"});
    CHECK(errors_of(AuthoriseDevice{imsi, device}, RemoveSubscriber{imsi}).size() == 1);
    CHECK(errors_of(AuthoriseDevice{imsi, device}, RemoveSubscriber{other}).empty());
    CHECK(errors_of(terms("strict"), RemoveTerms{"strict"}) ==
          Errors{"2: the set of terms 'strict' is both put and removed"});
    CHECK(errors_of(PutSubscriptionGroup{"fleet"}, RemoveSubscriptionGroup{"fleet"}).size() == 1);
    CHECK(errors_of(AuthoriseDevice{imsi, device}, RefuseDevice{imsi, device}) ==
          Errors{"2: device 35824005111111 of subscriber 001010000000001 is both authorised and refused"});
    CHECK(errors_of(kme(1), RetireKme{device, 0}).empty());
    CHECK(errors_of(kme(1), RetireKme{device, 1}) == Errors{"2: a KME is both put and retired"});
    CHECK(errors_of(kme(1), RetireKme{device, std::nullopt}).size() == 1);
    auto numbered = rule("*", "*");
    numbered.rule.id = 4;
    CHECK(errors_of(numbered, RemoveRule{4}) == Errors{"2: rule 4 is both put and removed"});
}

TEST_CASE("import plan: a refusal's rule denies just that pair, and an authorisation ends it", "[R14]") {
    const auto denial = denial_of({imsi, device});
    CHECK_FALSE(denial.allow);
    CHECK(denial.subscriptions.str() == imsi.str());
    CHECK(denial.devices.range == ImeiRange::of(device));
    CHECK(stands_against(denial, {imsi, device}));
    CHECK_FALSE(stands_against(denial, {other, device}));
    auto wider = denial;
    wider.devices.range = ImeiRange::parse("35824005").value();
    CHECK_FALSE(stands_against(wider, {imsi, device}));
    auto allowing = denial;
    allowing.allow = true;
    CHECK_FALSE(stands_against(allowing, {imsi, device}));
}

TEST_CASE("import plan: the audit tells each of a few, the number of many, and no key", "[R12]") {
    std::vector<Item> items{{kme(3)}, {RefuseDevice{imsi, device}}};
    const auto few = audit_of(plan_import(items, known));
    REQUIRE(few.size() == 2);
    CHECK(few[0].what == "put KME");
    CHECK(few[0].detail == "imei:35824005111111, generation 3");
    CHECK(few[1].detail == "001010000000001 35824005111111");
    for (std::uint32_t generation = 0; generation <= audit_rows_each; ++generation)
        items.push_back({kme(generation)});
    const auto many = audit_of(plan_import(items, known));
    REQUIRE(many.size() == 2);
    CHECK(many[0].detail == "21 of them");
}

TEST_CASE("terms and groups that are in use cannot be removed", "[R36]") {
    MemoryStore store;
    PutSubscriber subscriber{imsi, AkaKeys::milenage({}, {})};
    PutBinding binding{imsi};
    binding.terms = "mine";
    const auto apply = [&](std::vector<Item> items) {
        Errors texts;
        for (const auto& error : store.apply(items, false)) texts.push_back(error.text);
        return texts;
    };
    CHECK(apply({{subscriber},
                 {terms("mine")},
                 {PutSubscriptionGroup{"fleet", "mine"}},
                 {PutMember{imsi, "fleet"}},
                 {binding},
                 {rule("group:fleet", "*")}})
              .empty());
    CHECK(apply({{RemoveTerms{"mine"}}}) ==
          Errors{"the terms 'mine' are those of 1 binding and 1 subscription group"});
    CHECK(apply({{RemoveSubscriptionGroup{"fleet"}}}) ==
          Errors{"the subscription group 'fleet' has 1 member and 1 rule"});
    CHECK(apply({{SetDefaultTerms{"mine"}}}).empty());
    CHECK(apply({{RemoveTerms{"mine"}}}) == Errors{"the terms 'mine' are the default ones"});
    binding.terms = "inherit";
    CHECK(apply({{binding},
                 {SetDefaultTerms{"off"}},
                 {RemoveRule{1}},
                 {PutMember{imsi, "fleet", false}},
                 {RemoveSubscriptionGroup{"fleet"}},
                 {RemoveTerms{"mine"}}})
              .empty());
    CHECK(store.terms().size() == 5);
}
