// SPDX-License-Identifier: Apache-2.0
// Profiles, and what subscribers have of them, in PostgreSQL: the part of an import that changes what nodes
// are told.
#pragma once

#include <map>
#include <pqxx/pqxx>
#include <set>
#include <span>
#include <string>

#include "store/import_plan.h"

namespace bindhss::store::postgres {

/// Name, version, subscribers, document.
[[nodiscard]] ProfileRow profile_of(const pqxx::row& row);

/// One import's changes, in the caller's transaction: profiles, then subscribers chunk by chunk, those
/// to remove, then finish(). Adds to plan.errors what only the database can tell. Throws what libpqxx throws.
class Subscriptions {
  public:
    Subscriptions(pqxx::transaction_base& transaction, ImportPlan& plan)
        : transaction_(transaction), plan_(plan) {}

    void put_profiles();
    /// The rows of subscribers, without their keys.
    void put_subscribers(std::span<const Planned<PutSubscriber>> chunk);
    void remove_subscribers();
    /// After terms: removes profiles, checks what changed, and tells the daemons that there is something to
    /// tell.
    void finish();

  private:
    void remove_profiles();
    void check_overrides();
    void check(const pqxx::result& rows, bool of_profile);

    pqxx::transaction_base& transaction_;
    ImportPlan& plan_;
    std::map<std::string, std::size_t> changed_profiles_;     ///< name to line
    std::map<std::string, std::size_t> changed_subscribers_;  ///< IMSI to line
};

}  // namespace bindhss::store::postgres
