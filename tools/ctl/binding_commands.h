// SPDX-License-Identifier: Apache-2.0
// binding show, authorise, refuse, lock, unlock, and approval list.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "binding" but `set`, which is a record like others, and `reevaluate`.
void add_binding_commands(CLI::App* binding, const AddCommands& add);
/// The subcommands of "approval".
void add_approval_commands(CLI::App* approval, const AddCommands& add);

void show_binding(Context& context, const std::string& imsi);

}  // namespace bindhss::ctl
