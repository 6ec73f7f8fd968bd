// SPDX-License-Identifier: Apache-2.0
// Contract: lists come page by page, and with what filters leave of them.
#include <catch2/catch.hpp>

#include "alarm/alarm.h"
#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;
using store::Page;
using store::PutBinding;
using store::PutDevice;
using store::PutSubscriber;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

/// Row by row, each page behind the last row of the one before.
template <class List, class Name>
std::vector<std::string> all_of(List list, Name name, std::size_t rows = 2) {
    std::vector<std::string> names;
    for (std::string after;;) {
        const auto page = list(Page(after, rows));
        CHECK(page.size() <= rows);
        for (const auto& row : page) names.push_back(name(row));
        if (page.size() < rows || names.size() > 100) return names;
        after = names.back();
    }
}

PutSubscriber subscriber(const std::string& digits, const std::string& msisdn = "",
                         const std::string& profile = "default") {
    auto put = put_subscriber(imsi(digits));
    put.msisdn = msisdn;
    put.profile = profile;
    return put;
}

using Names = std::vector<std::string>;
const std::string one = "001010000000001", two = "001010000000002", three = "001010000000003",
                  other = "262010000000004";

/// Four subscribers: of two networks, two profiles, one group, and two policies.
template <class World>
void put_four(World& world) {
    world.put_profile_without_apn("sensor");
    must_put(world, {item(subscriber(one, "491700000001")), item(subscriber(two, "491700000002", "sensor")),
                     item(subscriber(three)), item(subscriber(other, "", "sensor")),
                     item(store::PutSubscriptionGroup{"fleet", "imei_monitor", 1}),
                     item(store::PutMember{imsi(two), "fleet"}), item(store::PutMember{imsi(other), "fleet"}),
                     item(PutBinding{imsi(one), Policy::imei_enforce, {range("35824005")}, ""})});
}

template <class World>
Names subscribers(World& world, const store::SubscriberFilter& filter) {
    return all_of([&](const Page& page) { return world.provisioning.subscribers(filter, page); },
                  [](const auto& row) { return row.imsi.str(); });
}

}  // namespace

TEMPLATE_TEST_CASE("subscribers are listed by page, and by what filters name", "[contract]", WORLDS) {
    TestType world;
    put_four(world);
    CHECK(subscribers(world, {}) == Names{one, two, three, other});
    const auto by = [&](auto set) {
        store::SubscriberFilter filter;
        set(filter);
        return subscribers(world, filter);
    };
    CHECK(by([](auto& f) { f.imsi_prefix = "00101"; }) == Names{one, two, three});
    CHECK(by([](auto& f) { f.imsi_prefix = three; }) == Names{three});
    CHECK(by([](auto& f) { f.imsi_prefix = "9"; }).empty());
    CHECK(by([](auto& f) { f.msisdn = "491700000002"; }) == Names{two});
    CHECK(by([](auto& f) { f.profile = "sensor"; }) == Names{two, other});
    CHECK(by([](auto& f) { f.profile = "nobody"; }).empty());
    CHECK(by([](auto& f) { f.group = "fleet"; }) == Names{two, other});
    CHECK(by([](auto& f) { f.group = "nobody"; }).empty());
    CHECK(by([](auto& f) { f.policy = Policy::imei_monitor; }) == Names{two, other});
    CHECK(by([](auto& f) { f.policy = Policy::imei_enforce; }) == Names{one});
    CHECK(by([](auto& f) { f.policy = Policy::off; }) == Names{three});
    CHECK(by([](auto& f) { f.policy = Policy::kme; }).empty());
}

TEMPLATE_TEST_CASE("all that a filter of subscribers names has to fit", "[contract]", WORLDS) {
    TestType world;
    put_four(world);
    store::SubscriberFilter filter{"00101", "", "sensor", "fleet", Policy::imei_monitor};
    CHECK(subscribers(world, filter) == Names{two});
    filter.msisdn = "491700000002";
    CHECK(subscribers(world, filter) == Names{two});
    filter.policy = Policy::off;
    CHECK(subscribers(world, filter).empty());
    filter = {"262", "", "", "", Policy::imei_monitor};
    CHECK(subscribers(world, filter) == Names{other});
    filter = {"", "491700000001", "", "", Policy::imei_enforce};
    CHECK(subscribers(world, filter) == Names{one});
    filter = {"", "", "default", "", Policy::imei_enforce};
    CHECK(subscribers(world, filter) == Names{one});
}

