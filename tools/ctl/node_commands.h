// SPDX-License-Identifier: Apache-2.0
// What operators have MMEs and SGSNs told. bindhssctl stores the requests; a running bindhssd sends them, and
// tries again until they are answered.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

// All of these throw Refused and store::Unavailable.
/// Reset (TS 29.272 5.2.4.1) to every node that serves anybody; `prefixes` are leading digits of IMSIs, none:
/// all subscribers.
void reset_nodes(Context& context, const std::vector<std::string>& prefixes);
/// Cancel-Location, SUBSCRIPTION_WITHDRAWAL (5.2.1.2): the nodes detach the UE.
void detach_subscriber(Context& context, const std::string& imsi, bool reattach);
/// Asks the nodes where the UE is (IDR-Flags, 7.3.103); the answer is stored with the registration.
void locate_subscriber(Context& context, const std::string& imsi);

/// reset.
void add_reset_command(CLI::App* program, const AddCommand& add);
/// detach and locate, of "subscriber".
void add_detach_commands(CLI::App* subscriber, const AddCommand& add);

}  // namespace bindhss::ctl
