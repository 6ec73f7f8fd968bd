// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/statements.h"

#include "store/postgres/equipment.h"
#include "store/postgres/registration_rows.h"
#include "types/aka.h"

namespace bindhss::store::postgres {
namespace {

// The limits below are written into SQL text.
static_assert(Sqn::ind_count == 32);
static_assert(Sqn::seq_issue_max == 8'796'093'022'207 - 268'435'456);

// SQL has a layout of its own.
// clang-format off

// Policies 3 and 4 need a key (binding::needs_kme). GREATEST passes over a NULL.
#define HAS_SERVICE \
    "(SELECT coalesce(s.has_service, p.has_service) FROM subscriber s JOIN profile p ON p.id = s.profile_id" \
    " WHERE s.imsi = a.imsi)"
#define GRANTED "CASE WHEN a.policy >= 3 THEN 1 ELSE r.n END"
#define NEW_SEQ "greatest(a.seq, r.at_least) + " GRANTED
#define SLOT "auc_slot(a.ind_node, a.ind_seq, r.node)"
#define KEPT(column) "a." column "[array_position(a.ind_node, r.node)]"
#define ISSUED_AT "to_timestamp(r.at_ms::float8 / 1000)"
// As sealed_of() reads them.
#define SEALED "a.k, a.opc, a.amf, a.policy, a.algorithm, a.tuak_iterations, a.res_octets, a.sim_only,"\
    " m.id, m.key, m.owner, m.generation"
#define EPOCH_MS(expression) "(extract(epoch FROM " expression ") * 1000)::bigint"

constexpr Statement table[] = {
    // One batch of AIRs. Rows come sorted by IMSI and are locked in that order. A row that may not be given a SEQ is
    // left out, and reserve_refusal tells why. What a node's slot held is kept unless the slot changes hands.
    {statement::reserve,
     "UPDATE auc AS a SET seq = " NEW_SEQ ","
     " ind_node[" SLOT "] = r.node,"
     " ind_seq[" SLOT "] = " NEW_SEQ ","
     " ind_pre_processed_at[" SLOT "] ="
     "   CASE WHEN a.policy >= 3 THEN " ISSUED_AT " ELSE " KEPT("ind_pre_processed_at") " END,"
     " ind_regular_at[" SLOT "] ="
     "   CASE WHEN a.policy < 3 THEN " ISSUED_AT " ELSE " KEPT("ind_regular_at") " END,"
     " ind_kme_id[" SLOT "] ="
     "   CASE WHEN a.policy >= 3 THEN a.kme_id ELSE " KEPT("ind_kme_id") " END"
     " FROM unnest($1::text[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[])"
     "   WITH ORDINALITY AS r (imsi, node, n, at_least, at_ms, position), kme AS m"
     " WHERE a.imsi = r.imsi AND m.id = a.kme_id AND (a.policy < 3 OR a.kme_id <> 0)"
     "   AND " NEW_SEQ " <= 8795824586751"
     // As a rule everybody has service: found once a statement, and no subscriber is looked at.
     "   AND (((SELECT bool_and(p.has_service) FROM profile p)"
     "     AND NOT EXISTS (SELECT FROM subscriber s WHERE s.has_service = false)) OR " HAS_SERVICE ")"
     " RETURNING r.position - 1, a.seq, " GRANTED ", array_position(a.ind_node, r.node) - 1,"
     "   " SEALED},

    {statement::locked_rows,
     "WITH unlocked AS MATERIALIZED"
     "   (SELECT imsi FROM auc WHERE imsi = ANY($1::text[]) FOR NO KEY UPDATE SKIP LOCKED)"
     " SELECT a.imsi FROM auc a WHERE a.imsi = ANY($1::text[])"
     "   AND NOT EXISTS (SELECT FROM unlocked u WHERE u.imsi = a.imsi)"},

    {statement::reserve_refusal,
     "SELECT a.imsi, " HAS_SERVICE ", a.policy >= 3 AND a.kme_id = 0, a.seq FROM auc a WHERE a.imsi = ANY($1::text[])"},

    // DO UPDATE rather than DO NOTHING: it returns the row of whoever came first.
    {statement::serving_node,
     "INSERT INTO serving_node (host, realm) VALUES ($1, $2)"
     " ON CONFLICT (host, realm) DO UPDATE SET host = excluded.host RETURNING id"},

    {statement::load_authentication,
     "SELECT " HAS_SERVICE ", " SEALED
     " FROM auc a JOIN kme m ON m.id = a.kme_id WHERE a.imsi = $1"},

    // Everything that an Update-Location decides on, in one row. Devices are text: "low-high,...".
    {statement::load_subscriber,
     "SELECT s.msisdn, p.version, p.data::text, s.override::text,"
     " a.policy, a.kme_id,"
     " (SELECT string_agg(d.imei_lo || '-' || d.imei_hi, ',' ORDER BY d.position)"
     "   FROM binding_device d WHERE d.imsi = s.imsi) AS devices,"
     " (SELECT string_agg(v.imei_lo || '-' || v.imei_hi, ',') FROM (SELECT imei_lo, imei_hi FROM device"
     "   WHERE group_id = b.group_id ORDER BY imei_lo LIMIT $4) v) AS group_devices,"
     " (SELECT t.imei FROM association t WHERE t.imsi = s.imsi"
     "   ORDER BY t.last_seen DESC, t.stored_at DESC LIMIT 1) AS last_seen,"
     " " EPOCH_MS("a.ind_pre_processed_at[i.slot]") ", " EPOCH_MS("a.ind_regular_at[i.slot]") ", a.ind_kme_id[i.slot],"
     " " BINDHSS_REGISTRATION_COLUMNS("g") ", " BINDHSS_REGISTRATION_COLUMNS("h")
     " FROM subscriber s JOIN profile p ON p.id = s.profile_id JOIN auc a ON a.imsi = s.imsi"
     " LEFT JOIN binding b ON b.imsi = s.imsi"
     " LEFT JOIN registration g ON g.imsi = s.imsi AND g.domain = 'mme'"
     " LEFT JOIN registration h ON h.imsi = s.imsi AND h.domain = 'sgsn'"
     " LEFT JOIN serving_node o ON o.host = $2 AND o.realm = $3"
     " LEFT JOIN LATERAL (SELECT array_position(a.ind_node, o.id) AS slot) i ON true"
     " WHERE s.imsi = $1"},

    {statement::load_equipment, load_equipment_sql},

    {statement::record_alarm,
     "INSERT INTO alarm AS a (name, severity, imsi, imei, peer, detail, first_at, last_at, count)"
     " VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), to_timestamp($7::float8 / 1000), $8::bigint)"
     " ON CONFLICT (name, imsi, imei, peer) WHERE cleared_at IS NULL"
     " DO UPDATE SET count = a.count + excluded.count, last_at = greatest(a.last_at, excluded.last_at),"
     " detail = excluded.detail,"
     // Another daemon may have escalated it; and who had acknowledged the lesser one looks again.
     " severity = CASE WHEN $9::boolean THEN excluded.severity ELSE a.severity END,"
     " acknowledged_by = CASE WHEN $9::boolean THEN '' ELSE a.acknowledged_by END,"
     " acknowledged_at = CASE WHEN $9::boolean THEN NULL ELSE a.acknowledged_at END"},

    // What the notice leaves empty matches anything: where and in which device it began is not always known.
    {statement::clear_alarm,
     "UPDATE alarm SET cleared_at = to_timestamp($5::float8 / 1000), count = count + $6::bigint"
     " WHERE name = $1 AND cleared_at IS NULL AND ($2 = '' OR imsi = $2) AND ($3 = '' OR imei = $3)"
     " AND ($4 = '' OR peer = $4)"},
};

// clang-format on

}  // namespace

std::span<const Statement> statements() {
    return table;
}

}  // namespace bindhss::store::postgres
