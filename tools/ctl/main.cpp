// SPDX-License-Identifier: Apache-2.0
// bindhssctl: a BindHSS over its API, or beside its database when no daemon runs.
#include <unistd.h>

#include <fmt/format.h>

#include <iostream>

#include "config/config.h"
#include "crypto/core_dump.h"
#include "crypto/random.h"
#include "ctl/api_store.h"
#include "ctl/caller.h"
#include "ctl/command_line.h"
#include "ctl/here_api.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/database_look.h"
#include "store/postgres/device_keys.h"
#include "store/postgres/key_check.h"
#include "store/postgres/migrations.h"
#include "store/postgres/provisioning.h"

namespace {

using namespace bindhss;

/// The database with the keys and the randomness that it borrows.
struct Opened {
    crypto::SystemRandom random;
    crypto::KeyRing keys;
    store::postgres::PostgresProvisioning provisioning;
    store::postgres::PostgresDeviceKeys device_keys;

    Opened(const std::string& url, crypto::KeyRing ring)
        : keys(std::move(ring)), provisioning(url, keys, random), device_keys(url) {}
};

management::Stores stores_of(const std::string& url, const std::string& keys_file) {
    const auto opened = std::make_shared<Opened>(url, crypto::KeyRing::load(keys_file));
    return {{opened, &opened->provisioning},
            {opened, &opened->device_keys},
            [opened](const std::string& request) {
                opened->provisioning.by_request(request);
                opened->device_keys.by_request(request);
            }};
}

/// Without a daemon: this process is the API, over the database.
ctl::Stores open_database(const ctl::Target& target) {
    const auto& url = *target.database;
    const auto keys_file = target.keys_file.value_or(config::keys_file(target.settings));
    const auto keys = crypto::KeyRing::load(keys_file);
    try {
        store::postgres::check_schema(url);
    } catch (const store::postgres::SchemaError& error) {
        throw store::Unavailable(error.what());
    }
    crypto::SystemRandom random;
    store::postgres::check_keys(url, keys, random, keys_file);
    const auto open = [url, keys_file] { return stores_of(url, keys_file); };
    const auto api = ctl::answer_here(open, ctl::caller(), "the database " + config::masked_url(url));
    const auto direct = open();
    return {std::make_shared<ctl::ApiProvisioning>(api, direct.provisioning),
            std::make_shared<ctl::ApiDeviceKeys>(api, direct.device_keys), api};
}

ctl::Stores open_api(const ctl::Target& target) {
    if (target.database) return open_database(target);
    const auto address = target.address();
    if (!address.socket.empty() && ::access(address.socket.c_str(), F_OK) != 0 && errno == ENOENT) {
        throw store::Unavailable(
            "the socket " + address.socket +
            " of the API does not exist: is bindhssd running? Without a daemon, name the "
            "database: --database URL");
    }
    const auto api = ctl::connect_api(address, target.credentials);
    return {std::make_shared<ctl::ApiProvisioning>(api), std::make_shared<ctl::ApiDeviceKeys>(api), api};
}

void look_at_clock(const store::postgres::DatabaseLook& look, ctl::Findings& findings) {
    using namespace std::chrono;
    const auto apart = abs(duration_cast<seconds>(look.now - SystemClock().now()));
    if (apart < seconds(2)) return findings.ok("clock of the database", "as this machine's");
    findings.warn("clock of the database", fmt::format("is {} s apart from this machine's", apart.count()),
                  "have both synchronised (chrony)");
}

/// The database by itself, as the daemon will find it.
void look_at_database(const ctl::Target& target, ctl::Findings& findings) {
    const auto& settings = target.settings;
    if (!target.database && config::embedded(settings))
        return findings.ok("database", "the daemon's own, in " + config::cluster_directory(settings));
    const auto keys_file = target.keys_file.value_or(config::keys_file(settings));
    try {
        const auto url = target.database ? *target.database
                                         : store::postgres::with_password_file(
                                               settings.database.url, settings.database.password_file);
        const auto look = store::postgres::look_at_database(url);
        constexpr double gibi = 1024.0 * 1024 * 1024;
        const auto detail =
            fmt::format("PostgreSQL {}, {:.2f} GiB, {} of {} connections", look.version,
                        static_cast<double>(look.octets) / gibi, look.connections, look.connections_max);
        if (look.writable) {
            findings.ok("database", detail);
        } else {
            findings.fail("database", detail + ", and it takes no changes: it is a standby",
                          "name all servers in database.url: the primary is found among them");
        }
        look_at_clock(look, findings);
        store::postgres::check_schema(url);
        findings.ok("schema", "as this version needs it");
        crypto::SystemRandom random;
        store::postgres::check_keys(url, crypto::KeyRing::load(keys_file), random, keys_file);
        findings.ok("keys", "the keys file is the one of this database");
    } catch (const store::postgres::SchemaError& error) {
        findings.fail("schema", error.what(), "bindhssd brings the schema up to date when it starts");
    } catch (const store::postgres::KeyMismatch& error) {
        findings.fail("keys", error.what(),
                      "take the keys file that belongs to this database from the backup");
    } catch (const store::Unavailable& error) {
        findings.fail("database", error.what(),
                      "see whether PostgreSQL runs, and whether database.url has the right host, user and "
                      "password");
    } catch (const std::exception& error) {
        findings.warn("database", error.what(), "run doctor as root, or as the daemon's user");
    }
}

}  // namespace

int main(int argc, char** argv) {
    crypto::forbid_core_dumps();
    const bool err_terminal = ::isatty(STDERR_FILENO) == 1;
    const bool out_terminal = ::isatty(STDOUT_FILENO) == 1;
    return ctl::run({argv + 1, argv + argc}, {std::cin, std::cout, std::cerr, err_terminal, out_terminal},
                    open_api, look_at_database);
}
