// SPDX-License-Identifier: Apache-2.0
// A subscription without a key is authenticated with regular vectors: what holds of those all the same.
#include "key_world.h"

namespace bindhss::test {

namespace {

Result<s6a::AuthenticationInformationAnswer> resynchronised(KeyWorld& world,
                                                            const ReSynchronizationInfo& info) {
    s6a::AuthenticationInformationRequest request{
        world.imsi, world.mme1, world.plmn, s6a::RequestedAuthenticationInfo{}, {}};
    request.eutran->re_synchronization_info = info;
    request.supported_features = s6a::Features{0, 0, KeyWorld::all};
    request.arrival.secured = true;
    auto answer = world.ask(std::move(request));
    if (!answer) return answer.error();
    return std::get<s6a::AuthenticationInformationAnswer>(*answer);
}

}  // namespace

TEST_CASE(
    "A card that is out of step is brought into step before its device has a key, and an AUTS counts once",
    "[kme][R22][I7]") {
    KeyWorld world;
    const auto first = world.key_air(world.mme1);
    REQUIRE(first);
    const auto& vector = first->eutran_vectors.at(0);
    const auto info = world.out_of_step(vector, vector.rand, 1'000'000);
    const auto second = resynchronised(world, info);
    REQUIRE(second);
    const auto& next = second->eutran_vectors.at(0);
    CHECK(world.regular(next));
    CHECK(world.sqn_of(next, next.rand).seq() > 1'000'000);
    const auto third = resynchronised(world, info);
    REQUIRE_FALSE(third);
    CHECK(third.error().cause == Cause::resync_replayed);
}

TEST_CASE("A locked subscription without a key is given no vector", "[kme][I3]") {
    KeyWorld world;
    world.put(store::SetLock{world.imsi, true});
    const auto aia = world.key_air(world.mme1);
    REQUIRE_FALSE(aia);
    CHECK(aia.error().cause == Cause::binding_locked);
}

TEST_CASE("A container is signed with CK and IK of the vector that the access runs on, or not at all",
          "[kme][R27]") {
    KeyWorld world;
    REQUIRE(world.key_air(world.mme1));  // nobody answers this one: it stays open
    const ServingNode other{"mme.trusted.example", "trusted.example"};
    const auto given = world.attach_in(world.device, other);
    REQUIRE(given);
    REQUIRE(*given);
    REQUIRE(world.mme.inserted.size() == 1);
    // Its key is right; but which of two vectors the UE has answered the HSS cannot know, and gives it a new
    // one.
    const auto again = world.attach_in(world.device, world.mme1);
    REQUIRE(again);
    CHECK(*again);
    REQUIRE(world.mme.inserted.size() == 2);
    const auto parsed = binding::parse_container(world.mme.inserted[1].kme_provisioning_request->container);
    CHECK_FALSE(std::get<binding::KmeProvision>(std::get<binding::Container>(parsed)).home_mac);
    const auto last = world.attach_in(world.device, world.mme1);
    REQUIRE(last);
    CHECK(*last);
    CHECK(world.registered());
}

}  // namespace bindhss::test
