// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/census.h"

#include "store/postgres/jobs.h"
#include "store/postgres/statements.h"

namespace bindhss::store::postgres {

Awaitable<Census> take_census(Lane<Job>& jobs, std::size_t rows_max) {
    JobOf<Census>::Work work = [rows_max](Session& session) -> Result<Census> {
        Parameters parameters;
        parameters.add(std::to_string(rows_max));
        const auto rows = session.run(statement::census, parameters);
        const auto number = [&rows](int column) { return rows[0][column].as<std::uint64_t>(); };
        Census census{number(0), number(1), number(2), number(3), number(4), {}};
        for (const auto& row : session.run(statement::census_of_alarms, parameters))
            census.alarms.push_back({row[0].c_str(), row[1].c_str(), row[2].as<std::uint64_t>()});
        return census;
    };
    co_return co_await run_job<Census>(jobs, Cause::unable_to_comply, std::move(work));
}

}  // namespace bindhss::store::postgres
