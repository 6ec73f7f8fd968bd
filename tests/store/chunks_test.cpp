// SPDX-License-Identifier: Apache-2.0
// An import of a million subscribers with devices, keys and bindings as the API gets it: chunk by chunk, each
// of them a transaction. Minutes, and so only by name (test_store "[chunks]"; CHUNKS=<number>,
// WORKERS=<number>).
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;

namespace {

constexpr int chunk_subscribers = 1'250;  // with what belongs to them 5,000 items

int given(const char* name, int otherwise) {
    const auto* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

std::vector<store::Item> chunk(int number) {
    std::vector<store::Item> items;
    items.reserve(4 * chunk_subscribers);
    for (int i = 0; i < chunk_subscribers; ++i) {
        const auto n = static_cast<std::uint64_t>(number) * chunk_subscribers + static_cast<std::uint64_t>(i);
        const auto of = imsi("00" + std::to_string(1'010'000'000'000 + n));
        const auto device = Imei::from_number(35'824'005'000'000 + n).value();
        auto put = put_subscriber(of);
        put.msisdn = "49" + std::to_string(1'000'000'000 + n);
        items.push_back(item(std::move(put)));
        items.push_back(item(store::PutDevice{ImeiRange::of(device), "", ""}));
        items.push_back(item(store::PutKme{device, kme_key(static_cast<std::uint8_t>(n)), 0}));
        items.push_back(item(store::PutBinding{of, Policy::kme, {ImeiRange::of(device)}, ""}));
    }
    return items;
}

}  // namespace

TEST_CASE("a million subscribers with devices and keys are imported in chunks", "[.][million][chunks]") {
    PostgresWorld world;
    const int chunks = given("CHUNKS", 800);
    std::atomic<int> next = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    std::vector<std::thread> workers;
    std::atomic<int> refused = 0;
    for (int w = 0; w < given("WORKERS", 1); ++w) {
        workers.emplace_back([&] {
            crypto::SystemRandom random;
            store::postgres::PostgresProvisioning own(world.database.url(), test_keys(), random);
            for (int i = next++; i < chunks; i = next++) {
                store::ApplyOptions options;
                options.once = store::Once{"chunk " + std::to_string(i), {}};
                if (own.apply(chunk(i), options).outcome != store::Applied::Outcome::stored) ++refused;
                if (i % 40 == 39)
                    std::cout << (i + 1) * chunk_subscribers << " subscribers in " << seconds() << " s\n";
            }
        });
    }
    for (auto& worker : workers) worker.join();
    const auto all = seconds();
    std::cout << chunks * chunk_subscribers << " subscribers with devices, keys and bindings in " << all
              << " s, " << chunks * chunk_subscribers * 4 / all << " items/s\n";
    CHECK(refused == 0);
    const auto last = imsi("00" + std::to_string(1'010'000'000'000 + chunks * chunk_subscribers - 1));
    CHECK_FALSE(world.provisioning.subscriber(last)->kcv.empty());
    CHECK(world.provisioning.profile("default")->subscribers ==
          static_cast<std::uint64_t>(chunks * chunk_subscribers));
}
