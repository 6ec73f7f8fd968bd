// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/alarm_notices.h"

#include <algorithm>

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

void record_together(Session& session, const Notices& notices) {
    pqxx::work transaction(session.connection());
    for (const auto* notice : notices) record(transaction, *notice);
    transaction.commit();
}

}  // namespace

void record_alarms(Session& session, const std::vector<alarm::Notice>& notices, log::Logger& log) {
    Notices sorted;
    for (const auto& notice : notices) sorted.push_back(&notice);
    // Several daemons lock rows in one order, and of each row the notices stay in theirs.
    std::stable_sort(sorted.begin(), sorted.end(), before);
    const auto may_be_one_of_them = [](const pqxx::sql_error& error) {
        return !worth_another_try(error) && !wants_another_server(error);
    };
    try {
        return record_together(session, sorted);
    } catch (const pqxx::sql_error& error) {
        if (sorted.size() == 1 || !may_be_one_of_them(error)) throw;
    }
    for (const auto* notice : sorted) {
        try {
            record_together(session, {notice});
        } catch (const pqxx::sql_error& error) {
            if (!may_be_one_of_them(error)) throw;
            log.warning("alarm_not_recorded", {{"reason", describe(error)}});
        }
    }
}

}  // namespace bindhss::store::postgres
