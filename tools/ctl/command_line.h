// SPDX-License-Identifier: Apache-2.0
// bindhssctl but for its database, so that it is tested with the store in memory.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "config/settings.h"
#include "ctl/commands.h"

namespace bindhss::ctl {

/// Where the data are, as the arguments tell.
struct Target {
    config::Settings settings;             ///< of the configuration file, or defaults
    std::optional<std::string> database;   ///< --database
    std::optional<std::string> keys_file;  ///< --keys
};

/// What the commands work on.
struct Stores {
    std::shared_ptr<store::Provisioning> provisioning;
    std::shared_ptr<store::DeviceKeys> device_keys;
};
/// Opens them. May throw store::Unavailable and, for keys that cannot be read, std::runtime_error.
using Open = std::function<Stores(const Target&)>;

/// Runs one command; `arguments` without the program's name. Returns the exit code.
int run(const std::vector<std::string>& arguments, Streams io, const Open& open);

}  // namespace bindhss::ctl
