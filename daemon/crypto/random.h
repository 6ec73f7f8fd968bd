// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "types/seams.h"

namespace bindhss::crypto {

/// OpenSSL's CSPRNG. Throws std::runtime_error when it has no entropy: no challenge is ever made from less.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> octets) override;
};

}  // namespace bindhss::crypto
