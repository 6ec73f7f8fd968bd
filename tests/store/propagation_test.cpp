// SPDX-License-Identifier: Apache-2.0
// Changes of subscriptions on their way to the nodes, in a real database: nothing lost, nothing told twice.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <functional>
#include <thread>
#include <unordered_map>

#include "procedure/node_worker.h"
#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

Imsi member(int i) {
    return imsi("00101" + std::to_string(1'000'000'000 + i));
}

store::Registration place_of(const store::SubscriptionVersion& version, int number = 1) {
    store::Registration result{node(number), *Plmn::parse("00101")};
    result.time = at(0);
    result.told = version;
    return result;
}

template <class World>
store::SubscriptionVersion version_in(World& world, const Imsi& of) {
    return await(world.store.load_subscriber(of, node(), std::nullopt)).value().version;
}

template <class World>
void put(World& world, auto item_to_put) {
    for (const auto& error : world.provisioning.apply({item(std::move(item_to_put))}, false))
        FAIL(error.text);
}

template <class World>
void change(World& world, std::uint64_t uplink) {
    put(world,
        store::PutProfile{"default", R"({"ambr":{"uplink":)" + std::to_string(uplink) +
                                         R"(,"downlink":2},"default_context":1,"apns":{"1":{"apn":"a"}}})"});
}

/// `count` subscribers, each registered with what is current.
template <class World>
void fill(World& world, int count) {
    std::vector<store::Item> items;
    for (int i = 0; i < count; ++i) items.push_back(item(put_subscriber(member(i))));
    REQUIRE(world.provisioning.apply(items, false).empty());
    for (int i = 0; i < count; ++i)
        REQUIRE(registered(world.store, member(i), place_of(version_in(world, member(i)))).has_value());
}

template <class World>
std::vector<store::Untold> due(World& world, std::int64_t now, std::size_t limit = 100) {
    return await(world.store.take_untold({at(now), 10s, limit})).value();
}

template <class World>
std::vector<store::Untold> swept(World& world, std::int64_t now, std::size_t limit = 100) {
    std::vector<store::Untold> all;
    std::optional<store::SweepPosition> position;
    do {
        auto page = await(world.store.sweep_untold(position, {at(now), 10s, limit})).value();
        for (auto& one : page.untold) all.push_back(std::move(one));
        position = page.next;
    } while (position);
    return all;
}

}  // namespace

TEMPLATE_TEST_CASE("who was told what is current has nothing to be told", "[contract][untold]", WORLDS) {
    TestType world;
    fill(world, 3);
    CHECK(due(world, 1).empty());
    CHECK(swept(world, 1).empty());
}

TEMPLATE_TEST_CASE("a changed profile is found by looking through, in order, each node once",
                   "[contract][untold]", WORLDS) {
    TestType world;
    fill(world, 7);
    const auto clock = await(world.store.profile_clock()).value();
    change(world, 5);
    CHECK(await(world.store.profile_clock()).value() != clock);
    CHECK(due(world, 1).empty());
    const auto found = swept(world, 1, 3);
    REQUIRE(found.size() == 7);
    for (int i = 0; i < 7; ++i) {
        const auto& one = found[static_cast<std::size_t>(i)];
        CHECK(one.imsi == member(i));
        CHECK(one.registration.node == node(1));
        REQUIRE(one.told);
        CHECK(one.told->data.ambr == Ambr{50'000'000, 100'000'000});
        CHECK(one.now.data.ambr == Ambr{5, 2});
        CHECK(one.version == version_in(world, member(i)));
    }
    CHECK(swept(world, 2).empty());  // they belong to who took them
}

TEMPLATE_TEST_CASE("a subscriber that changed is due at once", "[contract][untold]", WORLDS) {
    TestType world;
    fill(world, 3);
    store::PutSubscriber one{member(1)};
    one.msisdn = "4917";
    put(world, one);
    const auto found = due(world, 1);
    REQUIRE(found.size() == 1);
    CHECK(found[0].imsi == member(1));
    CHECK(found[0].told->data.msisdn == "491700000001");
    CHECK(found[0].now.data.msisdn == "4917");
    CHECK(due(world, 2).empty());
    CHECK(swept(world, 2).empty());
}

TEMPLATE_TEST_CASE("what was told is told, what changed meanwhile is due again", "[contract][untold]",
                   WORLDS) {
    TestType world;
    fill(world, 1);
    change(world, 5);
    const auto first = swept(world, 1).at(0);
    SECTION("nothing changed") {
        await(world.store.mark_told(first.imsi, first.registration, first.version, at(2))).value();
        CHECK(due(world, 1'000'000).empty());
        CHECK(swept(world, 1'000'000).empty());
    }
    SECTION("something changed") {
        change(world, 6);
        await(world.store.mark_told(first.imsi, first.registration, first.version, at(2))).value();
        const auto second = due(world, 2);
        REQUIRE(second.size() == 1);
        CHECK(second[0].told->data.ambr->uplink == 5);
        CHECK(second[0].now.data.ambr->uplink == 6);
    }
    SECTION("the UE has gone to another node meanwhile") {
        auto elsewhere = place_of(version_in(world, member(0)), 2);
        elsewhere.time = at(5);
        registered(world.store, member(0), elsewhere).value();
        auto stale = first.version;
        stale.profile_version = first.registration.told->profile_version;
        await(world.store.mark_told(first.imsi, first.registration, stale, at(6))).value();
        await(world.store.mark_detached(first.imsi, first.registration)).value();
        const auto now =
            await(world.store.load_subscriber(member(0), node(), std::nullopt)).value().registrations.mme;
        CHECK(now->told == elsewhere.told);
        CHECK_FALSE(now->purged);
        CHECK(due(world, 1'000'000).empty());
    }
}

TEMPLATE_TEST_CASE("a failure is tried again in its time, and a claim runs out", "[contract][untold]",
                   WORLDS) {
    TestType world;
    fill(world, 1);
    change(world, 5);
    const auto first = swept(world, 0).at(0);
    CHECK(first.attempts == 0);
    CHECK(due(world, 9'999).empty());
    CHECK(due(world, 10'000).size() == 1);  // who took it first has died
    await(world.store.postpone_telling(first.imsi, first.registration, at(50'000))).value();
    CHECK(due(world, 49'999).empty());
    const auto again = due(world, 50'000);
    REQUIRE(again.size() == 1);
    CHECK(again[0].attempts == 1);
    await(world.store.mark_detached(first.imsi, first.registration)).value();
    CHECK(due(world, 1'000'000).empty());
    CHECK(swept(world, 1'000'000).empty());
}

TEMPLATE_TEST_CASE("what changed between the answer and its storing is due at once", "[contract][untold]",
                   WORLDS) {
    TestType world;
    fill(world, 1);
    const auto answered = version_in(world, member(0));
    change(world, 5);
    auto place = place_of(answered, 2);
    place.time = at(7);
    registered(world.store, member(0), place).value();
    CHECK(due(world, 7).size() == 1);
}

TEST_CASE("a registration from before versions were kept is told everything", "[postgres][untold]") {
    PostgresWorld world;
    fill(world, 1);
    world.database.query(
        "UPDATE registration SET told_profile_version = NULL, told_override = NULL,"
        " told_msisdn = NULL");
    const auto found = swept(world, 1);
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found[0].told);
}

TEMPLATE_TEST_CASE("a subscriber that is deleted is cancelled at its nodes", "[contract][requests]", WORLDS) {
    TestType world;
    fill(world, 1);
    put(world, store::RemoveSubscriber{member(0)});
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto requests = await(world.store.take_requests({now + 1min, 10s, 10})).value();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].imsi == member(0));
    CHECK(requests[0].node == node(1));
    CHECK(requests[0].cancellation_type == s6a::CancellationType::subscription_withdrawal);
}

// One that comes to another node is found by the name of the node: an entry in an index.
TEST_CASE("an Update-Location of a UE that stays where it is remains a heap-only update", "[postgres]") {
    PostgresWorld world;
    fill(world, 1);
    const auto version = version_in(world, member(0));
    {
        store::postgres::PostgresStore store({.url = world.database.url()}, test_keys(), quiet_log());
        for (int i = 0; i < 40; ++i) {
            auto place = place_of(version, 1);
            place.time = at(i + 1);
            registered(store, member(0), place).value();
        }
    }
    bool hot = false;
    for (int i = 0; i < 50 && !hot; ++i) {
        hot = world.database.query(
                  "SELECT n_tup_upd >= 40 AND n_tup_hot_upd >= n_tup_upd - 4"
                  " FROM pg_stat_user_tables WHERE relname = 'registration'") == "t";
        std::this_thread::sleep_for(100ms);
    }
    CHECK(hot);
}

namespace {

/// A node that writes down, durably for this test, what it was told: the IMSI and the uplink.
class WritingNode final : public procedure::NodeClient {
  public:
    explicit WritingNode(const std::string& path) : out_(path, std::ios::app) {}
    boost::asio::awaitable<Result<s6a::CancelLocationAnswer>> cancel_location(
        s6a::CancelLocationRequest) override {
        co_return s6a::CancelLocationAnswer{};
    }
    boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> insert_subscriber_data(
        s6a::InsertSubscriberDataRequest request) override {
        out_ << request.imsi.str() << ' ' << request.subscription_data.ambr->uplink << std::endl;
        co_return s6a::InsertSubscriberDataAnswer{};
    }
    boost::asio::awaitable<Result<s6a::DeleteSubscriberDataAnswer>> delete_subscriber_data(
        s6a::DeleteSubscriberDataRequest) override {
        co_return s6a::DeleteSubscriberDataAnswer{};
    }
    boost::asio::awaitable<Result<s6a::ResetAnswer>> reset(s6a::ResetRequest) override {
        co_return s6a::ResetAnswer{};
    }

  private:
    std::ofstream out_;
};

class NoAlarms final : public alarm::Sink {
  public:
    void raise(const alarm::Alarm&) noexcept override {}
};

/// A daemon's worker over its own connections, for as long as `going` says.
void tell(const std::string& url, const std::string& path, const std::function<bool()>& going) {
    store::postgres::PostgresStore store({.url = url}, test_keys(), quiet_log());
    NoAlarms alarms;
    WritingNode nodes(path);
    crypto::SystemRandom random;
    SystemClock clock;
    procedure::Settings settings;
    procedure::Ports ports{store, alarms, nodes, random, clock, settings};
    boost::asio::io_context io;
    procedure::NodeWorker worker(io.get_executor(), ports,
                                 {.update_rate = 100'000, .lease = 3s, .poll = 50ms, .settle = 1s});
    boost::asio::co_spawn(io, worker.run(), boost::asio::detached);
    while (going()) io.run_for(100ms);
    worker.stop();
    io.run_for(3s);
}

std::unordered_map<std::string, int> told_in(const std::string& path) {
    std::unordered_map<std::string, int> told;
    std::ifstream in(path);
    std::string who;
    std::string uplink;
    while (in >> who >> uplink) ++told[who];
    return told;
}

constexpr int fleet_size = 100'000;

/// Until all have been told, or far too much time has passed; then a while longer, to see that nobody is told
/// again.
std::function<bool()> until_all_are_told(const TestDatabase& database) {
    const auto end = std::chrono::steady_clock::now() + 180s;
    return [&database, end, last = std::chrono::steady_clock::time_point::max()]() mutable {
        const auto now = std::chrono::steady_clock::now();
        const bool all = database.query(
                             "SELECT count(*) FROM registration g, profile p"
                             " WHERE g.told_profile_version <> p.version OR g.telling_at IS NOT NULL") == "0";
        if (all) last = std::min(last, now + 4s);
        return now < std::min(end, last);
    };
}

/// Registered all at once: 100,000 Update-Locations are another test.
void fill_at_once(PostgresWorld& world) {
    std::vector<store::Item> items;
    items.reserve(fleet_size);
    for (int i = 0; i < fleet_size; ++i) items.push_back(item(put_subscriber(member(i))));
    REQUIRE(world.provisioning.apply(items, false).empty());
    world.database.query(
        "INSERT INTO registration (imsi, host, realm, visited_plmn, terminal_reported, verified, "
        "registered_at,"
        "   told_profile_version, told_override, told_msisdn)"
        " SELECT s.imsi, 'mme' || (row_number() OVER ())::integer % 5 || '.example.net', 'example.net',"
        "   '\\x00f110', false, false, now(), p.version, s.override, s.msisdn"
        " FROM subscriber s JOIN profile p ON p.id = s.profile_id");
}

}  // namespace

TEST_CASE("100,000 registered subscribers of one profile are each told exactly once", "[postgres][fleet]") {
    PostgresWorld world;
    fill_at_once(world);
    TemporaryDirectory directory;
    const auto path = directory.path() + "/told";
    change(world, 5);
    tell(world.database.url(), path, until_all_are_told(world.database));
    const auto told = told_in(path);
    CHECK(told.size() == fleet_size);
    CHECK(std::all_of(told.begin(), told.end(), [](const auto& one) { return one.second == 1; }));
    CHECK(world.database.query("SELECT count(*) FROM registration g, profile p"
                               " WHERE g.told_profile_version <> p.version OR g.telling_at IS NOT NULL") ==
          "0");
}

TEST_CASE("none is lost when the process that tells them is killed half way", "[postgres][fleet]") {
    PostgresWorld world;
    fill_at_once(world);
    TemporaryDirectory directory;
    const auto path = directory.path() + "/told";
    change(world, 5);
    const auto url = world.database.url();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        tell(url, path, [] { return true; });
        ::_exit(0);
    }
    const auto lines = [&] { return told_in(path).size(); };
    for (int i = 0; i < 2'000 && lines() < fleet_size / 3; ++i) std::this_thread::sleep_for(50ms);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto before = lines();
    CHECK(before >= fleet_size / 3);
    CHECK(before < fleet_size);
    tell(url, path, until_all_are_told(world.database));
    const auto told = told_in(path);
    CHECK(told.size() == fleet_size);
    // Those whose answer was on its way to the database when it was killed may have been told again.
    const auto twice =
        std::count_if(told.begin(), told.end(), [](const auto& one) { return one.second > 1; });
    CHECK(twice <= 600);
    CHECK(std::none_of(told.begin(), told.end(), [](const auto& one) { return one.second > 2; }));
    CHECK(world.database.query("SELECT count(*) FROM registration g, profile p"
                               " WHERE g.told_profile_version <> p.version OR g.telling_at IS NOT NULL") ==
          "0");
}
