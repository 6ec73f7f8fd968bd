// SPDX-License-Identifier: Apache-2.0
// bindhss-emu run and attach: scenarios over Diameter.
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "diameter_dict/dictionary.h"
#include "emu/ctl_command.h"
#include "emu/device_key_file.h"
#include "emu/options.h"
#include "emu/printer.h"
#include "emu/scenario_runner.h"

namespace bindhss::emu {

namespace asio = boost::asio;

namespace {

/// --quiet: the table alone.
class Silence final : public Trace {
  public:
    void event(const Event&) override {}
};

/// The connections of a scenario's nodes, by the node's name.
class Connections {
  public:
    Connections(asio::io_context& io, const diameter_dict::Dictionary& dictionary, log::Logger& log)
        : io_(io), dictionary_(dictionary), log_(log) {}

    void add(const std::string& node, const S6aSettings& settings) {
        const auto on_request = [this, node](const HssRequest& request) -> NodeReply {
            auto* named = runner_ != nullptr ? runner_->node(node) : nullptr;
            if (named == nullptr) return {Refusal{5012, false}};
            return named->serve(request);
        };
        ports_[node] = std::make_unique<S6aPort>(io_, dictionary_, settings, on_request, log_);
    }
    [[nodiscard]] HssPort& port(const std::string& node) { return *ports_.at(node); }
    void set_runner(ScenarioRunner& runner) { runner_ = &runner; }

    /// Nothing, or the name of a node that could not connect.
    asio::awaitable<std::optional<std::string>> open() {
        for (const auto& [node, port] : ports_) {
            const bool opened = co_await port->connect();
            if (!opened) co_return node;
        }
        co_return std::nullopt;
    }
    asio::awaitable<void> close() {
        for (const auto& [node, port] : ports_) {
            co_await port->disconnect();
        }
    }

  private:
    asio::io_context& io_;
    const diameter_dict::Dictionary& dictionary_;
    log::Logger& log_;
    std::map<std::string, std::unique_ptr<S6aPort>> ports_;
    ScenarioRunner* runner_ = nullptr;
};

template <class T>
T run_on(asio::io_context& io, asio::awaitable<T> coroutine) {
    auto result = asio::co_spawn(io, std::move(coroutine), asio::use_future);
    io.restart();
    while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready && io.run_one() != 0) {
    }
    return result.get();
}

/// The command line's destination, or the scenario's where the command line says nothing.
ConnectionOptions merged(const Scenario& scenario, ConnectionOptions options) {
    if (options.connect.empty()) options.connect = scenario.connect;
    if (options.connect.empty())
        throw UsageError("neither --connect nor the scenario's 'connect' says where to");
    if (options.destination_realm.empty()) options.destination_realm = scenario.destination_realm;
    if (options.destination_host.empty()) options.destination_host = scenario.destination_host;
    return options;
}

bool all_as_expected(const std::vector<StepReport>& reports) {
    return std::all_of(reports.begin(), reports.end(), [](const auto& report) { return report.as_expected; });
}

struct PlayOptions {
    bool quiet = false;
    bool colour = false;
    std::string ctl;  ///< empty: nobody runs the commands of a scenario
};

ExitCode play(const Scenario& scenario, const ConnectionOptions& given, const PlayOptions& how) {
    const auto options = merged(scenario, given);
    if (scenario.needs_ctl() && how.ctl.empty()) {
        throw UsageError("the scenario has 'ctl' steps: --ctl says what runs them");
    }
    log::Logger log(log_settings(options));
    asio::io_context io(1);
    const auto known = dictionary(options);
    Connections connections(io, *known, log);
    std::size_t next = 0;  // several addresses are used in turn
    for (const auto& [name, node] : scenario.nodes) {
        const auto& connect = options.connect[next++ % options.connect.size()];
        connections.add(name, s6a_settings(options, connect, node.settings.identity));
    }
    if (const auto failed = run_on(io, connections.open())) {
        std::cerr << "bindhss-emu: " << *failed << " cannot connect to " << options.connect.front() << '\n';
        return ExitCode::cannot_connect;
    }
    Printer printer(std::cout, how.colour);
    Silence silence;
    Trace& trace = how.quiet ? static_cast<Trace&>(silence) : printer;
    const auto port_of = [&connections](const std::string& node) -> HssPort& {
        return connections.port(node);
    };
    CtlCommand ctl(io, how.ctl);
    ScenarioRunner runner(scenario, port_of, trace, &ctl);
    connections.set_runner(runner);
    const auto reports = run_on(io, runner.run([&](std::size_t number, const Step& step) {
        if (!how.quiet) printer.step(number, step.title);
    }));
    run_on(io, connections.close());
    printer.table(reports);
    return all_as_expected(reports) ? ExitCode::as_expected : ExitCode::not_as_expected;
}

/// The public keys of a scenario's devices, for its steps that name $device_keys. Anybody may read them.
class DeviceKeysFile {
  public:
    DeviceKeysFile(Scenario& scenario, const std::string& path) : path_(path) {
        const auto names_it = [](const Step& step) {
            const auto* ctl = std::get_if<CtlStep>(&step.action);
            return ctl != nullptr && std::count(ctl->arguments.begin(), ctl->arguments.end(), name) != 0;
        };
        if (path_.empty() && std::none_of(scenario.steps.begin(), scenario.steps.end(), names_it)) return;
        if (path_.empty()) make_temporary();
        write(scenario);
        for (auto& step : scenario.steps) {
            if (!names_it(step)) continue;
            auto& arguments = std::get<CtlStep>(step.action).arguments;
            std::replace(arguments.begin(), arguments.end(), std::string(name), path_);
        }
    }
    ~DeviceKeysFile() {
        if (temporary_) ::unlink(path_.c_str());
    }
    DeviceKeysFile(const DeviceKeysFile&) = delete;
    DeviceKeysFile& operator=(const DeviceKeysFile&) = delete;

