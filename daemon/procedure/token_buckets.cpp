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

/// REQUIRES: the rate is not off.
std::int64_t nanoseconds_a_token(const Rate& rate) {
    return (nanoseconds(rate.per) + rate.count - 1) / rate.count;
}

}  // namespace

// A table that is not written to takes no memory: a rate that is off may be set to another one later.
TokenBuckets::TokenBuckets(Rate rate, std::size_t slots) : rate_(packed(rate)), full_at_(slots) {}

bool TokenBuckets::take(std::uint64_t key, WallTime time) {
    const auto rate = this->rate();
    if (rate.off()) return true;
    const auto interval = nanoseconds_a_token(rate);
    const auto span = interval * rate.count;
    const auto now = nanoseconds(time.time_since_epoch());
    bool taken = false;
    full_at_.change(key, [&](std::int64_t full_at) {
        if (full_at - now > span + clock_step.count()) full_at = now;
        const auto after = std::max(full_at, now) + interval;
        taken = after - now <= span;
        return taken ? after : full_at;
    });
    return taken;
}

void TokenBuckets::give_back(std::uint64_t key) {
    const auto rate = this->rate();
    if (rate.off()) return;
    const auto interval = nanoseconds_a_token(rate);
    full_at_.change(key, [&](std::int64_t full_at) { return std::max<std::int64_t>(full_at - interval, 0); });
}

}  // namespace bindhss::procedure
