// SPDX-License-Identifier: Apache-2.0
// The contract of provisioning.h, run against every implementation.
#include <catch2/catch.hpp>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using bindhss::binding::Policy;
using store::PutBinding;
using store::PutDevice;
using store::PutKme;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

const auto device = Imei::parse("35824005111111").value();

void must_apply(store::Provisioning& provisioning, const std::vector<store::Item>& items) {
    for (const auto& error : provisioning.apply(items, false)) FAIL(error.text);
}

std::optional<binding::Kme> active_kme(store::Store& store, const std::string& of = known) {
    return await(store.load_authentication(imsi(of), node(), {})).value().kme;
}

}  // namespace

TEMPLATE_TEST_CASE("an import with errors stores nothing and names each line", "[provisioning]" NOT_OVER_API,
                   WORLDS) {
    TestType world;
    auto bad_profile = put_subscriber(imsi("001010000000002"));
    bad_profile.profile = "no such";
    auto bad_msisdn = put_subscriber(imsi("001010000000003"));
    bad_msisdn.msisdn = "12a";
    const auto errors = world.provisioning.apply(
        {item(put_subscriber(imsi(known)), 1), item(bad_profile, 2), item(bad_msisdn, 3),
         item(PutDevice{range("35824006"), "", ""}, 4), item(PutKme{std::string("nobody"), kme_key(1)}, 5),
         item(PutKme{device, kme_key(1, 15)}, 6), item(PutBinding{imsi(known), Policy::kme, {}, "nobody"}, 7),
         item(PutDevice{range("35824005111111"), std::string("a\nb"), ""}, 8),
         item(put_subscriber(imsi(known), Sqn::seq_issue_max + 1), 9)},
        false);
    std::vector<std::size_t> lines;
    for (const auto& error : errors) lines.push_back(error.line);
    CHECK(lines == std::vector<std::size_t>{2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(world.provisioning.subscribers(10).empty());
    CHECK(world.provisioning.devices(10).empty());
}

TEMPLATE_TEST_CASE("a binding of an unknown subscriber is an error of its line", "[provisioning]", WORLDS) {
    TestType world;
    const auto errors =
        world.provisioning.apply({item(put_subscriber(imsi(known)), 1),
                                  item(PutBinding{imsi("001010000000077"), Policy::kme, {}, ""}, 2)},
                                 false);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].line == 2);
    CHECK(errors[0].text.find("001010000000077") != std::string::npos);
    CHECK(world.provisioning.subscribers(10).empty());
}

TEMPLATE_TEST_CASE("a key where a name or a comment should be is refused and not repeated", "[provisioning]",
                   WORLDS) {
    TestType world;
    const std::string key = "465b5ce8b199b49faa5f0a2ee238a6bc";
    auto subscriber = put_subscriber(imsi(known));
    subscriber.profile = key;
    const std::vector<store::Item> items{
        item(subscriber),
        item(PutDevice{ImeiRange::of(device), key, ""}),
        item(PutDevice{ImeiRange::of(device), key + key, ""}),
        item(PutDevice{ImeiRange::of(device), "", "its key: " + key}),
        item(PutKme{key, kme_key(1)}),
        item(PutKme{key.substr(0, 20) + "x" + key.substr(20), kme_key(1)}),
        item(PutBinding{imsi(known), Policy::kme, {}, key}),
    };
    for (const auto& one : items) {
        const auto errors = world.provisioning.apply({item(put_subscriber(imsi(known))), one}, false);
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].text.find(key.substr(2, 8)) == std::string::npos);
    }
    CHECK(world.provisioning.devices(10).empty());
}

TEMPLATE_TEST_CASE("a group's name neither is blank nor begins or ends with a blank", "[provisioning]",
                   WORLDS) {
    TestType world;
    for (const std::string name : {" ", " meters", "meters "}) {
        const auto errors =
            world.provisioning.apply({item(PutDevice{ImeiRange::of(device), name, ""})}, false);
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].text == "the group's name begins or ends with a blank");
    }
}

TEMPLATE_TEST_CASE("a dry run tells errors and stores nothing", "[provisioning]", WORLDS) {
    TestType world;
    CHECK(world.provisioning.apply({item(put_subscriber(imsi(known)), 1)}, true).empty());
    CHECK(world.provisioning.subscribers(10).empty());
    CHECK(world.provisioning.apply({item(PutBinding{imsi(known), Policy::off, {}, ""}, 9)}, true).size() ==
          1);
}

