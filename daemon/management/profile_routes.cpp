// SPDX-License-Identifier: Apache-2.0
#include "management/route.h"

namespace bindhss::management {

std::span<const Route> profile_routes() {
    return {};
}

}  // namespace bindhss::management
