// SPDX-License-Identifier: Apache-2.0
// Where the detector tells of alarms: the log, a file, syslog, the alarm table, a webhook, counters.
#pragma once

#include "alarm/alarm.h"

namespace bindhss::alarm {

/// Never blocks and never throws; any thread may call it. Notices of one alarm come in their order.
class Outlet {
  public:
    virtual ~Outlet() = default;
    virtual void tell(const Notice& notice) noexcept = 0;
    /// Whether ends are of use of which the detector does not know an alarm: to a table that other daemons
    /// write too.
    [[nodiscard]] virtual bool wants_unknown_ends() const noexcept { return false; }
    /// Whether acts of operators are heard of from there: it is not told of them.
    [[nodiscard]] virtual bool knows_acts() const noexcept { return false; }
};

}  // namespace bindhss::alarm
