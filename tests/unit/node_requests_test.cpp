// SPDX-License-Identifier: Apache-2.0
// Requests to nodes that must not be lost.
#include <catch2/catch.hpp>

#include "nodes_world.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using test::NodesWorld;

/// The UE has moved and its first MME cannot be reached.
struct UnreachableWorld : NodesWorld {
    UnreachableWorld() {
        REQUIRE(update(ulr_of_mme(mme1)));
        nodes.refusal = fail(Cause::unable_to_deliver, "no peer leads there");
        REQUIRE(update(ulr_of_mme(mme2)));
        REQUIRE(nodes.cancelled.size() == 1);
    }
    /// What a daemon does whose turn it is.
    std::size_t work() {
        const auto due = requests_due();
        for (const auto& request : due) run(procedure::send_node_request(ports, request));
        return due.size();
    }
};

}  // namespace

TEST_CASE("A Cancel-Location that cannot be delivered is sent again with growing pauses", "[clr][requests]") {
    UnreachableWorld world;
    CHECK(world.work() == 0);
    std::chrono::milliseconds pause = 5s;
    for (int i = 0; i < 10; ++i) {
        world.clock.advance(pause - 1ms);
        CHECK(world.work() == 0);
        world.clock.advance(1ms);
        CHECK(world.work() == 1);
        pause = std::min<std::chrono::milliseconds>(2 * pause, 10min);
    }
    CHECK(pause == 10min);
    world.nodes.refusal.reset();
    world.clock.advance(pause);
    CHECK(world.work() == 1);
    CHECK(world.nodes.cancelled.size() == 12);
    CHECK(world.nodes.cancelled.back().destination == world.mme1);
    world.clock.advance(24h);
    CHECK(world.work() == 0);
    CHECK(world.alarms.raised.empty());
}

TEST_CASE("A fault while a request is sent is told of, and the request is sent again", "[requests]") {
    NodesWorld world;
    std::vector<std::string> faults;
    world.ports.on_fault = [&](const std::exception_ptr& fault) {
        try {
            std::rethrow_exception(fault);
        } catch (const std::exception& e) {
            faults.emplace_back(e.what());
        }
    };
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::insert;
    order.imsi = world.imsi;
    order.idr_flags = 1;
    order.now = world.clock.now();
    REQUIRE(world.store.order(order).size() == 1);
    world.nodes.faults = 1;
    world.run(procedure::send_in_background(world.ports, world.requests_due()));
    CHECK(faults == std::vector<std::string>{"a fault"});
    CHECK(world.nodes.inserted.empty());
    world.clock.advance(procedure::request_lease);
    world.run(procedure::send_in_background(world.ports, world.requests_due()));
    CHECK(faults.size() == 1);
    CHECK(world.nodes.inserted.size() == 1);
    CHECK(world.requests_due().empty());
}

TEST_CASE("A node that does not know the UE has nothing to cancel", "[clr][requests]") {
    UnreachableWorld world;
    world.nodes.refusal = fail(Cause::user_unknown);
    world.clock.advance(5s);
    CHECK(world.work() == 1);
    world.clock.advance(24h);
    CHECK(world.work() == 0);
}

TEST_CASE("After a day a request is given up with an alarm", "[clr][requests]") {
    UnreachableWorld world;
    for (int i = 0; i < 200 && world.alarms.raised.empty(); ++i) {
        world.clock.advance(10min);
        world.work();
    }
    REQUIRE(world.alarms.count(alarm::Id::cancel_location_failed) == 1);
    CHECK(world.alarms.raised[0].imsi == world.imsi);
    CHECK(world.alarms.raised[0].peer == world.mme1.host);
    CHECK(world.nodes.cancelled.size() > 140);
    world.clock.advance(24h);
    CHECK(world.work() == 0);
}

TEST_CASE("A reset and a question go out to the nodes", "[rsr][idr][requests]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::reset;
    order.user_ids = {"00101"};
    order.now = world.clock.now();
    REQUIRE(world.store.order(order).size() == 1);
    order.kind = store::NodeRequest::Kind::insert;
    order.imsi = world.imsi;
    order.idr_flags = 1U << 3 | 1U << 4;
    REQUIRE(world.store.order(order).size() == 1);
    for (const auto& request : world.requests_due())
        world.run(procedure::send_node_request(world.ports, request));
    REQUIRE(world.nodes.resets.size() == 1);
    CHECK(world.nodes.resets[0].destination == world.mme1);
    CHECK(world.nodes.resets[0].user_ids == std::vector<std::string>{"00101"});
    REQUIRE(world.nodes.inserted.size() == 1);
    CHECK(world.nodes.inserted[0].flags.eps_location_information_request);
    CHECK(world.nodes.inserted[0].flags.current_location_request);
    CHECK(world.nodes.inserted[0].subscription_data == SubscriptionData{});
    world.clock.advance(24h);
    CHECK(world.requests_due().empty());
}

TEST_CASE("A node without the command is not asked again", "[rsr][requests]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::reset;
    order.now = world.clock.now();
    REQUIRE(world.store.order(order).size() == 1);
    world.nodes.refusal = fail(Cause::command_unsupported);
    for (const auto& request : world.requests_due())
        world.run(procedure::send_node_request(world.ports, request));
    world.clock.advance(24h);
    CHECK(world.requests_due().empty());
}

TEST_CASE("The pause after failures doubles from five seconds to ten minutes", "[requests]") {
    CHECK(procedure::retry_pause(0) == 5s);
    CHECK(procedure::retry_pause(1) == 10s);
    CHECK(procedure::retry_pause(6) == 320s);
    CHECK(procedure::retry_pause(7) == 600s);
    CHECK(procedure::retry_pause(0xffffffff) == 600s);
}

}  // namespace bindhss
