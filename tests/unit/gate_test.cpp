// SPDX-License-Identifier: Apache-2.0
#include "procedure/gate.h"

#include <random>
#include <set>
#include <thread>

#include "gate_door.h"

using namespace bindhss;
using namespace bindhss::test::door;

TEST_CASE("an IMSI gets no more vectors from one node than it may, and waits: 4181", "[R43]") {
    auto limits = no_limits();
    limits.imsi.air = {5, 60s};
    Door door(limits);
    CHECK(door.passed(air(imsi(1), mme1), 10) == 5);
    const auto refusal = door.gate.admit(air(imsi(1), mme1), door.via);
    REQUIRE(refusal.has_error());
    CHECK(refusal.error().cause == Cause::authentication_data_unavailable);
    CHECK(refusal.error().detail ==
          "Authentication-Information-Requests of one IMSI at one node: more than 5 in 60000 ms");
    CHECK(door.refused("imsi.air") == 6);

    // Neither other IMSIs, nor another node, nor other requests are touched.
    CHECK(door.passed(air(imsi(2), mme1), 10) == 5);
    CHECK(door.passed(air(imsi(1), mme2), 10) == 5);
    CHECK(door.passed(ulr(imsi(1), mme1), 10) == 10);
    door.clock.advance(12s);
    CHECK(door.passed(air(imsi(1), mme1), 10) == 1);
}

TEST_CASE("an Update-Location, a Purge, a Notify and an identity check share a limit, and are told 5012",
          "[R43]") {
    auto limits = no_limits();
    limits.imsi.update = {4, 60s};
    Door door(limits);
    CHECK(door.ask(ulr(imsi(1), mme1)));
    CHECK(door.ask(s6a::PurgeUeRequest{imsi(1), mme1}));
    CHECK(door.ask(s6a::NotifyRequest{imsi(1), mme1}));
    CHECK(door.ask(s6a::MeIdentityCheckRequest{mme1, {}, imsi(1)}));
    const auto refusal = door.gate.admit(ulr(imsi(1), mme1), door.via);
    REQUIRE(refusal.has_error());
    CHECK(refusal.error().cause == Cause::rate_limited);
    CHECK(door.ask(s6a::MeIdentityCheckRequest{mme1, {}, std::nullopt}));
    CHECK(door.passed(air(imsi(1), mme1), 5) == 5);
}

TEST_CASE("a re-synchronisation counts by itself too, whichever vectors it is for", "[R43]") {
    auto limits = no_limits();
    limits.imsi = {{10, 60s}, {2, 60s}, {}};
    Door door(limits);
    auto utran = air(imsi(1), mme1);
    utran.utran_geran = s6a::RequestedAuthenticationInfo{1, false, ReSynchronizationInfo{}};
    CHECK(door.ask(air(imsi(1), mme1, true)));
    CHECK(door.ask(utran));
    CHECK_FALSE(door.ask(air(imsi(1), mme1, true)));
    CHECK_FALSE(door.ask(utran));
    // Those that were refused have used up nothing: eight of ten are left.
    CHECK(door.passed(air(imsi(1), mme1), 20) == 8);
}

TEST_CASE("a device that is reported with one IMSI after the other is limited, at the node that reports it",
          "[R43]") {
    auto limits = no_limits();
    limits.device.update = {3, 60s};
    Door door(limits);
    const auto device = *Imei::parse("35824005111111");
    int passed = 0;
    for (std::uint64_t i = 0; i < 10; ++i) passed += door.ask(ulr(imsi(i), mme1, device)) ? 1 : 0;
    CHECK(passed == 3);
    s6a::NotifyRequest nor{imsi(1), mme1};
    nor.terminal_information = TerminalInformation{device, {}, false};
    CHECK_FALSE(door.ask(nor));
    CHECK_FALSE(door.ask(s6a::MeIdentityCheckRequest{mme1, TerminalInformation{device, {}, false}, {}}));
    CHECK(door.ask(ulr(imsi(1), mme2, device)));
    CHECK(door.ask(ulr(imsi(1), mme1)));
    REQUIRE_FALSE(door.alarms.raised.empty());
    CHECK(door.alarms.raised[0].imei == device);
}

TEST_CASE(
    "roamers in one network share its limit; subscribers at home have none, nor has another realm's node",
    "[R43]") {
    auto limits = no_limits();
    limits.network.air = {4, 1s};
    Door door(limits);
    int passed = 0;
    for (std::uint64_t i = 0; i < 10; ++i) passed += door.ask(air(imsi(i), visited, false, other)) ? 1 : 0;
    CHECK(passed == 4);
    CHECK(door.passed(air(imsi(1), mme1), 10) == 10);
    // Who speaks in the name of that network uses up nothing of it, and has only what is its own.
    CHECK(door.passed(air(imsi(1), mme1, false, other), 10) == 4);
    door.clock.advance(1s);
    CHECK(door.passed(air(imsi(1), visited, false, other), 10) == 4);
}

