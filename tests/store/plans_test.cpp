// SPDX-License-Identifier: Apache-2.0
// How PostgreSQL carries out the statements of the service.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "store/postgres/session.h"
#include "store/postgres/statements.h"
#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using store::postgres::Session;
using store::postgres::Statement;

namespace {

std::size_t parameters_of(const std::string& sql) {
    std::size_t most = 0;
    const std::regex parameter("\\$([0-9]+)");
    for (std::sregex_iterator it(sql.begin(), sql.end(), parameter); it != std::sregex_iterator(); ++it)
        most = std::max<std::size_t>(most, std::stoul((*it)[1]));
    return most;
}

std::string plan_of(Session& session, const Statement& statement) {
    std::string values;
    for (std::size_t i = 0; i < parameters_of(statement.sql); ++i) values += i == 0 ? "NULL" : ", NULL";
    const auto execute =
        "\"" + std::string(statement.name) + "\"" + (values.empty() ? "" : "(" + values + ")");
    session.connection().prepare_now(statement.name);
    pqxx::nontransaction transaction(session.connection());
    std::string plan;
    for (const auto& row : transaction.exec("EXPLAIN EXECUTE " + execute))
        plan += std::string(row[0].c_str()) + "\n";
    return plan;
}

/// What a plan costs that has no other way than the one that is switched off.
bool has_no_way_by_index(const std::string& plan) {
    return plan.find("cost=1000000000") != std::string::npos ||
           plan.find("..1000000000") != std::string::npos;
}

}  // namespace

TEST_CASE(
    "no statement of the service has to read a table, which would hide from the planner what the rest costs",
    "[postgres][plans]") {
    PostgresWorld world;
    Session session(world.database.url(), std::chrono::milliseconds(10'000));
    // Small tables as a whole: of profiles, once a statement and apart from the rest of its plan; of nodes
    // that were left to others; a sequence.
    const std::set<std::string> whole{"reserve", "look_again", "profile_clock"};
    for (const auto statements : {store::postgres::statements(), store::postgres::registration_statements(),
                                  store::postgres::binding_statements(), store::postgres::upkeep_statements(),
                                  store::postgres::exchange_statements()}) {
        for (const auto& statement : statements) {
            const auto plan = plan_of(session, statement);
            INFO(statement.name << "\n" << plan);
            CHECK(has_no_way_by_index(plan) == whole.contains(statement.name));
        }
    }
}
