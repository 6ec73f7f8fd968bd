// SPDX-License-Identifier: Apache-2.0
// The schema in the database against the schema that this program was built with.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "log/log.h"

namespace bindhss::store::postgres {

/// One file of schema/.
struct Migration {
    int version;
    std::string_view name;
    std::string_view checksum;  ///< SHA-256 of the file, hexadecimal
    std::string_view sql;
};

/// The line "-- tolerated-from: N" of a migration: programs whose own last migration is N or a later one work
/// on with it (docs/decisions/0017-rolling-upgrade.md). Nothing: none but those that know it.
[[nodiscard]] std::optional<int> tolerated_from(std::string_view sql);

/// All of them, ascending without gaps; generated from schema/ at build time.
[[nodiscard]] std::vector<Migration> embedded_migrations();

/// The schema does not fit; the text is one clear line that says what to do.
class SchemaError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Brings the database up to date: each missing migration in a transaction of its own, all under one advisory
/// lock, so that several daemons may start at once. Returns how many were applied. Later migrations than ours
/// that tolerate us are left as they are, and the log says so. Blocking; any thread.
/// Throws SchemaError (newer schema that does not tolerate us, changed migration) or Unavailable
/// (provisioning.h).
std::size_t migrate(const std::string& url, log::Logger& log,
                    const std::vector<Migration>& migrations = embedded_migrations());

/// Throws SchemaError unless the database has these migrations, and beyond them none but those that tolerate
/// this program; Unavailable when it cannot be used.
void check_schema(const std::string& url, const std::vector<Migration>& migrations = embedded_migrations());

}  // namespace bindhss::store::postgres
