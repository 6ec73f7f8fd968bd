// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// TS 29.272 5.2.1.1.3, HSS side, with the binding judged before anything is stored (spec 5.3, I1). The
/// previous MME is told by CLR without delaying the answer. Errors: user_unknown, unknown_eps_subscription,
/// rat_not_allowed, roaming_not_allowed, the operator's reject cause for a binding, unable_to_comply. A
/// device that the binding's terms limit is registered with their substitute profile (TS 22.368 7.2.8).
[[nodiscard]] boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
    const Ports& ports, s6a::UpdateLocationRequest request);

}  // namespace bindhss::procedure