TEMPLATE_TEST_CASE("putting a subscriber again changes its keys and keeps its SQN", "[provisioning]",
                   WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known), 40)),
                                    item(PutBinding{imsi(known), Policy::imei_monitor, {}, ""})});
    await(world.store.reserve_vectors(request(imsi(known)))).value();
    auto again = put_subscriber(imsi(known), 7);
    again.keys->k = kme_key(0x77);
    again.msisdn = "";
    must_apply(world.provisioning, {item(again)});
    const auto row = world.provisioning.subscriber(imsi(known)).value();
    CHECK(row.seq == 41);
    CHECK(row.msisdn.empty());
    CHECK(row.policy == Policy::imei_monitor);
    CHECK(await(world.store.load_authentication(imsi(known), node(), {})).value().keys.k == kme_key(0x77));
    CHECK(await(world.store.reserve_vectors(request(imsi(known)))).value().sequence.first_seq == 42);
}

TEMPLATE_TEST_CASE("of two puts of one subscriber the last counts", "[provisioning]", WORLDS) {
    TestType world;
    auto last = put_subscriber(imsi(known));
    last.msisdn = "2";
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))), item(last)});
    CHECK(world.provisioning.subscriber(imsi(known))->msisdn == "2");
}

TEMPLATE_TEST_CASE("a KME becomes active whatever the order of the import", "[provisioning]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""}),
                                    item(PutKme{device, kme_key(1)}), item(put_subscriber(imsi(known)))});
    CHECK(active_kme(world.store).has_value());
    CHECK(world.provisioning.devices(10).size() == 1);
    CHECK(world.provisioning.devices(10)[0].kcv.size() == 6);
    CHECK(world.provisioning.subscriber(imsi(known))->kcv == world.provisioning.devices(10)[0].kcv);
}

TEMPLATE_TEST_CASE("a KME that comes after its binding becomes active", "[provisioning]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))),
                                    item(PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""})});
    CHECK_FALSE(active_kme(world.store).has_value());
    must_apply(world.provisioning, {item(PutKme{device, kme_key(1)})});
    CHECK(active_kme(world.store).has_value());
}

TEMPLATE_TEST_CASE("a KME that is replaced is another key to the ledger, an equal one is not",
                   "[provisioning]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))), item(PutKme{device, kme_key(1)}),
                                    item(PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""})});
    const auto first = active_kme(world.store)->id;
    must_apply(world.provisioning, {item(PutKme{device, kme_key(1)})});
    CHECK(active_kme(world.store)->id == first);
    must_apply(world.provisioning, {item(PutKme{device, kme_key(2)})});
    CHECK(active_kme(world.store)->id != first);
    CHECK(active_kme(world.store)->key.view()[0] == 2);
    CHECK(await(world.store.reserve_vectors(request(imsi(known)))).has_value());
}

TEMPLATE_TEST_CASE("a group authorises its members and gives its key", "[provisioning]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))),
                                    item(PutDevice{range("35824005"), "meters", "all \"of\" them"}),
                                    item(PutBinding{imsi(known), Policy::kme_imei, {}, "meters"})});
    CHECK_FALSE(active_kme(world.store).has_value());
    must_apply(world.provisioning, {item(PutKme{std::string("meters"), kme_key(3)})});
    REQUIRE(active_kme(world.store).has_value());
    CHECK(active_kme(world.store)->key.view()[0] == 3);
    const auto view =
        seen_by(world.store, imsi(known), node(), TerminalInformation{device, std::nullopt, false});
    REQUIRE(view.binding.rules.size() == 1);
    CHECK(view.binding.rules[0].devices.group == "meters");
    CHECK(view.device.groups == std::vector<std::string>{"meters"});
    CHECK(world.provisioning.subscriber(imsi(known))->group == "meters");
    const auto rows = world.provisioning.devices(10);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].group == "meters");
    CHECK(rows[0].comment == "all \"of\" them");
    CHECK_FALSE(rows[0].kcv.empty());
}

