// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/session.h"

#include <poll.h>

#include <algorithm>

#include "store/postgres/restore.h"
#include "store/postgres/statements.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

void forbid_reconnecting(pqxx::connection& connection) {
    // Version 6.4 calls this deprecated because version 7 never reconnects.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Session::Session(const std::string& conninfo, std::chrono::milliseconds deadline)
    : connection_(std::make_unique<pqxx::connection>(conninfo)) {
    forbid_reconnecting(*connection_);
    pqxx::nontransaction setup(*connection_);
    // Every statement of the service is a look-up by key. A generic plan made while the tables were small
    // must not outlive their growth as a sequential scan, and none is worth a second process.
    setup.exec(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;"
        " SET enable_mergejoin = off; SET jit = off; SET max_parallel_workers_per_gather = 0; SET "
        "bytea_output = hex;"
        " SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = " +
        std::to_string(limits::store_lock_wait_ms) +
        "; SET statement_timeout = " + std::to_string(deadline.count()));
    // While a restore is being finished nobody is served: a SEQ that is not ahead yet may have been issued.
    const auto may_serve = "SELECT pg_try_advisory_lock_shared(" + std::to_string(serving_lock) + ")";
    if (!setup.exec(may_serve)[0][0].as<bool>())
        throw pqxx::broken_connection("bindhssd --after-restore is at work on this database");
    // A SEQ must be durable before it is used (I7); what is stricter than "on" is the operator's choice.
    setup.exec(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') IN ('off', 'local')");
    setup.commit();
    for (const auto& [name, sql] : statements()) connection_->prepare(name, sql);
    for (const auto& [name, sql] : registration_statements()) connection_->prepare(name, sql);
    for (const auto& [name, sql] : binding_statements()) connection_->prepare(name, sql);
    for (const auto& [name, sql] : upkeep_statements()) connection_->prepare(name, sql);
    for (const auto& [name, sql] : exchange_statements()) connection_->prepare(name, sql);
}

pqxx::result Session::run(const char* statement, const Parameters& parameters) {
    pqxx::nontransaction transaction(*connection_);
    return run(transaction, statement, parameters);
}

pqxx::result Session::run(pqxx::transaction_base& transaction, const char* statement,
                          const Parameters& parameters) {
    const auto pointers = parameters.pointers();
    return transaction.exec_prepared(statement,
                                     pqxx::prepare::make_dynamic_params(pointers.begin(), pointers.end()));
}

bool Session::alive() const {
    pollfd entry{descriptor(), POLLIN | POLLRDHUP, 0};
    if (!open()) return false;
    // An idle connection has nothing to read but its end (or the notice before it).
    return ::poll(&entry, 1, 0) == 0;
}

std::string describe(const std::exception& error) {
    std::string text = error.what();
    // PostgreSQL adds DETAIL, CONTEXT and the like on further lines; they may quote values.
    text.resize(std::min(text.find('\n'), text.size()));
    return text;
}

bool worth_another_try(const std::exception& error) {
    // libpqxx has classes of its own for 40P01 and 40001, which are no sql_error.
    if (dynamic_cast<const pqxx::statement_completion_unknown*>(&error) != nullptr) return false;
    if (dynamic_cast<const pqxx::transaction_rollback*>(&error) != nullptr) return true;
    return waited_for_lock(error);
}

bool waited_for_lock(const std::exception& error) {
    const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
    return sql != nullptr && sql->sqlstate() == "55P03";
}

bool wants_another_server(const pqxx::sql_error& error) {
    const auto& state = error.sqlstate();
    return state.empty() || state.starts_with("57P") || state.starts_with("08") || state == "25006";
}

}  // namespace bindhss::store::postgres
