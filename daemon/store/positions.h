// SPDX-License-Identifier: Apache-2.0
// Where a page of a list begins: Page::after, as the lists' rows are named (provisioning.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "store/listing.h"

namespace bindhss::store {

/// The rows behind this name follow; nothing: no row is named so, and none follows.
template <class Key>
using Position = std::optional<Key>;

/// Names that are texts (IMSI, names of profiles and groups).
[[nodiscard]] Position<std::string> text_position(const Page& page);
/// Numbers that grow; 0 from the start.
[[nodiscard]] Position<std::int64_t> number_position(const Page& page);
/// The same of lists that go downwards: the highest number from the start.
[[nodiscard]] Position<std::int64_t> number_position_down(const Page& page);
/// "<text> <number>": {"", -1} from the start.
[[nodiscard]] Position<std::pair<std::string, std::int64_t>> numbered_position(const Page& page);
/// "<text> <text>", the second without a space.
[[nodiscard]] Position<std::pair<std::string, std::string>> pair_position(const Page& page);

/// A range of devices by its numbers: {0, 0} from the start.
struct RangePosition {
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::string rest;  ///< of "<range> <rest>"
};
[[nodiscard]] Position<RangePosition> range_position(const Page& page);

/// Can the store hold such a text at all? What it cannot hold is not asked for.
[[nodiscard]] bool is_storable(const std::string& text);

/// For LIMIT.
[[nodiscard]] std::int64_t rows_of(const Page& page);

}  // namespace bindhss::store
