// SPDX-License-Identifier: Apache-2.0
// What becomes of the UE at a node that was told SUCCESS by a provisioning-only Update-Location (spec 4.4).
#include "key_world.h"

namespace bindhss::test {

TEST_CASE("A node whose UE does not come again with its key is told to detach it", "[kme][R31]") {
    KeyWorld world;
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    REQUIRE(*ula);
    REQUIRE(world.mme.cancelled.size() == 1);
    CHECK(world.mme.cancelled[0].destination == world.mme1);
    CHECK(world.mme.cancelled[0].reattach_required);
    CHECK(world.mme.cancelled[0].cancellation_type == s6a::CancellationType::subscription_withdrawal);
}

TEST_CASE("A node whose UE has come again with its key is told nothing", "[kme][R31]") {
    KeyWorld world;
    const auto aia = world.key_air(world.mme1);
    REQUIRE(aia);
    world.answer_challenge(world.device, *aia);
    s6a::UpdateLocationRequest ulr{world.imsi, world.mme1, world.plmn};
    ulr.flags.initial_attach_indicator = true;
    ulr.terminal_information = TerminalInformation{world.own, "01", false};
    ulr.supported_features = s6a::Features{0, 0, KeyWorld::all};
    ulr.arrival.secured = true;
    s6a::AuthenticationInformationRequest air{
        world.imsi, world.mme1, world.plmn, s6a::RequestedAuthenticationInfo{}, {}};
    air.supported_features = s6a::Features{0, 0, KeyWorld::all};
    air.arrival.secured = true;
    bool again = false;
    boost::asio::io_context io;
    const auto attach_twice = [&]() -> boost::asio::awaitable<void> {
        const auto first = co_await procedure::dispatch(world.key_ports, ulr, world.via);
        const auto second = co_await procedure::dispatch(world.key_ports, air, world.via);
        again = first.has_value() && second.has_value();
    };
    boost::asio::co_spawn(io, attach_twice, [](const std::exception_ptr& failed) {
        if (failed) std::rethrow_exception(failed);
    });
    io.run();
    CHECK(again);
    CHECK(world.mme.cancelled.empty());
}

}  // namespace bindhss::test
