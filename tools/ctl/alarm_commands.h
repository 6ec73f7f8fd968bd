// SPDX-License-Identifier: Apache-2.0
// alarm list, show, acknowledge, clear; audit list.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "alarm".
void add_alarm_commands(CLI::App* alarm, const AddCommands& add);
/// The subcommands of "audit".
void add_audit_commands(CLI::App* audit, const AddCommands& add);

}  // namespace bindhss::ctl
