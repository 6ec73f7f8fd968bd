// SPDX-License-Identifier: Apache-2.0
// An alarm as a message of syslog (RFC 5424), with the severities of RFC 5674.
#pragma once

#include <string>

#include "alarm/address.h"
#include "alarm/alarm.h"

namespace bindhss::alarm {

struct SyslogSender {
    Facility facility = Facility::local0;
    std::string host;  ///< HOSTNAME: printable ASCII without blanks; empty: "-"
    std::string process_id;
};

/// limits::syslog_octets_max at most: a longer text is cut. The fields of an alarm are structured data of
/// "bindhss@32473"; MSGID is the alarm's name. The text begins with the mark of UTF-8 (6.4) when there is
/// anything but ASCII in it, and only then, because receivers show it.
[[nodiscard]] std::string syslog_message(const Notice& notice, const SyslogSender& sender);

}  // namespace bindhss::alarm
