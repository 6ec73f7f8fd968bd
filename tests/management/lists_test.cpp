// SPDX-License-Identifier: Apache-2.0
// Lists of the API: pages, cursors, filters, and what a page does when rows come and go.
#include <fmt/format.h>

#include <algorithm>

#include "operations_world.h"

namespace bindhss {

using namespace test;

namespace {

std::string imsi_of(int number) {
    return fmt::format("00101{:010}", number);
}

/// Subscribers with these numbers, in one change.
void add(OperationsWorld& world, const std::vector<int>& numbers, const std::string& more = {}) {
    std::string lines;
    for (const auto number : numbers)
        lines += fmt::format(R"({{"type": "subscriber", "imsi": "{}", "k": "{}", "opc": "{}"{}}})",
                             imsi_of(number), some_k, some_opc, more) +
                 "\n";
    REQUIRE(world.change(lines).status == 200);
}

std::vector<int> numbers(int first, int last, int step = 1) {
    std::vector<int> all;
    for (int number = first; number <= last; number += step) all.push_back(number);
    return all;
}

std::vector<std::string> imsis(const std::vector<int>& all) {
    std::vector<std::string> texts;
    for (const auto number : all) texts.push_back(imsi_of(number));
    return texts;
}

}  // namespace

TEST_CASE("one subscription group of many is found without reading the others", "[management]") {
    /// Counts the rows that are asked for.
    class CountingStore final : public store::MemoryStore {
      public:
        std::vector<store::SubscriptionGroupRow> subscription_groups(const store::Page& page) override {
            auto rows = store::MemoryStore::subscription_groups(page);
            read += rows.size();
            return rows;
        }
        std::size_t read = 0;
    };
    const auto store = std::make_shared<CountingStore>();
    OperationsWorld world(nullptr, store);
    std::string lines;
    for (int i = 0; i < 3'000; ++i)
        lines += fmt::format(R"({{"type": "group", "name": "g{:04}"}})", i) + "\n";
    for (const auto* name : {"a", "gruen", "gr\xc3\xbcn", "g2999-", "g2998~~"})
        lines += fmt::format(R"({{"type": "group", "name": "{}"}})", name) + "\n";
    const auto stored = world.change(lines);
    INFO(stored.body);
    REQUIRE(stored.status == 200);
    store->read = 0;
    CHECK(world.get("/v1/groups/g2999").object().at("name") == "g2999");
    CHECK(store->read <= 2);
    for (const auto* path : {"a", "g0000", "gruen", "gr%C3%BCn", "g2999-", "g2998~~"}) {
        INFO(path);
        CHECK(world.get("/v1/groups/" + std::string(path)).status == 200);
    }
    for (const auto* path : {"0", "g", "g2999.", "h", "%C3%BC"}) {
        INFO(path);
        CHECK(world.get("/v1/groups/" + std::string(path)).status == 404);
    }
}

TEST_CASE("pages of any length make the whole list, each row once and in order", "[management]") {
    OperationsWorld world;
    add(world, numbers(1, 57));
    for (const std::size_t limit : {1, 2, 7, 56, 57, 58, 1'000})
        CHECK(world.texts("/v1/subscribers", "", "imsi", limit) == imsis(numbers(1, 57)));
    CHECK(world.get("/v1/subscribers").items().size() == 57);
}

TEST_CASE("rows that come and go between pages neither repeat nor hide others", "[management]") {
    OperationsWorld world;
    add(world, numbers(10, 200, 10));
    int page = 0;
    const auto seen = world.texts("/v1/subscribers", "", "imsi", 3, [&] {
        ++page;
        // The one that the page ended with goes; one comes before it, and one behind.
        const int last = page * 30;
        if (last < 200) REQUIRE(world.ask("DELETE", "/v1/subscribers/" + imsi_of(last)).status == 204);
        add(world, {last - 25, 300 + page});
    });
    CHECK(std::is_sorted(seen.begin(), seen.end()));
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == seen.size());
    for (const auto& imsi : imsis(numbers(10, 200, 10)))
        CHECK(std::find(seen.begin(), seen.end(), imsi) != seen.end());
}

TEST_CASE("every list has pages of which none repeats a row", "[management]") {
    OperationsWorld world;
    const std::string key = some_kme;
    std::string lines;
    for (int i = 10; i < 17; ++i) {
        lines += fmt::format(
            R"({{"type": "subscriber", "imsi": "{0}", "k": "{1}", "opc": "{2}"}}
{{"type": "profile", "name": "profile{3}", "document": {{"ambr": {{"uplink": "1M", "downlink": "1M"}}, "apns": {{"1": {{"apn": "iot"}}}}}}}}
{{"type": "device", "imei": "358240051111{3}", "group": "group{3}"}}
{{"type": "kme", "imei": "358240051111{3}", "kme": "{4}"}}
{{"type": "kme", "imei": "358240051111{3}", "kme": "{4}", "generation": 1}}
{{"type": "equipment", "imei": "358240051111{3}", "status": "grey"}}
{{"type": "equipment", "imei": "358240051111{3}", "svn": "01", "status": "black"}}
{{"type": "group", "name": "lifts {3}"}}
{{"type": "model", "tac": "358240{3}", "name": "x"}}
{{"type": "rule", "subscriptions": "*", "devices": "358240051111{3}", "action": "allow"}}
)",
            imsi_of(i), some_k, some_opc, i, key);
    }
    const auto stored = world.change(lines);
    INFO(stored.body);
    REQUIRE(stored.status == 200);
    for (const auto& [path, member, rows] :
         std::vector<std::tuple<std::string, std::string, std::size_t>>{{"subscribers", "imsi", 7},
                                                                        {"profiles", "name", 8},
                                                                        {"devices", "imei", 7},
                                                                        {"kmes", "owner", 14},
                                                                        {"equipment", "imei", 14},
                                                                        {"groups", "name", 7},
                                                                        {"models", "tac", 7},
                                                                        {"rules", "id", 7},
                                                                        {"audit", "id", 70}}) {
        INFO(path);
        const auto whole = world.texts("/v1/" + path, "", member, 1'000);
        CHECK(whole.size() == rows);
        for (const std::size_t limit : {1, 2, 3, 5})
            CHECK(world.texts("/v1/" + path, "", member, limit) == whole);
    }
    const auto ids = world.texts("/v1/audit", "", "id", 1);
    CHECK(std::is_sorted(ids.rbegin(), ids.rend(),
                         [](const auto& a, const auto& b) { return std::stol(a) < std::stol(b); }));
}

TEST_CASE("subscribers are found by prefix, number, profile, policy and group, and by several at once",
          "[management]") {
    OperationsWorld world;
    add(world, numbers(1, 5));
    add(world, numbers(6, 9), R"(, "msisdn": "4917")");
    world.good("PUT", "/v1/bindings/" + imsi_of(7), R"({"policy": "imei_monitor"})");
    world.good("PUT", "/v1/groups/lifts", "{}");
    world.good("PUT", "/v1/groups/lifts/members/" + imsi_of(7));
    world.good("PUT", "/v1/groups/lifts/members/" + imsi_of(2));
    const auto found = [&](const std::string& query) {
        return world.texts("/v1/subscribers", query, "imsi", 2);
    };
    CHECK(found("imsi_prefix=00101").size() == 9);
    CHECK(found("imsi_prefix=" + imsi_of(3)) == imsis({3}));
    CHECK(found("imsi_prefix=00102").empty());
    CHECK(found("policy=imei_monitor") == imsis({7}));
    CHECK(found("group=lifts") == imsis({2, 7}));
    CHECK(found("group=lifts&policy=off") == imsis({2}));
    CHECK(found("profile=default").size() == 9);
    CHECK(found("profile=none").empty());
    CHECK(world.get("/v1/subscribers?policy=strict").problem() == "bad-request");
    CHECK(world.get("/v1/subscribers?imsi_prefix=0x").problem() == "bad-request");
    CHECK(world.get("/v1/subscribers?colour=green").problem() == "bad-request");
    CHECK(world.get("/v1/subscribers?msisdn=").problem() == "bad-request");
    CHECK(world.get("/v1/subscribers?limit=0").problem() == "bad-request");
    CHECK(world.get("/v1/subscribers?limit=1000000").problem() == "bad-request");
    CHECK(world.get("/v1/subscribers?cursor=@@").problem() == "bad-request");
}

TEST_CASE("the link to the next page keeps the filter", "[management]") {
    OperationsWorld world;
    add(world, numbers(1, 4));
    const auto first = world.get("/v1/subscribers?imsi_prefix=00101&limit=2");
    const auto link = first.fields.at("link");
    CHECK(link == "</v1/subscribers?imsi_prefix=00101&limit=2&cursor=" +
                      std::string(first.object().at("next").as_string()) + ">; rel=\"next\"");
    CHECK(world.get(link.substr(1, link.find('>') - 1)).items().at(0).at("imsi").as_string() == imsi_of(3));
}

}  // namespace bindhss
