// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/migrations.h"

#include <pqxx/pqxx>

#include "store/postgres/conninfo.h"
#include "store/postgres/session.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {
namespace {

// One number of PostgreSQL's space of advisory locks: "BindHSS1" in ASCII.
constexpr const char* lock_sql = "SELECT pg_advisory_lock(4784062463441199921)";

constexpr const char* table_sql =
    "CREATE TABLE IF NOT EXISTS schema_migration (version integer PRIMARY KEY, name text NOT NULL,"
    " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";

/// How many of the migrations the database has. Throws SchemaError when they are not the first of ours.
std::size_t applied(pqxx::transaction_base& transaction, const std::vector<Migration>& migrations) {
    const auto rows = transaction.exec("SELECT version, checksum FROM schema_migration ORDER BY version");
    if (rows.size() > migrations.size()) {
        throw SchemaError("the database has schema version " + std::to_string(rows.size()) +
                          ", this program knows only " + std::to_string(migrations.size()) +
                          ": start a newer version of it");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& ours = migrations[i];
        if (rows[static_cast<pqxx::result::size_type>(i)][0].as<int>() != ours.version ||
            rows[static_cast<pqxx::result::size_type>(i)][1].c_str() != ours.checksum) {
            throw SchemaError(
                "migration " + std::to_string(ours.version) + " (" + std::string(ours.name) +
                ") in the database is not the one of this program: it was made by another build");
        }
    }
    return rows.size();
}

void apply(pqxx::connection& connection, const Migration& migration) {
    pqxx::work transaction(connection);
    transaction.exec(std::string(migration.sql));
    transaction.exec_params("INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
                            migration.version, std::string(migration.name), std::string(migration.checksum));
    transaction.commit();
}

/// Runs `work` and turns what libpqxx throws into what callers know.
template <class Work>
auto with_connection(const std::string& url, Work work) {
    try {
        pqxx::connection connection(complete_conninfo(url, "bindhss-schema"));
        return work(connection);
    } catch (const SchemaError&) {
        throw;
    } catch (const std::invalid_argument& error) {
        throw Unavailable(error.what());
    } catch (const std::exception& error) {
        throw Unavailable("the database cannot be used: " + describe(error));
    }
}

}  // namespace

std::size_t migrate(const std::string& url, log::Logger& log, const std::vector<Migration>& migrations) {
    return with_connection(url, [&](pqxx::connection& connection) {
        std::size_t present = 0;
        {
            pqxx::nontransaction setup(connection);
            setup.exec(lock_sql);  // of the session: freed when the connection closes
            setup.exec("SET client_min_messages = warning");
            setup.exec(table_sql);
            present = applied(setup, migrations);
        }
        for (auto i = present; i < migrations.size(); ++i) {
            apply(connection, migrations[i]);
            log.info("schema_migrated", {{"version", migrations[i].version}, {"name", migrations[i].name}});
        }
        return migrations.size() - present;
    });
}

void check_schema(const std::string& url, const std::vector<Migration>& migrations) {
    with_connection(url, [&](pqxx::connection& connection) {
        pqxx::nontransaction transaction(connection);
        const bool exists = !transaction.exec("SELECT to_regclass('schema_migration')")[0][0].is_null();
        const auto present = exists ? applied(transaction, migrations) : 0;
        if (present < migrations.size()) {
            throw SchemaError("the database has schema version " + std::to_string(present) +
                              ", this program needs " + std::to_string(migrations.size()) +
                              ": it has to be migrated");
        }
    });
}

}  // namespace bindhss::store::postgres