  private:
    static constexpr const char* name = "$device_keys";

    void make_temporary() {
        path_ = (std::filesystem::temp_directory_path() / "bindhss-emu-keys.XXXXXX").string();
        const int file = ::mkstemp(path_.data());
        if (file < 0) throw UsageError("there is no room for a temporary file");
        ::close(file);
        temporary_ = true;
    }
    void write(const Scenario& scenario) const {
        std::ofstream out(path_, std::ios::trunc);
        out << device_key_header << '\n';
        for (const auto& [device, definition] : scenario.devices) {
            if (!definition.private_key) continue;
            write_device_key_line(out, definition.imei, definition.private_key->public_key());
        }
        out.close();
        if (!out) throw UsageError("--export-device-keys cannot be written");
    }

    std::string path_;
    bool temporary_ = false;
};

std::string quoted(const std::string& text) {
    if (text.find_first_of("\"\\\n") != std::string::npos)
        throw UsageError("a value has a quote or a backslash");
    return '"' + text + '"';
}

bool to_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

/// The single attach as a scenario file would say it, so that both are checked alike.
std::string scenario_text(const SingleAttachOptions& options) {
    const auto& connection = options.connection;
    const auto identity = connection.identity.empty() ? "mme." + connection.realm : connection.identity;
    if (options.opc.empty() == options.op.empty()) throw UsageError("either --opc or --op is needed");
    std::string kmes;
    for (const auto& kme : options.kmes) {
        const auto colon = kme.find(':');
        const auto generation = colon == std::string::npos ? "0" : kme.substr(0, colon);
        kmes += (kmes.empty() ? "" : ", ") + quoted(generation) + ": " +
                quoted(kme.substr(colon == std::string::npos ? 0 : colon + 1));
    }
    std::string text;
    text += "nodes: {mme: {identity: " + quoted(identity) + ", realm: " + quoted(connection.realm) +
            ", plmn: " + quoted(connection.plmn) + ", report_imei: " + quoted(options.report_imei) + "}}\n";
    text += "usims: {card: {imsi: " + quoted(options.imsi) + ", k: " + quoted(options.k) +
            (options.opc.empty() ? ", op: " + quoted(options.op) : ", opc: " + quoted(options.opc)) +
            ", seq: " + std::to_string(options.seq) + "}}\n";
    text += "devices: {device: {imei: " + quoted(options.imei) + ", svn: " + quoted(options.svn) +
            ", legacy: " + (options.legacy ? "true" : "false") + ", kme: {" + kmes + "}}}\n";
    text +=
        "steps: [{title: attach, attach: {usim: card, device: device}, expect: " + quoted(options.expect) +
        "}]\n";
    return text;
}

}  // namespace

ExitCode run_command(const RunOptions& options) {
    const bool colour = options.colour == "always" || (options.colour == "auto" && to_terminal());
    auto scenario = load_scenario(options.file);
    const DeviceKeysFile device_keys(scenario, options.export_device_keys);
    return play(scenario, options.connection, {options.quiet, colour, options.ctl});
}

ExitCode attach_command(const SingleAttachOptions& options) {
    return play(parse_scenario(scenario_text(options), "command line"), options.connection,
                {false, to_terminal(), {}});
}

}  // namespace bindhss::emu
