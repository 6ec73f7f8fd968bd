// SPDX-License-Identifier: Apache-2.0
// Bindings in PostgreSQL: what operators lay down for one subscription.
#pragma once

#include <pqxx/pqxx>
#include <span>
#include <vector>

#include "store/import_plan.h"
#include "store/postgres/touched.h"

namespace bindhss::store::postgres {

/// One import's changes, in the caller's transaction, after those of subscribers, device groups and terms.
/// Adds to `errors` what only the database can tell. Throws what libpqxx throws.
class Bindings {
  public:
    Bindings(pqxx::transaction_base& transaction, Touched& touched, std::vector<LineError>& errors)
        : transaction_(transaction), touched_(touched), errors_(errors) {}

    void put(std::span<const Planned<PutBinding>> chunk);
    void authorise(std::span<const Planned<AuthoriseDevice>> chunk);
    void refuse(std::span<const Planned<RefuseDevice>> chunk);
    void lock(std::span<const Planned<SetLock>> chunk);

  private:
    template <class T>
    bool all_known(std::span<const Planned<T>> chunk);
    void check_device_count(std::span<const Planned<AuthoriseDevice>> chunk);

    pqxx::transaction_base& transaction_;
    Touched& touched_;
    std::vector<LineError>& errors_;
};

}  // namespace bindhss::store::postgres
