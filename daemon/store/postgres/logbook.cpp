// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/logbook.h"

#include "store/positions.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/subscriber_view.h"

namespace bindhss::store::postgres {
namespace {

// Never later than it was: who asks for what has been done since this time gets this row too.
#define EPOCH_MS(column) "floor(extract(epoch FROM " column ") * 1000)::bigint"

// What is empty or NULL is no condition, and the planner sees none. Numbers grow with time, so the newest are
// the last ones: none is looked at that was written a day before `since`, whatever the servers' clocks did.
constexpr const char* audit_sql =
    "SELECT id, " EPOCH_MS("at") ", who, what, detail, request FROM audit"
    " WHERE id < $1::bigint AND ($3::text = '' OR who = $3) AND ($4::text = '' OR request = $4)"
    "   AND ($5::text = '' OR what COLLATE \"C\" >= $5 AND starts_with(what, $5))"
    "   AND ($6::text = '' OR what COLLATE \"C\" < $6)"
    "   AND ($7::bigint IS NULL OR at >= to_timestamp($7::float8 / 1000))"
    "   AND ($7::bigint IS NULL OR id > coalesce((SELECT o.id FROM audit o"
    "     WHERE o.at < to_timestamp($7::float8 / 1000) - interval '1 day' ORDER BY o.at DESC LIMIT 1), 0))"
    " ORDER BY id DESC LIMIT $2::bigint";

constexpr const char* alarms_sql =
    "SELECT name, severity, imsi, imei, peer, detail, " EPOCH_MS("first_at") ", " EPOCH_MS("last_at") ", count,"
    " id, acknowledged_by, " EPOCH_MS("cleared_at") ", cleared_by, session"
    " FROM alarm WHERE id < $1::bigint AND ($3::boolean OR cleared_at IS NULL)"
    "   AND ($4::text = '' OR name = $4) AND ($5::text = '' OR severity = $5)"
    "   AND ($6::text = '' OR imsi = $6)"
    " ORDER BY id DESC LIMIT $2::bigint";
#define SELECTED_ALARMS                                                                                 \
    " WHERE cleared_at IS NULL AND ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2)" \
    "   AND ($3::text IS NULL OR imsi = $3)"
// Acts are numbered in the order of their commits: who reads them passes none over.
constexpr const char* lock_acts_sql = "SELECT pg_advisory_xact_lock(4784062463441199923)";
#define CHANGED_ALARMS(change, is_end)                          \
    "WITH changed AS (UPDATE alarm SET " change SELECTED_ALARMS \
    " RETURNING id)"                                            \
    " INSERT INTO alarm_act (alarm_id, cleared, who) SELECT id, " is_end ", $4 FROM changed ORDER BY id"
constexpr const char* acknowledge_sql =
    CHANGED_ALARMS("acknowledged_by = $4, acknowledged_at = now()", "false");
constexpr const char* clear_sql = CHANGED_ALARMS("cleared_by = $4, cleared_at = now()", "true");

// Of the names, subscriptions and devices (empty: any) that are given: by the index on what is open.
constexpr const char* clear_settled_sql =
    "WITH changed AS (UPDATE alarm a SET cleared_by = $4, cleared_at = now()"
    "   FROM unnest($1::text[], $2::text[], $3::text[]) r (name, imsi, imei)"
    "   WHERE a.cleared_at IS NULL AND a.name = r.name AND a.imsi = r.imsi AND (r.imei = '' OR a.imei = "
    "r.imei)"
    "   RETURNING a.id)"
    " INSERT INTO alarm_act (alarm_id, cleared, who) SELECT id, true, $4 FROM changed ORDER BY id";

/// The first text behind all that begin so; empty: it is not told here.
std::string end_of_prefix(std::string prefix) {
    if (prefix.empty() || prefix.back() < ' ' || prefix.back() > '}') return {};
    ++prefix.back();
    return prefix;
}

std::optional<std::int64_t> milliseconds(const std::optional<WallTime>& time) {
    if (!time) return std::nullopt;
    return time->time_since_epoch().count();
}

std::optional<WallTime> optional_time_of(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

AlarmRow alarm_of(const pqxx::row& row) {
    AlarmRow result;
    result.name = row[0].c_str();
    result.severity = row[1].c_str();
    result.imsi = row[2].c_str();
    result.imei = row[3].c_str();
    result.peer = row[4].c_str();
    result.detail = row[5].c_str();
    result.first = time_of(row[6].as<std::int64_t>());
    result.last = time_of(row[7].as<std::int64_t>());
    result.count = row[8].as<std::uint64_t>();
    result.id = row[9].as<std::int64_t>();
    result.acknowledged_by = row[10].c_str();
    result.cleared = optional_time_of(row[11]);
    result.cleared_by = row[12].c_str();
    result.session = row[13].c_str();  // of NULL an empty text
    return result;
}

std::uint64_t change_alarms(pqxx::transaction_base& transaction, const char* sql, const AlarmSelection& which,
                            const std::string& who) {
    const auto id = which.id ? std::optional(std::to_string(*which.id)) : std::nullopt;
    const auto imsi = which.imsi ? std::optional(which.imsi->str()) : std::nullopt;
    transaction.exec(lock_acts_sql);
    return transaction.exec_params(sql, id, which.name, imsi, who).affected_rows();
}

}  // namespace

std::vector<AuditRow> audit_rows(pqxx::transaction_base& transaction, const AuditFilter& filter,
                                 const Page& page) {
    std::vector<AuditRow> result;
    const auto before = number_position_down(page);
    if (!before || !is_storable(filter.who) || !is_storable(filter.what) || !is_storable(filter.request))
        return result;
    for (const auto& row :
         transaction.exec_params(audit_sql, *before, rows_of(page), filter.who, filter.request, filter.what,
                                 end_of_prefix(filter.what), milliseconds(filter.since))) {
        result.push_back({row[0].as<std::int64_t>(), time_of(row[1].as<std::int64_t>()), row[2].c_str(),
                          row[3].c_str(), row[4].c_str(), row[5].c_str()});
    }
    return result;
}

std::vector<AlarmRow> alarm_rows(pqxx::transaction_base& transaction, const AlarmFilter& filter,
                                 const Page& page) {
    std::vector<AlarmRow> result;
    const auto before = number_position_down(page);
    if (!before || !is_storable(filter.name) || !is_storable(filter.severity)) return result;
    const auto imsi = filter.imsi ? filter.imsi->str() : std::string();
    for (const auto& row : transaction.exec_params(alarms_sql, *before, rows_of(page), filter.cleared,
                                                   filter.name, filter.severity, imsi))
        result.push_back(alarm_of(row));
    return result;
}

std::uint64_t acknowledge_alarms(pqxx::transaction_base& transaction, const AlarmSelection& which,
                                 const std::string& who) {
    return change_alarms(transaction, acknowledge_sql, which, who);
}

std::uint64_t clear_alarms(pqxx::transaction_base& transaction, const AlarmSelection& which,
                           const std::string& who) {
    return change_alarms(transaction, clear_sql, which, who);
}

void clear_settled_alarms(pqxx::transaction_base& transaction, const std::vector<SettledAlarm>& settled,
                          const std::string& who) {
    if (settled.empty()) return;
    ArrayLiteral names, imsis, imeis;
    for (const auto& [name, imsi, imei] : settled) {
        names.add_text(std::string(name));
        imsis.add_text(imsi.str());
        imeis.add_text(imei ? imei->str() : std::string());
    }
    transaction.exec(lock_acts_sql);
    transaction.exec_params(clear_settled_sql, names.str(), imsis.str(), imeis.str(), who);
}

}  // namespace bindhss::store::postgres
