// SPDX-License-Identifier: Apache-2.0
#include "metrics/latency.h"

#include <catch2/catch.hpp>
#include <numeric>

#include "metrics/request_tally.h"

namespace bindhss {

using metrics::Latency;
using namespace std::chrono_literals;

TEST_CASE("bounds of latencies ascend from 10 us to 10 s") {
    const auto& bounds = metrics::latency_bounds_us();
    CHECK(bounds.front() == 10);
    CHECK(bounds.back() == 10'000'000);
    for (std::size_t i = 1; i < bounds.size(); ++i) REQUIRE(bounds[i - 1] < bounds[i]);
}

TEST_CASE("percentiles are right within the width of a bucket") {
    Latency latency;
    CHECK(!latency.counts().quantile_us(0.5));
    for (int us = 1; us <= 1'000; ++us) latency.add(std::chrono::microseconds(10 * us));
    const auto counts = latency.counts();
    CHECK(counts.total() == 1'000);
    CHECK(counts.sum_us == 5'005'000);
    CHECK(counts.quantile_us(0.5) == 5'000U);
    CHECK(counts.quantile_us(0.99) == 10'000U);
    CHECK(counts.quantile_us(0.0) == 10U);
}

TEST_CASE("what takes longer than the last bound is counted, and so is what takes less than nothing") {
    Latency latency;
    latency.add(60s);
    latency.add(-5us);
    const auto counts = latency.counts();
    CHECK(counts.total() == 2);
    CHECK(counts.quantile_us(1.0) == 10'000'000U);
    CHECK(counts.quantile_us(0.5) == 10U);
}

TEST_CASE("the difference of two moments holds what came between them") {
    Latency latency;
    latency.add(100us);
    const auto before = latency.counts();
    latency.add(3ms);
    latency.add(3ms);
    const auto between = latency.counts().since(before);
    CHECK(between.total() == 2);
    CHECK(between.sum_us == 6'000);
    CHECK(between.quantile_us(0.5) == 3'000U);
}

TEST_CASE("Prometheus is told of 1, 2 and 5, and nothing is lost between them") {
    Latency latency;
    for (const auto took : {1us, 10us, 11us, 30us, 1'500us, 20'000'000us}) latency.add(took);
    const auto buckets = metrics::buckets_of(latency.counts());
    REQUIRE(buckets.bounds.size() == 19);
    CHECK(buckets.bounds.front() == Approx(1e-5));
    CHECK(buckets.bounds[6] == Approx(1e-3));
    CHECK(buckets.bounds.back() == Approx(10));
    CHECK(std::accumulate(buckets.counts.begin(), buckets.counts.end(), 0U) == 6);
    CHECK(buckets.counts[0] == 2);
    CHECK(buckets.counts[1] == 1);  // 20 us
    CHECK(buckets.counts[2] == 1);  // 50 us
    CHECK(buckets.counts[7] == 1);  // 2 ms
    CHECK(buckets.counts.back() == 1);
}

TEST_CASE("requests are told apart by command and result; an unknown command is another one") {
    metrics::RequestTally tally;
    tally.add("AIR", std::nullopt, 1ms);
    tally.add("AIR", Cause::user_unknown, 1ms);
    tally.add("AIR", Cause::sqn_exhausted, 1ms);
    tally.add("XYZ", std::nullopt, 1ms);
    const auto counts = tally.counts();
    CHECK(counts[0].succeeded == 1);
    CHECK(counts[0].refused() == 2);
    CHECK(counts[0].latency.total() == 3);
    CHECK(counts.back().succeeded == 1);
}

}  // namespace bindhss
