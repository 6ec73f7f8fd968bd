// SPDX-License-Identifier: Apache-2.0
// What an access leaves of evidence, locks and questions.
#include "store/postgres/binding_rows.h"
#include "store/postgres/statements.h"

namespace bindhss::store::postgres {
namespace {

// SQL has a layout of its own.
// clang-format off

#define AT(parameter) "to_timestamp(" parameter "::float8 / 1000)"

constexpr Statement table[] = {
    // The keys that a binding may be under, as far as they differ: devices of one binding may share a key (R2), and
    // then it is tried once. `next` is the one after the active one; `proven` is the one that a proof names.
    {statement::load_standing,
     "SELECT f.policy, f.on_suspicion, " BINDHSS_STANDING_COLUMNS("a") ","
     "   cardinality(c.ids), coalesce(c.ids[1 + coalesce(array_position(c.kcvs, m.kcv), 0) % greatest("
     "     cardinality(c.ids), 1)], a.kme_id),"
     "   coalesce((SELECT p.kme_id FROM candidate_kmes($1) p WHERE p.kme_id = $2::bigint), a.kme_id), a.kme_id"
     " FROM auc a JOIN terms_in_force f ON f.source = a.terms_from JOIN kme m ON m.id = a.kme_id"
     " CROSS JOIN LATERAL (SELECT array_agg(d.kme_id ORDER BY d.place) AS ids, array_agg(d.kcv ORDER BY d.place) AS kcvs"
     "   FROM (SELECT DISTINCT ON (k.kcv) k.kcv, n.kme_id, n.place FROM candidate_kmes($1) n"
     "     JOIN kme k ON k.id = n.kme_id ORDER BY k.kcv, n.place) d) c"
     " WHERE a.imsi = $1 FOR NO KEY UPDATE OF a"},

    {statement::store_standing,
     "UPDATE auc SET state = $2, strong = $3, weak = $4, turns = $5, kme_id = $6,"
     " proved_at = CASE WHEN $7::boolean THEN " AT("$8") " ELSE proved_at END,"
     " open_at = CASE WHEN $7::boolean THEN NULL ELSE open_at END WHERE imsi = $1"},

    // The device's own key, or that of the narrowest group that it is in. Place -1 is the key of the binding's own group.
    {statement::find_kme,
     "SELECT (SELECT c.kme_id FROM candidate_kmes($1) c JOIN kme k ON k.id = c.kme_id"
     "   LEFT JOIN LATERAL (SELECT v.imei_hi - v.imei_lo AS width FROM devices_holding($2::bigint) v"
     "     WHERE v.group_id = k.group_id ORDER BY 1 LIMIT 1) g ON true"
     "   WHERE (k.imei = $2::bigint OR g.width IS NOT NULL) AND (c.place < 0 OR EXISTS (SELECT FROM binding_device d"
     "     WHERE d.imsi = $1 AND $2::bigint BETWEEN d.imei_lo + 0 AND d.imei_hi))"
     "   ORDER BY k.imei = $2::bigint NULLS LAST, g.width, c.place LIMIT 1)"
     " FROM auc WHERE imsi = $1"},

    // A key that somebody is replacing just now is not waited for: it is none that can still be chosen.
    {statement::prove_kme,
     "WITH held AS MATERIALIZED (SELECT k.id FROM kme k WHERE k.id = $2::bigint AND k.state = 'active'"
     "   FOR SHARE SKIP LOCKED)"
     " UPDATE auc a SET kme_id = h.id FROM held h WHERE a.imsi = $1 AND a.kme_id <> h.id"
     "   AND EXISTS (SELECT FROM candidate_kmes($1) c WHERE c.kme_id = h.id)"},

    {statement::lock_binding, "UPDATE auc SET state = 2 WHERE imsi = $1 AND state <> 2"},

    {statement::refuse_next, "UPDATE auc SET refuse_until = " AT("$2") " WHERE imsi = $1"},

    {statement::ask_operator,
     "INSERT INTO approval AS q (imsi, imei, svn, host, first_at, last_at)"
     " VALUES ($1, $2::bigint, coalesce($3, ''), $4, " AT("$5") ", " AT("$5") ")"
     " ON CONFLICT (imsi, imei) DO UPDATE SET svn = excluded.svn, host = excluded.host,"
     "   last_at = greatest(q.last_at, excluded.last_at), count = q.count + 1"
     " RETURNING q.count = 1"},

    {statement::forget_approvals,
     "DELETE FROM approval q USING (SELECT imei FROM approval WHERE imsi = $1"
     "   ORDER BY last_at DESC, first_at DESC, imei OFFSET $2::bigint) o WHERE q.imsi = $1 AND q.imei = o.imei"},

    // Orders an Update-Location that acquires a device and an operator who lists some.
    {statement::hold_binding,
     "INSERT INTO binding (imsi) VALUES ($1) ON CONFLICT (imsi) DO UPDATE SET changed_at = now()"},

    // Whether it was added, and whether it was listed before.
    {statement::acquire_device,
     "WITH answered AS (DELETE FROM approval WHERE imsi = $1 AND imei = $2::bigint),"
     " added AS (INSERT INTO binding_device (imsi, position, imei_lo, imei_hi) SELECT $1, 0, $2::bigint, $2::bigint"
     " WHERE NOT EXISTS (SELECT FROM binding_device d WHERE d.imsi = $1)"
     "   AND NOT EXISTS (SELECT FROM binding b WHERE b.imsi = $1 AND b.group_id IS NOT NULL) RETURNING 1)"
     " SELECT EXISTS (SELECT FROM added),"
     "   EXISTS (SELECT FROM binding_device d WHERE d.imsi = $1 AND $2::bigint BETWEEN d.imei_lo + 0 AND d.imei_hi)"
     "   OR EXISTS (SELECT FROM binding b, devices_holding($2::bigint) v WHERE b.imsi = $1 AND v.group_id = b.group_id)"},

    {statement::renew_kme,
     "UPDATE auc SET kme_id = active_kme(imsi, kme_id) WHERE imsi = $1 AND kme_id <> active_kme(imsi, kme_id)"},

    // A B-AV that the node had, and that it cannot use any more: told of once.
    {statement::take_open_vector,
     "UPDATE auc a SET open_at = NULL FROM serving_node n, terms_in_force f"
     " WHERE a.imsi = $1 AND n.host = $2 AND n.realm = $3 AND a.open_node = n.id AND a.open_at IS NOT NULL"
     "   AND f.source = a.terms_from AND f.policy >= 3 RETURNING 1"},
};

// clang-format on

}  // namespace

std::span<const Statement> binding_statements() {
    return table;
}

}  // namespace bindhss::store::postgres
