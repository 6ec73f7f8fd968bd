// SPDX-License-Identifier: Apache-2.0
// bindhss-emu hold: nodes with many subscribers, who are told of by the HSS.
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "diameter_dict/dictionary.h"
#include "emu/hold.h"
#include "emu/options.h"
#include "emu/parallel.h"
#include "types/limits.h"

namespace bindhss::emu {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds reconnect_interval{200};
constexpr std::chrono::milliseconds poll_interval{100};

/// "ambr.uplink=1000" and so on.
Fields expected_fields(const std::vector<std::string>& texts) {
    Fields fields;
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) throw UsageError("--expect-data is FIELD=VALUE");
        fields[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return fields;
}

/// All nodes and what they do, on one thread.
class Hold {
  public:
    explicit Hold(const HoldOptions& options)
        : options_(options),
          duration_(parse_duration("--duration", options.duration)),
          settle_(parse_duration("--settle", options.settle)),
          log_(log_settings(options.connection)),
          dictionary_(dictionary(options.connection)),
          tally_(options.fleet.count, expected_fields(options.expect_data)),
          signals_(io_, SIGINT, SIGTERM) {
        signals_.async_wait([this](const boost::system::error_code& error, int) { stop_ = stop_ || !error; });
        for (std::size_t i = 0; i < options_.nodes; ++i) add(i);
    }

    ExitCode run() {
        auto done = asio::co_spawn(io_, play(), asio::use_future);
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready && io_.run_one() != 0) {
        }
        return done.get();
    }

  private:
    void add(std::size_t number) {
        const auto& connection = options_.connection;
        const auto& realm = connection.realm;
        HoldSettings settings{options_.fleet,
                              parse_plmn(connection.plmn),
                              {options_.name + std::to_string(number + 1) + "." + realm, realm}};
        settings.window = options_.window;
        settings.first = number;
        settings.step = options_.nodes;
        settings.sgsn = options_.sgsn;
        auto port = s6a_settings(connection, connection.connect[number % connection.connect.size()],
                                 settings.identity);
        port.reconnect_interval = reconnect_interval;
        const auto serve = [this, number](const HssRequest& request) {
            return nodes_[number]->serve(request);
        };
        ports_.push_back(std::make_unique<S6aPort>(io_, *dictionary_, port, serve, log_));
        nodes_.push_back(std::make_unique<HoldNode>(settings, *ports_.back(), tally_));
    }

    asio::awaitable<ExitCode> play() {
        const auto end = Clock::now() + duration_;
        for (auto& port : ports_) {
            const bool connected = co_await port->connect();
            if (!connected) co_return ExitCode::cannot_connect;
        }
        std::size_t next = 0;
        const auto begin = Clock::now();
        const auto start = [this, &next] { return nodes_[next++]->register_all(); };
        asio::co_spawn(io_, write_status(), [](const std::exception_ptr&) {});
        co_await all_of(nodes_.size(), start);
        const std::chrono::duration<double> elapsed = Clock::now() - begin;
        std::cout << tally_.registered_count() << " subscribers registered in " << elapsed.count() << " s"
                  << std::endl;
        while (!stop_ && Clock::now() < end && !(options_.expect_idr && all_told())) {
            co_await pause(poll_interval);
        }
        if (!stop_ && options_.expect_idr) {
            co_await pause(settle_);  // what is told once too often comes late
        }
        finished_ = true;
        for (auto& port : ports_) {
            co_await port->disconnect();
        }
        tally_.print(std::cout);
        co_return good() ? ExitCode::as_expected : ExitCode::not_as_expected;
    }

    [[nodiscard]] bool all_told() const { return tally_.told_count() == options_.fleet.count; }

    [[nodiscard]] bool good() const {
        if (tally_.refused_count() != 0 || tally_.registered_count() != options_.fleet.count) return false;
        if (!options_.expect_idr) return true;
        const auto told = tally_.told();
        return told.never == 0 && told.wrong == 0 && told.repeatedly <= options_.repeats_max;
    }

    /// Replaced as a whole, so that who reads it sees one state.
    asio::awaitable<void> write_status() {
        if (options_.status.empty()) co_return;
        const auto next = options_.status + ".new";
        while (!finished_) {
            {
                std::ofstream out(next, std::ios::trunc);
                tally_.print_status(out);
            }
            std::error_code ignored;
            std::filesystem::rename(next, options_.status, ignored);
            co_await pause(poll_interval);
        }
    }

    HoldOptions options_;
    std::chrono::milliseconds duration_;
    std::chrono::milliseconds settle_;
    log::Logger log_;
    const std::unique_ptr<const diameter_dict::Dictionary> dictionary_;
    HoldTally tally_;
    asio::io_context io_{1};
    asio::signal_set signals_;
    std::vector<std::unique_ptr<HoldNode>> nodes_;
    std::vector<std::unique_ptr<S6aPort>> ports_;
    bool stop_ = false;
    bool finished_ = false;
};

}  // namespace

ExitCode hold_command(const HoldOptions& options) {
    if (options.nodes == 0 || options.nodes > limits::emu_peers_max) {
        throw UsageError("--nodes has to be 1 to " + std::to_string(limits::emu_peers_max));
    }
    if (options.window == 0 || options.window > limits::emu_window_max) {
        throw UsageError("--window has to be 1 to " + std::to_string(limits::emu_window_max));
    }
    if (options.connection.connect.empty()) throw UsageError("--connect is needed");
    try {
        const Fleet checked(options.fleet);
    } catch (const std::invalid_argument& error) {
        throw UsageError(error.what());
    }
    Hold hold(options);
    const auto outcome = hold.run();
    if (outcome == ExitCode::cannot_connect) {
        std::cerr << "bindhss-emu: cannot connect to " << options.connection.connect.front() << '\n';
    }
    return outcome;
}

}  // namespace bindhss::emu
