// SPDX-License-Identifier: Apache-2.0
#include "records/bounded_lines.h"

#include <algorithm>
#include <utility>

namespace bindhss::records {

bool BoundedLines::fill() {
    constexpr std::size_t block_octets = 64 * 1024;
    block_.resize(block_octets);
    at_ = 0;
    in_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
    block_.resize(static_cast<std::size_t>(in_.gcount()));
    if (in_.bad()) throw BadFile("the file cannot be read to its end");
    return !block_.empty();
}

std::optional<BoundedLine> BoundedLines::next() {
    if (again_) return std::exchange(again_, std::nullopt);
    if (at_ == block_.size() && !fill()) return std::nullopt;
    BoundedLine line{{}, ++number_};
    for (bool ended = false; !ended && (at_ < block_.size() || fill());) {
        const auto end = std::min(block_.find('\n', at_), block_.size());
        const auto room = octets_max_ - line.text.size();
        line.too_long = line.too_long || end - at_ > room;
        line.text.append(block_, at_, std::min(end - at_, room));
        ended = end < block_.size();
        at_ = ended ? end + 1 : end;
    }
    if (line.text.ends_with('\r')) line.text.pop_back();
    return line;
}

}  // namespace bindhss::records
