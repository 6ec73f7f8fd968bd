// SPDX-License-Identifier: Apache-2.0
// The arguments of profile_commands.h.
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

/// The subcommands of "profile".
void add_profile_commands(CLI::App* profile, const AddCommand& add, const AddOffline& add_offline);
/// Those of "subscriber" that are not about its card.
void add_subscription_commands(CLI::App* subscriber, const AddCommand& add);

}  // namespace bindhss::ctl
