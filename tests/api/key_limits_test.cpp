// SPDX-License-Identifier: Apache-2.0
#include "api/key_limits.h"

#include "key_world.h"

namespace bindhss::test {

TEST_CASE("So many requests of a client, for a card and for a device pass, and one more each time after",
          "[kme][https][R43]") {
    KeyWorld world;
    api::KeyRates rates;
    rates.address = {3, std::chrono::minutes(1)};
    rates.imsi = {2, std::chrono::minutes(1)};
    rates.imei = {2, std::chrono::minutes(1)};
    api::KeyLimits limits(rates, world.random, world.alarms, world.clock);
    SECTION("a client") {
        for (int i = 0; i < 3; ++i) CHECK_FALSE(limits.refuse_address("192.0.2.1"));
        CHECK(limits.refuse_address("192.0.2.1") == 20);
        CHECK_FALSE(limits.refuse_address("192.0.2.2"));
        world.later(std::chrono::seconds(20));
        CHECK_FALSE(limits.refuse_address("192.0.2.1"));
        CHECK(limits.refuse_address("192.0.2.1"));
    }
    SECTION("other rates after a reload, with what is used up") {
        for (int i = 0; i < 3; ++i) CHECK_FALSE(limits.refuse_address("192.0.2.1"));
        rates.address = {6, std::chrono::minutes(1)};
        limits.change(rates);
        CHECK(limits.refuse_address("192.0.2.1") == 10);
        for (int i = 0; i < 6; ++i) CHECK_FALSE(limits.refuse_address("192.0.2.2"));
    }
    SECTION("a card in whatever device") {
        const auto device = [](std::uint64_t number) { return Imei::from_number(number).value(); };
        CHECK_FALSE(limits.refuse_pair(world.imsi, device(1), "192.0.2.1"));
        CHECK_FALSE(limits.refuse_pair(world.imsi, device(2), "192.0.2.1"));
        CHECK(limits.refuse_pair(world.imsi, device(3), "192.0.2.2") == 30);
    }
    SECTION("a device with whatever card, which costs the card nothing") {
        const auto card = [](int number) {
            return Imsi::parse("00101000000009" + std::to_string(number)).value();
        };
        CHECK_FALSE(limits.refuse_pair(card(1), world.own, "192.0.2.1"));
        CHECK_FALSE(limits.refuse_pair(card(2), world.own, "192.0.2.1"));
        for (int i = 0; i < 5; ++i) CHECK(limits.refuse_pair(card(3), world.own, "192.0.2.1") == 30);
        CHECK_FALSE(limits.refuse_pair(card(3), world.stranger, "192.0.2.1"));
    }
}

TEST_CASE("A limit that is off holds nobody", "[kme][https][R43]") {
    KeyWorld world;
    api::KeyRates rates{{}, {}, {}};
    api::KeyLimits limits(rates, world.random, world.alarms, world.clock);
    for (int i = 0; i < 1'000; ++i) {
        REQUIRE_FALSE(limits.refuse_address("192.0.2.1"));
        REQUIRE_FALSE(limits.refuse_pair(world.imsi, world.own, "192.0.2.1"));
    }
}

}  // namespace bindhss::test
