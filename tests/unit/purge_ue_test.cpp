// SPDX-License-Identifier: Apache-2.0
// Purge-UE as TS 29.272 5.2.1.3.3 has it.
#include <catch2/catch.hpp>

#include "nodes_world.h"

namespace bindhss {

namespace {

using test::NodesWorld;

struct Frozen {
    bool m_tmsi;
    bool p_tmsi;
    bool operator==(const Frozen&) const = default;
};

Frozen purged(NodesWorld& world, const s6a::PurgeUeRequest& request) {
    const auto answer = world.purge(request);
    REQUIRE(answer);
    return {answer->freeze_m_tmsi, answer->freeze_p_tmsi};
}

}  // namespace

TEST_CASE("Purge-UE for an unknown IMSI is answered USER_UNKNOWN", "[pur]") {
    NodesWorld world;
    CHECK(world.purge({*Imsi::parse("001019999999999"), world.mme1}).error().cause == Cause::user_unknown);
}

TEST_CASE("What is frozen is what the node is registered for", "[pur]") {
    NodesWorld world;
    CHECK(purged(world, {world.imsi, world.mme1}) == Frozen{false, false});
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    REQUIRE(world.update(world.ulr_of_sgsn(world.sgsn1)));
    CHECK(purged(world, {world.imsi, world.mme2}) == Frozen{false, false});
    CHECK_FALSE(world.registrations().mme->purged);
    CHECK(purged(world, {world.imsi, world.mme1}) == Frozen{true, false});
    CHECK(world.registrations().mme->purged);
    CHECK_FALSE(world.registrations().sgsn->purged);
    CHECK(purged(world, {world.imsi, world.sgsn1}) == Frozen{false, true});
    CHECK(purged(world, {world.imsi, world.mme1}) == Frozen{true, false});  // repeated
}

TEST_CASE("A combined node purges both halves, or the one that its flags name", "[pur]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.combined)));
    REQUIRE(world.update(world.ulr_of_sgsn(world.combined)));
    s6a::PurgeUeRequest request{world.imsi, world.combined};
    SECTION("without flags: both") {
        CHECK(purged(world, request) == Frozen{true, true});
    }
    SECTION("flags that name none: both") {
        request.purged_in_mme = request.purged_in_sgsn = false;
        CHECK(purged(world, request) == Frozen{true, true});
    }
    SECTION("the MME half") {
        request.purged_in_mme = true;
        request.purged_in_sgsn = false;
        CHECK(purged(world, request) == Frozen{true, false});
        CHECK_FALSE(world.registrations().sgsn->purged);
    }
    SECTION("the SGSN half, with Partial Purge negotiated") {
        request.purged_in_mme = false;
        request.purged_in_sgsn = true;
        request.supported_features = s6a::Features{s6a::feature_1::partial_purge, 0, 0};
        CHECK(purged(world, request) == Frozen{false, true});
    }
    SECTION("features without Partial Purge: both") {
        request.purged_in_mme = true;
        request.supported_features = s6a::Features{};
        CHECK(purged(world, request) == Frozen{true, true});
    }
}

TEST_CASE("The last known location comes with the purge, and our features with the answer", "[pur]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    s6a::PurgeUeRequest request{world.imsi, world.mme1};
    request.supported_features = s6a::Features{};
    request.location = s6a::EpsLocationInformation{};
    request.location->mme = s6a::NodeLocation{{1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5}, {}, {}, 3, false};
    const auto answer = world.purge(request);
    REQUIRE(answer);
    CHECK(answer->supported_features == world.settings.features);
    CHECK(world.registrations().mme->location == request.location->mme);
}

}  // namespace bindhss
