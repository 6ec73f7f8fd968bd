// SPDX-License-Identifier: Apache-2.0
// Every metric that the daemon tells of: docs/operations.md has the same table, which scripts/check compares.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bindhss::metrics {

enum class Type : std::uint8_t { counter, gauge, histogram };
[[nodiscard]] std::string_view name_of(Type type);

struct Metric {
    std::string_view name;
    Type type;
    std::string_view labels;  ///< as people read them: "command, result"
    std::string_view help;    ///< one sentence
};

[[nodiscard]] std::span<const Metric> catalogue();
/// Null: there is none of this name.
[[nodiscard]] const Metric* find_metric(std::string_view name);

}  // namespace bindhss::metrics
