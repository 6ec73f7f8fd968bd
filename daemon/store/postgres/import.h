// SPDX-License-Identifier: Apache-2.0
// The statements of an import: many rows each, all within the caller's transaction.
#pragma once

#include <functional>
#include <pqxx/pqxx>

#include "crypto/key_ring.h"
#include "store/import_plan.h"

namespace bindhss::store::postgres {

/// Names that the database has.
[[nodiscard]] KnownNames known_names(pqxx::transaction_base& transaction);

/// Stores a plan without errors; adds to plan.errors what only the database can tell. Calls `before_keys`
/// when subscribers are stored, and before anything is that decides on keys or terms. Throws what libpqxx
/// throws.
void store_plan(pqxx::dbtransaction& transaction, ImportPlan& plan, const crypto::KeyRing& keys,
                Random& random, const std::function<void()>& before_keys);

/// Tells of what was stored, who did it, and by which request of the API.
void write_audit(pqxx::transaction_base& transaction, const std::string& who,
                 const std::vector<AuditEntry>& entries, const std::string& request = {});

}  // namespace bindhss::store::postgres
