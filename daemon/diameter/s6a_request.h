// SPDX-License-Identifier: Apache-2.0
// What every S6a request of ours begins with, whichever side sends it (TS 29.272 7.2).
#pragma once

#include "diameter/node.h"
#include "types/identity.h"

namespace bindhss::diameter {

/// Of application S13 for ME-Identity-Check, else of S6a. A request with a new Session-Id,
/// Vendor-Specific-Application-Id, Auth-Session-State, Origin-* and Destination-*; an empty host is not sent.
[[nodiscard]] Message make_s6a_request(Node& node, std::uint32_t command_code,
                                       const ServingNode& destination);

}  // namespace bindhss::diameter
