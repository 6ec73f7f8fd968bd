// SPDX-License-Identifier: Apache-2.0
// What is of interest about a database for somebody who looks after it.
#pragma once

#include <string>

#include "types/seams.h"

namespace bindhss::store::postgres {

struct DatabaseLook {
    std::string version;   ///< of the server: "15.8"
    WallTime now;          ///< by its clock
    bool writable = true;  ///< it is no standby
    std::uint64_t octets = 0;
    std::int64_t connections = 0;  ///< all programs together
    std::int64_t connections_max = 0;
};

/// Blocking; any thread. Throws Unavailable (provisioning.h).
[[nodiscard]] DatabaseLook look_at_database(const std::string& url);

}  // namespace bindhss::store::postgres
