// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/statements.h"

#include "store/postgres/equipment.h"
#include "types/aka.h"

namespace bindhss::store::postgres {
namespace {

// The limits below are written into SQL text.
static_assert(Sqn::ind_count == 32);
static_assert(Sqn::seq_issue_max == 8'796'093'022'207 - 268'435'456);

// SQL has a layout of its own.
// clang-format off

// Policies 3 and 4 need a key (binding::needs_kme). GREATEST passes over a NULL.
#define PROFILE_HAS_APN(id) "EXISTS (SELECT FROM profile_apn n WHERE n.profile_id = " id ")"
#define HAS_EPS "(SELECT " PROFILE_HAS_APN("s.profile_id") " FROM subscriber s WHERE s.imsi = a.imsi)"
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
     // As a rule every profile has an APN: found once a statement, and no subscriber is looked at.
     "   AND ((SELECT bool_and(" PROFILE_HAS_APN("p.id") ") FROM profile p) OR " HAS_EPS ")"
     " RETURNING r.position - 1, a.seq, " GRANTED ", array_position(a.ind_node, r.node) - 1,"
     "   " SEALED},

    {statement::locked_rows,
     "WITH unlocked AS MATERIALIZED"
     "   (SELECT imsi FROM auc WHERE imsi = ANY($1::text[]) FOR NO KEY UPDATE SKIP LOCKED)"
     " SELECT a.imsi FROM auc a WHERE a.imsi = ANY($1::text[])"
     "   AND NOT EXISTS (SELECT FROM unlocked u WHERE u.imsi = a.imsi)"},

    {statement::reserve_refusal,
     "SELECT a.imsi, " HAS_EPS ", a.policy >= 3 AND a.kme_id = 0, a.seq FROM auc a WHERE a.imsi = ANY($1::text[])"},

    // DO UPDATE rather than DO NOTHING: it returns the row of whoever came first.
    {statement::serving_node,
     "INSERT INTO serving_node (host, realm) VALUES ($1, $2)"
     " ON CONFLICT (host, realm) DO UPDATE SET host = excluded.host RETURNING id"},

    {statement::load_authentication,
     "SELECT " HAS_EPS ", " SEALED
     " FROM auc a JOIN kme m ON m.id = a.kme_id WHERE a.imsi = $1"},

    // Everything that an Update-Location decides on, in one row. Lists are text: devices "low-high,...", APNs
    // "context|apn|pdn type|qci|level|capability|vulnerability|uplink|downlink;...".
    {statement::load_subscriber,
     "SELECT s.msisdn, p.access_restriction_data, p.operator_determined_barring, p.rau_tau_timer_s,"
     " p.charging_characteristics, p.ambr_uplink, p.ambr_downlink, p.default_context_identifier,"
     " (SELECT string_agg(concat_ws('|', n.context_identifier, n.service_selection, n.pdn_type, n.qci,"
     "   n.arp_priority_level, n.arp_preemption_capability::integer, n.arp_preemption_vulnerability::integer,"
     "   coalesce(n.ambr_uplink::text, ''), coalesce(n.ambr_downlink::text, '')), ';'"
     "   ORDER BY n.context_identifier) FROM profile_apn n WHERE n.profile_id = p.id) AS apns,"
     " a.policy, a.kme_id,"
     " (SELECT string_agg(d.imei_lo || '-' || d.imei_hi, ',' ORDER BY d.position)"
     "   FROM binding_device d WHERE d.imsi = s.imsi) AS devices,"
     " (SELECT string_agg(v.imei_lo || '-' || v.imei_hi, ',') FROM (SELECT imei_lo, imei_hi FROM device"
     "   WHERE group_id = b.group_id ORDER BY imei_lo LIMIT $4) v) AS group_devices,"
     " g.host, g.realm, g.visited_plmn, g.terminal_reported, g.imei, g.svn, g.imei_invalid, g.verified, g.purged,"
     " " EPOCH_MS("g.registered_at") ","
     " (SELECT t.imei FROM association t WHERE t.imsi = s.imsi"
     "   ORDER BY t.last_seen DESC, t.stored_at DESC LIMIT 1) AS last_seen,"
     " " EPOCH_MS("a.ind_pre_processed_at[i.slot]") ", " EPOCH_MS("a.ind_regular_at[i.slot]") ", a.ind_kme_id[i.slot]"
     " FROM subscriber s JOIN profile p ON p.id = s.profile_id JOIN auc a ON a.imsi = s.imsi"
     " LEFT JOIN binding b ON b.imsi = s.imsi"
     " LEFT JOIN registration g ON g.imsi = s.imsi AND g.domain = 'mme'"
     " LEFT JOIN serving_node o ON o.host = $2 AND o.realm = $3"
     " LEFT JOIN LATERAL (SELECT array_position(a.ind_node, o.id) AS slot) i ON true"
     " WHERE s.imsi = $1"},

    // Orders the Update-Locations of one subscription: the next statement sees what the one before it stored.
    {statement::lock_subscriber, "SELECT 1 FROM subscriber WHERE imsi = $1 FOR NO KEY UPDATE"},

    {statement::register_mme,
     "WITH consumed AS (UPDATE auc a SET ind_regular_at[array_position(a.ind_node, o.id)] = NULL FROM serving_node o"
     "   WHERE a.imsi = $1 AND o.host = $2 AND o.realm = $3"
     "   AND a.ind_regular_at[array_position(a.ind_node, o.id)] IS NOT NULL),"
     " stored AS (INSERT INTO registration (imsi, host, realm, visited_plmn, terminal_reported, imei, svn,"
     "     imei_invalid, verified, purged, registered_at)"
     "   VALUES ($1, $2, $3, $4::bytea, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000))"
     "   ON CONFLICT (imsi, domain) DO UPDATE SET host = excluded.host, realm = excluded.realm,"
     "     visited_plmn = excluded.visited_plmn, terminal_reported = excluded.terminal_reported,"
     "     imei = excluded.imei, svn = excluded.svn, imei_invalid = excluded.imei_invalid,"
     "     verified = excluded.verified, purged = excluded.purged, registered_at = excluded.registered_at),"
     " seen AS (INSERT INTO association (imsi, imei, svn, first_seen, last_seen, host)"
     "   SELECT $1, $6::bigint, coalesce($7, ''), to_timestamp($11::float8 / 1000),"
     "     to_timestamp($11::float8 / 1000), $2 WHERE $6::bigint IS NOT NULL"
     "   ON CONFLICT (imsi, imei, svn) DO UPDATE SET last_seen = excluded.last_seen, host = excluded.host,"
     "     stored_at = excluded.stored_at)"
     " SELECT g.host, g.realm, g.visited_plmn, g.terminal_reported, g.imei, g.svn, g.imei_invalid, g.verified,"
     " g.purged, " EPOCH_MS("g.registered_at") " FROM registration g WHERE g.imsi = $1 AND g.domain = 'mme'"},

    {statement::load_equipment, load_equipment_sql},

    {statement::record_alarm,
     "INSERT INTO alarm AS a (name, severity, imsi, imei, peer, detail, first_at, last_at)"
     " VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), to_timestamp($7::float8 / 1000))"
     " ON CONFLICT (name, imsi, imei, peer) WHERE cleared_at IS NULL"
     " DO UPDATE SET count = a.count + 1, last_at = greatest(a.last_at, excluded.last_at), detail = excluded.detail"},
};

// clang-format on

}  // namespace

std::span<const Statement> statements() {
    return table;
}

}  // namespace bindhss::store::postgres
