// SPDX-License-Identifier: Apache-2.0
// What ends an exchange before its answer comes, and what its end leaves open; for every implementation.
#include <catch2/catch.hpp>

#include "store/exchange_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;

#define WORLDS MemoryExchangeWorld, PostgresExchangeWorld

namespace {

store::PutRule denial_of_own() {
    store::PutRule put;
    put.rule.devices.range = ImeiRange::of(own);
    put.rule.allow = false;
    return put;
}

store::PutTerms some_terms() {
    store::PutTerms put;
    put.terms.name = "some";
    return put;
}

template <class World>
void expect_ended_by(World& world, std::uint8_t number, store::Item by) {
    begun(world, wanted(number, number * 1'000));
    must_put(world, {std::move(by)});
    CHECK_FALSE(established(world, number, number * 1'000 + 100));
    CHECK(world.provisioning.kmes(own, 10).empty());
}

}  // namespace

TEMPLATE_TEST_CASE("who may have a device is said anew while it is given its key: the key is worth nothing",
                   "[contract][exchange][R14][I4][I5]", WORLDS) {
    TestType world;
    bind_without_key(world);
    store::PutBinding other{imsi(known), Policy::kme, {ImeiRange::of(stranger)}, "", ""};
    expect_ended_by(world, 1, item(other));
    const auto devices = world.provisioning.subscriber(imsi(known))->devices;
    CHECK(devices == std::vector{ImeiRange::of(stranger)});
    expect_ended_by(world, 2, item(store::RefuseDevice{imsi(known), own}));
    expect_ended_by(world, 3, item(store::AuthoriseDevice{imsi(known), own}));
    expect_ended_by(world, 4, item(denial_of_own()));
    expect_ended_by(world, 5, item(some_terms()));
}

TEMPLATE_TEST_CASE("what the operator says of other subscriptions ends no exchange",
                   "[contract][exchange][R30]", WORLDS) {
    TestType world;
    const std::string other = "001010000000002";
    bind_without_key(world);
    bind_without_key(world, {stranger}, other);
    begun(world, wanted(1));
    must_put(world, {item(store::RefuseDevice{imsi(other), own})});
    CHECK(established(world, 1, 100));
}

TEMPLATE_TEST_CASE("an exchange has had the regular vector before it, and none that was issued since",
                   "[contract][exchange][I1][I2]", WORLDS) {
    TestType world;
    bind_without_key(world);
    const auto regular = [&](std::int64_t time) {
        auto wish = request(imsi(known), 1, 1, time);
        wish.regular = store::Regular::always;
        REQUIRE(await(world.store.reserve_vectors(wish)).has_value());
    };
    regular(0);
    begun(world, wanted(1, 1'000));
    SECTION("it was the last one") {
        REQUIRE(established(world, 1, 2'000));
        CHECK_FALSE(view_of(world).issued.regular_at.has_value());
    }
    SECTION("there was another one meanwhile") {
        regular(1'500);
        REQUIRE(established(world, 1, 2'000));
        CHECK(view_of(world).issued.regular_at == at(1'500));
    }
    SECTION("the same, and the exchange failed") {
        regular(1'500);
        CHECK(finished(world, finish_of(1, 2'000, binding::ExchangeOutcome::refused)).stored);
        CHECK(view_of(world).issued.regular_at == at(1'500));
    }
}
