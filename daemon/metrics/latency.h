// SPDX-License-Identifier: Apache-2.0
// How long things take, counted in buckets.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace bindhss::metrics {

/// Upper ends of the buckets: 1, 1.5, 2, 3, 4, 5, 6 and 8 of each power of ten from 10 us to 10 s; one more
/// bucket is for what takes longer.
inline constexpr std::size_t latency_bounds = 8 * 6 + 1;
[[nodiscard]] const std::array<std::uint32_t, latency_bounds>& latency_bounds_us();

/// A moment of it.
struct LatencyCounts {
    std::array<std::uint64_t, latency_bounds + 1> counts{};
    std::uint64_t sum_us = 0;

    [[nodiscard]] std::uint64_t total() const;
    /// What has come since `before`.
    [[nodiscard]] LatencyCounts since(const LatencyCounts& before) const;
    /// What `share` of them did not exceed, within a bucket's width; nothing: there are none.
    [[nodiscard]] std::optional<std::uint32_t> quantile_us(double share) const;
};

/// As Prometheus is told of it: 1, 2 and 5 of each power of ten, in seconds.
struct LatencyBuckets {
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts;
    double sum = 0;
};
[[nodiscard]] LatencyBuckets buckets_of(const LatencyCounts& counts);

/// Any thread may call it, and none waits for another one.
class Latency {
  public:
    void add(std::chrono::microseconds took);
    [[nodiscard]] LatencyCounts counts() const;

  private:
    std::array<std::atomic<std::uint64_t>, latency_bounds + 1> counts_{};
    std::atomic<std::uint64_t> sum_us_{0};
};

}  // namespace bindhss::metrics
