// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/restore.h"

#include <optional>
#include <stdexcept>
#include <thread>

#include "store/postgres/own_connection.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

constexpr const char* who = "bindhssd --after-restore";

// Of all daemons: their users see one another's connections only when they are the same.
constexpr const char* daemons_sql =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
    "'bindhssd'";

// A page, and where it ends: nothing, when it was the last one. What the copy says of vectors is older than
// those that were issued, so it proves nothing (spec 4.7, I1), and none of them is waited for. Whoever may
// have been given a regular one (R33: the key is missing, or suspicion is followed by a new one) is taken to
// have one open at each node (I2), and what was proven before is not inherited.
constexpr const char* lift_sql =
    "WITH page AS (SELECT a.imsi, a.seq, coalesce((SELECT f.policy >= 3 AND (a.kme_id = 0 OR f.on_suspicion "
    "= 1)"
    "     FROM terms_in_force f WHERE f.source = a.terms_from), false) AS may_have_regular"
    "   FROM auc a WHERE a.imsi > $1 ORDER BY a.imsi LIMIT $2 FOR NO KEY UPDATE),"
    " lifted AS (UPDATE auc a SET seq = greatest(a.seq, least(a.seq + $3::bigint, $4::bigint)),"
    "     ind_pre_processed_at = '{}', open_at = NULL, unanswered = false,"
    "     ind_regular_at = CASE WHEN p.may_have_regular THEN array_fill(now(), "
    "ARRAY[cardinality(a.ind_node)],"
    "       ARRAY[coalesce(array_lower(a.ind_node, 1), 1)]) ELSE a.ind_regular_at END"
    "   FROM page p WHERE a.imsi = p.imsi RETURNING p.seq + $3::bigint > $4::bigint AS at_end),"
    " unproven AS (UPDATE registration g SET verified = false FROM page p"
    "   WHERE g.imsi = p.imsi AND p.may_have_regular AND g.verified RETURNING 1)"
    " SELECT (SELECT max(imsi) FROM page), count(*), count(*) FILTER (WHERE at_end), (SELECT count(*) FROM "
    "unproven)"
    " FROM lifted";

// What was to be sent is of a past that has gone on: a UE may be registered again where it was to be
// cancelled. All known nodes are told to reset instead (TS 23.007 6), also those that serve nobody here: whom
// they have served since the backup was made comes out with the next Update-Location.
constexpr const char* reset_sql =
    "WITH dropped AS (DELETE FROM node_request RETURNING host, realm),"
    " reset AS (INSERT INTO node_request (kind, host, realm)"
    "   SELECT 'reset', n.host, n.realm FROM (SELECT host, realm FROM dropped"
    "     UNION SELECT host, realm FROM registration WHERE NOT purged"
    "     UNION SELECT host, realm FROM serving_node) n RETURNING 1)"
    " SELECT (SELECT count(*) FROM dropped), (SELECT count(*) FROM reset)";

constexpr const char* audit_sql = "INSERT INTO audit (who, what, detail) VALUES ($1, 'finish restore', $2)";

/// Keeps daemons from serving, as long as the connection lives; false: one serves.
bool hold_lock(pqxx::transaction_base& transaction) {
    static const auto lock_sql = "SELECT pg_try_advisory_lock(" + std::to_string(serving_lock) + ")";
    return transaction.exec(lock_sql)[0][0].as<bool>();
}

/// Daemons of before that lock are known by their names.
bool hold_off_daemons(pqxx::transaction_base& transaction) {
    return hold_lock(transaction) && transaction.exec(daemons_sql)[0][0].as<long>() == 0;
}

bool is_served(OwnConnection& connection) {
    return connection.reading(
        [](pqxx::transaction_base& transaction) { return !hold_off_daemons(transaction); });
}

/// Of a daemon that has just ended PostgreSQL takes a moment to notice.
void refuse_while_serving(OwnConnection& connection) {
    for (int tries = 0; is_served(connection); ++tries) {
        if (tries == limits::restore_wait_ms / limits::poll_ms) {
            throw std::runtime_error(
                "a bindhssd is connected to this database: stop every one, and try again");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(limits::poll_ms));
    }
}

/// The connection may be another one by now.
void keep_lock(pqxx::transaction_base& transaction) {
    if (!hold_lock(transaction)) throw std::runtime_error("a bindhssd has come meanwhile");
}

/// Returns where the page ends.
std::optional<std::string> lift_page(pqxx::connection& open, const std::string& after, std::uint64_t ahead,
                                     Restored& restored) {
    pqxx::work transaction(open);
    keep_lock(transaction);
    const auto rows =
        transaction.exec_params(lift_sql, after, limits::restore_page_rows, static_cast<std::int64_t>(ahead),
                                static_cast<std::int64_t>(Sqn::seq_issue_max));
    transaction.commit();
    restored.lifted += rows[0][1].as<std::uint64_t>();
    restored.exhausted += rows[0][2].as<std::uint64_t>();
    restored.unproven += rows[0][3].as<std::uint64_t>();
    if (rows[0][0].is_null()) return std::nullopt;
    return std::string(rows[0][0].c_str());
}

std::string detail_of(const Restored& restored, std::uint64_t ahead) {
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    return "SEQ of " + text(restored.lifted) + " subscriptions " + text(ahead) + " ahead, " +
           text(restored.unproven) + " registrations to be proven again, " + text(restored.dropped) +
           " old requests to nodes dropped, " + text(restored.nodes) + " nodes to reset";
}

void replace_requests(pqxx::connection& open, std::uint64_t ahead, Restored& restored) {
    pqxx::work transaction(open);
    keep_lock(transaction);
    const auto rows = transaction.exec(reset_sql);
    restored.dropped = rows[0][0].as<std::uint64_t>();
    restored.nodes = rows[0][1].as<std::uint64_t>();
    transaction.exec_params(audit_sql, std::string(who), detail_of(restored, ahead));
    // Who is started right after need not wait for the end of this connection.
    transaction.exec("SELECT pg_advisory_unlock_all()");
    transaction.commit();
}

}  // namespace

Restored finish_restore(const std::string& url, std::uint64_t ahead,
                        const std::function<void(std::uint64_t)>& progress) {
    OwnConnection connection(url, "bindhssd-restore");
    refuse_while_serving(connection);
    Restored restored;
    std::optional<std::string> after = std::string();
    while (after) {
        after = connection.with_connection(
            [&](pqxx::connection& open) { return lift_page(open, *after, ahead, restored); });
        progress(restored.lifted);
    }
    // A daemon of before the lock may have come meanwhile; one that it kept off may still be on its way out.
    refuse_while_serving(connection);
    connection.with_connection([&](pqxx::connection& open) { replace_requests(open, ahead, restored); });
    return restored;
}

}  // namespace bindhss::store::postgres
