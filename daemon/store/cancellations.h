// SPDX-License-Identifier: Apache-2.0
// Who is cancelled when a UE comes to a node (TS 29.272 5.2.1.1.3). Pure; every implementation of the store
// asks here.
#pragma once

#include <vector>

#include "store/registration.h"

namespace bindhss::store {

/// An Update-Location that says the same as the one before, within this time, is the same one again: lost
/// answers are repeated within seconds (RFC 6733 3, T flag), and a repetition cancels nobody a second time.
inline constexpr std::chrono::seconds repetition_window{10};

/// Does the request say again what the node's registration already holds?
[[nodiscard]] bool repeats(const Registrations& before, const RegisterNode& request);

/// The requests that a registration gives rise to, without ids; `before` is what was stored.
[[nodiscard]] std::vector<NodeRequest> cancellations_of(const Imsi& imsi, const Registrations& before,
                                                        const RegisterNode& request);

/// The same for a Notify: the SGSN of a single registration (5.2.5.1.3), and the node itself when the binding
/// does not admit the device (spec 5.3). REQUIRES: the UE is registered at the node in that domain.
[[nodiscard]] std::vector<NodeRequest> cancellations_of(const Imsi& imsi, const Registrations& before,
                                                        const NotifyNode& request);

/// What of the node's registration before lives on in the new one, and what the standard resets.
[[nodiscard]] Registration merged(const Registrations& before, const RegisterNode& request);

/// The request that cancels what is registered at a node.
[[nodiscard]] NodeRequest cancel(const Imsi& imsi, const Registration& registered, s6a::CancellationType type,
                                 WallTime now);

/// What a Notify changes of a registration (5.2.5.1.3).
void apply(const NotifyNode& request, Registration& registered);

}  // namespace bindhss::store
