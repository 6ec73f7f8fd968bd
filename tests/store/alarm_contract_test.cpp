// SPDX-License-Identifier: Apache-2.0
// What the table of alarms keeps of the detector's notices, in both stores.
#include <catch2/catch.hpp>

#include <array>
#include <future>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <thread>

#include "store/postgres/logbook.h"
#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using alarm::Change;
using alarm::Severity;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

alarm::Notice told(Change change, Severity severity, int after, std::uint64_t count,
                   const std::string& peer = "mme1", const char* imei_digits = "35824005111111") {
    alarm::Notice notice;
    notice.change = change;
    notice.alarm = {alarm::Id::kme_suspect, imsi("001010000000001"), std::nullopt, peer, "detail", at(after)};
    if (imei_digits != nullptr) notice.alarm.imei = imei(imei_digits);
    notice.severity = severity;
    notice.count = count;
    return notice;
}

/// Every row as text, in an order that does not depend on when it came into the table.
template <class World>
std::multiset<std::string> table_of(World& world) {
    std::multiset<std::string> rows;
    for (const auto& row : world.provisioning.alarms(1'000, true))
        rows.insert(
            row.imsi + ' ' + row.imei + ' ' + row.peer + ' ' + row.severity + ' ' + row.detail + ' ' +
            std::to_string(row.count) + ' ' + std::to_string(row.first.time_since_epoch().count()) + ' ' +
            std::to_string(row.last.time_since_epoch().count()) +
            (row.cleared ? " cleared " + std::to_string(row.cleared->time_since_epoch().count()) : ""));
    return rows;
}

}  // namespace

TEMPLATE_TEST_CASE("an end without device or peer ends all rows that fit, whoever raised them",
                   "[contract][R48]", WORLDS) {
    TestType world;
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme1")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2", "35824005222222")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2", nullptr)));
    auto other = told(Change::raised, Severity::major, 0, 1);
    other.alarm.imsi = imsi("001010000000002");
    await(world.store.record_alarm(other));

    await(world.store.record_alarm(told(Change::cleared, Severity::major, 5, 0, "mme2", "35824005222222")));
    CHECK(world.provisioning.alarms(10).size() == 4);
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 6, 0, "mme2", nullptr)));
    CHECK(world.provisioning.alarms(10).size() == 2);
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 7, 0, "", nullptr)));
    const auto left = world.provisioning.alarms(10);
    REQUIRE(left.size() == 1);
    CHECK(left[0].imsi == "001010000000002");
    CHECK(world.provisioning.alarms(10, true).size() == 5);
}

TEMPLATE_TEST_CASE("alarms that are told together are counted and ended in their order", "[contract][R48]",
                   WORLDS) {
    TestType world;
    std::vector<alarm::Notice> notices{
        told(Change::raised, Severity::major, 0, 1), told(Change::repeated, Severity::major, 1, 7),
        told(Change::cleared, Severity::major, 2, 3), told(Change::raised, Severity::major, 3, 2)};
    auto other = told(Change::raised, Severity::major, 0, 1);
    other.alarm.imsi = imsi("001010000000002");
    notices.insert(notices.begin() + 2, other);
    REQUIRE(await(world.store.record_alarms(notices)).has_value());
    auto rows = world.provisioning.alarms(10, true);
    REQUIRE(rows.size() == 3);
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.imsi, b.cleared) < std::tie(b.imsi, a.cleared);
    });
    CHECK(rows[0].cleared);
    CHECK(rows[0].count == 11);
    CHECK_FALSE(rows[1].cleared);
    CHECK(rows[1].count == 2);
    CHECK(rows[2].imsi == "001010000000002");
    CHECK(rows[2].count == 1);
}

TEST_CASE("alarms that are told many at once are those that they would be one by one", "[postgres][R48]") {
    MemoryWorld one_by_one;
    PostgresWorld together;
    std::mt19937 random(GENERATE(range(1U, 9U)));
    constexpr std::array changes{Change::raised, Change::repeated, Change::repeated, Change::escalated,
                                 Change::cleared};
    for (int time = 0; time < 60;) {
        std::vector<alarm::Notice> notices(1 + random() % 12);
        for (auto& notice : notices) {
            const auto change = changes.at(random() % changes.size());
            notice = told(change, change == Change::escalated ? Severity::critical : Severity::minor, time++,
                          1 + random() % 9, random() % 2 == 0 ? "mme1" : "mme2",
                          random() % 2 == 0 ? "35824005111111" : nullptr);
            notice.alarm.imsi = imsi("00101000000000" + std::to_string(random() % 3));
            notice.alarm.detail = std::to_string(time);
            await(one_by_one.store.record_alarm(notice));
        }
        REQUIRE(await(together.store.record_alarms(notices)).has_value());
    }
    CHECK(table_of(together) == table_of(one_by_one));
}

