// SPDX-License-Identifier: Apache-2.0
// Verbs that are no reservation: a few statements on one connection, off the caller's thread.
#pragma once

#include <functional>

#include "store/postgres/lane.h"

namespace bindhss::store::postgres {

class Job : public Pending {
  public:
    using Pending::Pending;
    virtual void run(Session& session) = 0;
};

template <class T>
class JobOf final : public Job {
  public:
    using Work = std::function<Result<T>(Session&)>;
    JobOf(Cause when_down, Work work, std::unique_ptr<Completion<T>> completion)
        : Job(when_down), work_(std::move(work)), completion_(std::move(completion)) {}
    void run(Session& session) override { completion_->complete(work_(session)); }
    void fail(Failure failure) override { completion_->complete(std::move(failure)); }

  private:
    Work work_;
    std::unique_ptr<Completion<T>> completion_;
};

using JobLane = Lane<Job>;

/// `when_down`: the answer while the database cannot be used. REQUIRES: the lane outlives what is awaited.
template <class T>
Awaitable<T> run_job(JobLane& lane, Cause when_down, typename JobOf<T>::Work work) {
    return suspend<T>(
        [&lane, when_down, work = std::move(work)](std::unique_ptr<Completion<T>> completion) mutable {
            lane.submit(std::make_unique<JobOf<T>>(when_down, std::move(work), std::move(completion)));
        });
}

}  // namespace bindhss::store::postgres
