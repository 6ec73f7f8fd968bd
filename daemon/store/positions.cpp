// SPDX-License-Identifier: Apache-2.0
#include "store/positions.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "store/names.h"

namespace bindhss::store {
namespace {

/// More than any name has.
constexpr std::size_t text_octets_max = 1'024;

Position<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

bool is_storable(const std::string& text) {
    return good_text(text, text_octets_max);
}

Position<std::string> text_position(const Page& page) {
    if (!is_storable(page.after)) return std::nullopt;
    return page.after;
}

Position<std::int64_t> number_position(const Page& page) {
    return page.after.empty() ? Position<std::int64_t>(0) : number_of(page.after);
}

Position<std::int64_t> number_position_down(const Page& page) {
    return page.after.empty() ? Position<std::int64_t>(std::numeric_limits<std::int64_t>::max())
                              : number_of(page.after);
}

Position<std::pair<std::string, std::string>> pair_position(const Page& page) {
    using Pair = std::pair<std::string, std::string>;
    if (page.after.empty()) return Pair();
    const auto space = page.after.rfind(' ');
    if (!is_storable(page.after) || space == std::string::npos) return std::nullopt;
    return Pair(page.after.substr(0, space), page.after.substr(space + 1));
}

Position<std::pair<std::string, std::int64_t>> numbered_position(const Page& page) {
    using Numbered = std::pair<std::string, std::int64_t>;
    if (page.after.empty()) return Numbered("", -1);
    const auto pair = pair_position(page);
    const auto number = pair ? number_of(pair->second) : std::nullopt;
    if (!number) return std::nullopt;
    return Numbered(pair->first, *number);
}

Position<RangePosition> range_position(const Page& page) {
    if (page.after.empty()) return RangePosition{};
    const auto space = std::min(page.after.find(' '), page.after.size());
    const auto range = ImeiRange::parse(std::string_view(page.after).substr(0, space));
    if (!range || !is_storable(page.after)) return std::nullopt;
    RangePosition position{static_cast<std::int64_t>(range->low.number()),
                           static_cast<std::int64_t>(range->high.number())};
    if (space < page.after.size()) position.rest = page.after.substr(space + 1);
    return position;
}

std::int64_t rows_of(const Page& page) {
    return static_cast<std::int64_t>(
        std::min<std::size_t>(page.limit, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace bindhss::store
