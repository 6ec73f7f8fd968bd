// SPDX-License-Identifier: Apache-2.0
// alarm list, show, acknowledge, clear.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "alarm".
void add_alarm_commands(CLI::App* alarm, const AddCommands& add);

}  // namespace bindhss::ctl
