// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "app.h"
#include "config/config.h"
#include "crypto/core_dump.h"

namespace {

constexpr int exit_refused = 1;  // the configuration, a key file, the database: told on standard error
constexpr int exit_usage = 2;

int run(const bindhss::config::Settings& settings) {
    bindhss::log::Logger log(settings.log);
    try {
        bindhss::run_daemon(settings, log);
        return 0;
    } catch (const std::exception& error) {
        log.error("cannot_run", {{"error", error.what()}});
        log.flush();
        if (!settings.log.file.empty()) std::cerr << "bindhssd: " << error.what() << '\n';
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
    arguments.add_flag("--check-config", check, "Check the configuration file and exit");
    arguments.add_flag("--print-config", print,
                       "Show the effective configuration, passwords masked, and exit");
    arguments.set_version_flag("--version", "bindhssd " BINDHSS_VERSION);
    try {
        arguments.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return arguments.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        const auto settings = bindhss::config::load(path);
        if (print) std::cout << bindhss::config::render(settings);
        if (check) {
            for (const auto& text : bindhss::config::warnings(settings))
                std::cerr << "warning: " << text << '\n';
            std::cout << path << ": the configuration is good\n";
        }
        return check || print ? 0 : run(settings);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return exit_refused;
    }
}
