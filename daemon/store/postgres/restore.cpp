// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/restore.h"

#include <optional>
#include <stdexcept>
#include <thread>

#include "store/postgres/own_connection.h"
#include "store/postgres/provisioning.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

constexpr const char* who = "bindhssd --after-restore";

// Of all daemons: their users see one another's connections only when they are the same.
constexpr const char* daemons_sql =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
    "'bindhssd'";

// A page, and where it ends: nothing, when it was the last one.
constexpr const char* lift_sql =
    "WITH page AS (SELECT imsi, seq FROM auc WHERE imsi > $1 ORDER BY imsi LIMIT $2 FOR NO KEY UPDATE),"
    " lifted AS (UPDATE auc a SET seq = greatest(a.seq, least(a.seq + $3::bigint, $4::bigint)) FROM page p"
    "   WHERE a.imsi = p.imsi RETURNING p.seq + $3::bigint > $4::bigint AS at_end)"
    " SELECT (SELECT max(imsi) FROM page), count(*), count(*) FILTER (WHERE at_end) FROM lifted";

constexpr const char* audit_sql = "INSERT INTO audit (who, what, detail) VALUES ($1, 'finish restore', $2)";

/// Keeps daemons from serving, as long as the connection lives; false: one serves. Daemons of before that
/// lock are known by their names.
bool hold_off_daemons(pqxx::transaction_base& transaction) {
    static const auto lock_sql = "SELECT pg_try_advisory_lock(" + std::to_string(serving_lock) + ")";
    return transaction.exec(lock_sql)[0][0].as<bool>() && transaction.exec(daemons_sql)[0][0].as<long>() == 0;
}

bool is_served(OwnConnection& connection) {
    return connection.reading(
        [](pqxx::transaction_base& transaction) { return !hold_off_daemons(transaction); });
}

/// Of a daemon that has just ended PostgreSQL takes a moment to notice.
void refuse_while_serving(OwnConnection& connection) {
    for (int tries = 0; is_served(connection); ++tries) {
        if (tries == limits::restore_wait_ms / limits::poll_ms)
            throw std::runtime_error(
                "a bindhssd is connected to this database: stop every one, and try again");
        std::this_thread::sleep_for(std::chrono::milliseconds(limits::poll_ms));
    }
}

}  // namespace

Restored finish_restore(const std::string& url, const crypto::KeyRing& keys, Random& random,
                        std::uint64_t ahead, const std::function<void(std::uint64_t)>& progress) {
    OwnConnection connection(url, "bindhssd-restore");
    refuse_while_serving(connection);
    Restored restored;
    std::optional<std::string> after = std::string();
    while (after) {
        after = connection.with_connection([&](pqxx::connection& open) -> std::optional<std::string> {
            pqxx::work transaction(open);
            if (!hold_off_daemons(transaction)) throw std::runtime_error("a bindhssd has come meanwhile");
            const auto rows = transaction.exec_params(lift_sql, *after, limits::restore_page_rows,
                                                      static_cast<std::int64_t>(ahead),
                                                      static_cast<std::int64_t>(Sqn::seq_issue_max));
            transaction.commit();
            restored.lifted += rows[0][1].as<std::uint64_t>();
            restored.exhausted += rows[0][2].as<std::uint64_t>();
            if (rows[0][0].is_null()) return std::nullopt;
            return std::string(rows[0][0].c_str());
        });
        progress(restored.lifted);
    }
    PostgresProvisioning provisioning(url, keys, random);
    provisioning.act_as(who);
    NodeOrder order;
    order.kind = NodeRequest::Kind::reset;
    restored.nodes = provisioning.order(order).size();
    connection.with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        transaction.exec_params(audit_sql, std::string(who),
                                "SEQ of " + std::to_string(restored.lifted) + " subscriptions " +
                                    std::to_string(ahead) + " ahead");
        transaction.commit();
        return 0;
    });
    return restored;
}

}  // namespace bindhss::store::postgres
