// SPDX-License-Identifier: Apache-2.0
// What a detector of alarms tells, kept.
#pragma once

#include <utility>
#include <vector>

#include "alarm/outlet.h"

namespace bindhss::test {

inline constexpr WallTime start{std::chrono::milliseconds(1'700'000'000'000)};

class Recorder final : public alarm::Outlet {
  public:
    void tell(const alarm::Notice& notice) noexcept override { notices.push_back(notice); }
    [[nodiscard]] bool wants_unknown_ends() const noexcept override { return unknown_ends; }
    [[nodiscard]] bool knows_acts() const noexcept override { return is_table; }
    /// Those since the last call.
    std::vector<alarm::Notice> take() { return std::exchange(notices, {}); }
    std::vector<alarm::Notice> notices;
    bool unknown_ends = true;
    bool is_table = false;
};

}  // namespace bindhss::test
