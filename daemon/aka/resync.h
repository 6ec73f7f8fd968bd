// SPDX-License-Identifier: Apache-2.0
// Re-synchronisation (TS 33.102 6.3.3, 6.3.5) over a RAND that may have been encrypted (spec 4.3).
#pragma once

#include <optional>
#include <span>

#include "aka/algorithm_set.h"

namespace bindhss::aka {

/// The RAND that an AUTS may answer: under which candidate key it was sent.
struct OpenedAuts {
    Sqn sqn_ms;
    /// Index into the candidates given to open_auts(); nothing: the RAND was plain.
    std::optional<std::size_t> key_index;
};

/// Tries the candidate keys in their order, then the plain RAND; nothing when MAC-S fits none of them. At
/// most candidates.size() + 1 trials, each comparison in constant time. REQUIRES: each candidate has 16 or 32
/// octets.
[[nodiscard]] std::optional<OpenedAuts> open_auts(AlgorithmSet& algorithms, const ReSynchronizationInfo& info,
                                                  std::span<const OctetView> candidates);

/// Tells one AUTS from another one of the same SQN: AUTS is made over RAND, so it alone says which challenge
/// it answers, whether RAND was encrypted or not.
[[nodiscard]] std::uint64_t fingerprint_of(const Auts& auts);

/// The USIM's side: AUTS for a challenge that it refuses as out of step.
[[nodiscard]] Auts make_auts(AlgorithmSet& algorithms, const Rand& rand, const Sqn& sqn_ms);

}  // namespace bindhss::aka
