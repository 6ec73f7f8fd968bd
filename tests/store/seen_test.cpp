// SPDX-License-Identifier: Apache-2.0
// What was seen, in many pages and among IMSIs of different lengths; and imports of many rules and members.
#include <set>

#include "store/binding_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;

namespace {

template <class World>
std::vector<std::string> seen_imsis(World& world, const store::SeenFilter& filter, std::size_t page_rows) {
    std::vector<std::string> imsis;
    std::optional<store::SeenPosition> after;
    for (int pages = 0; pages < 1'000; ++pages) {
        auto page = world.provisioning.seen(filter, after, page_rows);
        CHECK(page.pairs.size() <= page_rows);
        for (const auto& pair : page.pairs) imsis.push_back(pair.imsi.str());
        if (!page.next) return imsis;
        after = page.next;
    }
    FAIL("there is always another page");
    return {};
}

store::SeenFilter of(const std::string& subscriptions, bool registered = false) {
    store::SeenFilter filter;
    filter.subscriptions = binding::SubscriptionSet::parse(subscriptions).value();
    filter.registered = registered;
    return filter;
}

using Texts = std::vector<std::string>;

}  // namespace

TEMPLATE_TEST_CASE("what was seen is found by intervals, prefixes and groups of IMSIs of any length",
                   "[contract][seen][R35]", MemoryWorld, PostgresWorld) {
    TestType world;
    const Texts imsis{"001010", "00101000000001", "001010000000010", "001010000000011", "001020000000000"};
    for (const auto& one : imsis) {
        must_put(world, {item(put_subscriber(imsi(one)))});
        place(world, placed(1, own, 10), one);
        place(world, placed(1, second, 20), one);
    }
    must_put(world, {item(store::PutSubscriptionGroup{"meters", std::nullopt, std::nullopt}),
                     item(store::PutMember{imsi("00101000000001"), "meters"})});
    for (const bool registered : {false, true}) {
        const auto unique = [&](const std::string& subscriptions) {
            const auto found = seen_imsis(world, of(subscriptions, registered), 2);
            CHECK(found.size() % (registered ? 1 : 2) == 0);
            return std::set<std::string>(found.begin(), found.end());
        };
        using Set = std::set<std::string>;
        CHECK(unique("*").size() == 5);
        CHECK(unique("00102*") == Set{"001020000000000"});
        CHECK(unique("001010000000010") == Set{"00101000000001", "001010000000010"});
        CHECK(unique("001010000000000-001010000000009") == Set{"001010"});
        CHECK(unique("001010000000011-001019999999999") == Set{"001010000000011"});
        CHECK(unique("group:meters") == Set{"00101000000001"});
    }
    store::SeenFilter none;
    none.imsi = imsi("001019000000000");
    CHECK(seen_imsis(world, none, 10).empty());
}

TEMPLATE_TEST_CASE("of many devices of one subscription those seen last are kept, whoever reported them",
                   "[contract][seen][R43]", MemoryWorld, PostgresWorld) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce)});
    const auto device = [](std::int64_t number) {
        return Imei::from_number(static_cast<std::uint64_t>(number)).value();
    };
    const auto refuse = [&](std::int64_t number, binding::Provenance provenance) {
        store::Refusal refusal{node(2), reporting(device(number)), provenance};
        if (provenance == binding::Provenance::authenticated) refusal.ask = device(number);
        refusal.now = at(number);
        await(world.store.record_refusal(imsi(known), refusal)).value();
    };
    const auto kept = [&] { return seen_imsis(world, of("*"), 100).size(); };
    place(world, placed(1, own, 0));
    for (std::int64_t i = 1; i <= 300; ++i) refuse(i, binding::Provenance::authenticated);
    CHECK(kept() == 256);
    CHECK(view_of(world).last_seen_imei == device(300));
    // What anybody could have written drives out none of the last ones, and not the last one above all.
    for (std::int64_t i = 1001; i <= 1100; ++i) refuse(i, binding::Provenance::unproven);
    CHECK(kept() == 256);
    CHECK(view_of(world).last_seen_imei == device(300));
    place(world, placed(1, second, 2'000));
    CHECK(kept() == 256);
    CHECK(view_of(world).last_seen_imei == second);
    store::SeenFilter filter;
    filter.imei = own;
    CHECK(world.provisioning.seen(filter, std::nullopt, 10).pairs.empty());
    filter.imei = device(300);
    CHECK(world.provisioning.seen(filter, std::nullopt, 10).pairs.size() == 1);

    const auto asked = world.provisioning.approvals(1'000);
    REQUIRE(asked.size() == 64);
    CHECK(asked.front().imei == device(237));
    CHECK(asked.back().imei == device(300));
}

TEMPLATE_TEST_CASE("a purged registration is no registration, and one without a device is judged too",
                   "[contract][seen][R35]", MemoryWorld, PostgresWorld) {
    TestType world;
    const std::string third = "001010000000003";
    must_put(world, {item(put_subscriber(imsi(known))), item(put_subscriber(imsi(third))),
                     binding_of(Policy::imei_enforce, {own})});
    place(world, placed(1, std::nullopt, 10));
    must_put(world, {item(store::SetLock{imsi(known), true})});
    place(world, placed(1, own, 10), third);
    store::PurgeNode purge{node(1)};
    purge.now = at(20);
    await(world.store.purge(imsi(third), purge)).value();
    store::SeenFilter filter;
    filter.registered = true;
    const auto page = world.provisioning.seen(filter, std::nullopt, 10);
    REQUIRE(page.pairs.size() == 1);
    const auto& pair = page.pairs[0];
    CHECK(pair.imsi == imsi(known));
    CHECK_FALSE(pair.device.imei.has_value());
    CHECK(pair.binding.rules.empty());
    CHECK(pair.binding.has_list);
    CHECK(pair.binding.locked);
    CHECK(pair.first == at(10));
    CHECK_FALSE(page.next.has_value());
    CHECK(world.provisioning.seen({}, std::nullopt, 10).pairs.size() == 1);
}

TEST_CASE("what an import adds to the judgement of many is in every page", "[postgres][seen][R1]") {
    constexpr int count = 2'500;
    PostgresWorld world;
    std::vector<store::Item> items{item(store::PutSubscriptionGroup{"fleet", "imei_enforce", 1})};
    for (int i = 0; i < count; ++i) {
        const auto digits = std::to_string(1'010'000'000'000 + i);
        items.push_back(item(put_subscriber(imsi("00" + digits))));
        items.push_back(item(store::PutMember{imsi("00" + digits), "fleet"}));
        items.push_back(rule_for("00" + digits, "35824005111111:01", i % 2 == 0));
    }
    must_put(world, items);
    world.database.query(
        "INSERT INTO association (imsi, imei, svn, first_seen, last_seen, host)"
        " SELECT imsi, 35824005111111, '01', now(), now(), 'mme1' FROM subscriber");
    std::optional<store::SeenPosition> after;
    int pairs = 0;
    int denied = 0;
    do {
        const auto page = world.provisioning.seen({}, after, limits::seen_page_rows_max);
        for (const auto& pair : page.pairs) {
            ++pairs;
            CHECK(pair.binding.terms.policy == Policy::imei_enforce);
            CHECK(pair.binding.groups == Texts{"fleet"});
            REQUIRE(pair.binding.rules.size() == 1);
            if (!pair.binding.rules[0].allow) ++denied;
            CHECK(pair.binding.has_list == pair.binding.rules[0].allow);
        }
        after = page.next;
    } while (after);
    CHECK(pairs == count);
    CHECK(denied == count / 2);
}
