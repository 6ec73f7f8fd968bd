// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/registration_rows.h"
#include "store/postgres/statements.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// SQL has a layout of its own.
// clang-format off

#define AT(parameter) "to_timestamp(" parameter "::float8 / 1000)"
// Of the same registration, as far as its time is known outside: to a millisecond.
#define MADE_AT(column, parameter) "abs(extract(epoch FROM " column " - " AT(parameter) ")) < 0.001"
#define REMEMBER_DEVICE(imei, svn, at, host, provenance) \
    BINDHSS_REMEMBER_DEVICES("(SELECT $1::text AS imsi, " imei "::bigint AS imei, " svn "::text AS svn, " AT(at) " AS at, " \
        host "::text AS host, " provenance "::smallint AS provenance) q")
// What a subscription is made of today for a registration whose substitute profile is `limited`, and whether it is
// what it was told.
#define CURRENT(limited) \
    "p.version, CASE WHEN " limited " IS NULL THEN s.override ELSE '{}' END, s.msisdn"
#define OF_PROFILE(limited) "p.id = coalesce(" limited ", s.profile_id)"
#define CURRENT_OF_G CURRENT("g.limited_profile_id")
#define G_OF_PROFILE OF_PROFILE("g.limited_profile_id")
#define TOLD "g.told_profile_version, g.told_override, g.told_msisdn"
#define UNTOLD_COLUMNS "g.imsi, " BINDHSS_REGISTRATION_COLUMNS("g") ", g.telling_attempts, p.version," \
    " CASE WHEN g.limited_profile_id IS NULL THEN s.override::text ELSE '{}' END, s.msisdn"
// Has another daemon the node as its peer? (schema/0014_several_daemons.sql)
#define ANOTHER_REACHES(host, daemon, now) "EXISTS (SELECT FROM daemon_reach d WHERE d.host = lower(" host ")" \
    " AND d.daemon <> " daemon "::text AND d.valid_until > " AT(now) ")"
// May this daemon take what is for the node? (Claim::reach) What the others reach is looked up once for all rows; in an
// order, so that there is a plan for it by index: one that has to read the table costs so much (enable_seqscan = off,
// session.cpp) that the planner sees no difference between the plans of the rest.
#define OURS(host, hosts, daemon, now) "lower(" host ") NOT IN (SELECT d.host FROM daemon_reach d" \
    " WHERE " daemon "::text <> '' AND d.daemon <> " daemon "::text AND d.valid_until > " AT(now) \
    "   AND d.host <> ALL(" hosts "::text[]) ORDER BY d.host, d.daemon)"
// What another daemon may have at once, be its clock a little behind.
#define FOR_ANOTHER(now) AT(now) " - interval '5 s'"
// The same of a subscriber who was changed alone: before all that has been due for long.
#define FIRST_FOR_ANOTHER(now) AT(now) " - interval '1 day'"
// Taken and not given back. (schema/0015_sweeps_of_several.sql)
#define REQUEST_LEASED "leased_until IS NOT DISTINCT FROM not_before"
#define TELLING_LEASED "telling_leased_until IS NOT DISTINCT FROM telling_at"
#define LIMITED_PROFILE "(SELECT l.id FROM profile l WHERE l.name = $30)"
#define SLOT_OF_NODE "array_position(a.ind_node, $27::integer)"

