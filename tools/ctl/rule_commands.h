// SPDX-License-Identifier: Apache-2.0
// rule: who may use which device (binding/rule.h).
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "rule".
void add_rule_commands(CLI::App* rule, const AddCommands& add);

/// Which rule decides on a device, and what comes of it: judged by the engine, changing nothing. `device`
/// with 16 digits tells the software version too.
void test_rules(Context& context, const std::string& imsi, const std::string& device, const std::string& svn);

}  // namespace bindhss::ctl
