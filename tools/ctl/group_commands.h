// SPDX-License-Identifier: Apache-2.0
// group: subscription groups and their members; model: what is known of device models.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "group".
void add_group_commands(CLI::App* group, const AddCommands& add);
/// The subcommands of "model".
void add_model_commands(CLI::App* model, const AddCommands& add);

}  // namespace bindhss::ctl
