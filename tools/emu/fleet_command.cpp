// SPDX-License-Identifier: Apache-2.0
// bindhss-emu fleet, and load --provision: exchanges of keys with a fleet.
#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <iostream>

#include "diameter_dict/dictionary.h"
#include "emu/device_key_file.h"
#include "emu/loops.h"
#include "emu/options.h"
#include "emu/provision_load.h"
#include "types/limits.h"

namespace bindhss::emu {

namespace asio = boost::asio;

namespace {

/// Different keys in a fleet: the rest have one of these too.
constexpr std::size_t key_pool_max = 4'096;

std::vector<DeviceKeyPair> generated_pool(const FleetOptions& options) {
    std::vector<DeviceKeyPair> keys;
    if (options.device_keys.empty()) return keys;
    const auto kind = parse_device_key_kind(options.device_keys);
    if (!kind) throw UsageError("--device-keys is one of " + device_key_kinds());
    if (options.key_pool == 0 || options.key_pool > key_pool_max) {
        throw UsageError("--key-pool has to be 1 to " + std::to_string(key_pool_max));
    }
    for (std::size_t i = 0; i < options.key_pool; ++i) keys.emplace_back(generate_device_key(*kind));
    return keys;
}

/// A load of exchanges with all its peers.
class ProvisionLoad {
  public:
    ProvisionLoad(const LoadOptions& options, const FleetSettings& fleet, std::vector<DeviceKeyPair> keys)
        : options_(options),
          settings_{fleet, parse_plmn(options.connection.plmn), std::move(keys)},
          log_(log_settings(options.connection)),
          dictionary_(dictionary(options.connection)),
          loops_(options.threads),
          signals_(loops_.of(0), SIGINT, SIGTERM) {
        settings_.window = options.window;
        settings_.step = options.peers;
        settings_.verify_every = parse_every("--verify", options.verify, true);
        settings_.device_takes = parse_duration("--device-takes", options.device_takes);
        settings_.stop = &stop_;
        duration_ = parse_duration("--duration", options.duration);
        signals_.async_wait([this](const boost::system::error_code& error, int) { stop_ = stop_ || !error; });
        for (std::size_t i = 0; i < options.peers; ++i) add_peer(i);
    }
    ~ProvisionLoad() { loops_.stop(); }
    ProvisionLoad(const ProvisionLoad&) = delete;
    ProvisionLoad& operator=(const ProvisionLoad&) = delete;

    [[nodiscard]] bool open() {
        const auto opened =
            loops_.each<bool>(ports_.size(), [this](std::size_t i) { return ports_[i]->connect(); });
        return std::find(opened.begin(), opened.end(), false) == opened.end();
    }

    [[nodiscard]] ProvisionReport run() {
        const auto end = std::chrono::steady_clock::now() + duration_;
        loops_.wait_all(ports_.size(), [&](std::size_t i) { return peers_[i]->run(end); });
        ProvisionReport report;
        for (const auto& peer : peers_) report.merge(peer->report());
        loops_.wait_all(ports_.size(), [this](std::size_t i) { return ports_[i]->disconnect(); });
        return report;
    }

  private:
    [[nodiscard]] ServingNode identity(std::size_t peer) const {
        const auto& realm = options_.connection.realm;
        return {"mme" + std::to_string(peer + 1) + "." + realm, realm};
    }
    void add_peer(std::size_t i) {
        const auto& connection = options_.connection;
        const auto& address = connection.connect[i % connection.connect.size()];
        const auto serve = [this, i](const HssRequest& request) { return peers_[i]->serve(request); };
        ports_.push_back(std::make_unique<S6aPort>(
            loops_.of(i), *dictionary_, s6a_settings(connection, address, identity(i)), serve, log_));
        auto settings = settings_;
        settings.first = i;
        peers_.push_back(std::make_unique<ProvisionPeer>(std::move(settings), identity(i), *ports_[i]));
    }

    const LoadOptions& options_;
    ProvisionSettings settings_;
    std::chrono::milliseconds duration_{0};
    log::Logger log_;
    const std::unique_ptr<const diameter_dict::Dictionary> dictionary_;
    std::atomic<bool> stop_{false};
    Loops loops_;
    asio::signal_set signals_;
    std::vector<std::unique_ptr<S6aPort>> ports_;
    std::vector<std::unique_ptr<ProvisionPeer>> peers_;
};

}  // namespace

ExitCode provision_command(const LoadOptions& options) {
    if (options.attach || options.authenticate_all || options.sequential || !options.state.empty()) {
        throw UsageError("--provision goes with none of --attach, --authenticate-all, --sequential, --state");
    }
    auto keys = read_device_keys(options.provision);
    if (const auto* complaint = std::get_if<std::string>(&keys)) throw UsageError(*complaint);
    const auto fleet = fleet_settings(options.fleet, options.bound);
    ProvisionLoad load(options, fleet, std::get<std::vector<DeviceKeyPair>>(std::move(keys)));
    if (!load.open()) {
        std::cerr << "bindhss-emu: cannot connect to " << options.connection.connect.front() << '\n';
        return ExitCode::cannot_connect;
    }
    const auto report = load.run();
    report.print(std::cout);
    const bool good = report.established != 0 && report.failure_count() == 0;
    return good ? ExitCode::as_expected : ExitCode::not_as_expected;
}

ExitCode fleet_command(const FleetOptions& options) {
    Fleet fleet(fleet_settings(options.fleet, options.bound));
    write_fleet(fleet, options.out_dir, generated_pool(options));
    std::cout << options.fleet.count << " subscribers in " << options.out_dir << '\n';
    return ExitCode::as_expected;
}

}  // namespace bindhss::emu
