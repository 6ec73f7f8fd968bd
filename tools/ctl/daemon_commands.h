// SPDX-License-Identifier: Apache-2.0
// What the API tells of the running daemon, and asks of it: peers, status, events, config, reload, token.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

void add_daemon_commands(CLI::App* program, const AddCommand& add);

/// token make: needs no daemon.
void add_token_commands(CLI::App* token, const AddOffline& add);

}  // namespace bindhss::ctl
