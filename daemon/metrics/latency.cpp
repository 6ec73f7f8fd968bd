// SPDX-License-Identifier: Apache-2.0
#include "metrics/latency.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bindhss::metrics {

namespace {

constexpr std::array<std::uint32_t, latency_bounds> make_bounds() {
    constexpr std::uint32_t tenths[] = {10, 15, 20, 30, 40, 50, 60, 80};
    std::array<std::uint32_t, latency_bounds> bounds{};
    std::size_t place = 0;
    for (std::uint32_t decade = 1; decade <= 100'000; decade *= 10)
        for (const auto tenth : tenths) bounds[place++] = tenth * decade;
    bounds[place] = 10'000'000;
    return bounds;
}

constexpr auto bounds = make_bounds();

/// 1, 2 and 5 of a power of ten.
bool told(std::uint32_t bound) {
    while (bound % 10 == 0) bound /= 10;
    return bound == 1 || bound == 2 || bound == 5;
}

std::size_t bucket_of(std::chrono::microseconds took) {
    const auto us = static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(took.count(), 0));
    return static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), us) - bounds.begin());
}

}  // namespace

const std::array<std::uint32_t, latency_bounds>& latency_bounds_us() {
    return bounds;
}

std::uint64_t LatencyCounts::total() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

LatencyCounts LatencyCounts::since(const LatencyCounts& before) const {
    LatencyCounts difference;
    for (std::size_t i = 0; i < counts.size(); ++i) difference.counts[i] = counts[i] - before.counts[i];
    difference.sum_us = sum_us - before.sum_us;
    return difference;
}

std::optional<std::uint32_t> LatencyCounts::quantile_us(double share) const {
    const auto all = total();
    if (all == 0) return std::nullopt;
    const auto rank = std::max<std::uint64_t>(1, std::llround(std::ceil(share * static_cast<double>(all))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        seen += counts[i];
        if (seen >= rank) return bounds[i];
    }
    return bounds.back();
}

LatencyBuckets buckets_of(const LatencyCounts& counts) {
    LatencyBuckets result;
    std::uint64_t together = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        together += counts.counts[i];
        if (!told(bounds[i])) continue;
        result.bounds.push_back(static_cast<double>(bounds[i]) / 1e6);
        result.counts.push_back(together);
        together = 0;
    }
    result.counts.push_back(together + counts.counts.back());
    result.sum = static_cast<double>(counts.sum_us) / 1e6;
    return result;
}

void Latency::add(std::chrono::microseconds took) {
    counts_[bucket_of(took)].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(took.count(), 0)),
                      std::memory_order_relaxed);
}

LatencyCounts Latency::counts() const {
    LatencyCounts result;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        result.counts[i] = counts_[i].load(std::memory_order_relaxed);
    result.sum_us = sum_us_.load(std::memory_order_relaxed);
    return result;
}

}  // namespace bindhss::metrics
