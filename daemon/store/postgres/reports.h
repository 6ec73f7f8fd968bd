// SPDX-License-Identifier: Apache-2.0
// Lists for operators, in PostgreSQL.
#pragma once

#include <pqxx/pqxx>
#include <vector>

#include "store/import_plan.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

// Each reads a page (provisioning.h says how), and throws what libpqxx throws, or std::runtime_error when the
// database holds what it never should.
[[nodiscard]] std::optional<SubscriberRow> subscriber_row(pqxx::transaction_base& transaction,
                                                          const Imsi& imsi);
[[nodiscard]] std::vector<SubscriberRow> subscriber_rows(pqxx::transaction_base& transaction,
                                                         const SubscriberFilter& filter, const Page& page);
[[nodiscard]] std::optional<DeviceRow> device_row(pqxx::transaction_base& transaction,
                                                  const ImeiRange& range);
[[nodiscard]] std::vector<DeviceRow> device_rows(pqxx::transaction_base& transaction,
                                                 const DeviceFilter& filter, const Page& page);
[[nodiscard]] std::vector<EquipmentEntry> equipment_rows(pqxx::transaction_base& transaction,
                                                         const Page& page);
[[nodiscard]] std::vector<RegistrationRow> registration_rows(pqxx::transaction_base& transaction,
                                                             const RegistrationFilter& filter,
                                                             const Page& page);
[[nodiscard]] std::optional<ProfileRow> profile_row(pqxx::transaction_base& transaction,
                                                    const std::string& name);
[[nodiscard]] std::vector<ProfileRow> profile_rows(pqxx::transaction_base& transaction, const Page& page);
[[nodiscard]] std::vector<KmeRow> kme_rows(pqxx::transaction_base& transaction,
                                           const std::optional<std::variant<Imei, std::string>>& owner,
                                           const Page& page);
[[nodiscard]] std::vector<ApprovalRow> approval_rows(pqxx::transaction_base& transaction, const Page& page);

/// Of a row's field. Throws std::runtime_error when it holds none.
[[nodiscard]] Imsi imsi_of(const pqxx::field& field);

}  // namespace bindhss::store::postgres
