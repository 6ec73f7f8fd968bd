// SPDX-License-Identifier: Apache-2.0
// bindhssctl: provisioning on PostgreSQL.
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "config/config.h"
#include "crypto/core_dump.h"
#include "crypto/random.h"
#include "ctl/command_line.h"
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

/// The cluster that a running bindhssd owns. PostgreSQL writes the directory of its socket into the fifth
/// line of postmaster.pid; it is not always within the cluster's own directory, whose path may be too long
/// for a socket.
std::string embedded_url(const config::Settings& settings) {
    const auto directory = config::cluster_directory(settings);
    std::ifstream pid_file(directory + "/data/postmaster.pid");
    std::string sockets;
    for (int i = 0; i < 5 && std::getline(pid_file, sockets); ++i) continue;
    if (!pid_file || sockets.empty()) {
        throw store::Unavailable("the embedded database in " + directory +
                                 " is not running, or this user may not see it: is bindhssd running?");
    }
    std::string quoted;
    for (const char c : sockets) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return "host='" + quoted + "' port=5432 user=bindhss dbname=bindhss";
}

ctl::Stores open_database(const ctl::Target& target) {
    const auto& settings = target.settings;
    const auto url = target.database              ? *target.database
                     : config::embedded(settings) ? embedded_url(settings)
                                                  : settings.database.url;
    const auto keys_file = target.keys_file.value_or(config::keys_file(settings));
    auto keys = crypto::KeyRing::load(keys_file);
    try {
        store::postgres::check_schema(url);
    } catch (const store::postgres::SchemaError& error) {
        throw store::Unavailable(error.what());
    }
    crypto::SystemRandom random;
    store::postgres::check_keys(url, keys, random, keys_file);
    const auto opened = std::make_shared<Opened>(url, std::move(keys));
    return {{opened, &opened->provisioning}, {opened, &opened->device_keys}};
}

}  // namespace

int main(int argc, char** argv) {
    crypto::forbid_core_dumps();
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    return ctl::run({argv + 1, argv + argc}, {std::cin, std::cout, std::cerr, terminal}, open_database);
}
