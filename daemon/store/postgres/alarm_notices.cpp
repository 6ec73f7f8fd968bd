// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/alarm_notices.h"

#include <algorithm>
#include <array>
#include <pqxx/pqxx>
#include <span>
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

bool is_escalation(const alarm::Notice& notice) {
    return notice.change == alarm::Change::escalated;
}

void clear(pqxx::transaction_base& transaction, const alarm::Alarm& alarm, std::uint64_t count) {
    Parameters parameters;
    parameters.add(std::string(alarm::describe(alarm.id).name));
    parameters.add(alarm.imsi ? alarm.imsi->str() : std::string());
    parameters.add(alarm.imei ? alarm.imei->str() : std::string()).add(column_text(alarm.peer));
    parameters.add(std::to_string(alarm.time.time_since_epoch().count())).add(std::to_string(count));
    Session::run(transaction, statement::clear_alarm, parameters);
}

void raise(pqxx::transaction_base& transaction, std::span<const alarm::Notice* const> notices) {
    std::array<ArrayLiteral, 9> columns;
    for (const auto* notice : notices) {
        const auto& alarm = notice->alarm;
        columns[0].add_text(alarm::describe(alarm.id).name);
        columns[1].add_text(alarm::name_of(notice->severity));
        columns[2].add_text(alarm.imsi ? alarm.imsi->str() : std::string());
        columns[3].add_text(alarm.imei ? alarm.imei->str() : std::string());
        columns[4].add_text(column_text(alarm.peer));
        columns[5].add_text(column_text(alarm.detail));
        columns[6].add(alarm.time.time_since_epoch().count());
        columns[7].add(notice->count);
        columns[8].add_text(column_text(alarm.session));
    }
    Parameters parameters;
    for (auto& column : columns) parameters.add(column.str());
    parameters.add(std::string(is_escalation(*notices.front()) ? "t" : "f"));
    Session::run(transaction, statement::record_alarms, parameters);
}

/// A notice of the same row would have that twice in one statement, which PostgreSQL refuses.
bool has_row_of(std::span<const alarm::Notice* const> sorted, const alarm::Notice& another) {
    for (std::size_t i = sorted.size(); i > 0 && !before(sorted[i - 1], &another); --i) {
        const auto& alarm = sorted[i - 1]->alarm;
        if (alarm.imei == another.alarm.imei && alarm.peer == another.alarm.peer) return true;
    }
    return false;
}

/// In their order, which is that of before(); as many in a statement as can be.
void record(pqxx::transaction_base& transaction, std::span<const alarm::Notice* const> notices) {
    for (std::size_t done = 0; done < notices.size();) {
        const auto& first = *notices[done];
        if (first.change == alarm::Change::cleared) {
            clear(transaction, first.alarm, first.count);
            ++done;
            continue;
        }
        auto last = done + 1;
        while (last < notices.size() && notices[last]->change != alarm::Change::cleared &&
               is_escalation(*notices[last]) == is_escalation(first) &&
               !has_row_of(notices.subspan(done, last - done), *notices[last]))
            ++last;
        raise(transaction, notices.subspan(done, last - done));
        done = last;
    }
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
    record(transaction, notices);
    transaction.commit();
}

void record_what_is_right(Session& session, const Notices& notices, log::Logger& log) {
    pqxx::work transaction(session.connection());
    for (const auto* notice : notices) {
        // Not pqxx::subtransaction: of libpqxx 6 it never begins when all that runs in it is prepared
        // statements.
        transaction.exec("SAVEPOINT notice");
        try {
            record(transaction, {&notice, 1});
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
