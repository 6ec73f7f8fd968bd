// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// ME-Identity-Check, EIR side (TS 29.272 6.2.1.3): the status of the entry that decides on the device, or
/// Settings::unlisted_equipment. With an IMSI that is subscribed here the pair is judged as in an
/// Update-Location, but for the key: alarms are the same, and where the policy enforces the IMEI a device
/// that the binding does not have is prohibited whatever its status. Stores nothing: what counts as seen is
/// what a registered node reports.
///
/// Errors: equipment_unknown without a valid IMEI, and for a device that is not listed when the operator
/// wants it so; unable_to_comply, too_busy of the store.
[[nodiscard]] boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> me_identity_check(
    const Ports& ports, s6a::MeIdentityCheckRequest request);

}  // namespace bindhss::procedure
