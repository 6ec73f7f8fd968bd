// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// Notify (TS 29.272 5.2.5.1.3): what changed at the node that serves the UE. user_unknown;
/// unknown_serving_node when the UE is not registered there; unable_to_comply for a PDN-GW of an APN that the
/// subscription does not have. A device that the binding does not admit, or not with all its services, is
/// stored, answered SUCCESS, and its UE cancelled after the answer where the binding's terms want it (spec
/// 5.3), never while it has an emergency service (TS 22.016 5).
boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(const Ports& ports, s6a::NotifyRequest request);

}  // namespace bindhss::procedure
