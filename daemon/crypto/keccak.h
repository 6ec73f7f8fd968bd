// SPDX-License-Identifier: Apache-2.0
// The permutation Keccak-f[1600] (FIPS 202 3.3, TS 35.231 Annex C). OpenSSL has the hash functions made of
// it, but not the permutation itself.
#pragma once

#include "types/octets.h"

namespace bindhss::crypto {

using KeccakState = Octets<200>;

/// Permutes the state once: 24 rounds. Runs in the same time whatever the state holds.
void keccak_f1600(KeccakState& state);

}  // namespace bindhss::crypto
