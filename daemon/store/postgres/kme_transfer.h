// SPDX-License-Identifier: Apache-2.0
// Keys by the million, in and out, in PostgreSQL.
#pragma once

#include <functional>
#include <pqxx/pqxx>

#include "crypto/key_ring.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

/// Who does something, and what it is, for the audit: texts that a column can hold.
struct Deed {
    std::string who;
    std::string what;
    std::string request;  ///< of the API; empty: none
};

/// Provisioning::import_kmes in the caller's transaction, which holds the lock of imports; the audit is
/// written. The caller commits unless there are errors. Throws what libpqxx and `source` throw.
[[nodiscard]] KmeImport import_kmes(pqxx::dbtransaction& transaction, KmeSource& source,
                                    const crypto::KeyRing& keys, Random& random, const Deed& deed);

/// Tells the audit what is about to leave.
void announce_export(pqxx::transaction_base& transaction, const std::optional<ImeiRange>& range,
                     const Deed& deed);
/// Provisioning::export_kmes in the caller's transaction. Throws what libpqxx and `visit` throw, and
/// std::runtime_error when a seal does not open.
std::uint64_t export_kmes(pqxx::transaction_base& transaction, const std::optional<ImeiRange>& range,
                          const crypto::KeyRing& keys, const std::function<void(const KmeRecord&)>& visit);

}  // namespace bindhss::store::postgres
