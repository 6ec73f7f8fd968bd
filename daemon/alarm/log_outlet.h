// SPDX-License-Identifier: Apache-2.0
// Alarms as events of the log, and as lines of JSON in the same shape.
#pragma once

#include "alarm/outlet.h"
#include "log/log.h"

namespace bindhss::alarm {

/// Writes event "alarm" with the fields change, id, severity, count, imsi, imei, peer, text, detail and by
/// (who acknowledged or cleared it); absent ones are empty. Severity info, and whatever is cleared or
/// acknowledged, is logged as info, warning and minor as warning, the others as error. REQUIRES: the logger
/// outlives it.
class LogOutlet final : public Outlet {
  public:
    explicit LogOutlet(log::Logger& log) : log_(log) {}
    void tell(const Notice& notice) noexcept override;

  private:
    log::Logger& log_;
};

/// "2026-01-31T23:59:59.123Z" (RFC 3339, RFC 5424 6.2.3).
[[nodiscard]] std::string timestamp(WallTime time);

/// One object without a line break: time, level and event as in the log, then `origin` (which daemon tells),
/// and the fields above. Values of peers are escaped.
[[nodiscard]] std::string json_of(const Notice& notice, std::string_view origin);

}  // namespace bindhss::alarm
