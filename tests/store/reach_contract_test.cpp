// SPDX-License-Identifier: Apache-2.0
// The contract of store.h about several daemons: what is for a node is for the daemon whose peer it is.
#include <catch2/catch.hpp>
#include <condition_variable>

#include "store/postgres/listener.h"
#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

/// Daemon "a" has mme1 as its peer, "b" mme2.
const store::Reach reach_a{"a", {"mme1.example.net"}};
const store::Reach reach_b{"b", {"mme2.example.net"}};

template <class World>
void announce(World& world, const store::Reach& reach, std::int64_t now, std::int64_t until,
              std::vector<std::string> come = {}) {
    REQUIRE(await(world.store.announce_reach(reach, std::move(come), at(now), at(until))).has_value());
}

template <class World>
std::vector<store::NodeRequest> requests_of(World& world, const store::Reach& reach, std::int64_t now) {
    return await(world.store.take_requests({at(now), 5s, 10, reach})).value();
}

template <class World>
std::vector<store::Untold> untold_of(World& world, const store::Reach& reach, std::int64_t now) {
    return await(world.store.take_untold({at(now), 5s, 10, reach})).value();
}

/// Registered at MME 1, and then at MME 2: the request to cancel it at MME 1 is returned, and due after 10 s.
template <class World>
store::NodeRequest cancelled_at_mme1(World& world, WallTime begin = at(0)) {
    REQUIRE(world.provisioning.apply({item(put_subscriber(imsi(known)))}, false).empty());
    const auto version = seen_by(world.store, imsi(known), node()).version;
    store::Registration place{node(1), *Plmn::parse("00101")};
    place.time = begin;
    place.told = version;
    registered(world.store, imsi(known), place).value();
    place.node = node(2);
    place.time = begin + 1s;
    return registered(world.store, imsi(known), place).value().at(0);
}

template <class World>
void change_msisdn(World& world, const std::string& msisdn) {
    auto changed = put_subscriber(imsi(known));
    changed.msisdn = msisdn;
    REQUIRE(world.provisioning.apply({item(changed)}, false).empty());
}

template <class World>
void change_profile(World& world) {
    const auto* const data =
        R"({"ambr":{"uplink":7,"downlink":2},"default_context":1,"apns":{"1":{"apn":"a"}}})";
    REQUIRE(world.provisioning.apply({item(store::PutProfile{"default", data})}, false).empty());
}

template <class World>
std::vector<store::Untold> swept_by(World& world, const store::Reach& reach, std::int64_t now) {
    return await(world.store.sweep_untold(std::nullopt, {at(now), 5s, 10, reach})).value().untold;
}

template <class World>
std::uint64_t clock_of(World& world) {
    return await(world.store.profile_clock()).value();
}

}  // namespace