TEMPLATE_TEST_CASE("what no row is named by ends a list, and harms nothing", "[contract]" NOT_OVER_API,
                   WORLDS) {
    TestType world;
    put_four(world);
    auto& p = world.provisioning;
    const Page nonsense(std::string("\x00'; --\xff", 8), 10);
    CHECK(p.devices({}, nonsense).empty());
    CHECK(p.equipment(nonsense).empty());
    CHECK(p.registrations(nonsense).empty());
    CHECK(p.rules({}, nonsense).empty());
    CHECK(p.device_models(nonsense).empty());
    CHECK(p.kmes({}, nonsense).empty());
    CHECK(p.approvals(nonsense).empty());
    CHECK(p.audit(nonsense).empty());
    CHECK(p.alarms(nonsense).empty());
    const std::string octets("\x00\xff", 2);
    CHECK(p.subscribers({octets, octets, octets, octets, {}}, 10).empty());
    CHECK(p.audit({octets, octets, octets, {}}, 10).empty());
    CHECK(p.subscribers(10).size() == 4);
}

TEMPLATE_TEST_CASE("profiles, terms and groups tell how many name them, and are listed by page", "[contract]",
                   WORLDS) {
    TestType world;
    put_four(world);
    auto& p = world.provisioning;
    CHECK(all_of([&](const Page& page) { return p.profiles(page); }, [](const auto& row) { return row.name; },
                 1) == Names{"default", "sensor"});
    CHECK(p.profile("sensor")->subscribers == 2);
    auto moved = subscriber(two);
    moved.profile = "default";
    must_put(world, {item(store::PutSubscriptionGroup{"spare", "", 1}), item(moved),
                     item(store::RemoveSubscriber{imsi(other)}),
                     item(PutBinding{imsi(one), Policy::off, {}, "", "inherit"})});
    CHECK(p.profile("sensor")->subscribers == 0);
    CHECK(p.profile("default")->subscribers == 3);
    CHECK(all_of([&](const Page& page) { return p.subscription_groups(page); },
                 [](const auto& row) { return row.name + " " + std::to_string(row.members); },
                 9) == Names{"fleet 1", "spare 0"});
    CHECK(p.subscription_groups(Page("fleet", 9)).at(0).name == "spare");
    for (const auto& row : p.terms()) CHECK(row.bindings == 0);
    must_put(world, {item(PutBinding{imsi(one), Policy::imei_monitor, {range("35824005")}, ""})});
    for (const auto& row : p.terms()) CHECK(row.bindings == (row.terms.name == "imei_monitor" ? 1 : 0));
    CHECK(await(world.store.delete_old(store::OldRecords::operator_requests, std::chrono::hours(1), 10))
              .value() == 0);
    CHECK(p.profile("default")->subscribers == 3);
    CHECK(p.subscription_groups(9).at(0).members == 1);
}

TEMPLATE_TEST_CASE("devices are listed by page, by IMEI and by group", "[contract]", WORLDS) {
    TestType world;
    const std::string device = "35824005111111";
    must_put(world, {item(PutDevice{range("35824005"), "fleet", "a model"}),
                     item(PutDevice{range("35824006"), "other", ""}),
                     item(PutDevice{ImeiRange::of(imei(device)), "fleet", ""}),
                     item(PutDevice{ImeiRange::of(imei("35824005222222")), "", ""})});
    const auto names = [&](const store::DeviceFilter& filter) {
        return all_of([&](const Page& page) { return world.provisioning.devices(filter, page); },
                      [](const auto& row) { return row.range.str(); });
    };
    const auto tac = range("35824005").str(), second = range("35824006").str();
    CHECK(names({}) == Names{tac, device, "35824005222222", second});
    CHECK(names({imei(device), ""}) == Names{tac, device});
    CHECK(names({std::nullopt, "fleet"}) == Names{tac, device});
    CHECK(names({imei("35824005222222"), "fleet"}) == Names{tac});
    CHECK(names({std::nullopt, "nobody"}).empty());
}

