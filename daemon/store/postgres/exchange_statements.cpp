// SPDX-License-Identifier: Apache-2.0
// The exchange that gives a device its key; the transactions themselves are functions of the schema.
#include "store/postgres/registration_rows.h"
#include "store/postgres/statements.h"

namespace bindhss::store::postgres {
namespace {

// SQL has a layout of its own.
// clang-format off

#define AT(parameter) "to_timestamp(" parameter "::float8 / 1000)"
#define EACH_AT(parameter) \
    "ARRAY(SELECT " AT("u.ms") " FROM unnest(" parameter "::bigint[]) WITH ORDINALITY AS u (ms, place) ORDER BY u.place)"
#define EPOCH_MS(expression) "(extract(epoch FROM " expression ") * 1000)::bigint"
// What a crash of the server may take along: nobody waits for the disk.
#define NO_WAIT "set_config('synchronous_commit', 'off', true) = 'off'"
// Several daemons do this: none waits for another one.
#define OLDEST(table, time, before) \
    "DELETE FROM " table " WHERE imsi = ANY (ARRAY(SELECT imsi FROM " table " WHERE " time " < " before \
    " ORDER BY " time " LIMIT $2::bigint FOR UPDATE SKIP LOCKED))"

constexpr Statement table[] = {
    // Each of the first three is for several subscriptions at once, sorted by IMSI: their rows are locked in that order.
    // Behind the first, what was seen is kept: as the statement has found the table, so that a new device is not among those
    // which stay.
    {statement::begin_exchange,
     "WITH seen AS (" BINDHSS_REMEMBER_DEVICES("(SELECT u.imsi, u.imei, u.svn, " AT("u.at_ms") " AS at, u.host, u.provenance"
     "   FROM unnest($1::text[], $2::bigint[], $17::text[], $15::bigint[], $10::text[], $18::smallint[])"
     "     AS u (imsi, imei, svn, at_ms, host, provenance) JOIN subscriber b ON b.imsi = u.imsi"
     "   WHERE u.provenance IS NOT NULL) q") "),"
     " forgotten AS (DELETE FROM association c USING seen s, LATERAL (SELECT o.ctid FROM association o WHERE o.imsi = s.imsi"
     "     ORDER BY o.last_seen DESC, o.stored_at DESC OFFSET $19::bigint - 1) o WHERE s.is_new AND c.ctid = o.ctid)"
     " SELECT b.place - 1, b.refused, b.given, b.kept, (b.chosen).type, (b.chosen).fingerprint, (b.chosen).der,"
     "   (b.chosen).origin, " EPOCH_MS("(b.chosen).valid_from") ", " EPOCH_MS("(b.chosen).valid_until") ","
     "   (b.chosen).secure, " EPOCH_MS("(b.chosen).added_at")
     " FROM begin_kme_exchanges($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::smallint[],"
     "   " EACH_AT("$7") ", $8::smallint[], $9::smallint[], $10::text[], $11::text[], $12::bigint[], $13::boolean[],"
     "   $16::integer, " EACH_AT("$14") ", " EACH_AT("$15") ") b"},

    {statement::finish_exchange,
     "SELECT f.place - 1, f.stored FROM finish_kme_exchanges($1::text[], $2::bytea[], $3::text[], $4::boolean[], $5::bytea[],"
     "   $6::text[], $7::text[], $8::integer, " EACH_AT("$9") ") f"},

    {statement::keep_session,
     "INSERT INTO kme_session (imsi, secret, expires_at)"
     " SELECT q.imsi, q.secret, " AT("q.until") " FROM unnest($1::text[], $2::bytea[], $3::bigint[]) AS q (imsi, secret, until)"
     "   JOIN subscriber s ON s.imsi = q.imsi WHERE " NO_WAIT
     " ON CONFLICT (imsi) DO UPDATE SET secret = excluded.secret, expires_at = excluded.expires_at"},

    // By its key whatever the statistics say, as in 0018_lookups_by_key.sql: so too in exchange_pending.
    {statement::load_exchange,
     "SELECT imsi, imei, generation, secret, rand_algorithm, " EPOCH_MS("not_after") ", occasion, way, host, realm,"
     "   " EPOCH_MS("deadline") " FROM (SELECT * FROM kme_exchange WHERE transaction = $1::bytea LIMIT 1) e"
     " WHERE deadline >= " AT("$2")},

    {statement::exchange_secret,
     "SELECT imei, generation, secret FROM kme_exchange WHERE transaction = $1::bytea AND imsi = $2"},

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
     "SELECT coalesce((SELECT deadline >= " AT("$2") " FROM kme_exchange WHERE imsi = $1), false)"},

    // Of several at once, each with its place among them.
    {statement::has_come_again,
     "SELECT q.place - 1, coalesce(a.ind_pre_processed_at[array_position(a.ind_node, n.id)] >= " AT("q.since") ", false)"
     " FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS q (imsi, host, realm, since, place)"
     "   JOIN auc a ON a.imsi = q.imsi LEFT JOIN serving_node n ON n.host = q.host AND n.realm = q.realm"},

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
