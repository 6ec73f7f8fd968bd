// SPDX-License-Identifier: Apache-2.0
// What every implementation of Exchanges decides alike, and how long it keeps what. Pure.
#pragma once

#include "store/exchange.h"

namespace bindhss::store {

/// For how long who finishes an exchange has the requests to cancel alone, as an Update-Location has its own.
inline constexpr std::chrono::milliseconds reattach_lease{75'000};
/// A failure counts no more this long after its pause is over.
inline constexpr std::chrono::hours failure_remembered{24};
/// A row that nobody has ended is taken away this long after its deadline: whoever began it may still tell of
/// a failure.
inline constexpr std::chrono::seconds exchange_overdue{60};
/// How many exchanges and sessions are begun between two looks for those that are over, and how many of them
/// one look takes away: it keeps up whatever the load.
inline constexpr std::uint32_t exchanges_between_sweeps = 64;
inline constexpr std::uint32_t exchanges_swept_max = 256;
/// The most failures in a row that are counted.
inline constexpr std::uint32_t failures_counted_max = 1'000;

/// May something be sealed to the key now? One that was revoked is never used, whenever that was.
[[nodiscard]] bool is_valid(const DeviceKey& key, WallTime now);

/// The exchange has failed, and what made it fail may still be there: the next one is not at once.
/// `superseded` is no failure of the device.
[[nodiscard]] bool counts_as_failure(binding::ExchangeOutcome outcome);

/// The request that has a UE attach anew which is registered without having the key.
[[nodiscard]] NodeRequest reattach(const Imsi& imsi, const Registration& registered, WallTime now);

/// Why there can be no exchange, whoever asks.
[[nodiscard]] Failure no_further_generation();
[[nodiscard]] Failure no_room_for_device();

}  // namespace bindhss::store
