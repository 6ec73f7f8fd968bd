// SPDX-License-Identifier: Apache-2.0
// binding reevaluate: registered subscribers who would not be admitted any more, and their detachment.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

struct Reevaluation {
    binding::SubscriptionSet subscriptions;  ///< everybody
    bool detach = false;
    std::uint32_t rate = 10;  ///< subscribers detached in a second, 1 to limits::detach_rate_max
};

/// Judges every registration by the rules and terms of now, as the daemon would judge a Notify of the same
/// device, and lists those that are not admitted in full any more. With `detach`, unless it is a dry run,
/// their nodes get CLR and the UE is told to attach again. Nobody with an emergency service is detached
/// (TS 22.016 5), and nobody whose case has changed since it was listed.
void reevaluate(Context& context, const Reevaluation& request);

/// The subcommand of "binding".
void add_reevaluate_command(CLI::App* binding, const AddCommands& add);

/// Throws Refused. Empty: everybody.
[[nodiscard]] binding::SubscriptionSet parsed_subscriptions(const std::string& text);

}  // namespace bindhss::ctl
