// SPDX-License-Identifier: Apache-2.0
// What the detector tells of alarms, in PostgreSQL.
#pragma once

#include <vector>

#include "alarm/outlet.h"
#include "log/log.h"
#include "store/postgres/session.h"

namespace bindhss::store::postgres {

/// Store::record_alarms(): all in one transaction, or none.
void record_alarms(Session& session, const std::vector<alarm::Notice>& notices, log::Logger& log);

}  // namespace bindhss::store::postgres
