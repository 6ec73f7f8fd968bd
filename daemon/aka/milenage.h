// SPDX-License-Identifier: Apache-2.0
// The algorithm set Milenage (TS 35.205, 35.206): f1, f1*, f2, f3, f4, f5, f5* with the standard r and c
// constants.
#pragma once

#include "aka/algorithm_set.h"
#include "crypto/aes.h"

namespace bindhss::aka {

/// OPc = OP xor E_K(OP) (TS 35.206 4.1).
[[nodiscard]] Opc derive_opc(const SubscriberKey& k, OctetView op);

/// Milenage for one subscription. One thread at a time.
class Milenage final : public AlgorithmSet {
  public:
    Milenage(const SubscriberKey& k, const Opc& opc) : aes_(k.view()), opc_(opc) {}

    [[nodiscard]] MacA f1(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
    [[nodiscard]] MacS f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
    [[nodiscard]] Challenge f2345(const Rand& rand) override;
    [[nodiscard]] AnonymityKey f5_star(const Rand& rand) override;

  private:
    [[nodiscard]] crypto::Block temp(const Rand& rand);
    [[nodiscard]] crypto::Block out1(const Rand& rand, const Sqn& sqn, const Amf& amf);
    [[nodiscard]] crypto::Block out(const crypto::Block& temp, unsigned rotate_octets, std::uint8_t constant);

    crypto::Aes aes_;
    Opc opc_;
};

}  // namespace bindhss::aka
