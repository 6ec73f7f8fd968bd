// SPDX-License-Identifier: Apache-2.0
#include "procedure/token_buckets.h"

namespace bindhss::procedure {

namespace {

/// A bucket that is full this much later than it can be: the clock was set back. Threads that read the clock
/// in another order than they come here are within it.
constexpr std::chrono::nanoseconds clock_step = std::chrono::seconds(5);

std::int64_t nanoseconds(std::chrono::nanoseconds duration) {
    return duration.count();
}

}  // namespace

TokenBuckets::TokenBuckets(Rate rate, std::size_t slots) : rate_(rate), full_at_(rate.off() ? 0 : slots) {
    if (rate.off()) return;
    interval_ = (nanoseconds(rate.per) + rate.count - 1) / rate.count;
    span_ = interval_ * rate.count;
}

bool TokenBuckets::take(std::uint64_t key, WallTime time) {
    if (rate_.off()) return true;
    const auto now = nanoseconds(time.time_since_epoch());
    bool taken = false;
    full_at_.change(key, [&](std::int64_t full_at) {
        if (full_at - now > span_ + clock_step.count()) full_at = now;
        const auto after = std::max(full_at, now) + interval_;
        taken = after - now <= span_;
        return taken ? after : full_at;
    });
    return taken;
}

void TokenBuckets::give_back(std::uint64_t key) {
    if (rate_.off()) return;
    full_at_.change(key,
                    [&](std::int64_t full_at) { return std::max<std::int64_t>(full_at - interval_, 0); });
}

}  // namespace bindhss::procedure
