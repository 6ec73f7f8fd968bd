// SPDX-License-Identifier: Apache-2.0
// Audit and alarms as operators read and change them, in PostgreSQL.
#pragma once

#include <pqxx/pqxx>
#include <vector>

#include "store/import_plan.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

// As reports.h has it.
[[nodiscard]] std::vector<AuditRow> audit_rows(pqxx::transaction_base& transaction, const AuditFilter& filter,
                                               const Page& page);
[[nodiscard]] std::vector<AlarmRow> alarm_rows(pqxx::transaction_base& transaction, const AlarmFilter& filter,
                                               const Page& page);

/// Both concern open alarms, and return how many.
[[nodiscard]] std::uint64_t acknowledge_alarms(pqxx::transaction_base& transaction,
                                               const AlarmSelection& which, const std::string& who);
[[nodiscard]] std::uint64_t clear_alarms(pqxx::transaction_base& transaction, const AlarmSelection& which,
                                         const std::string& who);

/// In the same transaction as what settles them, right before its end.
void clear_settled_alarms(pqxx::transaction_base& transaction, const std::vector<SettledAlarm>& settled,
                          const std::string& who);

}  // namespace bindhss::store::postgres
