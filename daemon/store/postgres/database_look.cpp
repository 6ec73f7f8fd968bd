// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/database_look.h"

#include <pqxx/pqxx>

#include "store/postgres/conninfo.h"
#include "store/postgres/session.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

namespace {

constexpr const char* look_sql =
    "SELECT current_setting('server_version'), (extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
    " NOT pg_is_in_recovery(), pg_database_size(current_database()),"
    " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
    " current_setting('max_connections')::bigint";

}  // namespace

DatabaseLook look_at_database(const std::string& url) {
    try {
        pqxx::connection connection(complete_conninfo(url, "bindhss"));
        pqxx::nontransaction transaction(connection);
        const auto row = transaction.exec(look_sql)[0];
        DatabaseLook look;
        look.version = row[0].as<std::string>();
        look.now = WallTime(std::chrono::milliseconds(row[1].as<std::int64_t>()));
        look.writable = row[2].as<bool>();
        look.octets = row[3].as<std::uint64_t>();
        look.connections = row[4].as<std::int64_t>();
        look.connections_max = row[5].as<std::int64_t>();
        return look;
    } catch (const std::exception& error) {
        throw Unavailable(describe_conninfo(url) + ": " + describe(error));
    }
}

}  // namespace bindhss::store::postgres
