// SPDX-License-Identifier: Apache-2.0
// report: what was seen of subscriptions and devices, and a trial of enforcement on it.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "report".
void add_report_commands(CLI::App* report, const AddCommands& add);

struct EnforcementTrial {
    binding::SubscriptionSet subscriptions;  ///< everybody
    std::optional<WallTime> since;           ///< last seen then or later
    std::string terms = "imei_enforce";
    bool list = false;  ///< each pair that would be refused or limited, instead of the totals
};

/// Judges every pair of subscription and device that was ever seen as if the terms were in force for
/// everybody and the device came in now. Of terms with a key the device is judged alone: who has the key is
/// in no history. Registrations without an IMEI are counted too.
void report_enforcement(Context& context, const EnforcementTrial& trial);

}  // namespace bindhss::ctl
