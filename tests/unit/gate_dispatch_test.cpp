// SPDX-License-Identifier: Apache-2.0
// The gate where it stands: before the procedures.
#include "procedure/gate.h"
#include "world.h"

using namespace bindhss;
using namespace std::chrono_literals;
using test::World;

namespace {

RequestLimits no_limits() {
    RequestLimits limits;
    limits.imsi = limits.device = limits.network = limits.peer = limits.refused = limits.newcomers = {};
    limits.connection = {};
    limits.new_nodes = {};
    return limits;
}

struct GuardedWorld : World {
    explicit GuardedWorld(const RequestLimits& limits) : gate(limits, random, alarms, clock) {
        ports.gate = &gate;
    }
    std::uint64_t seq() { return store.subscriber(imsi).value().seq; }
    procedure::Gate gate;
};

}  // namespace

TEST_CASE("a request beyond the limit is refused before a sequence number is touched", "[R43]") {
    auto limits = no_limits();
    limits.imsi.air = {2, 1h};
    GuardedWorld world(limits);
    REQUIRE(world.air(world.mme1).has_value());
    REQUIRE(world.air(world.mme1).has_value());
    const auto seq = world.seq();
    for (int i = 0; i < 10; ++i) {
        const auto refused = world.air(world.mme1);
        REQUIRE(refused.has_error());
        CHECK(refused.error().cause == Cause::authentication_data_unavailable);
    }
    CHECK(world.seq() == seq);
    CHECK(world.alarms.count(alarm::Id::rate_limited) == 1);
    CHECK(world.ulr(world.mme1, world.own).has_value());
}

TEST_CASE("a device that the binding refuses is one of the refused; the right one takes the UE out of them",
          "[R43]") {
    auto limits = no_limits();
    limits.refused = {{2, 1h}, {}, {2, 1h}};
    GuardedWorld world(limits);
    world.bind(binding::Policy::imei_enforce);
    REQUIRE(world.air(world.mme1).has_value());
    REQUIRE(world.ulr(world.mme1, world.stranger).has_error());
    // Its share: two vectors, and two attempts to be registered.
    CHECK(world.air(world.mme1).has_value());
    CHECK(world.ulr(world.mme1, world.stranger).error().cause == Cause::authorization_rejected);
    REQUIRE(world.air(world.mme1).has_value());
    CHECK(world.air(world.mme1).has_error());
    REQUIRE(world.ulr(world.mme1, world.own).has_value());
    for (int i = 0; i < 10; ++i) CHECK(world.air(world.mme1).has_value());
}

TEST_CASE("a device without the key, which leaves its vectors unanswered, is one of the refused", "[R43]") {
    auto limits = no_limits();
    limits.refused.air = {1, 1h};
    GuardedWorld world(limits);
    world.bind(binding::Policy::kme);
    REQUIRE(world.air(world.mme1).has_value());
    world.clock.advance(31s);
    REQUIRE(world.air(world.mme1).has_value());  // this one tells that nobody answered
    REQUIRE(world.air(world.mme1).has_value());  // the share
    CHECK(world.air(world.mme1).has_error());
    // The right device at another node is not touched.
    CHECK(world.air(world.mme2).has_value());
}

TEST_CASE("a subscriber that is not known is one of the refused; a fault of ours makes nobody one", "[R43]") {
    auto limits = no_limits();
    limits.refused.air = {1, 1h};
    GuardedWorld world(limits);
    s6a::AuthenticationInformationRequest stranger{
        *Imsi::parse("001019999999999"), world.mme1, world.plmn, s6a::RequestedAuthenticationInfo{}, {}};
    CHECK(world.dispatch(stranger).error().cause == Cause::user_unknown);
    CHECK(world.dispatch(stranger).error().cause == Cause::user_unknown);
    CHECK(world.dispatch(stranger).error().cause == Cause::authentication_data_unavailable);

    s6a::AuthenticationInformationRequest nothing{world.imsi, world.mme1, world.plmn, {}, {}};
    for (int i = 0; i < 5; ++i) CHECK(world.dispatch(nothing).error().cause == Cause::unable_to_comply);
}
