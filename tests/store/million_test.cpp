// SPDX-License-Identifier: Apache-2.0
// Imports of a million: minutes each, and so only by name (test_store "[million]").
#include <functional>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;

namespace {

constexpr std::uint64_t million = 1'000'000;

class FactoryKeys final : public store::KmeSource {
  public:
    std::optional<store::KmeRecord> next() override {
        if (next_ == million) return std::nullopt;
        const auto device = Imei::from_number(35'824'005'000'000 + next_++).value();
        return store::KmeRecord{device, 0, kme_key(static_cast<std::uint8_t>(next_)), next_};
    }

  private:
    std::uint64_t next_ = 0;
};

double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::string nth(std::uint64_t number) {
    return "00" + std::to_string(1'010'000'000'000 + number);
}

}  // namespace

TEST_CASE("a million keys are imported, and known when they come again", "[.][million][R15]") {
    PostgresWorld world;
    FactoryKeys source;
    const auto seconds = seconds_of(
        [&] { CHECK(world.provisioning.import_kmes(source, false, "factory.kme").added == million); });
    WARN("imported a million keys in " << seconds << " s");
    FactoryKeys again;
    const auto same = seconds_of(
        [&] { CHECK(world.provisioning.import_kmes(again, false, "factory.kme").unchanged == million); });
    WARN("compared a million keys in " << same << " s");
}

TEST_CASE("a million rules, and a million members of a group, are imported", "[.][million][R1][R55]") {
    PostgresWorld world;
    std::vector<store::Item> items;
    items.reserve(2 * million);
    for (std::uint64_t i = 0; i < million; ++i) items.push_back(item(put_subscriber(imsi(nth(i)))));
    WARN("subscribers: " << seconds_of([&] { must_put(world, items); }) << " s");
    items.clear();
    items.push_back(item(store::PutSubscriptionGroup{"fleet", "imei_enforce", 1}));
    for (std::uint64_t i = 0; i < million; ++i)
        items.push_back(item(store::PutMember{imsi(nth(i)), "fleet"}));
    WARN("members: " << seconds_of([&] { must_put(world, items); }) << " s");
    CHECK(world.provisioning.subscriber(imsi(nth(million - 1)))->terms_from == "group:fleet");
    items.clear();
    for (std::uint64_t i = 0; i < million; ++i) items.push_back(rule_for(nth(i), "35824005", i % 2 == 0));
    WARN("rules: " << seconds_of([&] { must_put(world, items); }) << " s");
    const auto list =
        seconds_of([&] { CHECK(world.provisioning.rules(imsi(nth(500'000)), 10).size() == 1); });
    WARN("rules of one subscriber among them: " << list << " s");
    items.clear();
    items.push_back(item(store::PutSubscriptionGroup{"fleet", "imei_monitor", 1}));
    WARN("other terms for the group: " << seconds_of([&] { must_put(world, items); }) << " s");
    items.assign(1, item(store::PutSubscriptionGroup{"fleet", "", 1}));
    WARN("no terms for the group: " << seconds_of([&] { must_put(world, items); }) << " s");
    world.database.query(
        "INSERT INTO association (imsi, imei, svn, first_seen, last_seen, host)"
        " SELECT imsi, 35824005111111, '01', now(), now(), 'mme1' FROM subscriber");
    std::optional<store::SeenPosition> after;
    std::uint64_t pairs = 0;
    const auto pages = seconds_of([&] {
        for (int i = 0; i < 20; ++i) {
            const auto page = world.provisioning.seen({}, after, 1'000);
            pairs += page.pairs.size();
            after = page.next;
        }
    });
    CHECK(pairs == 20'000);
    WARN("20,000 pairs with what judges them: " << pages << " s");
}
