// SPDX-License-Identifier: Apache-2.0
#include "procedure/token_buckets.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "crypto/sip_hash.h"

using namespace bindhss;
using namespace bindhss::procedure;
using namespace std::chrono_literals;

namespace {

constexpr WallTime start{1'700'000'000'000ms};

crypto::SipHash paper_hash() {
    Octets<16> key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return crypto::SipHash(key);
}

int taken_at_once(TokenBuckets& buckets, std::uint64_t key, WallTime now, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += buckets.take(key, now) ? 1 : 0;
    return taken;
}

}  // namespace

TEST_CASE("SipHash-2-4 gives what its paper prints") {
    const auto hash = paper_hash();
    Octets<15> message{};
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
    const OctetView all(message);
    CHECK(hash(all) == 0xa129ca6149be45e5U);
    CHECK(hash(all.first(0)) == 0x726fdb47dd0e0e31U);
    CHECK(hash(all.first(1)) == 0x74f839c593dc67fdU);
    CHECK(hash(all.first(8)) == 0x93f5f5799a932462U);
    CHECK(crypto::SipHash(Octets<16>{})(all) != hash(all));
}

TEST_CASE("a table of fingerprints forgets the smallest value of a set that is full, and what is made 0") {
    FingerprintTable table(FingerprintTable::ways);
    REQUIRE(table.slots() == FingerprintTable::ways);
    for (std::uint64_t key = 1; key <= 8; ++key) table.put(key, static_cast<std::int64_t>(100 + key));
    table.put(3, 1);
    table.put(9, 200);
    CHECK(table.value(3) == 0);
    CHECK(table.value(9) == 200);
    CHECK(table.value(1) == 101);
    table.put(9, 0);
    CHECK(table.value(9) == 0);
    table.put(10, 1);  // takes the free place, not that of a larger value
    for (const std::uint64_t key : {1, 2, 4, 5, 6, 7, 8}) CHECK(table.value(key) != 0);
    CHECK(table.value(10) == 1);
    table.put(0, 7);  // the fingerprint 0 is one as any other
    CHECK(table.value(0) == 7);
}

TEST_CASE("a million IMSIs fit into the memory of the refused, and three times as many degrade it only",
          "[R43]") {
    FingerprintTable table(2'097'152);
    const auto hash = paper_hash();
    const auto key_of = [&](std::uint64_t i) { return hash("00101" + std::to_string(1'000'000'000 + i)); };
    const auto remembered = [&](std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) table.put(key_of(i), static_cast<std::int64_t>(i + 1));
        std::uint64_t found = 0;
        for (std::uint64_t i = 0; i < count; ++i) found += table.value(key_of(i)) != 0 ? 1 : 0;
        return static_cast<double>(found);
    };
    CHECK(remembered(1'000'000) > 0.98 * 1'000'000);
    CHECK(remembered(3'000'000) > 0.9 * 2'097'152);
}

TEST_CASE("a bucket gives its burst at once, then a token in each interval", "[R43]") {
    TokenBuckets buckets({10, 60s}, 64);
    CHECK(taken_at_once(buckets, 1, start, 20) == 10);
    CHECK_FALSE(buckets.take(1, start + 5'999ms));
    CHECK(buckets.take(1, start + 6s));
    CHECK_FALSE(buckets.take(1, start + 6s));
    CHECK(taken_at_once(buckets, 1, start + 30s, 20) == 4);
    CHECK(taken_at_once(buckets, 1, start + 1h, 20) == 10);
    CHECK(taken_at_once(buckets, 2, start + 1h, 20) == 10);
}

TEST_CASE("a rate that is off never refuses, and a token given back can be taken again", "[R43]") {
    TokenBuckets off(Rate{}, 64);
    CHECK(taken_at_once(off, 1, start, 10'000) == 10'000);
    off.give_back(1);
    TokenBuckets buckets({3, 1s}, 64);
    CHECK(taken_at_once(buckets, 1, start, 5) == 3);
    buckets.give_back(1);
    CHECK(taken_at_once(buckets, 1, start, 5) == 1);
    buckets.give_back(2);  // of a bucket that is full
    CHECK(taken_at_once(buckets, 2, start, 5) == 3);
}

TEST_CASE("a clock that is set back shuts nobody out", "[R43]") {
    TokenBuckets buckets({2, 1s}, 64);
    CHECK(taken_at_once(buckets, 1, start, 5) == 2);
    CHECK(taken_at_once(buckets, 1, start - 24h, 5) == 2);
    CHECK(taken_at_once(buckets, 1, start - 24h + 1s, 5) == 2);
}

TEST_CASE("no bucket ever gives more than its burst and its rate allow, in no stretch of time", "[R43]") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2'000; ++round) {
        const Rate rate{1 + static_cast<std::uint32_t>(random() % 50),
                        std::chrono::milliseconds(1'000 + random() % 60'000)};
        TokenBuckets buckets(rate, 64);
        auto now = start;
        std::vector<WallTime> taken;
        const auto pause = 1 + random() % (3 * static_cast<std::uint64_t>(rate.per.count()) / rate.count + 2);
        for (int i = 0; i < 200; ++i) {
            now += std::chrono::milliseconds(random() % pause);
            if (buckets.take(7, now)) taken.push_back(now);
        }
        // Any stretch begins and ends best with a token taken.
        for (std::size_t i = 0; i < taken.size(); ++i) {
            for (std::size_t j = i; j < taken.size(); ++j) {
                const auto stretch = std::chrono::duration<double, std::milli>(taken[j] - taken[i]).count();
                const auto allowed =
                    rate.count + stretch * rate.count / static_cast<double>(rate.per.count());
                if (static_cast<double>(j - i + 1) > allowed + 1e-6) {
                    INFO("round " << round << ": " << j - i + 1 << " in " << stretch << " ms");
                    REQUIRE(static_cast<double>(j - i + 1) <= allowed);
                }
            }
        }
        CHECK(taken.size() >= std::min<std::size_t>(rate.count, 200));
    }
}

TEST_CASE("objects have buckets of their own; beyond what the table holds they get more, never less",
          "[R43]") {
    const auto hash = paper_hash();
    const auto given = [&](std::uint64_t objects, std::size_t slots) {
        TokenBuckets buckets({3, 60s}, slots);
        std::uint64_t least = 1'000;
        std::uint64_t sum = 0;
        std::vector<std::uint64_t> of(objects);
        for (int round = 0; round < 5; ++round)
            for (std::uint64_t i = 0; i < objects; ++i)
                of[i] += buckets.take(hash(std::to_string(i)), start) ? 1U : 0U;
        for (const auto count : of) {
            least = std::min(least, count);
            sum += count;
        }
        return std::pair(least, sum);
    };
    CHECK(given(20'000, 262'144) == std::pair<std::uint64_t, std::uint64_t>(3, 60'000));
    const auto [least, sum] = given(20'000, 4'096);
    CHECK(least >= 3);
    CHECK(sum > 60'000);
}

TEST_CASE("threads that share a bucket get no more out of it than one would", "[R43]") {
    TokenBuckets buckets({1'000, 1s}, 4'096);
    std::array<std::uint64_t, 4> taken{};
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < taken.size(); ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 20'000; ++i) {
                    if (buckets.take(1, start)) ++taken[t];
                    (void)buckets.take(static_cast<std::uint64_t>(i + 1) * 0x9e3779b97f4a7c15U, start);
                }
            });
        }
    }
    CHECK(taken[0] + taken[1] + taken[2] + taken[3] == 1'000);
}
