// SPDX-License-Identifier: Apache-2.0
// Users of this machine as the audit names them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace bindhss::management {

/// What stands in the audit may not act on a terminal, nor fill it: cut, and without control characters.
[[nodiscard]] std::string plain(std::string_view text);
/// Asks the name service, which may ask the network; the number of one that it does not know.
[[nodiscard]] std::string user_name(::uid_t uid);
[[nodiscard]] std::string host_name();

}  // namespace bindhss::management
