// SPDX-License-Identifier: Apache-2.0
// bindhss-emu load and fleet.
#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <iostream>

#include "diameter_dict/dictionary.h"
#include "emu/load.h"
#include "emu/loops.h"
#include "emu/options.h"
#include "types/limits.h"

namespace bindhss::emu {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds reconnect_interval{200};

/// One load with all its peers.
class Load {
  public:
    explicit Load(const LoadOptions& options)
        : options_(options),
          fleet_(fleet_settings(options.fleet, options.bound)),
          log_(log_settings(options.connection)),
          dictionary_(dictionary(options.connection)),
          loops_(options.threads),
          signals_(loops_.of(0), SIGINT, SIGTERM) {
        if (!options.state.empty() || options.authenticate_all ||
            fleet_.count <= limits::emu_exact_ledger_max) {
            exact_ = std::make_unique<ExactLedger>(fleet_.count);
            if (!options.state.empty()) exact_->load(options.state, fleet_name());
        } else {
            window_ = std::make_unique<WindowLedger>(fleet_.count);
        }
        signals_.async_wait([this](const boost::system::error_code& error, int) { stop_ = stop_ || !error; });
        connect();
    }
    ~Load() { loops_.stop(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    [[nodiscard]] bool open() {
        const auto opened =
            loops_.each<bool>(ports_.size(), [this](std::size_t i) { return ports_[i]->connect(); });
        return std::find(opened.begin(), opened.end(), false) == opened.end();
    }

    [[nodiscard]] LoadReport run() {
        const auto duration = parse_duration("--duration", options_.duration);
        settings_.end = std::chrono::steady_clock::now() + duration;
        std::vector<std::unique_ptr<LoadPeer>> peers;
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            peers.push_back(std::make_unique<LoadPeer>(settings_, identity(i), *ports_[i], ledger(), i + 1));
        }
        loops_.wait_all(ports_.size(), [&](std::size_t i) {
            return options_.authenticate_all ? peers[i]->authenticate_all(*exact_, i, ports_.size())
                                             : peers[i]->run();
        });
        LoadReport report;
        for (const auto& peer : peers) report.merge(peer->report());
        loops_.wait_all(ports_.size(), [&](std::size_t i) { return ports_[i]->disconnect(); });
        if (!options_.state.empty()) exact_->save(options_.state, fleet_name());
        return report;
    }

  private:
    void connect() {
        const auto& connection = options_.connection;
        settings_.fleet = fleet_;
        settings_.plmn = parse_plmn(connection.plmn);
        settings_.window = options_.window;
        if (options_.rate != 0)
            settings_.interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / options_.rate;
        settings_.sequential = options_.sequential;
        settings_.verify_every = parse_every("--verify", options_.verify, true);
        settings_.attach = options_.attach;
        settings_.tolerate_errors = options_.tolerate_errors;
        settings_.stop = &stop_;
        for (std::size_t i = 0; i < options_.peers; ++i) {
            const auto& address = connection.connect[i % connection.connect.size()];
            auto settings = s6a_settings(connection, address, identity(i));
            settings.reconnect_interval = reconnect_interval;
            ports_.push_back(
                std::make_unique<S6aPort>(loops_.of(i), *dictionary_, settings, success_of, log_));
        }
    }

    [[nodiscard]] ServingNode identity(std::size_t peer) const {
        const auto& realm = options_.connection.realm;
        return {"mme" + std::to_string(peer + 1) + "." + realm, realm};
    }
    [[nodiscard]] std::string fleet_name() const {
        return fleet_.imsi_first + "+" + std::to_string(fleet_.count);
    }
    [[nodiscard]] SqnLedger& ledger() {
        return exact_ ? static_cast<SqnLedger&>(*exact_) : static_cast<SqnLedger&>(*window_);
    }

    LoadOptions options_;
    FleetSettings fleet_;
    LoadSettings settings_{{}, *Plmn::parse("00101")};
    log::Logger log_;
    const std::unique_ptr<const diameter_dict::Dictionary> dictionary_;
    std::atomic<bool> stop_{false};
    std::unique_ptr<ExactLedger> exact_;
    std::unique_ptr<WindowLedger> window_;
    Loops loops_;
    asio::signal_set signals_;
    std::vector<std::unique_ptr<S6aPort>> ports_;
};

constexpr std::size_t rate_max = 1'000'000;

void require_range(const std::string& option, std::size_t value, std::size_t max) {
    if (value == 0 || value > max) throw UsageError(option + " has to be 1 to " + std::to_string(max));
}

bool good(const LoadReport& report, const LoadOptions& options) {
    if (report.fault_count() != 0 || report.not_authenticated != 0) return false;
    if (report.verified == 0 && options.verify != "none") return false;
    if (options.tolerate_errors) return true;
    return report.undelivered == 0 && report.air.all_successful() && report.ulr.all_successful();
}

}  // namespace

ExitCode load_command(const LoadOptions& options) {
    require_range("--peers", options.peers, limits::emu_peers_max);
    require_range("--window", options.window, limits::emu_window_max);
    if (options.rate != 0) require_range("--rate", options.rate, rate_max);
    require_range("--threads", options.threads, limits::emu_peers_max);
    if (options.connection.connect.empty()) throw UsageError("--connect is needed");
    if (options.fleet.count > limits::emu_exact_ledger_max &&
        (!options.state.empty() || options.authenticate_all)) {
        throw UsageError("--state and --authenticate-all are for " +
                         std::to_string(limits::emu_exact_ledger_max) + " subscribers at most");
    }
    if (!options.provision.empty()) return provision_command(options);
    Load load(options);
    if (!load.open()) {
        std::cerr << "bindhss-emu: cannot connect to " << options.connection.connect.front() << '\n';
        return ExitCode::cannot_connect;
    }
    const auto report = load.run();
    report.print(std::cout);
    return good(report, options) ? ExitCode::as_expected : ExitCode::not_as_expected;
}

}  // namespace bindhss::emu
