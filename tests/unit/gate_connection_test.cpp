// SPDX-License-Identifier: Apache-2.0
// Who invents a node for every request gets round what is counted by node, and not round what is counted by
// the connection that the requests come in by.
#include <set>

#include "gate_door.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test::door;

namespace {

const std::string dra1 = "dra1.epc.mnc001.mcc001.3gppnetwork.org";
const std::string dra2 = "dra2.epc.mnc001.mcc001.3gppnetwork.org";

ServingNode node(std::uint64_t number) {
    return {"mme" + std::to_string(number) + ".example.org", "example.org"};
}

}  // namespace

TEST_CASE("who invents a node for every request gets no more of an IMSI than its connection may", "[R43]") {
    Door door(RequestLimits{});
    int passed = 0;
    for (std::uint64_t i = 0; i < 2'000; ++i) passed += door.ask(air(imsi(1), node(i))) ? 1 : 0;
    CHECK(passed == 240);
    const auto refusal = door.gate.admit(air(imsi(1), node(1)), door.via);
    REQUIRE(refusal.has_error());
    CHECK(refusal.error().cause == Cause::authentication_data_unavailable);
    CHECK(refusal.error().detail ==
          "Authentication-Information-Requests of one IMSI over one connection: more than 240 in 60000 ms");
    CHECK(door.refused("connection.air") == 1'761);
    REQUIRE_FALSE(door.alarms.raised.empty());
    CHECK(door.alarms.raised[0].imsi == imsi(1));
    CHECK(door.alarms.raised[0].peer == dra1);

    passed = 0;
    for (std::uint64_t i = 0; i < 2'000; ++i) passed += door.ask(ulr(imsi(1), node(i))) ? 1 : 0;
    CHECK(passed == 480);
    CHECK(door.gate.admit(ulr(imsi(1), node(1)), door.via).error().cause == Cause::rate_limited);

    // Nothing of it is taken from other IMSIs there, or from the node that serves this one by another way:
    // not even when the name that was invented is its own.
    CHECK(door.ask(air(imsi(2), node(1))));
    door.via = dra2;
    CHECK(door.passed(air(imsi(1), mme1), 100) == 60);
    door.via = mme1.host;
    CHECK(door.ask(ulr(imsi(1), mme1)));
    door.via = dra1;
    door.clock.advance(1s);
    CHECK(door.passed(air(imsi(1), node(1)), 10) == 4);
}

TEST_CASE("re-synchronisations over one connection count by themselves too", "[R43]") {
    auto limits = no_limits();
    limits.connection = {{10, 60s}, {2, 60s}, {}};
    Door door(limits);
    int passed = 0;
    for (std::uint64_t i = 0; i < 50; ++i) passed += door.ask(air(imsi(1), node(i), true)) ? 1 : 0;
    CHECK(passed == 2);
    // What was refused for its AUTS has used up nothing else.
    CHECK(door.passed(air(imsi(1), mme1), 20) == 8);
}

TEST_CASE("a peer that writes its name in another way is the same connection", "[R43]") {
    auto limits = no_limits();
    limits.connection.air = {1, 60s};
    Door door(limits);
    CHECK(door.ask(air(imsi(1), mme1)));
    door.via = "DRA1.epc.mnc001.mcc001.3GPPnetwork.org";
    CHECK_FALSE(door.ask(air(imsi(1), mme1)));
}

TEST_CASE("a connection brings so many nodes and no more; those that are known go on", "[R43]") {
    Door door(RequestLimits{});
    std::uint64_t passed = 0;
    for (std::uint64_t i = 0; i < 20'000; ++i) passed += door.ask(air(imsi(i), node(i))) ? 1 : 0;
    CHECK(passed == 4'096);
    CHECK(door.refused("new_nodes") == 20'000 - 4'096);
    const auto refusal = door.gate.admit(ulr(imsi(1), node(5'000)), door.via);
    REQUIRE(refusal.has_error());
    CHECK(refusal.error().cause == Cause::rate_limited);
    CHECK(refusal.error().detail == "new nodes of one connection: more than 4096 in 720 h");
    CHECK(door.gate.admit(air(imsi(1), node(5'000)), door.via).error().cause ==
          Cause::authentication_data_unavailable);
    for (std::uint64_t i = 0; i < 4'096; ++i) REQUIRE(door.ask(air(imsi(i), node(i))));
    // One alarm for the connection, and not one for each name.
    REQUIRE(door.alarms.raised.size() == 1);
    CHECK(door.alarms.raised[0].id == alarm::Id::rate_limited);
    CHECK(door.alarms.raised[0].peer == dra1);
    CHECK_FALSE(door.alarms.raised[0].imsi.has_value());

    // The same names by another connection are its own; and after a month there is room again.
    door.via = dra2;
    CHECK(door.ask(air(imsi(9'000), node(9'000))));
    door.via = dra1;
    CHECK_FALSE(door.ask(air(imsi(9'000), node(9'000))));
    door.clock.advance(std::chrono::seconds(720h) / 4'096 + 1s);
    CHECK(door.ask(air(imsi(9'000), node(9'000))));
    CHECK_FALSE(door.ask(air(imsi(9'001), node(9'001))));
    CHECK(door.ask(air(imsi(1), node(1))));
}

TEST_CASE("a node is host and realm; one that is refused for something else is not known by it", "[R43]") {
    auto limits = no_limits();
    limits.new_nodes = {2, 1h};
    limits.imsi.air = {1, 1h};
    Door door(limits);
    CHECK(door.ask(air(imsi(1), {"mme.example", "a.example"})));
    CHECK(door.ask(air(imsi(2), {"mme.example", "b.example"})));
    CHECK_FALSE(door.ask(air(imsi(3), {"mme.example", "c.example"})));
    CHECK(door.ask(air(imsi(4), {"mme.example", "a.example"})));

    Door other(limits);
    other.via = dra2;
    CHECK(other.ask(air(imsi(1), mme1)));
    CHECK(other.passed(air(imsi(1), {mme1.host, "elsewhere.example"}), 10) == 0);
    CHECK(other.ask(air(imsi(2), mme2)));
}
