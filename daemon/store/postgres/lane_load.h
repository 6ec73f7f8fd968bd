// SPDX-License-Identifier: Apache-2.0
// How busy a queue of the store is, and what went wrong with it: for metrics.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bindhss::store::postgres {

/// Upper ends of the sizes of batches that are told apart; one more is for what is larger.
inline constexpr std::array<std::uint32_t, 9> batch_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256};

struct LaneLoad {
    std::string_view name;
    std::size_t waiting = 0;
    std::size_t waiting_max = 0;
    std::size_t connections_wanted = 0;
    std::size_t connections = 0;  ///< open
    std::size_t busy = 0;         ///< of them: with a request
    std::array<std::uint64_t, batch_bounds.size() + 1> batches{};
    std::uint64_t requests = 0;  ///< in all batches
    std::chrono::nanoseconds served{0};
    /// Since the start.
    std::uint64_t unreachable = 0;  ///< attempts to connect that failed
    std::uint64_t failed = 0;       ///< batches that the database failed
    std::uint64_t retried = 0;      ///< requests that gave way to another transaction, and were tried again
    std::uint64_t late = 0;         ///< requests past their deadline
    std::uint64_t refused_busy = 0;
    std::uint64_t refused_down = 0;

    /// Adds the numbers of another queue of the same kind.
    LaneLoad& operator+=(const LaneLoad& other) {
        waiting += other.waiting;
        waiting_max += other.waiting_max;
        connections_wanted += other.connections_wanted;
        connections += other.connections;
        busy += other.busy;
        for (std::size_t i = 0; i < batches.size(); ++i) batches[i] += other.batches[i];
        requests += other.requests;
        served += other.served;
        unreachable += other.unreachable;
        failed += other.failed;
        retried += other.retried;
        late += other.late;
        refused_busy += other.refused_busy;
        refused_down += other.refused_down;
        return *this;
    }
};

}  // namespace bindhss::store::postgres
