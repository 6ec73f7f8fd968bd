// SPDX-License-Identifier: Apache-2.0
// Several UICCs that come in one device at the same moment.
#include <catch2/catch.hpp>
#include <future>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

std::string nth(int number) {
    return "00101000000001" + std::to_string(number);
}

/// Registers so many subscriptions in one device, all at once; how many were.
template <class World>
std::size_t come_together(World& world, Imei device, int subscriptions, bool counted) {
    boost::asio::io_context context;
    std::vector<std::future<Result<std::vector<store::NodeRequest>>>> answers;
    for (int i = 0; i < subscriptions; ++i) {
        auto request = placed(1, device, 10);
        request.count_uiccs = counted;
        answers.push_back(
            boost::asio::co_spawn(context, world.store.register_node(imsi(nth(i)), std::move(request), 10s),
                                  boost::asio::use_future));
    }
    context.run();
    std::size_t registered = 0;
    for (auto& answer : answers) {
        const auto result = answer.get();
        if (!result) CHECK(result.error().cause == Cause::authorization_rejected);
        registered += result ? 1 : 0;
    }
    return registered;
}

}  // namespace

TEMPLATE_TEST_CASE("a device takes as many UICCs as it may and no more, though all come at once",
                   "[contract][binding][R55][R43]", WORLDS) {
    TestType world;
    constexpr int subscriptions = 8;
    std::vector<store::Item> items;
    for (int i = 0; i < subscriptions; ++i) items.push_back(item(put_subscriber(imsi(nth(i)))));
    const auto nth_device = [](std::uint64_t number) {
        return *Imei::from_number(35'824'005'000'000 + number);
    };
    constexpr std::uint64_t devices = 6;
    for (std::uint64_t i = 0; i < devices; ++i)
        items.push_back(item(store::PutDevice{ImeiRange::of(nth_device(i)), {}, {}, 2}));
    must_put(world, items);
    for (std::uint64_t i = 0; i < devices; ++i) {
        CAPTURE(i);
        CHECK(come_together(world, nth_device(i), subscriptions, true) == 2);
        // Who is in may come again, and takes no more room by that.
        CHECK(come_together(world, nth_device(i), subscriptions, true) == 2);
    }
    SECTION("where no more than an alarm follows, nobody is counted") {
        CHECK(come_together(world, nth_device(0), subscriptions, false) == subscriptions);
    }
    SECTION("a device without a limit takes all") {
        CHECK(come_together(world, stranger, subscriptions, true) == subscriptions);
    }
}
