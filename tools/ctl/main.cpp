// SPDX-License-Identifier: Apache-2.0
// bindhssctl: provisioning on PostgreSQL.
#include <fstream>
#include <iostream>

#include "config/config.h"
#include "crypto/core_dump.h"
#include "crypto/random.h"
#include "ctl/command_line.h"
#include "store/postgres/key_check.h"
#include "store/postgres/migrations.h"
#include "store/postgres/provisioning.h"

namespace {

using namespace bindhss;

/// Provisioning together with the keys and the randomness that it borrows.
class OwnedProvisioning final : public store::Provisioning {
  public:
    OwnedProvisioning(const std::string& url, crypto::KeyRing keys)
        : keys_(std::move(keys)), provisioning_(url, keys_, random_) {}

    std::vector<store::LineError> apply(const std::vector<store::Item>& items, bool dry_run) override {
        return provisioning_.apply(items, dry_run);
    }
    std::optional<store::SubscriberRow> subscriber(const Imsi& imsi) override {
        return provisioning_.subscriber(imsi);
    }
    std::vector<store::SubscriberRow> subscribers(std::size_t limit) override {
        return provisioning_.subscribers(limit);
    }
    std::optional<store::ProfileRow> profile(const std::string& name) override {
        return provisioning_.profile(name);
    }
    std::vector<store::ProfileRow> profiles(std::size_t limit) override {
        return provisioning_.profiles(limit);
    }
    std::vector<store::DeviceRow> devices(std::size_t limit) override { return provisioning_.devices(limit); }
    std::vector<store::EquipmentEntry> equipment(std::size_t limit) override {
        return provisioning_.equipment(limit);
    }
    std::optional<store::EquipmentEntry> equipment_of(Imei imei,
                                                      const std::optional<std::string>& svn) override {
        return provisioning_.equipment_of(imei, svn);
    }
    std::vector<ServingNode> order(const store::NodeOrder& order) override {
        return provisioning_.order(order);
    }
    std::vector<store::RegistrationRow> registrations(std::size_t limit) override {
        return provisioning_.registrations(limit);
    }
    std::vector<store::AlarmRow> alarms(std::size_t limit) override { return provisioning_.alarms(limit); }

  private:
    crypto::SystemRandom random_;
    crypto::KeyRing keys_;
    store::postgres::PostgresProvisioning provisioning_;
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

std::unique_ptr<store::Provisioning> open_database(const ctl::Target& target) {
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
    return std::make_unique<OwnedProvisioning>(url, std::move(keys));
}

}  // namespace

int main(int argc, char** argv) {
    crypto::forbid_core_dumps();
    return ctl::run({argv + 1, argv + argc}, {std::cin, std::cout, std::cerr}, open_database);
}
