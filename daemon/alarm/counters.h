// SPDX-License-Identifier: Apache-2.0
// Alarms as numbers, for metrics.
#pragma once

#include <array>
#include <atomic>

#include "alarm/detector.h"

namespace bindhss::alarm {

inline constexpr std::size_t severity_count = static_cast<std::size_t>(Severity::critical) + 1;

/// Occurrences since the start, by kind and severity. Any thread may call it; snapshot() is what a registry
/// of metrics exposes.
class Counters final : public Outlet {
  public:
    struct Count {
        Id id;
        Severity severity;
        std::uint64_t occurrences;
        bool operator==(const Count&) const = default;
    };

    void tell(const Notice& notice) noexcept override;
    /// Those that have occurred, in the order of Id and severity.
    [[nodiscard]] std::vector<Count> snapshot() const;

  private:
    std::array<std::array<std::atomic<std::uint64_t>, severity_count>, id_count> counts_{};
};

}  // namespace bindhss::alarm
