// SPDX-License-Identifier: Apache-2.0
// How often keys are asked for by https.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "alarm/alarm.h"
#include "crypto/sip_hash.h"
#include "procedure/refusal_report.h"
#include "procedure/token_buckets.h"

namespace bindhss::api {

struct KeyRates {
    Rate address{60, std::chrono::minutes(1)};  ///< one client: IPv4 address, or IPv6 network of 64 bits
    Rate imsi{6, std::chrono::minutes(1)};
    Rate imei{6, std::chrono::minutes(1)};
    bool operator==(const KeyRates&) const = default;
};

/// Limits in bounded memory, with the alarm rate_limited. Any thread may call it. The sink and the clock
/// outlive it.
class KeyLimits {
  public:
    KeyLimits(const KeyRates& rates, Random& random, alarm::Sink& alarms, const Clock& clock);

    void change(const KeyRates& rates);
    /// Nothing: the request passes. Otherwise after how many seconds another one may.
    [[nodiscard]] std::optional<long> refuse_address(const std::string& address);
    [[nodiscard]] std::optional<long> refuse_pair(const Imsi& imsi, Imei imei, const std::string& address);

  private:
    struct Limit {
        Limit(std::string_view limit_name, std::string_view described, Rate rate, std::size_t slots)
            : name(limit_name), text(described), buckets(rate, slots) {}
        std::string_view name;
        std::string_view text;
        procedure::TokenBuckets buckets;
        std::atomic<std::uint64_t> refused{0};
        /// Until there is a token again.
        [[nodiscard]] long pause() const;
    };
    long report(Limit& limit, std::uint64_t object, const std::string& address, const Imsi* imsi,
                const Imei* imei);

    const crypto::SipHash hash_;
    const Clock& clock_;
    Limit address_;
    Limit imsi_;
    Limit imei_;
    procedure::RefusalReport report_;
};

}  // namespace bindhss::api
