// SPDX-License-Identifier: Apache-2.0
// Requests by command and result, and how long they took.
#pragma once

#include <initializer_list>
#include <string_view>

#include "metrics/latency.h"
#include "metrics/page.h"
#include "types/result.h"

namespace bindhss::metrics {

/// The commands that are told apart; any other one counts as "other".
inline constexpr std::array<std::string_view, 10> commands{"AIR", "ULR", "PUR", "NOR", "ECR",
                                                           "CLR", "IDR", "DSR", "RSR", "other"};
inline constexpr std::size_t causes = static_cast<std::size_t>(Cause::rate_limited) + 1;

/// A moment of one command.
struct CommandCounts {
    std::uint64_t succeeded = 0;
    std::array<std::uint64_t, causes> failed{};  ///< by Cause
    LatencyCounts latency;
    [[nodiscard]] std::uint64_t refused() const;
};
using RequestCounts = std::array<CommandCounts, commands.size()>;

/// Any thread may call it, and none waits for another one.
class RequestTally {
  public:
    /// `failure` absent: with success.
    void add(std::string_view command, std::optional<Cause> failure, std::chrono::microseconds took);
    [[nodiscard]] RequestCounts counts() const;

  private:
    struct Command {
        std::atomic<std::uint64_t> succeeded{0};
        std::array<std::atomic<std::uint64_t>, causes> failed{};
        Latency latency;
    };
    std::array<Command, commands.size()> commands_;
};

/// Both families of it. Commands that never came are left out, but for the `usual` ones: who looks at rates
/// has to see the 0 before the first.
void put(Page& page, std::string_view total, std::string_view seconds, const RequestCounts& counts,
         std::initializer_list<std::string_view> usual);

}  // namespace bindhss::metrics
