// SPDX-License-Identifier: Apache-2.0
// The algorithm set TUAK (TS 35.231), in all the lengths that it has, and as subscriptions use it.
#pragma once

#include "aka/algorithm_set.h"
#include "crypto/keccak.h"

namespace bindhss::aka {

using Top = Secret<32>;
using Topc = Secret<32>;

/// How long the outputs are, in octets, and how often the permutation is applied (TS 35.231 5, 6.1).
struct TuakShape {
    std::uint8_t mac_octets = 8;  ///< 8, 16, 32
    std::uint8_t res_octets = 8;  ///< 4, 8, 16, 32
    std::uint8_t ck_octets = 16;  ///< 16, 32
    std::uint8_t ik_octets = 16;  ///< 16, 32
    std::uint8_t iterations = 1;
};

/// TOPc from TOP and K (TS 35.231 6.2). REQUIRES: k has 16 or 32 octets, top 32.
[[nodiscard]] Topc derive_topc(OctetView k, OctetView top, std::uint8_t iterations = 1);

/// The functions of TUAK as TS 35.231 6 has them, with outputs of any of their lengths. One thread at a time.
class TuakFunctions {
  public:
    struct Outputs {
        SecretString res, ck, ik;
        AnonymityKey ak;
    };

    /// REQUIRES: k has 16 or 32 octets, topc 32, and the lengths are among those of TuakShape.
    TuakFunctions(OctetView k, OctetView topc, const TuakShape& shape);

    [[nodiscard]] SecretString f1(const Rand& rand, const Sqn& sqn, const Amf& amf) const;
    [[nodiscard]] SecretString f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) const;
    [[nodiscard]] Outputs f2345(const Rand& rand) const;
    [[nodiscard]] AnonymityKey f5_star(const Rand& rand) const;

  private:
    [[nodiscard]] SecretString mac(std::uint8_t instance, const Rand& rand, const Sqn& sqn,
                                   const Amf& amf) const;

    SecretString k_;
    Topc topc_;
    TuakShape shape_;
};

/// TUAK for one subscription: MAC of 64 bits, CK and IK of 128 bits (TS 33.102 6.3), RES as the subscription
/// has it.
class Tuak final : public AlgorithmSet {
  public:
    /// REQUIRES: k has 16 or 32 octets, topc 32; res_octets is 4, 8 or 16.
    Tuak(OctetView k, OctetView topc, std::uint8_t iterations, std::uint8_t res_octets)
        : functions_(k, topc, {.res_octets = res_octets, .iterations = iterations}) {}

    [[nodiscard]] MacA f1(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
    [[nodiscard]] MacS f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
    [[nodiscard]] Challenge f2345(const Rand& rand) override;
    [[nodiscard]] AnonymityKey f5_star(const Rand& rand) override;

  private:
    TuakFunctions functions_;
};

}  // namespace bindhss::aka
