// SPDX-License-Identifier: Apache-2.0
#include "emu/duration.h"

#include <charconv>

namespace bindhss::emu {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    constexpr std::uint64_t ms_max = 7ULL * 24 * 3'600 * 1'000;
    std::uint64_t number = 0;
    const auto* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc()) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(last - end));
    std::uint64_t factor = 0;
    if (unit == "ms") factor = 1;
    if (unit == "s" || unit.empty()) factor = 1'000;
    if (unit == "m") factor = 60'000;
    if (factor == 0 || number > ms_max / factor) return std::nullopt;
    return std::chrono::milliseconds(number * factor);
}

}  // namespace bindhss::emu
