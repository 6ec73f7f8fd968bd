// SPDX-License-Identifier: Apache-2.0
// Alarms as events of the log.
#pragma once

#include "alarm/alarm.h"
#include "log/log.h"

namespace bindhss::alarm {

/// Writes event "alarm" with the fields id, severity, imsi, imei, peer and detail; absent ones are empty.
/// Severity info is logged as info, warning and minor as warning, the others as error. Any thread may call
/// raise(). REQUIRES: the logger outlives it.
class LogSink final : public Sink {
  public:
    explicit LogSink(log::Logger& log) : log_(log) {}
    void raise(const Alarm& alarm) noexcept override;

  private:
    log::Logger& log_;
};

}  // namespace bindhss::alarm
