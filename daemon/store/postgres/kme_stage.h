// SPDX-License-Identifier: Apache-2.0
// Keys on their way into the database: sealed and collected in a temporary table, so that a million of them
// need no memory here and may come in any order, then stored at once.
#pragma once

#include <pqxx/pqxx>
#include <span>
#include <string>
#include <vector>

#include "crypto/key_ring.h"
#include "store/import_plan.h"
#include "store/postgres/touched.h"

namespace bindhss::store::postgres {

struct KmeCounts {
    std::uint64_t added = 0;
    std::uint64_t replaced = 0;
    std::uint64_t unchanged = 0;
};

/// One import's keys, in the caller's transaction: add() as often as wanted, then store() once, after the
/// groups that have keys are stored. Throws what libpqxx throws. REQUIRES: keys and random outlive it; nobody
/// else stores keys meanwhile.
class KmeStage {
  public:
    KmeStage(pqxx::dbtransaction& transaction, const crypto::KeyRing& keys, Random& random)
        : transaction_(transaction), keys_(keys), random_(random) {}

    /// REQUIRES: the keys have 16 or 32 octets.
    void add(std::span<const KmeRecord> records);
    /// Stores them, unless something is wrong with one: of several of one owner and generation the last. Adds
    /// to `touched` whose active key may be another one now. Returns the first errors,
    /// limits::import_chunk_rows at most; with any nothing is stored.
    std::vector<LineError> store(Touched& touched);
    [[nodiscard]] const KmeCounts& counts() const { return counts_; }

  private:
    std::vector<LineError> put();

    pqxx::dbtransaction& transaction_;
    const crypto::KeyRing& keys_;
    Random& random_;
    KmeCounts counts_;
    std::uint64_t rows_ = 0;
};

/// Retires what is planned; adds the errors, and to `touched` whose key is gone.
void retire_kmes(pqxx::transaction_base& transaction, std::span<const Planned<RetireKme>> retirements,
                 Touched& touched, std::vector<LineError>& errors);

}  // namespace bindhss::store::postgres
