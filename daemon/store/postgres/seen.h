// SPDX-License-Identifier: Apache-2.0
// Which subscriptions and devices were seen together, with all that judges them, in PostgreSQL.
#pragma once

#include <pqxx/pqxx>

#include "store/provisioning.h"

namespace bindhss::store::postgres {

/// Provisioning::seen and Provisioning::pair, in the caller's transaction. Throw what libpqxx throws, and
/// std::runtime_error when the database holds what it never should. REQUIRES: for a page, a transaction of
/// its own, whose settings are changed.
[[nodiscard]] SeenPage seen_page(pqxx::transaction_base& transaction, const SeenFilter& filter,
                                 const std::optional<SeenPosition>& after, std::size_t limit);
[[nodiscard]] std::optional<SeenPair> seen_pair(pqxx::transaction_base& transaction, const Imsi& imsi,
                                                const TerminalInformation& device);

}  // namespace bindhss::store::postgres
