// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/decisions.h"

#include <algorithm>
#include <set>

#include "store/postgres/array_literal.h"
#include "store/postgres/touched.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// Two imports at once would not see each other's keys and bindings, and a binding would keep a key that is
// gone. The number is "BindHSS2" in ASCII.
constexpr const char* wait_sql = "SELECT pg_advisory_xact_lock(4784062463441199922)";
// "BindHSS4" in ASCII. Always before the other one.
constexpr const char* change_names_sql = "SELECT pg_advisory_xact_lock(4784062463441199924)";
constexpr const char* keep_names_sql = "SELECT pg_advisory_xact_lock_shared(4784062463441199924)";
constexpr const char* none_runs_sql = "SELECT pg_try_advisory_xact_lock_shared(4784062463441199922)";

constexpr const char* hold_sql =
    "SELECT 1 FROM subscriber WHERE imsi = ANY($1::text[]) ORDER BY imsi FOR NO KEY UPDATE";

constexpr const char* remember_sql = "INSERT INTO unsettled (imsi) SELECT unnest($1::text[])";
constexpr const char* any_left_sql = "SELECT FROM unsettled LIMIT 1";
constexpr const char* left_sql = "SELECT id, imsi FROM unsettled ORDER BY id LIMIT $1";
const std::string these_sql = "SELECT DISTINCT unnest($1::text[])";
// What has come since is not among them.
constexpr const char* forget_sql = "DELETE FROM unsettled WHERE id = ANY($1::bigint[])";

bool is_decision(const Item& item) {
    return std::holds_alternative<SetLock>(item.put) || std::holds_alternative<AuthoriseDevice>(item.put) ||
           std::holds_alternative<RefuseDevice>(item.put);
}

/// false: an import runs, and comes here after its end.
bool settle(pqxx::connection& connection) {
    pqxx::work transaction(connection);
    if (!no_import_runs(transaction)) return false;
    const auto rows = transaction.exec_params(left_sql, static_cast<int>(limits::import_chunk_rows));
    if (rows.empty()) return false;
    ArrayLiteral ids, imsis;
    for (const auto& row : rows) {
        ids.add(row[0].as<std::int64_t>());
        imsis.add_bare(row[1].c_str());
    }
    Touched touched(transaction);
    touched.add(these_sql, imsis.str());
    touched.update();
    transaction.exec_params(forget_sql, ids.str());
    transaction.commit();
    return true;
}

}  // namespace

bool are_decisions(const std::vector<Item>& items) {
    return items.size() <= limits::import_chunk_rows && std::all_of(items.begin(), items.end(), is_decision);
}

bool leave_names(const std::vector<Item>& items) {
    return std::all_of(items.begin(), items.end(), [](const Item& item) {
        return std::holds_alternative<PutSubscriber>(item.put) ||
               std::holds_alternative<PutDevice>(item.put) || std::holds_alternative<PutKme>(item.put) ||
               std::holds_alternative<PutBinding>(item.put) || std::holds_alternative<PutMember>(item.put) ||
               std::holds_alternative<PutEquipment>(item.put);
    });
}

void wait_for_names(pqxx::transaction_base& transaction, bool to_change_them) {
    transaction.exec(to_change_them ? change_names_sql : keep_names_sql);
}

void wait_for_imports(pqxx::transaction_base& transaction) {
    transaction.exec(wait_sql);
}

bool no_import_runs(pqxx::transaction_base& transaction) {
    return transaction.exec(none_runs_sql)[0][0].as<bool>();
}

void hold_subscribers(pqxx::transaction_base& transaction, const ImportPlan& plan) {
    std::set<std::string> held;
    for (const auto& planned : plan.authorisations) held.insert(planned.put->imsi.str());
    for (const auto& planned : plan.refusals) held.insert(planned.put->imsi.str());
    for (const auto& planned : plan.locks) held.insert(planned.put->imsi.str());
    ArrayLiteral imsis;
    for (const auto& imsi : held) imsis.add_bare(imsi);
    transaction.exec_params(hold_sql, imsis.str());
}

void remember_unsettled(pqxx::transaction_base& transaction, const ImportPlan& plan) {
    if (plan.authorisations.empty()) return;
    ArrayLiteral imsis;
    for (const auto& planned : plan.authorisations) imsis.add_bare(planned.put->imsi.digits());
    transaction.exec_params(remember_sql, imsis.str());
}

void settle_what_is_left(pqxx::connection& connection) {
    // As a rule there is nothing.
    const auto any = [&] { return !pqxx::nontransaction(connection).exec(any_left_sql).empty(); };
    while (any() && settle(connection)) {
    }
}

}  // namespace bindhss::store::postgres
