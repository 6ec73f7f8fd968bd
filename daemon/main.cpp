// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <optional>

#include "app/after_restore.h"
#include "app/app.h"
#include "config/config.h"
#include "crypto/core_dump.h"
#include "store/postgres/restore.h"

namespace {

constexpr int exit_refused = 1;  // the configuration, a key file, the database: told on standard error
constexpr int exit_usage = 2;

int run(bindhss::config::Source source, bindhss::config::Loaded loaded,
        std::optional<std::uint64_t> seq_ahead) {
    const auto settings = loaded.settings.log;
    bindhss::log::Logger log(settings);
    try {
        if (seq_ahead) {
            bindhss::run_after_restore(loaded.settings, log, *seq_ahead);
        } else {
            bindhss::run_daemon(std::move(source), std::move(loaded), log);
        }
        return 0;
    } catch (const std::exception& error) {
        log.error("cannot_run", {{"error", error.what()}});
        log.flush();
        if (!settings.file.empty()) std::cerr << "bindhssd: " << error.what() << '\n';
        return exit_refused;
    }
}

}  // namespace

int main(int argc, char** argv) {
    bindhss::crypto::forbid_core_dumps();
    ::umask(S_IWGRP | S_IRWXO);     // the log names subscribers and devices: not for everybody
    std::signal(SIGPIPE, SIG_IGN);  // a peer that closes is seen by its read

    CLI::App arguments{"BindHSS: a Home Subscriber Server that ties SIM cards to devices"};
    std::string path = "/etc/bindhss/bindhssd.yaml";
    bool check = false;
    bool print = false;
    arguments.add_option("-c,--config", path, "Configuration file")->capture_default_str();
    arguments.add_flag("--check-config", check, "Check the configuration, file and environment, and exit");
    arguments.add_flag(
        "--print-config", print,
        "Show the effective configuration, where each value comes from, passwords masked, and exit");
    bool after_restore = false;
    std::uint64_t seq_ahead = bindhss::store::postgres::seq_ahead_default;
    auto* restored = arguments.add_flag(
        "--after-restore", after_restore,
        "The database was restored from a backup: lift every sequence number, forget what was to be"
        " sent and what was proven by vectors, order a Reset for each node, and exit; before any bindhssd "
        "serves");
    arguments
        .add_option("--seq-ahead", seq_ahead,
                    "By how much: more than the vectors that one card had since the backup")
        ->capture_default_str()
        ->check(CLI::Range(std::uint64_t{1}, bindhss::store::postgres::seq_ahead_max))
        ->needs(restored);
    arguments.set_version_flag("--version", "bindhssd " BINDHSS_VERSION);
    try {
        arguments.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return arguments.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        auto source = bindhss::config::source_of_process(path);
        auto loaded = bindhss::config::load(source);
        if (print) std::cout << bindhss::config::render(loaded.settings, loaded.origins);
        if (check) {
            for (const auto& text : bindhss::config::warnings(loaded.settings))
                std::cerr << "warning: " << text << '\n';
            std::cout << path << ": the configuration is good\n";
        }
        if (check || print) return 0;
        return run(std::move(source), std::move(loaded),
                   after_restore ? std::optional(seq_ahead) : std::nullopt);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return exit_refused;
    }
}
