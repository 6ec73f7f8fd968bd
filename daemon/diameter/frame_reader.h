// SPDX-License-Identifier: Apache-2.0
// Cuts Diameter messages out of a stream of octets (RFC 6733 3).
#pragma once

#include <optional>
#include <span>

#include "diameter/message.h"

namespace bindhss::diameter {

/// The input buffer of one connection; used on its strand. Holds limits::read_buffer_octets at most, and
/// little for a peer that sends little.
class FrameReader {
  public:
    FrameReader();

    /// Where the next read may put octets; never empty. Views of frames end here.
    [[nodiscard]] std::span<std::uint8_t> space();
    void received(std::size_t octets) { end_ += octets; }

    /// The next whole message, or nothing. A view into the buffer.
    [[nodiscard]] std::optional<OctetView> next();
    /// What follows is no Diameter message, and so is all the rest of the stream.
    [[nodiscard]] bool broken() const { return broken_; }

  private:
    OctetString buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool broken_ = false;
};

}  // namespace bindhss::diameter
