// SPDX-License-Identifier: Apache-2.0
// AVPs as octets (RFC 6733 4.1), read without a dictionary and without trust. Pure.
#pragma once

#include <optional>

#include "diameter/message.h"

namespace bindhss::diameter {

namespace avp_flag {
inline constexpr std::uint8_t vendor = 0x80;
inline constexpr std::uint8_t mandatory = 0x40;
}  // namespace avp_flag

/// One AVP in a buffer; the views are as long-lived as that buffer.
struct RawAvp {
    AvpId id{0};
    std::uint8_t flags = 0;
    OctetView payload;
    OctetView encoded;  ///< header and payload, without padding

    [[nodiscard]] bool has_vendor() const { return (flags & avp_flag::vendor) != 0; }
    [[nodiscard]] bool mandatory() const { return (flags & avp_flag::mandatory) != 0; }
};

/// Walks a list of AVPs. After next() has returned nothing, rest() is empty unless the list is broken there.
class AvpCursor {
  public:
    explicit AvpCursor(OctetView list) : rest_(list) {}
    std::optional<RawAvp> next();
    [[nodiscard]] OctetView rest() const { return rest_; }
    [[nodiscard]] bool broken() const { return !rest_.empty(); }

  private:
    OctetView rest_;
};

/// REQUIRES: a whole message.
void set_hop_by_hop(OctetString& message, std::uint32_t id);

/// An AVP with its header, unpadded.
[[nodiscard]] OctetString encode_avp(AvpId id, std::uint8_t flags, OctetView payload);

}  // namespace bindhss::diameter
