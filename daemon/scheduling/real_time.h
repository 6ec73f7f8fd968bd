// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <system_error>

namespace bindhss::scheduling {

/// From here on the thread (0: the calling one) goes before all that have no real-time priority, and shares
/// its core by turns with those that have the same one (SCHED_RR, sched(7)). What it starts afterwards has
/// ordinary priority again. `priority` is 1 to 99.
///
/// EPERM without CAP_SYS_NICE (for a thread of one's own, without an RLIMIT_RTPRIO that reaches either),
/// ESRCH when there is no such thread, EINVAL for another priority. Nothing has changed then.
[[nodiscard]] std::error_code run_in_real_time(int priority, pid_t thread = 0);

}  // namespace bindhss::scheduling
