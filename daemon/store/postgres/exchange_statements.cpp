// SPDX-License-Identifier: Apache-2.0
// The exchange that gives a device its key; the transactions themselves are functions of the schema.
#include "store/postgres/statements.h"

namespace bindhss::store::postgres {
namespace {

// SQL has a layout of its own.
// clang-format off

#define AT(parameter) "to_timestamp(" parameter "::float8 / 1000)"
#define EPOCH_MS(expression) "(extract(epoch FROM " expression ") * 1000)::bigint"
// Several daemons do this: none waits for another one.
#define OLDEST(table, time, before) \
    "DELETE FROM " table " WHERE imsi = ANY (ARRAY(SELECT imsi FROM " table " WHERE " time " < " before \
    " ORDER BY " time " LIMIT $2::bigint FOR UPDATE SKIP LOCKED))"

constexpr Statement table[] = {
    {statement::begin_exchange,
     "SELECT b.refused, b.given, b.kept, (b.chosen).type, (b.chosen).fingerprint, (b.chosen).der, (b.chosen).origin,"
     "   " EPOCH_MS("(b.chosen).valid_from") ", " EPOCH_MS("(b.chosen).valid_until") ", (b.chosen).secure,"
     "   " EPOCH_MS("(b.chosen).added_at")
     " FROM begin_kme_exchange($1, $2::bigint, $3, $4::bytea, $5::bytea, $6::smallint, " AT("$7") ", $8::smallint,"
     "   $9::smallint, $10, $11, $12::bigint, $13::boolean, $14::integer, " AT("$15") ", " AT("$16") ") b"},

    {statement::load_exchange,
     "SELECT imsi, imei, generation, secret, rand_algorithm, " EPOCH_MS("not_after") ", occasion, way, host, realm,"
     "   " EPOCH_MS("deadline") " FROM kme_exchange WHERE transaction = $1::bytea AND deadline >= " AT("$2")},

    {statement::exchange_secret,
     "SELECT imei, generation, secret FROM kme_exchange WHERE transaction = $1::bytea AND imsi = $2"},

    {statement::finish_exchange,
     "SELECT finish_kme_exchange($1, $2::bytea, $3, $4::boolean, $5::bytea, $6, $7::integer[], $8::integer, " AT("$9") ")"},

    // As statement::take_requests returns them.
    {statement::reattach_unproven,
     "WITH gone AS (UPDATE registration SET purged = true, telling_at = NULL, telling_attempts = 0"
     "   WHERE imsi = $1 AND NOT verified AND NOT purged RETURNING imsi, host, realm, domain)"
     " INSERT INTO node_request AS r (kind, imsi, host, realm, domain, cancellation_type, reattach_required, created_at,"
     "   not_before)"
     " SELECT 'cancel_location', imsi, host, realm, domain, $2::smallint, true, " AT("$3") ", " AT("$4") " FROM gone"
     " RETURNING r.id, r.kind, r.imsi, r.host, r.realm, r.domain, r.cancellation_type, r.reattach_required,"
     "   r.idr_flags, r.user_ids, r.attempts, " EPOCH_MS("r.created_at")},

    {statement::abort_exchange, "DELETE FROM kme_exchange WHERE imsi = $1 AND ($2 = '' OR host = $2)"},

    {statement::exchange_pending,
     "SELECT EXISTS (SELECT FROM kme_exchange WHERE imsi = $1 AND deadline >= " AT("$2") ")"},

    {statement::keep_session,
     "INSERT INTO kme_session (imsi, secret, expires_at)"
     " SELECT imsi, $2::bytea, " AT("$3") " FROM subscriber WHERE imsi = $1"
     " ON CONFLICT (imsi) DO UPDATE SET secret = excluded.secret, expires_at = excluded.expires_at"},

    {statement::load_restricted,
     "SELECT s.msisdn, p.version, p.data::text FROM subscriber s LEFT JOIN profile p ON p.name = $2 WHERE s.imsi = $1"},

    {statement::sweep_exchanges,
     "WITH overdue AS (" OLDEST("kme_exchange", "deadline", AT("$1") " - make_interval(secs => $3::float8)") "),"
     " forgotten AS (" OLDEST("kme_pause", "not_before", AT("$1") " - make_interval(secs => $4::float8)") ")"
     " " OLDEST("kme_session", "expires_at", AT("$1"))},
};

// clang-format on

}  // namespace

std::span<const Statement> exchange_statements() {
    return table;
}

}  // namespace bindhss::store::postgres
