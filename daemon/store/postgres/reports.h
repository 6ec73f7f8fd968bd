// SPDX-License-Identifier: Apache-2.0
// Lists for operators, in PostgreSQL.
#pragma once

#include <pqxx/pqxx>
#include <vector>

#include "store/import_plan.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

// Each takes rows at most, and throws what libpqxx throws, or std::runtime_error when the database holds what
// it never should.
[[nodiscard]] std::optional<SubscriberRow> subscriber_row(pqxx::transaction_base& transaction,
                                                          const Imsi& imsi);
[[nodiscard]] std::vector<SubscriberRow> subscriber_rows(pqxx::transaction_base& transaction,
                                                         std::int64_t limit);
[[nodiscard]] std::vector<DeviceRow> device_rows(pqxx::transaction_base& transaction, std::int64_t limit);
[[nodiscard]] std::vector<RegistrationRow> registration_rows(pqxx::transaction_base& transaction,
                                                             std::int64_t limit);
[[nodiscard]] std::vector<KmeRow> kme_rows(pqxx::transaction_base& transaction,
                                           const std::optional<std::variant<Imei, std::string>>& owner,
                                           std::int64_t limit);
[[nodiscard]] std::vector<ApprovalRow> approval_rows(pqxx::transaction_base& transaction, std::int64_t limit);
[[nodiscard]] std::vector<AuditRow> audit_rows(pqxx::transaction_base& transaction, std::int64_t limit);
[[nodiscard]] std::vector<AlarmRow> alarm_rows(pqxx::transaction_base& transaction, std::int64_t limit,
                                               bool cleared);

/// Both concern open alarms, and return how many.
[[nodiscard]] std::uint64_t acknowledge_alarms(pqxx::transaction_base& transaction,
                                               const AlarmSelection& which, const std::string& who);
[[nodiscard]] std::uint64_t clear_alarms(pqxx::transaction_base& transaction, const AlarmSelection& which,
                                         const std::string& who);

/// Of a row's field. Throws std::runtime_error when it holds none.
[[nodiscard]] Imsi imsi_of(const pqxx::field& field);

/// In the same transaction as what settles them, right before its end.
void clear_settled_alarms(pqxx::transaction_base& transaction, const std::vector<SettledAlarm>& settled,
                          const std::string& who);

}  // namespace bindhss::store::postgres