TEST_CASE("a node is limited as a whole, and what its IMSIs were refused does not count", "[R43]") {
    auto limits = no_limits();
    limits.peer.air = {20, 1s};
    limits.imsi.air = {1, 60s};
    Door door(limits);
    CHECK(door.passed(air(imsi(0), mme1), 1'000) == 1);
    int passed = 0;
    for (std::uint64_t i = 1; i < 100; ++i) passed += door.ask(air(imsi(i), mme1)) ? 1 : 0;
    CHECK(passed == 19);
    CHECK(door.ask(air(imsi(1'000), mme2)));
    CHECK(door.refused("peer.air") == 80);
}

TEST_CASE("UEs that were refused have one share for all of them, until they are admitted", "[R43]") {
    auto limits = no_limits();
    limits.refused = {{10, 1s}, {}, {10, 1s}};
    Door door(limits);
    for (std::uint64_t i = 0; i < 500; ++i) REQUIRE(door.ask(air(imsi(i), mme1), Cause::user_unknown));
    int passed = 0;
    for (std::uint64_t i = 0; i < 500; ++i)
        passed += door.ask(air(imsi(i), mme1), Cause::user_unknown) ? 1 : 0;
    CHECK(passed == 10);
    CHECK(door.refused("refused.air") == 490);
    CHECK(door.ask(air(imsi(9'999), mme1)));
    // At a node that did not refuse it, it is a UE as any other: nobody elsewhere can shut it out.
    CHECK(door.ask(air(imsi(3), mme2)));

    door.clock.advance(1s);
    CHECK(door.ask(air(imsi(3), mme1)));
    CHECK(door.ask(ulr(imsi(3), mme1)));
    CHECK(door.passed(air(imsi(3), mme1), 100) == 100);
    CHECK(door.passed(air(imsi(4), mme1), 100) == 9);
}

TEST_CASE("which ends make a UE a refused one, and which do not", "[R43]") {
    auto limits = no_limits();
    limits.refused = {{1, 1h}, {}, {1, 1h}};
    const auto shut_out = [&](const s6a::Request& first, std::optional<Cause> ended) {
        Door door(limits);
        REQUIRE(door.ask(first, ended));
        return door.passed(air(imsi(1), mme1), 5) == 1;
    };
    for (const auto cause :
         {Cause::user_unknown, Cause::unknown_eps_subscription, Cause::rat_not_allowed,
          Cause::roaming_not_allowed, Cause::authorization_rejected, Cause::kme_missing, Cause::sqn_exhausted,
          Cause::binding_locked, Cause::access_refused, Cause::resync_replayed}) {
        CHECK(shut_out(ulr(imsi(1), mme1), cause));
        CHECK(shut_out(air(imsi(1), mme1), cause));
    }
    // The database was away, we were busy, the request was faulty: none of it is the UE's fault.
    for (const auto cause : {Cause::authentication_data_unavailable, Cause::unable_to_comply, Cause::too_busy,
                             Cause::rate_limited, Cause::invalid_avp_value})
        CHECK_FALSE(shut_out(ulr(imsi(1), mme1), cause));
    CHECK_FALSE(shut_out(ulr(imsi(1), mme1), std::nullopt));
    // A node that forgot it, or an EIR that lists it, has not refused it service.
    CHECK_FALSE(shut_out(s6a::NotifyRequest{imsi(1), mme1}, Cause::unknown_serving_node));
    CHECK_FALSE(shut_out(s6a::MeIdentityCheckRequest{mme1, {}, imsi(1)}, Cause::equipment_unknown));
}

TEST_CASE("a UE that left its vector unanswered counts as refused; after a day without a sign no longer",
          "[R43]") {
    auto limits = no_limits();
    limits.refused.air = {1, 1h};
    Door door(limits);
    door.gate.unanswered(imsi(1), mme1);
    CHECK(door.passed(air(imsi(1), mme1), 5) == 1);
    CHECK(door.passed(air(imsi(2), mme1), 5) == 5);
    door.clock.advance(24h);
    CHECK(door.passed(air(imsi(1), mme1), 5) == 5);
}

TEST_CASE("who tries one IMSI after the other is stopped, and those who were admitted are not", "[R43]") {
    auto limits = no_limits();
    limits.newcomers = {{20, 1s}, {}, {20, 1s}};
    Door door(limits);
    // Thousands that nobody knows yet, and that are served, do not count.
    for (std::uint64_t i = 0; i < 5'000; ++i) REQUIRE(door.ask(ulr(imsi(i), mme1)));
    int passed = 0;
    for (std::uint64_t i = 100'000; i < 101'000; ++i)
        passed += door.ask(air(imsi(i), mme1), Cause::user_unknown) ? 1 : 0;
    CHECK(passed == 20);
    for (std::uint64_t i = 0; i < 5'000; ++i) REQUIRE(door.ask(air(imsi(i), mme1)));
    CHECK(door.passed(air(imsi(200'000), mme2), 100) == 100);
    // A purge or a notify of nobody is as much a try.
    CHECK(door.passed(s6a::PurgeUeRequest{imsi(300'000), mme1}, 50, Cause::user_unknown) == 20);
}

TEST_CASE("who is turned away with its first Update-Location gets no more free vectors", "[R43]") {
    auto limits = no_limits();
    limits.newcomers.update = {1, 1h};
    limits.refused.air = {5, 1h};
    Door door(limits);
    int vectors = 0;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        vectors += door.ask(air(imsi(i % 100), mme1)) ? 1 : 0;
        (void)door.ask(ulr(imsi(i % 100), mme1), Cause::authorization_rejected);
    }
    CHECK(vectors == 100 + 5);
}

TEST_CASE("a million unauthorised devices get their share, and the authorised ones all that they ask",
          "[R43]") {
    RequestLimits limits;
    limits.newcomers = {};  // the first round of the million is not what is tested here
    limits.peer = {};
    Door door(limits);
    constexpr std::uint64_t population = 1'000'000;
    constexpr std::uint64_t first_authorised = 5'000'000;
    for (std::uint64_t i = 0; i < 10'000; ++i) REQUIRE(door.ask(ulr(imsi(first_authorised + i), mme1)));
    for (std::uint64_t i = 0; i < population; ++i) (void)door.ask(air(imsi(i), mme1), Cause::user_unknown);

    // Ten seconds: each 50,000 requests of the million and 1,000 of the authorised, at the same node.
    std::uint64_t unauthorised = 0;
    std::uint64_t authorised = 0;
    std::mt19937_64 random(1);
    for (int second = 0; second < 10; ++second) {
        for (int i = 0; i < 1'000; ++i) {
            door.clock.advance(1ms);
            const auto good = first_authorised + static_cast<std::uint64_t>(second) * 1'000 + i;
            authorised += door.ask(air(imsi(good), mme1)) ? 1 : 0;
            for (int j = 0; j < 50; ++j)
                unauthorised += door.ask(air(imsi(random() % population), mme1), Cause::user_unknown) ? 1 : 0;
        }
    }
    CHECK(authorised == 10'000);
    // 1,000 at once and 1,000 a second; and the few whom the table had no place for, once each.
    CHECK(unauthorised >= 10'000);
    CHECK(unauthorised <= 11'000 + population / 50);
    CHECK(door.alarms.raised.size() <= 2);
}

TEST_CASE("alarms about limits are counted, not multiplied: a population is told of as its node", "[R43]") {
    auto limits = no_limits();
    limits.imsi.air = {1, 1h};
    Door door(limits);
    for (int round = 0; round < 3; ++round)
        for (std::uint64_t i = 0; i < 10'000; ++i) (void)door.ask(air(imsi(i), mme1));
    CHECK(door.refused("imsi.air") == 20'000);
    std::set<std::string> named;
    std::size_t of_node = 0;
    for (const auto& alarm : door.alarms.raised) {
        CHECK(alarm.id == alarm::Id::rate_limited);
        CHECK(alarm.peer == mme1.host);
        if (alarm.imsi)
            named.insert(alarm.imsi->str());
        else
            ++of_node;
    }
    CHECK(named.size() == 20);
    CHECK(of_node == 1);
    CHECK(door.alarms.raised.size() == 21);

    SECTION("a single IMSI is told of by name, every ten seconds at most") {
        Door single(limits);
        for (int i = 0; i < 600; ++i) {
            single.clock.advance(100ms);
            (void)single.ask(air(imsi(7), mme1));
        }
        CHECK(single.alarms.raised.size() >= 5);
        CHECK(single.alarms.raised.size() <= 7);
        for (const auto& alarm : single.alarms.raised) CHECK(alarm.imsi == imsi(7));
        CHECK(single.alarms.raised.back().detail.find("refused since the start: 5") != std::string::npos);
    }
}

TEST_CASE("what any thread may do with the gate, all may do at once", "[R43]") {
    RequestLimits limits;
    limits.imsi.air = {50, 1h};
    limits.peer = {};
    Door door(limits);
    std::atomic<int> passed{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&door, &passed, t] {
                for (std::uint64_t i = 0; i < 2'000; ++i) {
                    if (door.ask(air(imsi(1), mme1))) ++passed;
                    (void)door.ask(ulr(imsi(100 + i), mme1));
                    (void)door.ask(air(imsi(10'000 + i), mme2), Cause::user_unknown);
                    door.gate.unanswered(imsi(i), t % 2 == 0 ? mme1 : mme2);
                    (void)door.gate.refused();
                }
            });
        }
    }
    // IMSI 1 is among those that left a vector unanswered, so the class may have refused some of its 50.
    CHECK(passed <= 50);
    CHECK(passed >= 1);
}