TEST_CASE("an alarm that the database refuses takes none with it that is told with it", "[postgres][R48]") {
    PostgresWorld world;
    auto refused = told(Change::raised, Severity::major, 0, 1, "mme2");
    refused.alarm.time = WallTime(std::chrono::milliseconds(std::numeric_limits<std::int64_t>::max()));
    const std::vector<alarm::Notice> notices{told(Change::raised, Severity::major, 0, 1, "mme1"), refused,
                                             told(Change::raised, Severity::major, 0, 1, "mme3")};
    CHECK(await(world.store.record_alarms(notices)).has_value());
    std::set<std::string> peers;
    for (const auto& row : world.provisioning.alarms(10)) peers.insert(row.peer);
    CHECK(peers == std::set<std::string>{"mme1", "mme3"});
    // Nor is it tried again for ever when it is alone, with all the others behind it.
    CHECK(await(world.store.record_alarm(refused)).has_value());
    CHECK(world.provisioning.alarms(10).size() == 2);
}

TEMPLATE_TEST_CASE("an end that is about nobody ends nothing that is about somebody", "[contract][R48]",
                   WORLDS) {
    TestType world;
    auto of_peer = told(Change::raised, Severity::major, 0, 1, "mme1", nullptr);
    of_peer.alarm.imsi.reset();
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme1")));
    await(world.store.record_alarm(of_peer));
    of_peer.change = Change::cleared;
    await(world.store.record_alarm(of_peer));
    const auto left = world.provisioning.alarms(10);
    REQUIRE(left.size() == 1);
    CHECK(left[0].imsi == "001010000000001");
}

TEMPLATE_TEST_CASE("an alarm has the session of its last occurrence", "[contract][R48]", WORLDS) {
    TestType world;
    const auto session = [&] { return world.provisioning.alarms(10, true).at(0).session; };
    auto notice = told(Change::raised, Severity::major, 0, 1);
    await(world.store.record_alarm(notice));
    CHECK(session().empty());
    notice.change = Change::repeated;
    notice.alarm.session = "mme1.example;1;2";
    await(world.store.record_alarm(notice));
    CHECK(session() == "mme1.example;1;2");
    notice.change = Change::escalated;
    notice.alarm.session = "mme1.example;1;3";
    await(world.store.record_alarm(notice));
    CHECK(session() == "mme1.example;1;3");
    // What ends it is no occurrence.
    auto end = told(Change::cleared, Severity::major, 5, 0);
    end.alarm.session = "mme1.example;1;4";
    await(world.store.record_alarm(end));
    CHECK(session() == "mme1.example;1;3");
    notice.change = Change::raised;
    notice.alarm.session.clear();
    await(world.store.record_alarm(notice));
    CHECK(session().empty());
}

TEMPLATE_TEST_CASE("what was not told yet is counted with the end, and a new occurrence has a new row",
                   "[contract][R48]", WORLDS) {
    TestType world;
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1)));
    await(world.store.record_alarm(told(Change::repeated, Severity::major, 1, 7)));
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 2, 3)));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 3, 1)));
    const auto rows = world.provisioning.alarms(10, true);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].count == 1);
    CHECK_FALSE(rows[0].cleared);
    CHECK(rows[1].count == 11);
    CHECK(rows[1].cleared == at(2));
}

TEMPLATE_TEST_CASE("a severity that rose stays, and asks to be acknowledged anew",
                   "[contract][R48]" NOT_OVER_API, WORLDS) {
    TestType world;
    await(world.store.record_alarm(told(Change::raised, Severity::minor, 0, 1)));
    CHECK(world.provisioning.acknowledge_alarms({std::nullopt, "kme_suspect", std::nullopt}, "carol") == 1);
    await(world.store.record_alarm(told(Change::repeated, Severity::minor, 1, 5)));
    CHECK(world.provisioning.alarms(10).at(0).acknowledged_by == "carol");
    await(world.store.record_alarm(told(Change::escalated, Severity::major, 2, 5)));
    CHECK(world.provisioning.alarms(10).at(0).acknowledged_by.empty());
    // Another daemon has not seen it rise.
    await(world.store.record_alarm(told(Change::repeated, Severity::minor, 3, 1)));
    CHECK(world.provisioning.alarms(10).at(0).severity == "major");
    CHECK(world.provisioning.alarms(10).at(0).count == 12);
}

