// SPDX-License-Identifier: Apache-2.0
// The algorithm set Milenage (TS 35.205, 35.206): f1, f1*, f2, f3, f4, f5, f5* with the standard r and c
// constants.
#pragma once

#include "crypto/aes.h"
#include "types/aka.h"

namespace bindhss::aka {

using MacA = Value<struct MacATag, 8>;
using MacS = Value<struct MacSTag, 8>;
using AnonymityKey = Secret<6>;
using CipherKey = Secret<16>;
using IntegrityKey = Secret<16>;

/// OPc = OP xor E_K(OP) (TS 35.206 4.1).
[[nodiscard]] Opc derive_opc(const SubscriberKey& k, OctetView op);

/// What f2 to f5 give for one RAND.
struct Challenge {
    Res res;
    CipherKey ck;
    IntegrityKey ik;
    AnonymityKey ak;
};

/// Milenage for one subscription. One thread at a time.
class Milenage {
  public:
    Milenage(const SubscriberKey& k, const Opc& opc) : aes_(k.view()), opc_(opc) {}

    /// f1 (network authentication code).
    [[nodiscard]] MacA f1(const Rand& rand, const Sqn& sqn, const Amf& amf);
    /// f1* (re-synchronisation message authentication code); AMF is the AMF* of TS 33.102 6.3.3.
    [[nodiscard]] MacS f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf);
    /// f2, f3, f4, f5.
    [[nodiscard]] Challenge f2345(const Rand& rand);
    /// f5* (anonymity key of re-synchronisation).
    [[nodiscard]] AnonymityKey f5_star(const Rand& rand);

  private:
    [[nodiscard]] crypto::Block temp(const Rand& rand);
    [[nodiscard]] crypto::Block out1(const Rand& rand, const Sqn& sqn, const Amf& amf);
    [[nodiscard]] crypto::Block out(const crypto::Block& temp, unsigned rotate_octets, std::uint8_t constant);

    crypto::Aes aes_;
    Opc opc_;
};

}  // namespace bindhss::aka
