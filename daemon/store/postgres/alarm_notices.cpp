// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/alarm_notices.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <tuple>

#include "store/postgres/array_literal.h"
#include "store/postgres/statements.h"

namespace bindhss::store::postgres {

namespace {

using Notices = std::vector<const alarm::Notice*>;

/// Whom a notice is about: an end without device or peer concerns several rows of one.
bool before(const alarm::Notice* a, const alarm::Notice* b) {
    return std::tie(a->alarm.id, a->alarm.imsi) < std::tie(b->alarm.id, b->alarm.imsi);
}

void clear(pqxx::transaction_base& transaction, const alarm::Alarm& alarm, std::uint64_t count) {
    Parameters parameters;
    parameters.add(std::string(alarm::describe(alarm.id).name));
    parameters.add(alarm.imsi ? alarm.imsi->str() : std::string());
    parameters.add(alarm.imei ? alarm.imei->str() : std::string()).add(column_text(alarm.peer));
    parameters.add(std::to_string(alarm.time.time_since_epoch().count())).add(std::to_string(count));
    Session::run(transaction, statement::clear_alarm, parameters);
}

void record(pqxx::transaction_base& transaction, const alarm::Notice& notice) {
    const auto& alarm = notice.alarm;
    if (notice.change == alarm::Change::cleared) return clear(transaction, alarm, notice.count);
    Parameters parameters;
    parameters.add(std::string(alarm::describe(alarm.id).name));
    parameters.add(std::string(alarm::name_of(notice.severity)));
    parameters.add(alarm.imsi ? alarm.imsi->str() : std::string());
    parameters.add(alarm.imei ? alarm.imei->str() : std::string()).add(column_text(alarm.peer));
    parameters.add(column_text(alarm.detail));
    parameters.add(std::to_string(alarm.time.time_since_epoch().count()));
    parameters.add(std::to_string(notice.count));
    parameters.add(std::string(notice.change == alarm::Change::escalated ? "t" : "f"));
    parameters.add(column_text(alarm.session));
    Session::run(transaction, statement::record_alarm, parameters);
}

/// Is it the notice that is wrong, and not the database? Then another attempt would fail as well.
bool refuses(const pqxx::sql_error& error) {
    constexpr std::string_view data_exception = "22";
    constexpr std::string_view integrity_violation = "23";
    const std::string_view state = error.sqlstate();
    return state.starts_with(data_exception) || state.starts_with(integrity_violation);
}

void record_together(Session& session, const Notices& notices) {
    pqxx::work transaction(session.connection());
    for (const auto* notice : notices) record(transaction, *notice);
    transaction.commit();
}

void record_what_is_right(Session& session, const Notices& notices, log::Logger& log) {
    pqxx::work transaction(session.connection());
    for (const auto* notice : notices) {
        // Not pqxx::subtransaction: of libpqxx 6 it never begins when all that runs in it is prepared
        // statements.
        transaction.exec("SAVEPOINT notice");
        try {
            record(transaction, *notice);
            transaction.exec("RELEASE SAVEPOINT notice");
        } catch (const pqxx::sql_error& error) {
            if (!refuses(error)) throw;
            transaction.exec("ROLLBACK TO SAVEPOINT notice");
            log.warning("alarm_not_recorded",
                        {{"id", alarm::describe(notice->alarm.id).name}, {"reason", describe(error)}});
        }
    }
    transaction.commit();
}

}  // namespace

void record_alarms(Session& session, const std::vector<alarm::Notice>& notices, log::Logger& log) {
    Notices sorted;
    for (const auto& notice : notices) sorted.push_back(&notice);
    // Several daemons lock rows in one order, and of each row the notices stay in theirs.
    std::stable_sort(sorted.begin(), sorted.end(), before);
    try {
        return record_together(session, sorted);
    } catch (const pqxx::sql_error& error) {
        if (!refuses(error)) throw;
    }
    record_what_is_right(session, sorted, log);
}

}  // namespace bindhss::store::postgres
