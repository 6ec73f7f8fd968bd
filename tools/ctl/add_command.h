// SPDX-License-Identifier: Apache-2.0
// How a file of commands adds them to the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "ctl/commands.h"

namespace bindhss::ctl {

/// Makes a command of a subcommand: when it is chosen, the action is run.
using AddCommand = std::function<CLI::App*(CLI::App* parent, const std::string& name, const std::string& help,
                                           std::function<void(Context&)> action)>;

/// The same for a command that needs no database.
using AddOffline = std::function<CLI::App*(CLI::App* parent, const std::string& name, const std::string& help,
                                           std::function<void(Streams&, bool json)> action)>;

struct AddCommands {
    AddCommand asking;
    AddCommand storing;  ///< has --dry-run, which the action finds in its context
};

}  // namespace bindhss::ctl
