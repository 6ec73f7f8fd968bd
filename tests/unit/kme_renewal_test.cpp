// SPDX-License-Identifier: Apache-2.0
// Keys that are given anew: because their time is over, because the operator says so, or because the device
// seems to have lost its own (spec 4.5 "Rotation", 4.7).
#include "key_world.h"

namespace bindhss::test {

using s6a::KmeCause;

TEST_CASE(
    "A key whose time is nearly over is renewed behind the answer, and the other parity is used from then on",
    "[kme][R12][R19]") {
    KeyWorld world;
    world.settings.provisioning.lifetime = std::chrono::hours(24 * 30);
    REQUIRE(world.attach_in(world.device, world.mme1));
    REQUIRE(world.attach_in(world.device, world.mme1));
    REQUIRE(world.registered());
    CHECK(world.mme.inserted.size() == 1);

    world.later(std::chrono::hours(24 * 25));
    const auto before = world.last_aia.eutran_vectors[0];
    const auto renewing = world.attach_in(world.device, world.mme1);
    REQUIRE(renewing);
    REQUIRE(*renewing);
    CHECK((*renewing)->subscription_data->has_eps());
    REQUIRE(world.mme.inserted.size() == 2);
    CHECK(world.mme.inserted[1].subscription_data.subscriber_status == SubscriberStatus::service_granted);
    const auto parsed = binding::parse_container(world.mme.inserted[1].kme_provisioning_request->container);
    const auto provision = std::get<binding::KmeProvision>(std::get<binding::Container>(parsed));
    CHECK(provision.generation == 2);
    CHECK(provision.home_mac);

    const auto after = world.attach_in(world.device, world.mme1);
    REQUIRE(after);
    CHECK(*after);
    const auto parity = [&](const s6a::EutranVector& vector) {
        return (vector.autn.octets[7] & world.settings.amf_marks.generation) != 0;
    };
    CHECK(parity(before) != parity(world.last_aia.eutran_vectors[0]));
    CHECK(world.mme.inserted.size() == 2);
}

TEST_CASE("A renewal that fails leaves the key in use as good as it was", "[kme][R12]") {
    KeyWorld world;
    world.settings.provisioning.lifetime = std::chrono::hours(24 * 30);
    REQUIRE(world.attach_in(world.device, world.mme1));
    world.later(std::chrono::hours(24 * 25));
    world.mme.refusal = fail(Cause::unable_to_deliver, "no answer");
    const auto renewing = world.attach_in(world.device, world.mme1);
    REQUIRE(renewing);
    CHECK(*renewing);
    const auto after = world.attach_in(world.device, world.mme1);
    REQUIRE(after);
    CHECK(*after);
    CHECK(world.registered());
}

TEST_CASE("The operator orders a renewal, and the next access that proves the key carries it out",
          "[kme][R12][R19]") {
    KeyWorld world;
    REQUIRE(world.attach_in(world.device, world.mme1));
    REQUIRE(world.attach_in(world.device, world.mme1));
    CHECK(world.store.renew_kmes(world.own) == 1);
    REQUIRE(world.attach_in(world.device, world.mme1));
    CHECK(world.mme.inserted.size() == 2);
}

TEST_CASE("A device that lost its key is given another one after suspicion, if the terms say so",
          "[kme][R33][I3]") {
    KeyWorld world(binding::Acquisition::preauthorised, binding::OnSuspicion::reprovision);
    REQUIRE(world.attach_in(world.device, world.mme1));
    REQUIRE(world.attach_in(world.device, world.mme1));
    emu::Me restored(world.own);  // the same device after a reset
    world.carry(world.element, restored);
    s6a::PurgeUeRequest purge{world.imsi, world.mme1};
    REQUIRE(world.ask(std::move(purge)));
    int failed = 0;
    std::optional<Result<s6a::UpdateLocationAnswer>> given;
    while (!given && failed < 10) {
        given = world.attach_in(restored, world.mme1);
        if (!given) ++failed;
        world.later(std::chrono::seconds(31));
    }
    CHECK(failed >= 2);
    REQUIRE(given);
    REQUIRE(*given);
    CHECK(world.last_aia.kme_access_info->cause == KmeCause::suspect);
    const auto after = world.attach_in(restored, world.mme1);
    REQUIRE(after);
    CHECK(*after);
    CHECK(world.registered());
}

}  // namespace bindhss::test
