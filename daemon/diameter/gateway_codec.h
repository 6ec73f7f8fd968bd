// SPDX-License-Identifier: Apache-2.0
// MIP6-Agent-Info (RFC 5447 4.2.1): a PDN-GW as Subscription-Data, Active-APN and NOR have it. Pure.
#pragma once

#include "diameter/message.h"
#include "types/subscription_data.h"

namespace bindhss::diameter {

/// Into a MIP6-Agent-Info. An address that is none is left out.
void encode(const PdnGateway& gateway, Message::Group& mip6_agent_info);
/// REQUIRES: a MIP6-Agent-Info that Message::check() accepted. Addresses that are neither IPv4 nor IPv6 are
/// left out, and so is a second one of a family.
[[nodiscard]] PdnGateway decode_gateway(const AvpView& mip6_agent_info);

/// Address of RFC 6733 4.3.1 from and to text; empty or nothing when it is none.
[[nodiscard]] OctetString encode_address(std::string_view text);
[[nodiscard]] std::optional<std::string> decode_address(OctetView octets);

}  // namespace bindhss::diameter