TEMPLATE_TEST_CASE("what operators did with alarms is read once, in order and in pages",
                   "[contract]" NOT_OVER_API, WORLDS) {
    TestType world;
    auto other = told(Change::raised, Severity::minor, 0, 1);
    other.alarm.imsi.reset();
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1)));
    await(world.store.record_alarm(other));
    CHECK(world.provisioning.acknowledge_alarms({std::nullopt, "kme_suspect", std::nullopt}, "early") == 2);
    const auto begin = await(world.store.alarm_acts(std::nullopt, 10)).value();
    CHECK(begin.acts.empty());
    CHECK(await(world.store.alarm_acts(begin.last, 10)).value().acts.empty());

    const store::AlarmSelection one{std::nullopt, std::nullopt, imsi("001010000000001")};
    CHECK(world.provisioning.acknowledge_alarms(one, "carol") == 1);
    CHECK(world.provisioning.clear_alarms(one, "dave") == 1);
    CHECK(world.provisioning.clear_alarms(one, "nobody") == 0);
    CHECK(world.provisioning.clear_alarms({}, "erin") == 1);
    // One that the detector ends is no act of an operator.
    await(world.store.record_alarm(told(Change::raised, Severity::major, 5, 1)));
    await(world.store.record_alarm(told(Change::cleared, Severity::major, 6, 0)));

    const auto first = await(world.store.alarm_acts(begin.last, 2)).value();
    REQUIRE(first.acts.size() == 2);
    CHECK(first.acts[0].change == Change::acknowledged);
    CHECK(first.acts[0].name == "kme_suspect");
    CHECK(first.acts[0].severity == "major");
    CHECK(first.acts[0].imsi == "001010000000001");
    CHECK(Imei::parse(first.acts[0].imei) == imei("35824005111111"));
    CHECK(first.acts[0].peer == "mme1");
    CHECK(first.acts[0].who == "carol");
    CHECK(first.acts[0].age >= std::chrono::milliseconds(0));
    CHECK(first.acts[0].age < std::chrono::minutes(1));
    CHECK(first.acts[1].change == Change::cleared);
    CHECK(first.acts[1].who == "dave");
    const auto rest = await(world.store.alarm_acts(first.last, 2)).value();
    REQUIRE(rest.acts.size() == 1);
    CHECK(rest.acts[0].who == "erin");
    CHECK(rest.acts[0].imsi.empty());
    CHECK(await(world.store.alarm_acts(rest.last, 2)).value().acts.empty());
    CHECK(await(world.store.alarm_acts(rest.last, 2)).value().last == rest.last);
}

TEMPLATE_TEST_CASE("alarms that were cleared long ago are deleted in pages, and no others", "[contract]",
                   WORLDS) {
    using store::OldRecords;
    constexpr std::chrono::hours keep{24};
    TestType world;
    for (int i = 0; i < 5; ++i)
        await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, std::to_string(i))));
    const auto begin = await(world.store.alarm_acts(std::nullopt, 1)).value();
    world.provisioning.acknowledge_alarms({}, "carol");
    for (int i = 0; i < 3; ++i)
        await(world.store.record_alarm(told(Change::cleared, Severity::major, 1, 0, std::to_string(i))));
    CHECK(world.provisioning.clear_alarms({5, std::nullopt, std::nullopt}, "carol") == 1);

    CHECK(await(world.store.delete_old(OldRecords::cleared_alarms, keep, 2)).value() == 2);
    CHECK(await(world.store.delete_old(OldRecords::cleared_alarms, keep, 2)).value() == 1);
    CHECK(await(world.store.delete_old(OldRecords::cleared_alarms, keep, 2)).value() == 0);
    CHECK(world.provisioning.alarms(10).size() == 1);
    CHECK(world.provisioning.alarms(10, true).size() == 2);
    // With what was done with them.
    CHECK(await(world.store.alarm_acts(begin.last, 10)).value().acts.size() == 3);
}

TEMPLATE_TEST_CASE("the audit is deleted by age alone", "[contract]", WORLDS) {
    using store::OldRecords;
    TestType world;
    for (const auto* digits : {"001010000000001", "001010000000002", "001010000000003"})
        REQUIRE(world.provisioning.apply({item(put_subscriber(imsi(digits)))}, false).empty());
    REQUIRE(world.provisioning.audit(10).size() == 3);
    CHECK(await(world.store.delete_old(OldRecords::audit, std::chrono::hours(1), 10)).value() == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(await(world.store.delete_old(OldRecords::audit, std::chrono::seconds(0), 1)).value() == 1);
    CHECK(world.provisioning.audit(10).size() == 2);
}

TEST_CASE("acts of operators are numbered in the order of their commits", "[postgres]" NOT_OVER_API) {
    PostgresWorld world;
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme1")));
    await(world.store.record_alarm(told(Change::raised, Severity::major, 0, 1, "mme2")));
    const auto begin = await(world.store.alarm_acts(std::nullopt, 1)).value();
    // Somebody who has numbered an act and does not commit: nobody is numbered behind him meanwhile.
    pqxx::connection slow(world.database.url());
    auto transaction = std::make_unique<pqxx::work>(slow);
    REQUIRE(store::postgres::acknowledge_alarms(*transaction, {1, std::nullopt, std::nullopt}, "slow") == 1);
    auto fast = std::async(std::launch::async, [&world] {
        return world.provisioning.acknowledge_alarms({2, std::nullopt, std::nullopt}, "fast");
    });
    CHECK(fast.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
    CHECK(await(world.store.alarm_acts(begin.last, 10)).value().acts.empty());
    transaction->commit();
    CHECK(fast.get() == 1);
    const auto acts = await(world.store.alarm_acts(begin.last, 10)).value().acts;
    REQUIRE(acts.size() == 2);
    CHECK(acts[0].who == "slow");
    CHECK(acts[1].who == "fast");
}
