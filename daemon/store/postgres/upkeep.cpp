// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/upkeep.h"

#include "store/postgres/statements.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// SQL has a layout of its own.
// clang-format off

constexpr Statement table[] = {
    {statement::last_alarm_act, "SELECT coalesce(max(id), 0) FROM alarm_act"},

    // Each part is a look-up by key, whatever statistics say.
    {statement::alarm_acts,
     "SELECT t.id, t.cleared, a.name, a.severity, a.imsi, a.imei, a.peer, t.who,"
     "   greatest((extract(epoch FROM clock_timestamp() - t.at) * 1000)::bigint, 0)"
     " FROM (SELECT * FROM alarm_act WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint) t"
     " CROSS JOIN LATERAL (SELECT * FROM alarm a WHERE a.id = t.alarm_id OFFSET 0) a ORDER BY t.id"},

    // Several daemons do this: none waits for another one.
    {statement::delete_cleared_alarms,
     "DELETE FROM alarm WHERE id = ANY (ARRAY("
     " SELECT id FROM alarm WHERE cleared_at < now() - $1::bigint * interval '1 second'"
     " ORDER BY cleared_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED))"},

    {statement::delete_audit,
     "DELETE FROM audit WHERE id = ANY (ARRAY("
     " SELECT id FROM audit WHERE at < now() - $1::bigint * interval '1 second'"
     " ORDER BY at LIMIT $2::bigint FOR UPDATE SKIP LOCKED))"},

    {statement::delete_operator_requests,
     "DELETE FROM operator_request WHERE key = ANY (ARRAY("
     " SELECT key FROM operator_request WHERE at < now() - $1::bigint * interval '1 second'"
     " ORDER BY at LIMIT $2::bigint FOR UPDATE SKIP LOCKED))"},

    // Many rows become one, some thousands at a time; what another daemon folds at the same time is left to it.
    {statement::fold_tally,
     "WITH many AS (SELECT what, of FROM tally GROUP BY what, of HAVING count(*) > 1),"
     " taken AS (SELECT t.ctid FROM tally t JOIN many m ON m.what = t.what AND m.of = t.of "
     "   ORDER BY t.what, t.of LIMIT $1::bigint FOR UPDATE OF t SKIP LOCKED),"
     " gone AS (DELETE FROM tally t USING taken WHERE t.ctid = taken.ctid RETURNING t.what, t.of, t.change)"
     ", folded AS (INSERT INTO tally (what, of, change) SELECT what, of, sum(change)::bigint FROM gone"
     "   GROUP BY what, of HAVING sum(change) <> 0)"
     " SELECT count(*) FROM gone"},

    // Statistics for what may have many millions of rows, and no more than the limit of all the others.
    {statement::census,
     "SELECT (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'subscriber'::regclass),"
     " (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'registration'::regclass),"
     " (SELECT count(*) FROM (SELECT FROM kme_exchange WHERE deadline >= now() LIMIT $1::bigint) e),"
     " (SELECT count(*) FROM (SELECT FROM node_request LIMIT $1::bigint) r),"
     " (SELECT count(*) FROM (SELECT FROM approval LIMIT $1::bigint) a)"},

    {statement::census_of_alarms,
     "SELECT name, severity, count(*) FROM"
     " (SELECT name, severity FROM alarm WHERE cleared_at IS NULL LIMIT $1::bigint) a"
     " GROUP BY name, severity"},
};

// clang-format on

AlarmAct act_of(const pqxx::row& row) {
    AlarmAct act;
    act.number = row[0].as<std::int64_t>();
    act.change = row[1].as<bool>() ? alarm::Change::cleared : alarm::Change::acknowledged;
    act.name = row[2].c_str();
    act.severity = row[3].c_str();
    act.imsi = row[4].c_str();
    act.imei = row[5].c_str();
    act.peer = row[6].c_str();
    act.who = row[7].c_str();
    act.age = std::chrono::milliseconds(row[8].as<std::int64_t>());
    return act;
}

}  // namespace

std::span<const Statement> upkeep_statements() {
    return table;
}

Result<AlarmActs> alarm_acts(Session& session, std::optional<std::int64_t> after, std::uint32_t limit) {
    AlarmActs result;
    if (!after) {
        result.last = session.run(statement::last_alarm_act, {})[0][0].as<std::int64_t>();
        return result;
    }
    Parameters parameters;
    parameters.add(std::to_string(*after)).add(std::to_string(limit));
    result.last = *after;
    for (const auto& row : session.run(statement::alarm_acts, parameters)) {
        result.acts.push_back(act_of(row));
        result.last = result.acts.back().number;
    }
    return result;
}

namespace {

void fold_tally(Session& session, std::uint32_t page) {
    Parameters parameters;
    parameters.add(std::to_string(page));
    for (int i = 0; i < limits::fold_pages_max; ++i)
        if (session.run(statement::fold_tally, parameters)[0][0].as<std::uint32_t>() < page) return;
}

}  // namespace

Result<std::uint64_t> delete_old(Session& session, OldRecords what, std::chrono::seconds keep,
                                 std::uint32_t limit) {
    Parameters parameters;
    parameters.add(std::to_string(keep.count())).add(std::to_string(limit));
    const auto* const name = what == OldRecords::audit            ? statement::delete_audit
                             : what == OldRecords::cleared_alarms ? statement::delete_cleared_alarms
                                                                  : statement::delete_operator_requests;
    const auto deleted = std::uint64_t{session.run(name, parameters).affected_rows()};
    if (what == OldRecords::operator_requests) fold_tally(session, limit);
    return deleted;
}

}  // namespace bindhss::store::postgres
