// SPDX-License-Identifier: Apache-2.0
#include "diameter/watchdog.h"

#include <catch2/catch.hpp>

using namespace bindhss::diameter;
using namespace std::chrono_literals;

namespace {

using Action = Watchdog::Action;
constexpr auto tw = 30'000ms;

}  // namespace

TEST_CASE("The watchdog waits for Tw with a jitter of 2 s, and anything received puts it off") {
    Watchdog watchdog(tw, 1);
    const Watchdog::Time start{};
    for (int i = 0; i < 100; ++i) {
        watchdog.restart(start);
        CHECK(watchdog.deadline() >= start + 28s);
        CHECK(watchdog.deadline() <= start + 32s);
    }
    CHECK_FALSE(watchdog.received(start + 10s, false));
    CHECK(watchdog.deadline() >= start + 38s);
}

TEST_CASE("A silent peer is asked, suspected, and given up, as RFC 3539 3.4.1 says") {
    Watchdog watchdog(tw, 1);
    watchdog.restart({});
    CHECK(watchdog.expired({}) == Action::send_dwr);
    CHECK(watchdog.expired({}) == Action::suspect);
    CHECK(watchdog.expired({}) == Action::close);
}

TEST_CASE("A peer that answers is asked again and again, never suspected") {
    Watchdog watchdog(tw, 1);
    watchdog.restart({});
    for (int i = 0; i < 5; ++i) {
        CHECK(watchdog.expired({}) == Action::send_dwr);
        CHECK_FALSE(watchdog.received({}, true));
    }
}

TEST_CASE("Traffic without a DWA puts suspicion off, but not away") {
    Watchdog watchdog(tw, 1);
    watchdog.restart({});
    CHECK(watchdog.expired({}) == Action::send_dwr);
    CHECK_FALSE(watchdog.received({}, false));
    CHECK(watchdog.expired({}) == Action::suspect);
}

TEST_CASE("A suspect that is heard of is trusted again") {
    Watchdog watchdog(tw, 1);
    watchdog.restart({});
    CHECK(watchdog.expired({}) == Action::send_dwr);
    CHECK(watchdog.expired({}) == Action::suspect);
    CHECK(watchdog.received({}, false));
    CHECK(watchdog.expired({}) == Action::send_dwr);
}
