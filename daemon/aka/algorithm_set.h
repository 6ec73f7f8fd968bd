// SPDX-License-Identifier: Apache-2.0
// The functions f1 to f5* of TS 33.102 6.3, whatever a subscription computes them with.
#pragma once

#include <memory>

#include "types/aka.h"

namespace bindhss::aka {

using MacA = Value<struct MacATag, 8>;
using MacS = Value<struct MacSTag, 8>;
using AnonymityKey = Secret<6>;

/// What f2 to f5 give for one RAND.
struct Challenge {
    Res res;
    CipherKey ck;
    IntegrityKey ik;
    AnonymityKey ak;
};

/// An algorithm set with the keys of one subscription. One thread at a time.
class AlgorithmSet {
  public:
    virtual ~AlgorithmSet() = default;

    /// f1 (network authentication code).
    [[nodiscard]] virtual MacA f1(const Rand& rand, const Sqn& sqn, const Amf& amf) = 0;
    /// f1* (re-synchronisation message authentication code); AMF is the AMF* of TS 33.102 6.3.3.
    [[nodiscard]] virtual MacS f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) = 0;
    /// f2, f3, f4, f5.
    [[nodiscard]] virtual Challenge f2345(const Rand& rand) = 0;
    /// f5* (anonymity key of re-synchronisation).
    [[nodiscard]] virtual AnonymityKey f5_star(const Rand& rand) = 0;

  protected:
    AlgorithmSet() = default;
    AlgorithmSet(AlgorithmSet&&) = default;
    AlgorithmSet& operator=(AlgorithmSet&&) = default;
};

/// The algorithm set that the keys name. REQUIRES: !fault_of(keys); else throws std::invalid_argument.
[[nodiscard]] std::unique_ptr<AlgorithmSet> make_algorithm_set(const AkaKeys& keys);

/// OPc from OP, or TOPc from TOP, as the keys' algorithm has it; empty with XOR. Of `keys`, opc is not looked
/// at. REQUIRES: fault_of() finds nothing wrong once the result is in keys.opc; `op` has 16 octets, 32 with
/// TUAK.
[[nodiscard]] SecretString derive_operator_key(const AkaKeys& keys, OctetView op);

}  // namespace bindhss::aka
