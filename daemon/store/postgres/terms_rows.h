// SPDX-License-Identifier: Apache-2.0
// Terms and subscription groups in PostgreSQL.
#pragma once

#include <pqxx/pqxx>
#include <span>
#include <vector>

#include "store/import_plan.h"
#include "store/postgres/touched.h"

namespace bindhss::store::postgres {

/// The columns of terms as terms_of() reads them, of the tables that `t` (terms) and `p` (its substitute
/// profile, outer-joined) name: a text of SQL.
#define BINDHSS_TERMS_COLUMNS(t, p)                                                                         \
    t ".name, " t ".policy, " t ".acquisition, " t ".on_unauthorised, " t ".on_mismatch, " t                \
      ".on_unproven, " t ".on_shared, " t ".on_insecure, " t ".on_suspicion, " t ".imei_absent_allowed, " t \
      ".detach_on_notify, " t ".require_secure, coalesce(" p ".name, ''), " t ".refuse_next_s"
inline constexpr int terms_columns = 14;
[[nodiscard]] binding::Terms terms_of(const pqxx::row& row, int first);

/// Of one name (absent: all).
[[nodiscard]] std::vector<TermsRow> list_terms(pqxx::transaction_base& transaction,
                                               const std::optional<std::string>& name);
[[nodiscard]] std::vector<SubscriptionGroupRow> list_subscription_groups(pqxx::transaction_base& transaction,
                                                                         const Page& page);

/// One import's changes, in the caller's transaction. Adds to `errors` what only the database can tell.
/// Throws what libpqxx throws.
class TermsImport {
  public:
    TermsImport(pqxx::transaction_base& transaction, Touched& touched, std::vector<LineError>& errors)
        : transaction_(transaction), touched_(touched), errors_(errors) {}

    /// After profiles.
    void put(std::span<const Planned<PutTerms>> terms);
    void set_default(std::span<const Planned<SetDefaultTerms>> terms);
    void put_groups(std::span<const Planned<PutSubscriptionGroup>> chunk);
    /// After subscribers.
    void put_members(std::span<const Planned<PutMember>> chunk);
    /// After members and rules.
    void remove_groups(std::span<const Planned<RemoveSubscriptionGroup>> groups);
    /// After bindings and groups.
    void remove(std::span<const Planned<RemoveTerms>> terms);

  private:
    void check_group_count(std::span<const Planned<PutMember>> chunk);

    pqxx::transaction_base& transaction_;
    Touched& touched_;
    std::vector<LineError>& errors_;
};

}  // namespace bindhss::store::postgres
