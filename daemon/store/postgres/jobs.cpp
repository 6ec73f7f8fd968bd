// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/jobs.h"

#include <algorithm>
#include <unordered_set>

#include "types/limits.h"

namespace bindhss::store::postgres {

JobLane::Requests take_jobs(std::deque<std::unique_ptr<Job>>& waiting) {
    JobLane::Requests taken;
    taken.push_back(std::move(waiting.front()));
    waiting.pop_front();
    const auto* kind = taken.front()->kind();
    if (kind == nullptr) return taken;
    // The views stay good: a request stays where it is while its pointer moves.
    std::unordered_set<std::string_view> subjects{taken.front()->subject()};
    for (auto& job : waiting) {
        if (taken.size() == limits::jobs_together_max) break;
        if (job->kind() == kind && subjects.insert(job->subject()).second) taken.push_back(std::move(job));
    }
    std::erase(waiting, nullptr);
    std::sort(taken.begin(), taken.end(),
              [](const auto& a, const auto& b) { return a->subject() < b->subject(); });
    return taken;
}

void serve_jobs(Session& session, JobLane::Requests& jobs, log::Logger& log) {
    if (jobs.size() == 1) {
        jobs.front()->run(session);
        jobs.front().reset();
        return;
    }
    try {
        jobs.front()->kind()->serve(session, jobs);
    } catch (const pqxx::failure& error) {
        const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
        const bool again = worth_another_try(error);
        if (!again && (sql == nullptr || wants_another_server(*sql))) throw;
        if (!again)
            log.warning("shared_statement_failed", {{"reason", describe(error)}, {"requests", jobs.size()}});
        for (auto& job : jobs)
            if (job) job->serve_alone();
    }
}

}  // namespace bindhss::store::postgres
