// SPDX-License-Identifier: Apache-2.0
// Times as operators write and read them, in UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "types/seams.h"

namespace bindhss {

/// "2026-03-01" (the first instant of the day) or "2026-03-01T08:30[:15]Z", the Z being optional. Nothing for
/// anything else, and for a day that no month has.
[[nodiscard]] std::optional<WallTime> parse_time(std::string_view text);

/// A date as above, or a time of RFC 3339 5.6: "2026-03-01T08:30:15.5+01:00". Nothing for anything else.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

/// "2026-03-01T08:30:15Z"
[[nodiscard]] std::string time_text(WallTime time);
/// "2026-03-01"
[[nodiscard]] std::string day_text(WallTime time);

}  // namespace bindhss
