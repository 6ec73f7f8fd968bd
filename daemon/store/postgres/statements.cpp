// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/statements.h"

#include "store/postgres/binding_rows.h"
#include "store/postgres/equipment.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/terms_rows.h"
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
#define GRANTED "CASE WHEN f.policy >= 3 THEN 1 ELSE r.n END"
#define NEW_SEQ "greatest(a.seq, r.at_least) + " GRANTED
#define SLOT "auc_slot(a.ind_node, a.ind_seq, r.node, a.mme_node, a.sgsn_node)"
#define KEPT(column) "a." column "[array_position(a.ind_node, r.node)]"
// As store::Regular numbers it.
#define REGULAR "(r.regular = 2 OR r.regular = 1 AND a.kme_id = 0)"
#define PRE_PROCESSED "(f.policy >= 3 AND NOT " REGULAR ")"
// The active key is in the row; only one that was asked for is looked up.
#define KME "CASE WHEN r.kme_id IS NULL OR " REGULAR " THEN a.kme_id ELSE kme_for(a.imsi, r.kme_id, a.kme_id) END"
// A vector for where the UE is registered is answered without anybody hearing of it: nothing waits for it.
#define WATCHED "(" PRE_PROCESSED " AND a.mme_node IS DISTINCT FROM r.node AND a.sgsn_node IS DISTINCT FROM r.node)"
// As binding::is_unanswered() has it.
#define UNANSWERED "(" WATCHED " AND r.at_least IS NULL AND coalesce(a.open_at <= r.patient_since, false))"
// As sealed_of() reads them.
#define SEALED "a.k, a.opc, a.amf, f.policy, a.algorithm, a.tuak_iterations, a.res_octets, a.sim_only,"\
    " m.id, m.key, m.owner, m.generation, " EPOCH_MS("m.not_after")
// An AUTS that was accepted before, or one older than it; and another request that was given the vector meanwhile.
#define REPLAYED "coalesce(r.auts_sqn < a.auts_sqn" \
    " OR r.auts_sqn = a.auts_sqn AND r.auts_fingerprint = a.auts_fingerprint, false)"
// Who has no key is given one for the first time, and spends nothing of what re-provisioning may.
#define REPROVISION "(r.regular = 2 AND f.policy >= 3 AND a.kme_id <> 0)"
#define REPROVISIONED "(" REPROVISION \
    " AND a.reprovisions[cardinality(a.reprovisions)] IS DISTINCT FROM r.last_regular_at)"
#define AT_MS(column) "to_timestamp(" column "::float8 / 1000)"
#define EPOCH_MS(expression) "(extract(epoch FROM " expression ") * 1000)::bigint"

