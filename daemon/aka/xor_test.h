// SPDX-License-Identifier: Apache-2.0
// The test algorithm of TS 34.108 8.1.2, which test USIMs have: XOR and nothing else. It protects nothing.
#pragma once

#include "aka/algorithm_set.h"

namespace bindhss::aka {

/// The test algorithm for one subscription. One thread at a time.
class XorTest final : public AlgorithmSet {
  public:
    /// REQUIRES: res_octets is 4 to 16.
    XorTest(const SubscriberKey& k, std::uint8_t res_octets) : k_(k), res_octets_(res_octets) {}

    [[nodiscard]] MacA f1(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
    /// As f1: the test algorithm makes no difference between the two (8.1.2.2).
    [[nodiscard]] MacS f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
    [[nodiscard]] Challenge f2345(const Rand& rand) override;
    /// As f5 (8.1.2.2).
    [[nodiscard]] AnonymityKey f5_star(const Rand& rand) override;

  private:
    SubscriberKey k_;
    std::uint8_t res_octets_;
};

}  // namespace bindhss::aka
