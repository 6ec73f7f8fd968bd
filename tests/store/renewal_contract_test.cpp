// SPDX-License-Identifier: Apache-2.0
// What becomes of a registration that was proven, when the operator changes the key.
#include <catch2/catch.hpp>
#include <thread>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

template <class World>
bool verified(World& world) {
    return view_of(world).registrations.mme->verified;
}

/// An Update-Location that proved the active key, now.
template <class World>
void prove(World& world) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // times are told in these
    auto request = placed(1, own, 0);
    request.registration.verified = true;
    request.registration.time = SystemClock().now();
    request.proof = true;
    place(world, request);
}

template <class World>
void put_key(World& world, std::uint8_t octet, std::uint32_t generation, Imei of = own) {
    must_put(world, {item(store::PutKme{of, kme_key(octet), generation})});
}

}  // namespace

TEMPLATE_TEST_CASE("the next generation of a device's key leaves proven who proved the one before",
                   "[contract][binding][R12][I1]", WORLDS) {
    TestType world;
    bind_by_key(world, true);
    prove(world);
    put_key(world, 11, 1);
    CHECK(reserved(world).subscription.kme->key == kme_key(11));
    REQUIRE(verified(world));
    SECTION("but not who proved none since") {
        put_key(world, 12, 2);
        CHECK_FALSE(verified(world));
    }
    SECTION("and again who proved it since") {
        prove(world);
        put_key(world, 12, 2);
        CHECK(verified(world));
    }
    SECTION("but not when a generation is left out") {
        put_key(world, 13, 3);
        CHECK_FALSE(verified(world));
    }
    SECTION("until the one before is retired: it may be in other hands") {
        must_put(world, {item(store::RetireKme{own, 0})});
        CHECK_FALSE(verified(world));
    }
    SECTION("and after that too who proved the new one") {
        prove(world);
        must_put(world, {item(store::RetireKme{own, 0})});
        CHECK(verified(world));
    }
    SECTION("not when the key of a generation is replaced by another one") {
        prove(world);
        put_key(world, 14, 1);
        CHECK_FALSE(verified(world));
    }
    SECTION("nor when the active one is retired, and another device's takes its place") {
        prove(world);
        must_put(world, {item(store::RetireKme{own, std::nullopt})});
        CHECK(reserved(world).subscription.kme->key == kme_key(2));
        CHECK_FALSE(verified(world));
    }
    SECTION("nor when another device is listed") {
        prove(world);
        must_put(world, {binding_of(Policy::kme, {second})});
        CHECK_FALSE(verified(world));
    }
}

TEMPLATE_TEST_CASE("a group's key is renewed for all of its devices alike", "[contract][binding][R2][R12]",
                   WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))),
                     item(store::PutDevice{ImeiRange::of(own), "modems", std::nullopt}),
                     item(store::PutKme{"modems", kme_key(1)}),
                     item(store::PutBinding{imsi(known), Policy::kme, {}, "modems"})});
    prove(world);
    must_put(world, {item(store::PutKme{"modems", kme_key(2), 1})});
    CHECK(verified(world));
    // The device's own key is another one, whatever its generation.
    must_put(world, {item(store::PutKme{own, kme_key(3), 2}), binding_of(Policy::kme, {own})});
    CHECK_FALSE(verified(world));
}