TEMPLATE_TEST_CASE("a request is for the daemon whose peer the node is", "[contract][reach]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);
    announce(world, reach_a, 11'000, 20'000);
    announce(world, reach_b, 11'000, 20'000);
    CHECK(requests_of(world, reach_b, 11'000).empty());
    CHECK(requests_of(world, reach_a, 11'000).size() == 1);
}

TEMPLATE_TEST_CASE("a request to nobody's peer, or to one of a daemon that has died, is anybody's",
                   "[contract][reach]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);
    SECTION("nobody's") {
        announce(world, {"a", {"mme7.example.net"}}, 11'000, 20'000);
        CHECK(requests_of(world, reach_b, 11'000).size() == 1);
    }
    SECTION("its peer is gone") {
        announce(world, reach_a, 11'000, 20'000);
        announce(world, {"a", {}}, 11'500, 21'000);
        CHECK(requests_of(world, reach_b, 12'000).size() == 1);
    }
    SECTION("the daemon died") {
        announce(world, reach_a, 11'000, 20'000);
        CHECK(requests_of(world, reach_b, 19'999).empty());
        CHECK(requests_of(world, reach_b, 20'001).size() == 1);
    }
    SECTION("the peer of both") {
        announce(world, reach_a, 11'000, 20'000);
        announce(world, {"b", reach_a.hosts}, 11'000, 20'000);
        CHECK(requests_of(world, {"b", reach_a.hosts}, 11'000).size() == 1);
    }
}

TEMPLATE_TEST_CASE("a host is the same in capitals", "[contract][reach]", WORLDS) {
    TestType world;
    REQUIRE(world.provisioning.apply({item(put_subscriber(imsi(known)))}, false).empty());
    store::Registration place{{"MME1.Example.Net", "example.net"}, *Plmn::parse("00101")};
    place.time = at(0);
    registered(world.store, imsi(known), place).value();
    announce(world, reach_a, 1'000, 20'000);
    CHECK(untold_of(world, reach_b, 1'000).empty());
}

TEMPLATE_TEST_CASE("what a daemon cannot send it hands over, and the other one has it at once",
                   "[contract][reach]", WORLDS) {
    TestType world;
    const auto request = cancelled_at_mme1(world);
    CHECK_FALSE(await(world.store.hand_over_request(request, "b", at(1'500))).value());
    CHECK(requests_of(world, reach_b, 1'500).empty());  // its lease goes on
    announce(world, reach_a, 1'000, 20'000);
    CHECK_FALSE(await(world.store.hand_over_request(request, "a", at(1'500))).value());
    CHECK(await(world.store.hand_over_request(request, "b", at(1'500))).value());
    CHECK(requests_of(world, reach_b, 1'500).empty());
    const auto taken = requests_of(world, reach_a, 1'500);
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].attempts == 0);
}

TEMPLATE_TEST_CASE("a change that one daemon finds for a peer of another is due for that one",
                   "[contract][reach][untold]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);  // registered at MME 2
    announce(world, reach_a, 2'000, 20'000);
    announce(world, reach_b, 2'000, 20'000);
    change_msisdn(world, "491700000077");
    CHECK(untold_of(world, reach_a, 2'000).empty());
    const auto taken = untold_of(world, reach_b, 2'000);
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].attempts == 0);
    CHECK(untold_of(world, reach_b, 2'001).empty());  // it belongs to who took it
}

TEMPLATE_TEST_CASE("a sweep leaves the peers of another daemon to that one's own pace",
                   "[contract][reach][untold]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);  // registered at MME 2
    announce(world, reach_a, 2'000, 20'000);
    announce(world, reach_b, 2'000, 20'000);
    change_profile(world);
    CHECK(swept_by(world, reach_a, 2'000).empty());
    CHECK(untold_of(world, reach_b, 2'000).empty());  // it is not made due
    CHECK(swept_by(world, reach_b, 2'000).size() == 1);
    CHECK(swept_by(world, reach_b, 2'001).empty());
    CHECK(swept_by(world, reach_a, 2'001).empty());
}

TEMPLATE_TEST_CASE(
    "what a sweep left to another daemon is looked for again when the node is not its peer any more",
    "[contract][reach][untold]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);  // registered at MME 2
    announce(world, reach_a, 2'000, 20'000);
    announce(world, reach_b, 2'000, 20'000);
    change_profile(world);
    CHECK(swept_by(world, reach_a, 2'000).empty());
    const auto before = clock_of(world);
    announce(world, reach_a, 3'000, 40'000);
    CHECK(clock_of(world) == before);
    auto taker = reach_a;
    std::int64_t now = 4'000;
    SECTION("it has come to this one") {
        taker = {"a", {"mme1.example.net", "mme2.example.net"}};
        announce(world, taker, now, 40'000, reach_b.hosts);
    }
    SECTION("it has gone") {
        announce(world, {"b", {}}, now, 20'000);
    }
    SECTION("the other daemon has died") {
        now = 21'000;
        announce(world, reach_a, now, 40'000);
    }
    CHECK(clock_of(world) > before);
    CHECK(swept_by(world, taker, now).size() == 1);
    const auto after = clock_of(world);
    announce(world, taker, now + 100, 41'000);
    CHECK(clock_of(world) == after);  // once
}

TEMPLATE_TEST_CASE("peers that come and go ask for no sweep when none passed over them", "[contract][reach]",
                   WORLDS) {
    TestType world;
    cancelled_at_mme1(world);
    announce(world, reach_a, 2'000, 20'000);
    const auto before = clock_of(world);
    CHECK(swept_by(world, reach_b, 2'000).empty());  // nothing differs
    announce(world, {"a", {}}, 3'000, 20'000);
    announce(world, reach_a, 4'000, 20'000, reach_a.hosts);
    CHECK(clock_of(world) == before);
}

TEMPLATE_TEST_CASE("a subscriber who was changed alone comes first at another daemon too",
                   "[contract][reach][untold]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);  // registered at MME 2
    const auto other = imsi("001010000000009");
    REQUIRE(world.provisioning.apply({item(put_subscriber(other))}, false).empty());
    store::Registration place{node(2), *Plmn::parse("00101")};
    place.time = at(0);  // never told of anything: due since then
    registered(world.store, other, place).value();
    announce(world, reach_b, 50'000, 90'000);
    change_msisdn(world, "491700000077");
    const auto of_both = await(world.store.take_untold({at(50'000), 5s, 10, reach_a})).value();
    CHECK(of_both.empty());
    const auto first = await(world.store.take_untold({at(50'000), 5s, 1, reach_b})).value();
    REQUIRE(first.size() == 1);
    CHECK(first[0].imsi == imsi(known));
}

TEMPLATE_TEST_CASE("a node that cannot be told is handed over with its change", "[contract][reach][untold]",
                   WORLDS) {
    TestType world;
    cancelled_at_mme1(world);
    change_msisdn(world, "491700000077");
    const auto taken = untold_of(world, reach_a, 2'000);  // nobody's peer
    REQUIRE(taken.size() == 1);
    const auto hand_over = [&] {
        return await(world.store.hand_over_telling(imsi(known), taken[0].registration, "a", at(2'100)))
            .value();
    };
    CHECK_FALSE(hand_over());
    announce(world, reach_b, 2'000, 20'000);
    CHECK(hand_over());
    CHECK(untold_of(world, reach_a, 2'100).empty());
    CHECK(untold_of(world, reach_b, 2'100).size() == 1);
}

TEMPLATE_TEST_CASE("a node that connects has what was postponed for it", "[contract][reach]", WORLDS) {
    TestType world;
    auto request = cancelled_at_mme1(world);
    await(world.store.postpone_request(request, at(600'000))).value();
    change_msisdn(world, "491700000077");
    const auto taken = untold_of(world, reach_a, 2'000);
    REQUIRE(taken.size() == 1);
    await(world.store.postpone_telling(imsi(known), taken[0].registration, at(600'000))).value();

    announce(world, reach_b, 3'000, 20'000, reach_b.hosts);
    CHECK(untold_of(world, reach_b, 3'000).size() == 1);
    CHECK(requests_of(world, reach_b, 3'000).empty());  // for MME 1
    announce(world, reach_a, 3'000, 20'000, reach_a.hosts);
    CHECK(requests_of(world, reach_a, 3'000).size() == 1);
}

TEMPLATE_TEST_CASE("what another daemon is just sending once more is not sent twice by a node that connects",
                   "[contract][reach]", WORLDS) {
    TestType world;
    const auto request = cancelled_at_mme1(world);
    await(world.store.postpone_request(request, at(2'000))).value();
    change_msisdn(world, "491700000077");
    const auto untold = untold_of(world, reach_a, 2'000);
    REQUIRE(untold.size() == 1);
    await(world.store.postpone_telling(imsi(known), untold[0].registration, at(2'500))).value();
    REQUIRE(requests_of(world, reach_b, 3'000).size() == 1);  // of nobody's peers, until 8'000
    REQUIRE(untold_of(world, reach_a, 3'000).size() == 1);

    announce(world, reach_a, 4'000, 20'000, reach_a.hosts);
    announce(world, reach_b, 4'000, 20'000, reach_b.hosts);
    CHECK(requests_of(world, reach_a, 4'000).empty());
    CHECK(untold_of(world, reach_b, 4'000).empty());
    CHECK(requests_of(world, reach_a, 8'001).size() == 1);  // who had it has died
    CHECK(untold_of(world, reach_b, 8'001).size() == 1);
}

TEMPLATE_TEST_CASE("what is being sent for the first time is not sent twice by a node that connects",
                   "[contract][reach]", WORLDS) {
    TestType world;
    cancelled_at_mme1(world);
    announce(world, reach_a, 3'000, 20'000, reach_a.hosts);
    CHECK(requests_of(world, reach_a, 3'000).empty());
}

namespace {

struct Ear {
    std::mutex mutex;
    std::condition_variable heard;
    int count = 0;
    void hear() {
        const std::lock_guard lock(mutex);
        ++count;
        heard.notify_all();
    }
    bool hears(int more_than, std::chrono::milliseconds within) {
        std::unique_lock lock(mutex);
        return heard.wait_for(lock, within, [&] { return count > more_than; });
    }
    int so_far() {
        const std::lock_guard lock(mutex);
        return count;
    }
};

}  // namespace

TEST_CASE("a change is heard of at once, an Update-Location is not", "[reach][listener]") {
    PostgresWorld world;
    Ear ear;
    const store::postgres::Listener listener(
        world.database.url(), [&ear] { ear.hear(); }, quiet_log());
    REQUIRE(ear.hears(0, 20s));                                          // connected
    const auto request = cancelled_at_mme1(world, SystemClock().now());  // what is due at once is heard of
    CHECK_FALSE(ear.hears(ear.so_far(), 300ms));
    const auto notices = [&](auto change) {
        const auto before = ear.so_far();
        change();
        return ear.hears(before, 5s);
    };
    CHECK(notices([&] { change_msisdn(world, "491700000077"); }));
    CHECK(notices([&] {
        world.provisioning.apply(
            {item(store::PutProfile{"default", R"({"ambr":{"uplink":7,"downlink":2},"default_context":1,)"
                                               R"("apns":{"1":{"apn":"a"}}})"})},
            false);
    }));
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::reset;
    CHECK(notices([&] { (void)world.provisioning.order(order); }));
    announce(world, reach_a, 1'000, 20'000);
    CHECK(notices([&] { (void)await(world.store.hand_over_request(request, "b", at(1'500))); }));
}

TEST_CASE("who listens connects again, and looks for what was missed", "[reach][listener]") {
    PostgresWorld world;
    Ear ear;
    const store::postgres::Listener listener(
        world.database.url(), [&ear] { ear.hear(); }, quiet_log());
    REQUIRE(ear.hears(0, 20s));
    const auto before = ear.so_far();
    world.database.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = "
        "'bindhssd-listener' AND datname = current_database()");
    CHECK(ear.hears(before, 20s));
}
