// SPDX-License-Identifier: Apache-2.0
// DiameterIdentity (RFC 6733 4.3.1): a host name or realm, in ASCII, compared without case.
#pragma once

#include <string>
#include <string_view>

namespace bindhss {

[[nodiscard]] std::string lower_case(std::string_view identity);
[[nodiscard]] bool same_identity(std::string_view a, std::string_view b);

}  // namespace bindhss
