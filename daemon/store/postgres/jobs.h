// SPDX-License-Identifier: Apache-2.0
// Verbs that are no reservation: a few statements on one connection, off the caller's thread. Requests of one
// kind that wait at the same time share their statements (jobs.cpp).
#pragma once

#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "store/postgres/lane.h"

namespace bindhss::store::postgres {

/// For JobKind.
inline constexpr std::chrono::milliseconds usual_apart{5};

class Job;
using JobLane = Lane<Job>;

/// Requests that may share their statements.
class JobKind {
  public:
    /// `apart`: from the beginning of some of them to that of the next, unless those fill statements of their
    /// own. Under load they are more by then.
    explicit JobKind(std::chrono::milliseconds apart) : apart_(apart) {}
    virtual ~JobKind() = default;
    JobKind(const JobKind&) = delete;
    JobKind& operator=(const JobKind&) = delete;
    [[nodiscard]] std::chrono::milliseconds apart() const { return apart_; }
    /// Completes and resets them all, or throws: then they are as good as never tried. REQUIRES: all are of
    /// this kind, and sorted by their subject.
    virtual void serve(Session& session, JobLane::Requests& jobs) const = 0;

  private:
    const std::chrono::milliseconds apart_;
};

class Job : public Pending {
  public:
    explicit Job(Cause when_down, const JobKind* kind = nullptr) : Pending(when_down), kind_(kind) {}
    virtual void run(Session& session) = 0;
    /// Whom it is about: of those that are served together no two are about the same.
    [[nodiscard]] virtual std::string_view subject() const { return {}; }
    /// Absent: it is served by itself.
    [[nodiscard]] const JobKind* kind() const { return kind_; }
    void serve_alone() { kind_ = nullptr; }

  private:
    const JobKind* kind_;
};

/// The one that has waited longest, and those that may share its statements. A kind that a thread is at waits
/// for that thread, so that more of it share the next statements; unless so many wait that they fill some of
/// their own, or the thread is at it for longer than `patience`: what holds it up is not to hold up others.
class JobTurns final : public Turns<Job> {
  public:
    static constexpr std::chrono::milliseconds usual_patience{50};
    explicit JobTurns(std::size_t threads, std::chrono::milliseconds patience = usual_patience)
        : patience_(patience), threads_(threads) {}
    Requests take(std::deque<std::unique_ptr<Job>>& waiting, std::size_t thread) override;
    [[nodiscard]] Deadline look_at(const Job& job, std::size_t waiting, Deadline now) override;
    [[nodiscard]] Deadline again() const override { return again_; }
    void done(std::size_t thread) override { threads_.at(thread) = {}; }

  private:
    struct At {
        const JobKind* kind = nullptr;
        Deadline since;
    };
    struct PassedOver {
        std::size_t first = 0;
        std::size_t number = 0;
    };
    [[nodiscard]] std::vector<const JobKind*> under_way(Deadline now) const;
    [[nodiscard]] Deadline wanted_at(const JobKind* kind, const std::vector<const JobKind*>& busy,
                                     Deadline now) const;
    const std::chrono::milliseconds patience_;
    std::vector<At> threads_;                  ///< what each is at
    std::map<const JobKind*, Deadline> next_;  ///< when the next of a kind may begin: JobKind::apart()
    std::map<const JobKind*, PassedOver> passed_over_;  ///< at the last look, and what came since
    Deadline again_ = Deadline::max();
};

/// When statements fail that several shared, each is left to be tried by itself, so that no request harms
/// another one.
void serve_jobs(Session& session, JobLane::Requests& jobs, log::Logger& log);

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

/// `when_down`: the answer while the database cannot be used. REQUIRES: the lane outlives what is awaited.
template <class T>
Awaitable<T> run_job(JobLane& lane, Cause when_down, typename JobOf<T>::Work work) {
    return suspend<T>(
        [&lane, when_down, work = std::move(work)](std::unique_ptr<Completion<T>> completion) mutable {
            lane.submit(std::make_unique<JobOf<T>>(when_down, std::move(work), std::move(completion)));
        });
}

template <class Request, class T>
class KindOf;

template <class Request, class T>
class SharedJob final : public Job {
  public:
    SharedJob(Cause when_down, std::shared_ptr<const KindOf<Request, T>> kind, Imsi subject, Request request,
              std::unique_ptr<Completion<T>> completion)
        : Job(when_down, kind.get()),
          shared_(std::move(kind)),
          subject_(subject),
          request_(std::move(request)),
          completion_(std::move(completion)) {}
    void run(Session& session) override {
        auto results = shared_->answer(session, {&request_});
        completion_->complete(std::move(results.at(0)));
    }
    void fail(Failure failure) override { completion_->complete(std::move(failure)); }
    void complete(Result<T> result) { completion_->complete(std::move(result)); }
    [[nodiscard]] std::string_view subject() const override { return subject_.digits(); }
    [[nodiscard]] const Request& request() const { return request_; }

  private:
    // Whoever asked may be gone before the request is served.
    std::shared_ptr<const KindOf<Request, T>> shared_;
    Imsi subject_;
    Request request_;
    std::unique_ptr<Completion<T>> completion_;
};

template <class Request, class T>
class KindOf final : public JobKind {
  public:
    using Requests = std::vector<const Request*>;
    using Results = std::vector<Result<T>>;
    /// One result for each request, at its place. One transaction, or nothing that may not be done twice.
    using Answer = std::function<Results(Session&, const Requests&)>;
    KindOf(Answer answer, std::chrono::milliseconds apart) : JobKind(apart), answer_(std::move(answer)) {}

    [[nodiscard]] Results answer(Session& session, const Requests& requests) const {
        return answer_(session, requests);
    }
    void serve(Session& session, JobLane::Requests& jobs) const override {
        const auto shared = [](auto& job) -> auto& {
            return static_cast<SharedJob<Request, T>&>(*job);
        };
        Requests requests;
        requests.reserve(jobs.size());
        for (const auto& job : jobs) requests.push_back(&shared(job).request());
        auto results = answer_(session, requests);
        for (std::size_t place = 0; place < jobs.size(); ++place) {
            shared(jobs[place]).complete(std::move(results.at(place)));
            jobs[place].reset();
        }
    }

  private:
    Answer answer_;
};

template <class Request, class T>
using SharedKind = std::shared_ptr<const KindOf<Request, T>>;

template <class Request, class T>
SharedKind<Request, T> make_kind(typename KindOf<Request, T>::Answer answer,
                                 std::chrono::milliseconds apart = usual_apart) {
    return std::make_shared<const KindOf<Request, T>>(std::move(answer), apart);
}

/// As run_job(), of one kind.
template <class Request, class T>
Awaitable<T> run_shared(JobLane& lane, Cause when_down, SharedKind<Request, T> kind, Imsi subject,
                        Request request) {
    return suspend<T>([&lane, when_down, kind = std::move(kind), subject,
                       request = std::move(request)](std::unique_ptr<Completion<T>> completion) mutable {
        lane.submit(std::make_unique<SharedJob<Request, T>>(when_down, std::move(kind), subject,
                                                            std::move(request), std::move(completion)));
    });
}

}  // namespace bindhss::store::postgres
