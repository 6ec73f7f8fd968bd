// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "alarm/alarm.h"
#include "procedure/token_buckets.h"

namespace bindhss::procedure {

/// The alarm rate_limited, counted and not multiplied: of one object once in limits::gate_alarm_pause_ms,
/// and of a node's IMSIs and devices no more than limits::gate_alarms_per_node_max in an hour by name; then
/// the alarm names the node alone. Any thread may call it. Borrows the sink.
class RefusalReport {
  public:
    explicit RefusalReport(alarm::Sink& alarms);

    struct Refusal {
        std::string_view limit;  ///< its name, which tells limits apart
        std::uint64_t object = 0;
        std::uint64_t node = 0;
        const Imsi* imsi = nullptr;  ///< what the alarm is to name; the node when neither is there
        const Imei* imei = nullptr;
        std::string_view host;
        std::string_view text;    ///< which limit
        std::uint64_t count = 0;  ///< requests that it refused so far
        WallTime now;
    };
    void tell(const Refusal& refusal);

  private:
    [[nodiscard]] bool named(const Refusal& refusal, std::uint64_t key);

    alarm::Sink& alarms_;
    TokenBuckets pauses_;     // by limit and object
    TokenBuckets names_;      // by node
    FingerprintTable named_;  // by limit and object: when it was named first
};

}  // namespace bindhss::procedure