constexpr Statement table[] = {
    // Orders what is done to the registrations of one subscription: the next statement sees what was stored before.
    {statement::lock_subscriber, "SELECT 1 FROM subscriber WHERE imsi = $1 FOR NO KEY UPDATE"},

    // Orders the Update-Locations that count the UICCs of one device. It comes before any lock of a row: who waits for
    // it holds nothing, and who has it waits only for those who never ask for it. "Bind" in ASCII keeps it apart.
    {statement::lock_device, "SELECT pg_advisory_xact_lock(1114205796, hashint8($1::bigint))"},

    {statement::device_is_full,
     "SELECT coalesce(f.uiccs >= f.uiccs_max, false) FROM device_facts($1, $2::bigint) f"},

    // The ledger: the node's regular vectors are consumed, it has the UE, and a proof ends what spoke against the key.
    // Written only where that changes something. The answer: what was registered before, in one row at least, and
    // behind it whether the binding has been locked since the verdict (judge_lock() in binding/judge.cpp), so that
    // nothing of this may be committed, and whether the device is a new one.
    {statement::register_node,
     "WITH ledger AS (UPDATE auc a SET"
     "     ind_regular_at[coalesce(" SLOT_OF_NODE ", 1)] ="
     "       CASE WHEN " SLOT_OF_NODE " IS NULL THEN a.ind_regular_at[1] END,"
     "     mme_node = CASE WHEN $11 = 'mme' THEN $27::integer ELSE a.mme_node END,"
     "     sgsn_node = CASE WHEN $11 = 'sgsn' THEN $27::integer ELSE a.sgsn_node END,"
     "     refuse_until = NULL,"
     "     state = CASE WHEN $28::boolean AND a.state = 1 THEN 0 ELSE a.state END,"
     "     strong = CASE WHEN $28::boolean THEN 0 ELSE a.strong END,"
     "     weak = CASE WHEN $28::boolean THEN 0 ELSE a.weak END,"
     "     turns = CASE WHEN $28::boolean THEN 0 ELSE a.turns END,"
     "     proved_at = CASE WHEN $28::boolean THEN " AT("$10") " ELSE a.proved_at END,"
     "     open_at = CASE WHEN $28::boolean OR a.open_node = $27::integer THEN NULL ELSE a.open_at END"
     "   WHERE a.imsi = $1 AND ($28::boolean OR a.refuse_until IS NOT NULL"
     "     OR a.open_at IS NOT NULL AND a.open_node = $27::integer"
     "     OR a.ind_regular_at[" SLOT_OF_NODE "] IS NOT NULL"
     "     OR CASE WHEN $11 = 'mme' THEN a.mme_node ELSE a.sgsn_node END IS DISTINCT FROM $27::integer)"
     "   RETURNING a.state),"
     " stored AS (INSERT INTO registration AS g (imsi, host, realm, visited_plmn, terminal_reported, imei, svn,"
     "     imei_invalid, verified, registered_at, domain, rat_type, features_list_1, features_list_2,"
     "     features_vendor, combined, gprs_wanted, ue_srvcc_capability, homogeneous_ims_voice, active_apns,"
     "     node_number, sms_registered, told_profile_version, told_override, told_msisdn, provenance,"
     "     limited_profile_id, emergency, telling_at)"
     "   VALUES ($1, $2, $3, $4::bytea, $5, $6, $7, $8, $9, " AT("$10") ", $11, $12, $13, $14, $15, $16, $17, $18,"
     "     $19, $20::text[], $22, $23, $24, $25, $26, $29::smallint, " LIMITED_PROFILE ", $31,"
     // Changed while the answer was made: it is told right after.
     "     (SELECT CASE WHEN (" CURRENT(LIMITED_PROFILE) ") IS DISTINCT FROM ($24::bigint, $25::jsonb, $26::text)"
     "        THEN " AT("$10") " END"
     "      FROM subscriber s JOIN profile p ON " OF_PROFILE(LIMITED_PROFILE) " WHERE s.imsi = $1))"
     "   ON CONFLICT (imsi, domain) DO UPDATE SET host = excluded.host, realm = excluded.realm,"
     "     visited_plmn = excluded.visited_plmn, terminal_reported = excluded.terminal_reported,"
     "     imei = excluded.imei, svn = excluded.svn, imei_invalid = excluded.imei_invalid,"
     "     verified = excluded.verified, purged = false, registered_at = excluded.registered_at,"
     "     rat_type = excluded.rat_type, features_list_1 = excluded.features_list_1,"
     "     features_list_2 = excluded.features_list_2, features_vendor = excluded.features_vendor,"
     "     combined = excluded.combined, gprs_wanted = excluded.gprs_wanted,"
     "     ue_srvcc_capability = excluded.ue_srvcc_capability,"
     "     homogeneous_ims_voice = excluded.homogeneous_ims_voice,"
     "     active_apns = CASE WHEN $21 THEN g.active_apns ELSE excluded.active_apns END,"
     "     node_number = excluded.node_number, sms_registered = excluded.sms_registered,"
     "     told_profile_version = excluded.told_profile_version, told_override = excluded.told_override,"
     "     told_msisdn = excluded.told_msisdn, telling_at = excluded.telling_at, telling_attempts = 0,"
     "     provenance = excluded.provenance, limited_profile_id = excluded.limited_profile_id,"
     // It goes with the UE: nobody but its node tells of its end (TS 22.016 5).
     "     emergency = excluded.emergency OR g.emergency AND NOT g.purged AND NOT $32::boolean,"
     "     urrp = false, area_restricted = false, location_cell = NULL, location_area = NULL,"
     "     location_service_area = NULL, location_geographical = NULL, location_age_minutes = NULL,"
     "     location_current = false, location_at = NULL),"
     " seen AS (" REMEMBER_DEVICE("$6", "$7", "$10", "$2", "$29") ")"
     " SELECT " BINDHSS_REGISTRATION_COLUMNS("g") ","
     "   coalesce((SELECT l.state FROM ledger l), a.state) = 2 AND (f.policy >= 3 OR NOT $31::boolean),"
     "   coalesce((SELECT s.is_new FROM seen s), false)"
     " FROM auc a JOIN terms_in_force f ON f.source = a.terms_from LEFT JOIN registration g ON g.imsi = a.imsi"
     " WHERE a.imsi = $1"},

    {statement::load_registrations,
     "SELECT " BINDHSS_REGISTRATION_COLUMNS("g") " FROM registration g WHERE g.imsi = $1"},

    // What a Notify may change.
    {statement::update_registration,
     "UPDATE registration SET terminal_reported = $3, imei = $4, svn = $5, imei_invalid = $6, features_list_1 = $7,"
     " features_list_2 = $8, features_vendor = $9, active_apns = $10::text[], ue_srvcc_capability = $11,"
     " homogeneous_ims_voice = $12, area_restricted = $13, urrp = $14, sms_registered = $15, node_number = $16,"
     " purged = $17, emergency = $18, telling_at = CASE WHEN $17 THEN NULL ELSE telling_at END"
     " WHERE imsi = $1 AND domain = $2"},

    {statement::remember_device, REMEMBER_DEVICE("$2", "$3", "$4", "$5", "$6")},

    // Several at once; a row for each whose subscription there is. What a crash of the server may take along: nobody
    // waits for the disk.
    {statement::remember_refused,
     "WITH seen AS (" BINDHSS_REMEMBER_DEVICES("(SELECT u.imsi, u.imei, u.svn, " AT("u.at_ms") " AS at, u.host, u.provenance"
     "   FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::smallint[])"
     "     AS u (imsi, imei, svn, at_ms, host, provenance) JOIN subscriber b ON b.imsi = u.imsi"
     "   WHERE set_config('synchronous_commit', 'off', true) = 'off') q") ")"
     " SELECT r.place - 1, coalesce((SELECT s.is_new FROM seen s WHERE s.imsi = r.imsi), false)"
     " FROM unnest($1::text[]) WITH ORDINALITY AS r (imsi, place) JOIN subscriber b ON b.imsi = r.imsi"},

    // The device that the last node with the UE reported is among those that stay, unproven ones being fewer.
    {statement::forget_devices,
     "DELETE FROM association c USING (SELECT imei, svn FROM association WHERE imsi = $1"
     "   ORDER BY last_seen DESC, stored_at DESC OFFSET $2::bigint) o"
     " WHERE c.imsi = $1 AND c.imei = o.imei AND c.svn = o.svn"},

    {statement::forget_registration, "DELETE FROM registration WHERE imsi = $1 AND domain = $2"},

    {statement::purge,
     "UPDATE registration SET purged = true, telling_at = NULL, telling_attempts = 0"
     " WHERE imsi = $1 AND domain = $2 AND host = $3 RETURNING 1"},

    {statement::store_location,
     "UPDATE registration SET location_cell = $4::bytea, location_area = $5::bytea,"
     " location_service_area = $6::bytea, location_geographical = $7::bytea, location_age_minutes = $8,"
     " location_current = $9, location_at = " AT("$10")
     " WHERE imsi = $1 AND domain = $2 AND host = $3"},

    {statement::store_request,
     "INSERT INTO node_request (kind, imsi, host, realm, domain, cancellation_type, reattach_required, idr_flags,"
     "   user_ids, created_at, not_before)"
     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text[], " AT("$10") ", " AT("$11") ") RETURNING id"},

    {statement::take_requests,
     "UPDATE node_request r SET not_before = " AT("$2") ", leased_until = " AT("$2")
     " FROM (SELECT q.imsi, q.id FROM node_request q WHERE q.not_before <= " AT("$1")
     "   AND " OURS("q.host", "$4", "$5", "$1") " ORDER BY q.not_before LIMIT $3 FOR UPDATE SKIP LOCKED) d"
     " WHERE r.imsi = d.imsi AND r.id = d.id"
     " RETURNING r.id, r.kind, r.imsi, r.host, r.realm, r.domain, r.cancellation_type, r.reattach_required,"
     "   r.idr_flags, r.user_ids, r.attempts, (extract(epoch FROM r.created_at) * 1000)::bigint"},

    {statement::finish_request, "DELETE FROM node_request WHERE imsi = $1 AND id = $2"},

    {statement::postpone_request,
     "UPDATE node_request SET attempts = attempts + 1, not_before = " AT("$3") " WHERE imsi = $1 AND id = $2"},

    {statement::hand_over_request,
     "WITH handed AS (UPDATE node_request SET not_before = " FOR_ANOTHER("$4")
     "   WHERE imsi = $1 AND id = $2 AND " ANOTHER_REACHES("node_request.host", "$3", "$4") " RETURNING 1)"
     " SELECT pg_notify('bindhss_node_work', '') FROM handed"},

    {statement::notify_of_node_work, "SELECT pg_notify('bindhss_node_work', '')"},

    {statement::announce_reach,
     "WITH left_alone AS (DELETE FROM daemon_reach WHERE daemon = $1 AND host <> ALL($2::text[]) RETURNING 1),"
     " told AS (INSERT INTO daemon_reach (host, daemon, valid_until) SELECT h, $1, " AT("$3")
     "   FROM unnest($2::text[]) AS h"
     "   ON CONFLICT (host, daemon) DO UPDATE SET valid_until = excluded.valid_until)"
     " SELECT pg_notify('bindhss_node_work', '') WHERE EXISTS (SELECT FROM left_alone)"},

    // Of the nodes that were left to another daemon: those that are this one's now, and those that are nobody's, also
    // because their daemon has died.
    {statement::look_again,
     "WITH again AS (DELETE FROM left_to_another w WHERE w.host = ANY($1::text[])"
     "   OR NOT EXISTS (SELECT FROM daemon_reach d WHERE d.host = w.host AND d.valid_until > " AT("$2") ") RETURNING 1)"
     " SELECT nextval('sweeps_asked_for'), pg_notify('bindhss_node_work', '') WHERE EXISTS (SELECT FROM again)"},

    // What was tried before: a first attempt is under way, or due. What is locked or leased is being looked after.
    {statement::pull_requests_forward,
     "UPDATE node_request r SET not_before = " AT("$2")
     " FROM (SELECT imsi, id FROM node_request WHERE not_before > " AT("$2") " AND attempts > 0"
     "   AND NOT (" REQUEST_LEASED ") AND lower(host) = ANY($1::text[]) LIMIT $3 FOR UPDATE SKIP LOCKED) d"
     " WHERE r.imsi = d.imsi AND r.id = d.id"},

    {statement::pull_telling_forward,
     "UPDATE registration g SET telling_at = " AT("$2")
     " FROM (SELECT imsi, domain FROM registration WHERE telling_at > " AT("$2") " AND telling_attempts > 0"
     "   AND NOT (" TELLING_LEASED ") AND lower(host) = ANY($1::text[]) LIMIT $3 FOR UPDATE SKIP LOCKED) d"
     " WHERE g.imsi = d.imsi AND g.domain = d.domain"},

    // Subscribers changed one by one. The hint goes with the claim; who is being told just now notices by itself. What
    // another daemon reaches is left to it, and due.
    {statement::take_changed,
     "WITH hint AS (DELETE FROM subscription_changed c USING"
     "   (SELECT imsi FROM subscription_changed ORDER BY imsi LIMIT $2 FOR UPDATE SKIP LOCKED) d"
     "   WHERE c.imsi = d.imsi RETURNING c.imsi)"
     " UPDATE registration g SET telling_at = CASE WHEN " OURS("g.host", "$3", "$4", "$5") " THEN " AT("$1")
     "   ELSE " FIRST_FOR_ANOTHER("$5") " END, telling_leased_until = " AT("$1")
     " FROM hint h, subscriber s, profile p"
     " WHERE g.imsi = h.imsi AND s.imsi = h.imsi AND " G_OF_PROFILE " AND NOT g.purged AND g.telling_at IS NULL"
     "   AND (" TOLD ") IS DISTINCT FROM (" CURRENT_OF_G ")"
     " RETURNING " UNTOLD_COLUMNS ", g.telling_at >= " AT("$5") " AS ours"},

    {statement::take_due,
     "UPDATE registration g SET telling_at = " AT("$2") ", telling_leased_until = " AT("$2")
     " FROM (SELECT q.imsi, q.domain FROM registration q WHERE q.telling_at <= " AT("$1")
     "   AND " OURS("q.host", "$4", "$5", "$1") " ORDER BY q.telling_at LIMIT $3 FOR UPDATE SKIP LOCKED) d,"
     "   subscriber s, profile p"
     " WHERE g.imsi = d.imsi AND g.domain = d.domain AND s.imsi = d.imsi AND " G_OF_PROFILE
     " RETURNING " UNTOLD_COLUMNS ", true AS ours"},

    // A stretch of all registrations: those that differ and that nobody has taken, and the last of the stretch. Another
    // daemon's are left to its own pace, but not forgotten (look_again).
    {statement::sweep_page,
     "WITH stretch AS MATERIALIZED (SELECT y.imsi, y.domain, y.host, y.untold, y.last,"
     "   CASE WHEN y.untold THEN " OURS("y.host", "$4", "$5", "$6") " END AS ours FROM"
     " (SELECT x.*, lead(imsi) OVER (ORDER BY imsi, domain) IS NULL AS last FROM"
     "   (SELECT g.imsi, g.domain, g.host, NOT g.purged AND g.telling_at IS NULL"
     "      AND (" TOLD ") IS DISTINCT FROM (" CURRENT_OF_G ") AS untold"
     "    FROM registration g, subscriber s, profile p"
     "    WHERE (g.imsi, g.domain) > ($1, $2) AND s.imsi = g.imsi AND " G_OF_PROFILE " ORDER BY g.imsi, g.domain LIMIT $3) x) y),"
     " another AS (INSERT INTO left_to_another (host) SELECT DISTINCT lower(host) FROM stretch WHERE NOT ours"
     "   ORDER BY 1 ON CONFLICT DO NOTHING)"
     " SELECT imsi, domain, coalesce(ours, false), last FROM stretch WHERE ours OR last ORDER BY imsi, domain"},

    {statement::take_swept,
     "UPDATE registration g SET telling_at = " AT("$3") ", telling_leased_until = " AT("$3")
     " FROM unnest($1::text[], $2::text[]) AS d (imsi, domain), subscriber s, profile p"
     " WHERE g.imsi = d.imsi AND g.domain = d.domain AND s.imsi = d.imsi AND " G_OF_PROFILE " AND NOT g.purged"
     "   AND g.telling_at IS NULL AND (" TOLD ") IS DISTINCT FROM (" CURRENT_OF_G ")"
     " RETURNING " UNTOLD_COLUMNS ", true AS ours"},

    {statement::mark_told,
     "UPDATE registration g SET told_profile_version = $5, told_override = $6::jsonb, told_msisdn = $7,"
     " telling_attempts = 0, telling_at ="
     "   CASE WHEN (" CURRENT_OF_G ") IS DISTINCT FROM ($5::bigint, $6::jsonb, $7::text) THEN " AT("$8") " END"
     " FROM subscriber s, profile p"
     " WHERE g.imsi = $1 AND s.imsi = $1 AND " G_OF_PROFILE " AND g.domain = $2 AND g.host = $3 AND " MADE_AT("g.registered_at", "$4")
     "   AND NOT g.purged"},

    {statement::postpone_telling,
     "UPDATE registration SET telling_attempts = telling_attempts + 1, telling_at = " AT("$5")
     " WHERE imsi = $1 AND domain = $2 AND host = $3 AND " MADE_AT("registered_at", "$4") " AND NOT purged"},

    {statement::hand_over_telling,
     "WITH handed AS (UPDATE registration g SET telling_at = " FOR_ANOTHER("$6")
     "   WHERE g.imsi = $1 AND g.domain = $2 AND g.host = $3 AND " MADE_AT("g.registered_at", "$4") " AND NOT g.purged"
     "     AND " ANOTHER_REACHES("g.host", "$5", "$6") " RETURNING 1)"
     " SELECT pg_notify('bindhss_node_work', '') FROM handed"},

    {statement::mark_detached,
     "UPDATE registration SET purged = true, telling_at = NULL, telling_attempts = 0"
     " WHERE imsi = $1 AND domain = $2 AND host = $3 AND " MADE_AT("registered_at", "$4")},

    {statement::profile_versions,
     "SELECT version, data::text FROM profile_version WHERE version = ANY($1::bigint[])"},

    // A sequence that was asked nothing yet says of its last value what it would say of its first.
    {statement::profile_clock,
     "SELECT coalesce(max(version), 0) + (SELECT last_value + is_called::integer FROM sweeps_asked_for) FROM profile"},
};

// clang-format on

}  // namespace

std::span<const Statement> registration_statements() {
    return table;
}

}  // namespace bindhss::store::postgres