TEMPLATE_TEST_CASE("the equipment register is listed by page", "[contract]", WORLDS) {
    TestType world;
    using s6a::EquipmentStatus;
    const auto tac = range("35824005");
    must_put(world, {item(store::PutEquipment{tac, std::nullopt, EquipmentStatus::permitted, ""}),
                     item(store::PutEquipment{tac, "02", EquipmentStatus::prohibited, ""}),
                     item(store::PutEquipment{tac, "01", EquipmentStatus::prohibited, ""}),
                     item(PutDevice{range("35824005111111"), "", ""}),
                     item(store::PutEquipment{range("35824006"), "07", EquipmentStatus::tracked, ""})});
    const auto list = [&](const Page& page) { return world.provisioning.equipment(page); };
    const auto name = [](const store::EquipmentEntry& row) {
        return row.range.str() + " " + row.svn.value_or("");
    };
    const Names all{tac.str() + " ", tac.str() + " 01", tac.str() + " 02", range("35824006").str() + " 07"};
    for (const std::size_t rows : {1, 2, 3, 9}) CHECK(all_of(list, name, rows) == all);
    CHECK(list(Page(tac.str(), 9)).size() == 3);
}

TEMPLATE_TEST_CASE("keys, device models, rules and approvals are listed by page", "[contract]", WORLDS) {
    TestType world;
    put_four(world);
    const auto device = imei("35824005111111");
    must_put(world,
             {item(PutDevice{ImeiRange::of(device), "g h", ""}), item(store::PutKme{device, kme_key(1), 0}),
              item(store::PutKme{device, kme_key(2), 1}), item(store::PutKme{device, kme_key(3), 12}),
              item(store::PutKme{std::string("g h"), kme_key(4), 2}),
              item(store::PutDeviceModel{35824005, "a", {}, {}}),
              item(store::PutDeviceModel{35824006, "b", {}, {}}), rule_for(one, "35824005", true),
              rule_for(two, "35824005", true), rule_for(one, "35824006", false)});
    auto& p = world.provisioning;
    const auto kme_name = [](const store::KmeRow& row) {
        const auto* imei = std::get_if<Imei>(&row.owner);
        return (imei != nullptr ? "imei:" + imei->str() : "group:" + std::get<std::string>(row.owner)) + " " +
               std::to_string(row.generation);
    };
    const Names of_device{"imei:35824005111111 0", "imei:35824005111111 1", "imei:35824005111111 12"};
    auto all = of_device;
    all.insert(all.begin(), "group:g h 2");
    for (const std::size_t rows : {1, 2, 9}) {
        CHECK(all_of([&](const Page& page) { return p.kmes({}, page); }, kme_name, rows) == all);
        CHECK(all_of([&](const Page& page) { return p.kmes(device, page); }, kme_name, rows) == of_device);
    }
    CHECK(all_of([&](const Page& page) { return p.device_models(page); },
                 [](const auto& row) { return std::to_string(row.tac); },
                 1) == Names{"35824005", "35824006"});
    const auto rule_name = [](const auto& row) { return std::to_string(row.id); };
    CHECK(all_of([&](const Page& page) { return p.rules({}, page); }, rule_name, 2).size() == 3);
    CHECK(all_of([&](const Page& page) { return p.rules(imsi(one), page); }, rule_name, 1).size() == 2);
    CHECK(p.approvals(Page(one + " 35824005111111", 9)).empty());
}

TEMPLATE_TEST_CASE("registrations are listed by page, by subscriber and by node", "[contract]", WORLDS) {
    TestType world;
    put_four(world);
    const auto put = [&](const std::string& digits, int at_node, s6a::Domain domain) {
        store::Registration registration{node(at_node), Plmn::parse("00101").value()};
        registration.domain = domain;
        REQUIRE(registered(world.store, imsi(digits), registration).has_value());
    };
    put(one, 1, s6a::Domain::mme);
    put(one, 2, s6a::Domain::sgsn);
    put(two, 1, s6a::Domain::mme);
    put(three, 1, s6a::Domain::mme);
    store::PurgeNode purge{node(1), true, {}, {}, at(1)};
    REQUIRE(await(world.store.purge(imsi(three), purge)).has_value());
    const auto names = [&](const store::RegistrationFilter& filter) {
        return all_of([&](const Page& page) { return world.provisioning.registrations(filter, page); },
                      [](const auto& row) {
                          return row.imsi.str() +
                                 (row.registration.domain == s6a::Domain::mme ? " mme" : " sgsn");
                      });
    };
    CHECK(names({{}, "", true}) == Names{one + " mme", one + " sgsn", two + " mme", three + " mme"});
    CHECK(names({{}, "", false}) == Names{one + " mme", one + " sgsn", two + " mme"});
    CHECK(names({imsi(one), "", false}) == Names{one + " mme", one + " sgsn"});
    CHECK(names({{}, node(1).host, false}) == Names{one + " mme", two + " mme"});
    CHECK(names({imsi(one), node(2).host, true}) == Names{one + " sgsn"});
    CHECK(names({{}, "nobody", true}).empty());
}

