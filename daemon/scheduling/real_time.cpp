// SPDX-License-Identifier: Apache-2.0
#include "scheduling/real_time.h"

#include <sched.h>

#include <cerrno>

namespace bindhss::scheduling {

std::error_code run_in_real_time(int priority, pid_t thread) {
    sched_param parameters{};
    parameters.sched_priority = priority;
    if (::sched_setscheduler(thread, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) == 0) return {};
    return {errno, std::generic_category()};
}

}  // namespace bindhss::scheduling