TEMPLATE_TEST_CASE("a device without a key of its own has its group's", "[provisioning]", WORLDS) {
    TestType world;
    must_apply(world.provisioning,
               {item(put_subscriber(imsi(known))), item(PutDevice{range("35824005"), "meters", ""}),
                item(PutKme{std::string("meters"), kme_key(3)}),
                item(PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""})});
    REQUIRE(active_kme(world.store).has_value());
    CHECK(active_kme(world.store)->key.view()[0] == 3);
    must_apply(world.provisioning, {item(PutKme{device, kme_key(4)})});
    CHECK(active_kme(world.store)->key.view()[0] == 4);
}

TEMPLATE_TEST_CASE("what is not said of a device stays as it is stored", "[provisioning]", WORLDS) {
    TestType world;
    const auto tac = range("35824005");
    must_apply(world.provisioning, {item(PutDevice{tac, "meters", "all"})});
    must_apply(world.provisioning, {item(PutDevice{tac, std::nullopt, "some"})});
    CHECK(world.provisioning.devices(10).at(0).group == "meters");
    CHECK(world.provisioning.devices(10).at(0).comment == "some");
    must_apply(world.provisioning, {item(PutDevice{tac, "lifts", std::nullopt})});
    CHECK(world.provisioning.devices(10).at(0).group == "lifts");
    CHECK(world.provisioning.devices(10).at(0).comment == "some");
    must_apply(world.provisioning, {item(PutDevice{ImeiRange::of(device), "lifts", "one"})});
    must_apply(world.provisioning, {item(PutDevice{ImeiRange::of(device), "", ""})});
    CHECK(world.provisioning.devices(10).at(1).group.empty());
    CHECK(world.provisioning.devices(10).at(1).comment.empty());
    for (const auto& group : {std::optional<std::string>(), std::optional<std::string>("")}) {
        const auto errors =
            world.provisioning.apply({item(PutDevice{range("35824006"), group, std::nullopt}, 7)}, false);
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].line == 7);
    }
}

TEMPLATE_TEST_CASE("devices with different keys are bound together, and the first one with a key gives it",
                   "[provisioning][R10]", WORLDS) {
    TestType world;
    const auto other = imei("35824005222222");
    const auto third = imei("35824005333333");
    const PutBinding bind{
        imsi(known), Policy::kme, {ImeiRange::of(third), ImeiRange::of(device), ImeiRange::of(other)}, ""};
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))), item(PutKme{device, kme_key(1)}),
                                    item(PutKme{other, kme_key(2)}), item(bind)});
    CHECK(active_kme(world.store)->key.view()[0] == 1);
    // The one that is in use stays, be there another one in front of it now.
    must_apply(world.provisioning, {item(PutKme{third, kme_key(3)})});
    CHECK(active_kme(world.store)->key.view()[0] == 1);
    must_apply(world.provisioning, {item(store::RetireKme{device, std::nullopt})});
    CHECK(active_kme(world.store)->key.view()[0] == 3);
}

TEMPLATE_TEST_CASE("a binding that is put again replaces its devices", "[provisioning]", WORLDS) {
    TestType world;
    const auto other = imei("35824005222222");
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))), item(PutKme{device, kme_key(1)}),
                                    item(PutKme{other, kme_key(2)}),
                                    item(PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""})});
    CHECK(active_kme(world.store)->key.view()[0] == 1);
    must_apply(world.provisioning, {item(PutBinding{imsi(known), Policy::kme, {ImeiRange::of(other)}, ""})});
    CHECK(active_kme(world.store)->key.view()[0] == 2);
    must_apply(world.provisioning, {item(PutBinding{imsi(known), Policy::off, {}, ""})});
    CHECK_FALSE(active_kme(world.store).has_value());
    CHECK(world.provisioning.subscriber(imsi(known))->devices.empty());
}

TEMPLATE_TEST_CASE("lists are limited and in order", "[provisioning]", WORLDS) {
    TestType world;
    std::vector<store::Item> items;
    for (int i = 9; i >= 0; --i)
        items.push_back(item(put_subscriber(imsi("00101000000000" + std::to_string(i)))));
    must_apply(world.provisioning, items);
    const auto rows = world.provisioning.subscribers(3);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].imsi == imsi("001010000000000"));
    CHECK(rows[2].imsi == imsi("001010000000002"));
}
