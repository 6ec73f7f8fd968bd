// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "procedure/fingerprint_table.h"
#include "types/request_limits.h"
#include "types/seams.h"

namespace bindhss::procedure {

/// A token bucket for each of many objects, in bounded memory. No bucket gives more than `count` and one more
/// for each per/count that passes. Only buckets that are not full take a place; where a set of places has no
/// room for one more, the fullest is forgotten, which means full: with too many objects some get more than
/// their rate, none gets less. Any thread may call it.
///
/// Another rate may be set at any time; a bucket is then as far from full, in time, as it was.
///
/// What is stored of a bucket is when it will be full again (the theoretical arrival time of GCRA, ITU-T
/// I.371), in nanoseconds.
class TokenBuckets {
  public:
    /// `slots`: of the table; nothing is kept with a rate that is off. REQUIRES: rate.per < 49 days.
    TokenBuckets(Rate rate, std::size_t slots);

    /// One token of the bucket of `key`; false: it is empty. Always true when the rate is off.
    [[nodiscard]] bool take(std::uint64_t key, WallTime now);
    /// REQUIRES: as the constructor.
    void set_rate(Rate rate) { rate_.store(packed(rate), std::memory_order_relaxed); }
    /// Puts back a token that was taken for nothing.
    void give_back(std::uint64_t key);

    /// As FingerprintTable::prefetch.
    void prefetch(std::uint64_t key) const { full_at_.prefetch(key); }

    [[nodiscard]] Rate rate() const {
        const auto rate = rate_.load(std::memory_order_relaxed);
        return {static_cast<std::uint32_t>(rate >> 32), std::chrono::milliseconds(rate & 0xffff'ffffU)};
    }

  private:
    static std::uint64_t packed(Rate rate) {
        return std::uint64_t{rate.count} << 32 | static_cast<std::uint32_t>(rate.per.count());
    }

    std::atomic<std::uint64_t> rate_;  ///< count and milliseconds together: no thread sees half of a change
    FingerprintTable full_at_;
};

}  // namespace bindhss::procedure