constexpr Statement table[] = {
    // One batch of AIRs. Rows come sorted by IMSI and are locked in that order. A row that may not be given a SEQ is
    // left out, and reserve_refusal tells why. What a node's slot held is kept unless the slot changes hands; but a
    // B-AV proves nothing any more once an R-AV has followed it, and an R-AV is dead in the USIM when an AUTS says that
    // SQN has passed it (spec 4.7, I2). An AUTS answers what was open, and so does the sign that is told of: the B-AV of
    // this request is the oldest one then.
    {statement::reserve,
     "UPDATE auc AS a SET seq = " NEW_SEQ ","
     " ind_node[" SLOT "] = r.node,"
     " ind_seq[" SLOT "] = " NEW_SEQ ","
     " ind_pre_processed_at[" SLOT "] ="
     "   CASE WHEN " PRE_PROCESSED " THEN r.at END,"
     " ind_regular_at[" SLOT "] ="
     "   CASE WHEN NOT " PRE_PROCESSED " THEN r.at"
     "     WHEN r.at_least >= " KEPT("ind_seq") " THEN NULL ELSE " KEPT("ind_regular_at") " END,"
     " ind_several_at[" SLOT "] ="
     "   CASE WHEN " GRANTED " > 1 THEN r.at"
     "     WHEN r.at_least >= " KEPT("ind_seq") " THEN NULL ELSE " KEPT("ind_several_at") " END,"
     " ind_kme_id[" SLOT "] ="
     "   CASE WHEN " PRE_PROCESSED " THEN m.id ELSE " KEPT("ind_kme_id") " END,"
     " open_at = CASE WHEN " WATCHED
     "   AND (a.open_at IS NULL OR r.at_least IS NOT NULL OR a.open_at <= r.patient_since)"
     "   THEN r.at ELSE a.open_at END,"
     " open_node = CASE WHEN " WATCHED " THEN r.node ELSE a.open_node END,"
     " unanswered = " UNANSWERED ","
     " reprovisions = CASE WHEN " REPROVISION
     "   THEN (a.reprovisions || r.at)[greatest(cardinality(a.reprovisions) - 14, 1):] ELSE a.reprovisions END,"
     " auts_sqn = coalesce(r.auts_sqn, a.auts_sqn),"
     " auts_fingerprint = coalesce(r.auts_fingerprint, a.auts_fingerprint)"
     " FROM (SELECT u.*, " AT_MS("u.at_ms") " AS at, " AT_MS("u.patient_since_ms") " AS patient_since,"
     "     " AT_MS("u.last_regular_ms") " AS last_regular_at"
     "   FROM unnest($1::text[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[],"
     "       $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[]) WITH ORDINALITY AS u (imsi, node, n, at_least,"
     "       at_ms, patient_since_ms, regular, last_regular_ms, auts_sqn, auts_fingerprint, kme_id, position) OFFSET 0) AS r,"
     "   kme AS m, terms_in_force AS f"
     " WHERE a.imsi = r.imsi AND m.id = " KME " AND f.source = a.terms_from AND (NOT " PRE_PROCESSED " OR a.kme_id <> 0)"
     "   AND a.state <> 2 AND (a.refuse_until IS NULL OR a.refuse_until <= r.at)"
     "   AND NOT " REPLAYED " AND NOT " REPROVISIONED
     "   AND " NEW_SEQ " <= 8795824586751"
     // As a rule everybody has service: found once a statement, and no subscriber is looked at.
     "   AND (((SELECT bool_and(p.has_service) FROM profile p)"
     "     AND NOT EXISTS (SELECT FROM subscriber s WHERE s.has_service = false)) OR " HAS_SERVICE ")"
     " RETURNING r.position - 1, a.seq, " GRANTED ", array_position(a.ind_node, r.node) - 1,"
     "   " SEALED ", a.state, f.on_suspicion, a.unanswered,"
     "   CASE WHEN a.state = 1 THEN ARRAY(SELECT " EPOCH_MS("t") " FROM unnest(a.reprovisions) t) END"},

    {statement::locked_rows,
     "WITH unlocked AS MATERIALIZED"
     "   (SELECT imsi FROM auc WHERE imsi = ANY($1::text[]) FOR NO KEY UPDATE SKIP LOCKED)"
     " SELECT a.imsi FROM auc a WHERE a.imsi = ANY($1::text[])"
     "   AND NOT EXISTS (SELECT FROM unlocked u WHERE u.imsi = a.imsi)"},

    // The first that is true says why.
    {statement::reserve_refusal,
     "SELECT r.position - 1, " HAS_SERVICE ", a.state = 2, coalesce(a.refuse_until > r.at, false),"
     "   " PRE_PROCESSED " AND a.kme_id = 0, " REPLAYED ", " REPROVISIONED ", " NEW_SEQ " > 8795824586751"
     " FROM (SELECT u.*, " AT_MS("u.at_ms") " AS at, " AT_MS("u.last_regular_ms") " AS last_regular_at"
     "   FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::integer[], $6::bigint[], $7::bigint[],"
     "       $8::bigint[]) WITH ORDINALITY AS u (imsi, n, at_least, at_ms, regular, last_regular_ms, auts_sqn,"
     "       auts_fingerprint, position)) AS r"
     " JOIN auc a ON a.imsi = r.imsi JOIN terms_in_force f ON f.source = a.terms_from"},

    // Once: of several requests at the same time one is refused for it.
    {statement::take_refusal,
     "UPDATE auc a SET refuse_until = NULL"
     " FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS r (imsi, at_ms, position)"
     " WHERE a.imsi = r.imsi AND a.refuse_until > " AT_MS("r.at_ms") " RETURNING r.position"},

    // DO UPDATE rather than DO NOTHING: it returns the row of whoever came first.
    {statement::serving_node,
     "INSERT INTO serving_node (host, realm) VALUES ($1, $2)"
     " ON CONFLICT (host, realm) DO UPDATE SET host = excluded.host RETURNING id"},

    {statement::load_authentication,
     "SELECT " HAS_SERVICE ", " SEALED
     " FROM auc a JOIN kme m ON m.id = a.kme_id JOIN terms_in_force f ON f.source = a.terms_from WHERE a.imsi = $1"},

    // Under which an AUTS may have come besides the active one (spec 4.3), the likeliest first. The node's last B-AV
    // may be under a key that was replaced longer ago than the grace time: it is the one that the AUTS answers.
    {statement::load_other_kmes,
     "WITH candidate AS MATERIALIZED (SELECT c.kme_id, c.place, k.owner FROM candidate_kmes($1) c"
     "   JOIN kme k ON k.id = c.kme_id)"
     " SELECT m.id, m.key, m.owner, m.generation FROM kme m JOIN"
     "   (SELECT o.id, min(o.likely) AS likely FROM"
     "     (SELECT a.ind_kme_id[array_position(a.ind_node, n.id)] AS id, 0 AS likely FROM auc a, serving_node n"
     "        WHERE a.imsi = $1 AND n.host = $2 AND n.realm = $3"
     "      UNION ALL SELECT p.id, CASE WHEN c.kme_id = a.kme_id THEN 1 ELSE 3 END FROM candidate c"
     "        JOIN auc a ON a.imsi = $1 JOIN kme p ON p.owner = c.owner AND p.state = 'previous'"
     "        AND p.replaced_at >= " AT_MS("$4") " - make_interval(secs => $5)"
     "      UNION ALL SELECT c.kme_id, 2 FROM candidate c) o"
     "    GROUP BY o.id) o ON o.id = m.id"
     " WHERE m.id <> 0 AND m.state <> 'retired' AND m.id <> (SELECT a.kme_id FROM auc a WHERE a.imsi = $1)"
     " ORDER BY o.likely, m.generation DESC, m.id LIMIT $6"},

    // Everything that an Update-Location decides on but for the device: that is load_access. Of several at once, each
    // with its place among them.
    {statement::load_subscriber,
     "SELECT s.msisdn, p.version, p.data::text, s.override::text,"
     " a.kme_id, a.state, seen.imei, seen.svn, " EPOCH_MS("m.not_after") ","
     " " EPOCH_MS("a.ind_pre_processed_at[i.slot]") ", "
     EPOCH_MS("greatest(a.ind_regular_at[i.slot], a.ind_several_at[i.slot])") ", a.ind_kme_id[i.slot],"
     " CASE WHEN a.kme_id = 0 OR a.ind_kme_id[i.slot] IS NULL THEN false WHEN a.ind_kme_id[i.slot] = a.kme_id THEN true"
     "   ELSE kme_for(s.imsi, a.ind_kme_id[i.slot], 0) = a.ind_kme_id[i.slot] END,"
     " ARRAY(SELECT n.name FROM subscription_member m JOIN subscription_group n ON n.id = m.group_id"
     "   WHERE m.imsi = s.imsi ORDER BY n.name LIMIT $4),"
     " l.version, l.data::text,"
     " " BINDHSS_TERMS_COLUMNS("t", "l") ","
     " " BINDHSS_REGISTRATION_COLUMNS("g") ", " BINDHSS_REGISTRATION_COLUMNS("h") ", q.place - 1"
     " FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS q (imsi, host, realm, place)"
     " JOIN subscriber s ON s.imsi = q.imsi JOIN profile p ON p.id = s.profile_id JOIN auc a ON a.imsi = s.imsi"
     " JOIN kme m ON m.id = a.kme_id JOIN terms_in_force f ON f.source = a.terms_from JOIN terms t ON t.id = f.terms_id"
     " LEFT JOIN profile l ON l.id = t.limited_profile_id"
     " LEFT JOIN registration g ON g.imsi = s.imsi AND g.domain = 'mme'"
     " LEFT JOIN registration h ON h.imsi = s.imsi AND h.domain = 'sgsn'"
     " LEFT JOIN serving_node o ON o.host = q.host AND o.realm = q.realm"
     " LEFT JOIN LATERAL (SELECT array_position(a.ind_node, o.id) AS slot) i ON true"
     // What an unproven report told of has never been seen.
     " LEFT JOIN LATERAL (SELECT c.imei, c.svn FROM association c WHERE c.imsi = s.imsi AND c.provenance <> 2"
     "   ORDER BY c.last_seen DESC, c.stored_at DESC LIMIT 1) seen ON true"},

    // One row at least: the facts stand in each, and the rules may be none.
    {statement::load_access,
     "SELECT q.place, " BINDHSS_FACTS_COLUMNS("f") ", " BINDHSS_ACCESS_RULE_COLUMNS("r")
     " FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) AS q (imsi, imei, svn, place)"
     " CROSS JOIN LATERAL device_facts(q.imsi, q.imei) f"
     " LEFT JOIN LATERAL access_rules(q.imsi, q.imei, q.svn, f.group_ids, $5) r ON true"},

    {statement::has_list, "SELECT q.place, has_list(q.imsi) FROM unnest($1::text[], $2::bigint[]) AS q (imsi, place)"},

    {statement::load_equipment, load_equipment_sql},

    {statement::record_alarms,
     "INSERT INTO alarm AS a (name, severity, imsi, imei, peer, detail, first_at, last_at, count, session)"
     " SELECT q.name, q.severity, q.imsi, q.imei, q.peer, q.detail, to_timestamp(q.at::float8 / 1000),"
     "   to_timestamp(q.at::float8 / 1000), q.count, nullif(q.session, '')"
     " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],"
     "   $9::text[]) AS q (name, severity, imsi, imei, peer, detail, at, count, session)"
     " ON CONFLICT (name, imsi, imei, peer) WHERE cleared_at IS NULL"
     " DO UPDATE SET count = a.count + excluded.count, last_at = greatest(a.last_at, excluded.last_at),"
     " detail = excluded.detail, session = excluded.session,"
     // Another daemon may have escalated it; and who had acknowledged the lesser one looks again.
     " severity = CASE WHEN $10::boolean THEN excluded.severity ELSE a.severity END,"
     " acknowledged_by = CASE WHEN $10::boolean THEN '' ELSE a.acknowledged_by END,"
     " acknowledged_at = CASE WHEN $10::boolean THEN NULL ELSE a.acknowledged_at END"},

    // A device or peer that the notice leaves empty matches any: where and in which device it began is not always
    // known. Whom it is about is, or it is about nobody; so the rows are found by the index on what is open.
    {statement::clear_alarm,
     "UPDATE alarm SET cleared_at = to_timestamp($5::float8 / 1000), count = count + $6::bigint"
     " WHERE name = $1 AND cleared_at IS NULL AND imsi = $2 AND ($3 = '' OR imei = $3)"
     " AND ($4 = '' OR peer = $4)"},
};

// clang-format on

}  // namespace

std::span<const Statement> statements() {
    return table;
}

}  // namespace bindhss::store::postgres
