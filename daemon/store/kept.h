// SPDX-License-Identifier: Apache-2.0
// How much every implementation of the store keeps of what nodes report: one that invents IMEIs fills no
// table.
#pragma once

#include "types/limits.h"

namespace bindhss::store {

/// Devices (IMEI and software version) that a subscription was seen in: beyond it those seen last longest ago
/// are forgotten.
inline constexpr std::size_t devices_kept_max = 256;
/// Devices of a subscription that wait for the operator: beyond it those asked about longest ago go.
inline constexpr std::size_t approvals_kept_max = 64;

// So the device that was seen last at a node that had the UE is among those kept.
static_assert(limits::unproven_devices_max < devices_kept_max);

}  // namespace bindhss::store
