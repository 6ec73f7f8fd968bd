// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/fingerprint_table.h"
#include "types/request_limits.h"
#include "types/seams.h"

namespace bindhss::procedure {

/// A token bucket for each of many objects, in bounded memory. No bucket gives more than `count` and one more
/// for each per/count that passes. Only buckets that are not full take a place; where a set of places has no
/// room for one more, the fullest is forgotten, which means full: with too many objects some get more than
/// their rate, none gets less. Any thread may call it.
///
/// What is stored of a bucket is when it will be full again (the theoretical arrival time of GCRA, ITU-T
/// I.371), in nanoseconds.
class TokenBuckets {
  public:
    /// `slots`: of the table; nothing is kept with a rate that is off.
    TokenBuckets(Rate rate, std::size_t slots);

    /// One token of the bucket of `key`; false: it is empty. Always true when the rate is off.
    [[nodiscard]] bool take(std::uint64_t key, WallTime now);
    /// Puts back a token that was taken for nothing.
    void give_back(std::uint64_t key);

    /// As FingerprintTable::prefetch.
    void prefetch(std::uint64_t key) const { full_at_.prefetch(key); }

    [[nodiscard]] const Rate& rate() const { return rate_; }

  private:
    Rate rate_;
    std::int64_t interval_ = 0;  ///< nanoseconds a token
    std::int64_t span_ = 0;      ///< from empty to full
    FingerprintTable full_at_;
};

}  // namespace bindhss::procedure
