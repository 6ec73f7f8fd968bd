// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "types/seams.h"

namespace bindhss::crypto {

/// The kernel's CSPRNG (getrandom(2)), which waits until it has been seeded: no challenge is ever made from
/// less. Throws std::system_error when the kernel refuses it. OpenSSL's takes a lock of the whole process for
/// every draw, at which threads spin while its holder has no core (docs/decisions/0020-random.md).
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> octets) override;
};

}  // namespace bindhss::crypto
