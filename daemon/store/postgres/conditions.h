// SPDX-License-Identifier: Apache-2.0
// What a change of an operator is tied to: a row that is as its author saw it, a key under which it happens
// once.
#pragma once

#include <pqxx/pqxx>

#include "store/provisioning.h"

namespace bindhss::store::postgres {

// In the transaction of the change. Both throw what libpqxx throws.

/// Is the row as the guard wants it? It stays so until the end of the transaction, for all who ask this; a
/// row that is not there too.
[[nodiscard]] bool holds(pqxx::transaction_base& transaction, const Guard& guard);

/// Stores the key, and waits for a twin that has stored it and not ended. Nothing: it is new. To be called
/// before any other lock is taken, so that two with one key wait in one order.
[[nodiscard]] std::optional<Applied::Outcome> asked_before(pqxx::transaction_base& transaction,
                                                           const Once& once);

}  // namespace bindhss::store::postgres
