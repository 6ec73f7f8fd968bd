// SPDX-License-Identifier: Apache-2.0
// What operators did with alarms, and the end of records that have grown old.
#pragma once

#include "store/postgres/session.h"
#include "store/store.h"

namespace bindhss::store::postgres {

/// As Store::alarm_acts and Store::delete_old. Throw what libpqxx throws.
[[nodiscard]] Result<AlarmActs> alarm_acts(Session& session, std::optional<std::int64_t> after,
                                           std::uint32_t limit);
[[nodiscard]] Result<std::uint64_t> delete_old(Session& session, OldRecords what, std::chrono::seconds keep,
                                               std::uint32_t limit);

}  // namespace bindhss::store::postgres
