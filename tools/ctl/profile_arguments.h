// SPDX-License-Identifier: Apache-2.0
// The arguments of profile_commands.h.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "profile".
void add_profile_commands(CLI::App* profile, const AddCommand& add, const AddOffline& add_offline);
/// Those of "subscriber" that are not about its card.
void add_subscription_commands(CLI::App* subscriber, const AddCommand& add);

}  // namespace bindhss::ctl
