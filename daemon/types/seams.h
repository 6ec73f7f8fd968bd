// SPDX-License-Identifier: Apache-2.0
// Time and randomness are passed in, so that tests are exact and no test source can be linked into the
// daemon.
#pragma once

#include <chrono>

#include "types/octets.h"

namespace bindhss {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The wall clock. Any thread may call it.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual WallTime now() const = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] WallTime now() const override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

/// A source of octets that nobody can predict; crypto::SystemRandom is the one of the daemon. Any thread may
/// call it.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> octets) = 0;
};

}  // namespace bindhss
