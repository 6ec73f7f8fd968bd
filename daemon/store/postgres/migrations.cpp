// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/migrations.h"

#include <charconv>
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
    " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
    // ours: the last migration of the oldest program that works on with this one; NULL: none that does not
    // know it
    "ALTER TABLE schema_migration ADD COLUMN IF NOT EXISTS tolerated_from integer";

/// The same rows as of a database that no program with tolerance has migrated yet.
constexpr const char* applied_sql =
    "SELECT version, checksum, (to_jsonb(m) ->> 'tolerated_from')::integer FROM schema_migration m ORDER BY "
    "version";

/// What the database has of our migrations, and of later ones.
struct Present {
    std::size_t ours = 0;
    std::size_t later = 0;
};

/// Throws SchemaError when they are not the first of ours, or later ones do not tolerate us.
Present applied(pqxx::transaction_base& transaction, const std::vector<Migration>& migrations) {
    Present present;
    const int last = migrations.empty() ? 0 : migrations.back().version;
    for (const auto& row : transaction.exec(applied_sql)) {
        const auto version = row[0].as<int>();
        if (present.ours == migrations.size()) {
            if (row[2].is_null() || row[2].as<int>() > last) {
                throw SchemaError("the database has schema version " + std::to_string(version) +
                                  ", which this program, with version " + std::to_string(last) +
                                  ", cannot work with: start a newer version of it");
            }
            ++present.later;
            continue;
        }
        const auto& ours = migrations[present.ours];
        if (version != ours.version || row[1].c_str() != ours.checksum) {
            throw SchemaError(
                "migration " + std::to_string(ours.version) + " (" + std::string(ours.name) +
                ") in the database is not the one of this program: it was made by another build");
        }
        ++present.ours;
    }
    return present;
}

void apply(pqxx::connection& connection, const Migration& migration) {
    pqxx::work transaction(connection);
    transaction.exec(std::string(migration.sql));
    transaction.exec_params(
        "INSERT INTO schema_migration (version, name, checksum, tolerated_from) VALUES ($1, $2, $3, $4)",
        migration.version, std::string(migration.name), std::string(migration.checksum),
        tolerated_from(migration.sql));
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

std::optional<int> tolerated_from(std::string_view sql) {
    constexpr std::string_view mark = "\n-- tolerated-from: ";
    const auto found = sql.find(mark);
    if (found == std::string_view::npos) return std::nullopt;
    const auto* begin = sql.data() + found + mark.size();
    int version = 0;
    if (std::from_chars(begin, sql.data() + sql.size(), version).ec != std::errc()) return std::nullopt;
    return version;
}

std::size_t migrate(const std::string& url, log::Logger& log, const std::vector<Migration>& migrations) {
    return with_connection(url, [&](pqxx::connection& connection) {
        Present present;
        {
            pqxx::nontransaction setup(connection);
            setup.exec(lock_sql);  // of the session: freed when the connection closes
            setup.exec("SET client_min_messages = warning");
            setup.exec(table_sql);
            present = applied(setup, migrations);
        }
        if (present.later != 0) {
            log.info("schema_newer",
                     {{"migrations", present.later}, {"detail", "they tolerate this version"}});
        }
        for (auto i = present.ours; i < migrations.size(); ++i) {
            apply(connection, migrations[i]);
            log.info("schema_migrated", {{"version", migrations[i].version}, {"name", migrations[i].name}});
        }
        return migrations.size() - present.ours;
    });
}

void check_schema(const std::string& url, const std::vector<Migration>& migrations) {
    with_connection(url, [&](pqxx::connection& connection) {
        pqxx::nontransaction transaction(connection);
        const bool exists = !transaction.exec("SELECT to_regclass('schema_migration')")[0][0].is_null();
        const auto present = exists ? applied(transaction, migrations).ours : 0;
        if (present < migrations.size()) {
            throw SchemaError("the database has schema version " + std::to_string(present) +
                              ", this program needs " + std::to_string(migrations.size()) +
                              ": it has to be migrated");
        }
    });
}

}  // namespace bindhss::store::postgres
