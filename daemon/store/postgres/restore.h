// SPDX-License-Identifier: Apache-2.0
// What has to be done to a database that is an old copy of itself, before it serves again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "types/aka.h"

namespace bindhss::store::postgres {

/// SEQs of which nobody knows any more whether they were issued: more than a card can have used since the
/// backup. By default a vector each second for twelve days, which is what limits.imsi.air lets one MME have.
inline constexpr std::uint64_t seq_ahead_default = 1ULL << 20;
/// Well within what a USIM accepts at once, also when a restore follows a restore.
inline constexpr std::uint64_t seq_ahead_max = Sqn::delta / 4;

/// The advisory lock that every session of a daemon shares, and that is held alone while a restore is
/// finished.
inline constexpr std::int64_t serving_lock = 4'784'062'463'441'199'940;

struct Restored {
    std::uint64_t lifted = 0;     ///< subscriptions
    std::uint64_t exhausted = 0;  ///< of these, so near to the end of SEQ that less was left than asked for
    std::uint64_t unproven = 0;   ///< registrations whose UE has to prove its binding again
    std::uint64_t dropped = 0;    ///< requests to nodes that the copy still had to send
    std::uint64_t nodes = 0;      ///< that will be told to send an Update-Location for each UE (Reset)
};

/// Lifts the SEQ of every subscription by `ahead`, so that none is issued twice (spec 4.7, I7), forgets what
/// the copy says of vectors, which may prove what never was (I1, I2), and puts in the place of all requests
/// to nodes a Reset for each node that the copy knows. `progress` is told how many are done, from
/// time to time. Done again, it lifts again, so a run that was interrupted is repeated. Blocking. REQUIRES: 1
/// <= ahead <= seq_ahead_max. Throws std::runtime_error with one line when a daemon is connected to the
/// database, Unavailable (provisioning.h) when it cannot be used.
Restored finish_restore(const std::string& url, std::uint64_t ahead,
                        const std::function<void(std::uint64_t)>& progress);

}  // namespace bindhss::store::postgres
