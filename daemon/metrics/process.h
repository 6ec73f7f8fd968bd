// SPDX-License-Identifier: Apache-2.0
// The process itself, as the kernel tells of it.
#pragma once

#include "metrics/page.h"

namespace bindhss::metrics {

/// The families process_*. What the kernel does not tell is left out.
void put_process(Page& page);

}  // namespace bindhss::metrics
