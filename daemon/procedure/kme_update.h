// SPDX-License-Identifier: Apache-2.0
// Giving a device its key while its Update-Location is pending (R21 to R32), and renewing it afterwards.
#pragma once

#include "binding/judge.h"
#include "procedure/ports.h"

namespace bindhss::procedure {

/// Runs the exchange of figure 2.2.1-1 of seed 004 between ULR and ULA, within provisioning.deadline.
/// REQUIRES: the verdict says key_may_be_given, and kme_features() of this request has `provisioning`. Never
/// registers the UE: the answer is an error, or SUCCESS without anything that would let a bearer come about
/// (R24); the next access runs on the key. Raises the alarms; stores nothing but the exchange, and with it
/// what was seen: of a device that is not named, or not authorised, there is none.
[[nodiscard]] boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> provision_key(
    const Ports& ports, s6a::UpdateLocationRequest request, binding::Verdict verdict,
    store::SubscriberView subscriber);

/// Starts, behind the ULA, the exchange that renews the key of a UE that is registered and verified (spec 4.5
/// "Rotation"), on the caller's executor, without waiting. Whatever becomes of it, the key in use stays good
/// until the new one is proven.
boost::asio::awaitable<void> renew_in_background(const Ports& ports, s6a::UpdateLocationRequest request,
                                                 SubscriptionData current);

}  // namespace bindhss::procedure
