// SPDX-License-Identifier: Apache-2.0
// Where the commands find what they work on: the arguments and the environment that say so.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "config/settings.h"
#include "ctl/api_address.h"

namespace bindhss::ctl {

/// What the arguments tell of it.
struct Target {
    config::Settings settings;             ///< of the configuration file, or defaults
    std::string config_file;               ///< empty: there is none, defaults
    std::optional<std::string> database;   ///< --database: without a daemon
    std::optional<std::string> keys_file;  ///< --keys
    std::string api;                       ///< --api or BINDHSS_API; empty: the socket of the configuration
    Credentials credentials;

    /// Of the API. Throws Refused: it cannot be understood.
    [[nodiscard]] ApiAddress address() const;
};

/// Borrowed by the parser until it has parsed.
class ConnectionOptions {
  public:
    void add_to(CLI::App& app);
    /// Throws CLI::RequiresError: options that need others.
    void check() const;
    /// Reads the configuration as the daemon does: the file, and before it the variables BINDHSS_* of the
    /// environment. Throws std::runtime_error: it cannot be used.
    [[nodiscard]] Target target() const;
    /// The configuration alone; defaults where what is asked is not of this machine. Throws as target().
    [[nodiscard]] config::Settings settings() const;
    /// What is said of the configuration file, without reading it; empty: nothing.
    [[nodiscard]] std::string config_file() const;
    /// All but the configuration.
    void apply_to(Target& target) const;

  private:
    [[nodiscard]] std::string api() const;
    std::string config_;
    std::string api_;
    std::string database_;
    std::string keys_;
    Credentials credentials_;
};

}  // namespace bindhss::ctl
