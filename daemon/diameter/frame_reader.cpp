// SPDX-License-Identifier: Apache-2.0
#include "diameter/frame_reader.h"

#include <algorithm>
#include <cstring>

#include "types/limits.h"

namespace bindhss::diameter {

FrameReader::FrameReader() : buffer_(limits::read_buffer_octets_min) {}

std::span<std::uint8_t> FrameReader::space() {
    // A read that filled the buffer, or a message larger than half of it: this peer has use for more.
    const bool grow = end_ == buffer_.size() || end_ - begin_ > buffer_.size() / 2;
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (grow) buffer_.resize(std::min(limits::read_buffer_octets, buffer_.size() * 2));
    return std::span(buffer_).subspan(end_);
}

std::optional<OctetView> FrameReader::next() {
    const auto rest = OctetView(buffer_).subspan(begin_, end_ - begin_);
    if (broken_ || rest.size() < header_octets) return std::nullopt;
    const auto header = Header::read(rest);
    if (!header) {
        broken_ = true;
        return std::nullopt;
    }
    if (header->length > rest.size()) return std::nullopt;
    begin_ += header->length;
    return rest.first(header->length);
}

}  // namespace bindhss::diameter