TEMPLATE_TEST_CASE("the audit is listed by page, and by who, what, request and time",
                   "[contract]" NOT_OVER_API, WORLDS) {
    TestType world;
    auto& p = world.provisioning;
    const auto change = [&](const std::string& who, store::Item what, const std::string& request) {
        p.act_as(who);
        store::ApplyOptions options;
        options.request = request;
        CHECK(p.apply({std::move(what)}, options).outcome == store::Applied::Outcome::stored);
    };
    change("alice", item(put_subscriber(imsi(one))), "r-1");
    change("bob", item(put_subscriber(imsi(two))), "r-2");
    change("alice", item(store::RemoveSubscriber{imsi(one)}), "r-3");
    const auto rows = p.audit(10);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].request == "r-3");
    CHECK(rows[0].id > rows[1].id);
    CHECK(all_of([&](const Page& page) { return p.audit(page); },
                 [](const auto& row) { return std::to_string(row.id); }) ==
          Names{std::to_string(rows[0].id), std::to_string(rows[1].id), std::to_string(rows[2].id)});
    const auto of = [&](const store::AuditFilter& filter) {
        Names requests;
        for (const auto& row : p.audit(filter, 10)) requests.push_back(row.request);
        return requests;
    };
    CHECK(of({"alice", "", "", {}}) == Names{"r-3", "r-1"});
    CHECK(of({"", rows[0].what.substr(0, 3), "", {}}) == Names{"r-3"});
    CHECK(of({"", rows[1].what, "", {}}) == Names{"r-2", "r-1"});
    CHECK(of({"", "", "r-2", {}}) == Names{"r-2"});
    CHECK(of({"alice", "", "r-2", {}}).empty());
    CHECK(of({"", "", "", rows[2].at}).size() == 3);
    CHECK(of({"", "", "", rows[0].at + std::chrono::minutes(1)}).empty());
}

TEMPLATE_TEST_CASE("alarms are listed by page, and by name, severity and subscriber", "[contract]", WORLDS) {
    TestType world;
    auto& p = world.provisioning;
    const auto raise = [&](alarm::Id id, const std::string& of, alarm::Severity severity) {
        alarm::Notice notice;
        notice.alarm.id = id;
        notice.alarm.imsi = imsi(of);
        notice.alarm.time = at(0);
        notice.severity = severity;
        notice.count = 1;
        notice.change = alarm::Change::raised;
        await(world.store.record_alarm(notice));
    };
    const auto first = static_cast<alarm::Id>(0), second = static_cast<alarm::Id>(1);
    raise(first, one, alarm::Severity::major);
    raise(second, one, alarm::Severity::minor);
    raise(first, two, alarm::Severity::major);
    raise(first, one, alarm::Severity::major);
    const auto ids = [&](const store::AlarmFilter& filter) {
        return all_of([&](const Page& page) { return p.alarms(filter, page); },
                      [](const auto& row) { return std::to_string(row.id); });
    };
    const auto name = std::string(alarm::describe(first).name);
    const auto all = ids({});
    REQUIRE(all.size() == 3);
    CHECK(ids({false, name, "", {}}) == Names{all[0], all[2]});
    CHECK(ids({false, "", "minor", {}}) == Names{all[1]});
    CHECK(ids({false, "", "", imsi(one)}) == Names{all[1], all[2]});
    CHECK(p.clear_alarms({std::nullopt, std::nullopt, imsi(two)}, "carol") == 1);
    CHECK(ids({}) == Names{all[1], all[2]});
    CHECK(ids({true, name, "", {}}) == Names{all[0], all[2]});
}
