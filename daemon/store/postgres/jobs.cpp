// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/jobs.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

/// So many that wait fill a statement of their own.
constexpr std::size_t enough = limits::jobs_together_max / 2;
/// Threads at shared kinds, while less than that waits of each kind.
constexpr std::size_t at_once = 3;

/// The first, and those of its kind that may share its statements.
JobLane::Requests with_its_kind(std::deque<std::unique_ptr<Job>>& waiting, std::size_t first) {
    JobLane::Requests taken;
    const auto* kind = waiting[first]->kind();
    // The views stay good: a request stays where it is while its pointer moves.
    std::unordered_set<std::string_view> subjects;
    for (auto place = first; place < waiting.size() && taken.size() < limits::jobs_together_max; ++place) {
        auto& job = waiting[place];
        if (job->kind() == kind && subjects.insert(job->subject()).second) taken.push_back(std::move(job));
        if (kind == nullptr) break;
    }
    std::erase(waiting, nullptr);
    std::sort(taken.begin(), taken.end(),
              [](const auto& a, const auto& b) { return a->subject() < b->subject(); });
    return taken;
}

}  // namespace

/// Once for each thread that is waited for.
std::vector<const JobKind*> JobTurns::under_way(Deadline now) const {
    const auto begun_after = now - patience_;
    std::vector<const JobKind*> kinds;
    for (const auto& thread : threads_)
        if (thread.kind != nullptr && thread.since > begun_after) kinds.push_back(thread.kind);
    return kinds;
}

/// When they may be begun, of a kind of which not enough wait.
Deadline JobTurns::wanted_at(const JobKind* kind, const std::vector<const JobKind*>& busy,
                             Deadline now) const {
    const bool is_under_way = std::find(busy.begin(), busy.end(), kind) != busy.end();
    if (is_under_way || busy.size() >= at_once) return Deadline::max();
    const auto next = next_.find(kind);
    return next == next_.end() ? now : std::max(next->second, now);
}

JobLane::Requests JobTurns::take(std::deque<std::unique_ptr<Job>>& waiting, std::size_t thread) {
    done(thread);
    passed_over_.clear();
    again_ = Deadline::max();
    const auto now = std::chrono::steady_clock::now();
    const auto busy = under_way(now);
    for (std::size_t place = 0; place < waiting.size(); ++place) {
        const auto* kind = waiting[place]->kind();
        auto first = place;
        if (const auto wanted = kind == nullptr ? now : wanted_at(kind, busy, now); wanted > now) {
            again_ = std::min(again_, wanted);
            auto& others = passed_over_.try_emplace(kind, PassedOver{place}).first->second;
            if (++others.number < enough) continue;
            first = others.first;
        }
        threads_.at(thread) = {kind, now};
        if (kind != nullptr) next_[kind] = now + kind->apart();
        return with_its_kind(waiting, first);
    }
    return {};
}

Deadline JobTurns::look_at(const Job& job, std::size_t /*waiting*/, Deadline now) {
    const auto* kind = job.kind();
    if (kind == nullptr) return now;
    // Not all of these need wait still: then a thread looks for nothing, and counts them.
    const auto number = ++passed_over_[kind].number;
    return number < enough ? wanted_at(kind, under_way(now), now) : now;
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
