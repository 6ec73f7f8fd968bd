// SPDX-License-Identifier: Apache-2.0
// Rules between subscriptions and devices, and device models, in PostgreSQL.
#pragma once

#include <pqxx/pqxx>
#include <span>
#include <vector>

#include "store/import_plan.h"

namespace bindhss::store::postgres {

/// The columns of a rule as rule_of() reads them, of the tables that `r` (rule), `s` (subscription_group) and
/// `d` (device_group, both outer-joined) name: a text of SQL.
#define BINDHSS_RULE_COLUMNS(r, s, d)                                                                        \
    r ".id, " r ".subscription_low, " r ".subscription_high, coalesce(" s ".name, ''), " r ".device_low, " r \
      ".device_high, coalesce(" d ".name, ''), " r ".svns, " r ".allow, " r                                  \
      ".priority, (extract(epoch FROM " r ".valid_from) * 1000)::bigint, (extract(epoch FROM " r             \
      ".valid_until) * 1000)::bigint, " r ".comment"
/// Throws std::runtime_error when the database holds what it never should.
[[nodiscard]] binding::Rule rule_of(const pqxx::row& row, int first);

/// Those that may decide on a subscriber (absent: all), by id.
[[nodiscard]] std::vector<binding::Rule> list_rules(pqxx::transaction_base& transaction,
                                                    const std::optional<Imsi>& imsi, const Page& page);
/// As Provisioning::rule_like.
[[nodiscard]] std::optional<std::int64_t> rule_like(pqxx::transaction_base& transaction,
                                                    const binding::Rule& rule);
[[nodiscard]] std::vector<DeviceModelRow> list_device_models(pqxx::transaction_base& transaction,
                                                             const Page& page);

/// One import's changes, in the caller's transaction, after those of groups of both kinds; adds to `errors`
/// what only the database can tell. Throws what libpqxx throws.
void put_rules(pqxx::transaction_base& transaction, std::span<const Planned<PutRule>> chunk,
               std::vector<LineError>& errors);
void remove_rules(pqxx::transaction_base& transaction, std::span<const Planned<RemoveRule>> chunk,
                  std::vector<LineError>& errors);
void put_device_models(pqxx::transaction_base& transaction, std::span<const Planned<PutDeviceModel>> chunk);

}  // namespace bindhss::store::postgres
