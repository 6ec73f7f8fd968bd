// SPDX-License-Identifier: Apache-2.0
#include "procedure/unfit_nodes.h"

#include "types/limits.h"

namespace bindhss::procedure {

void UnfitNodes::add(const std::string& host) {
    const std::lock_guard lock(mutex_);
    if (hosts_.size() < limits::unfit_nodes_max) hosts_.insert(host);
}

bool UnfitNodes::contains(const std::string& host) const {
    const std::lock_guard lock(mutex_);
    return hosts_.contains(host);
}

}  // namespace bindhss::procedure
