// SPDX-License-Identifier: Apache-2.0
// How much of what is in the database: for metrics, now and then.
#pragma once

#include "store/store.h"

namespace bindhss::store::postgres {

template <class P>
class Lane;
class Job;

struct Census {
    struct Alarms {
        std::string name;
        std::string severity;
        std::uint64_t open = 0;
    };
    std::uint64_t subscribers = 0;    ///< as PostgreSQL's statistics estimate
    std::uint64_t registrations = 0;  ///< the same
    std::uint64_t exchanges = 0;
    std::uint64_t node_requests = 0;
    std::uint64_t approvals = 0;
    std::vector<Alarms> alarms;  ///< open ones
};

/// Of what is counted row by row no more than `rows_max` of each. Errors: as store.h. REQUIRES: the lane
/// outlives what is awaited.
[[nodiscard]] Awaitable<Census> take_census(Lane<Job>& jobs, std::size_t rows_max);

}  // namespace bindhss::store::postgres
