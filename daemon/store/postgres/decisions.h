// SPDX-License-Identifier: Apache-2.0
// What operators decide about single subscriptions, beside an import that may run for minutes: a stolen card
// is locked at once.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "store/import_plan.h"

namespace bindhss::store::postgres {

/// Locks, authorisations and refusals alone, of a few subscriptions: rows are all that they need to lock.
[[nodiscard]] bool are_decisions(const std::vector<Item>& items);

/// Subscribers, devices, keys and bindings alone: what names are there does not change.
[[nodiscard]] bool leave_names(const std::vector<Item>& items);
/// Imports that leave names as they are may begin beside each other; one that does not is alone, from its
/// beginning to its end.
void wait_for_names(pqxx::transaction_base& transaction, bool to_change_them);

/// One import at a time, until the end of the transaction: waits for those before.
void wait_for_imports(pqxx::transaction_base& transaction);
/// true: no import runs, and none begins before the end of the transaction.
[[nodiscard]] bool no_import_runs(pqxx::transaction_base& transaction);

/// Requests and decisions about these subscriptions follow one another, in the order in which all lock rows.
void hold_subscribers(pqxx::transaction_base& transaction, const ImportPlan& plan);

/// An import that runs beside a decision sees as little of it as it does of the import: it may give a
/// subscription the key of the devices that were listed before. Such subscriptions are remembered, and
/// settled by whoever comes first when no import runs: the import itself, after its end, or who decided.
void remember_unsettled(pqxx::transaction_base& transaction, const ImportPlan& plan);
/// To be called after every commit of an import or a decision.
void settle_what_is_left(pqxx::connection& connection);

}  // namespace bindhss::store::postgres
