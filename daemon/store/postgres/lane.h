// SPDX-License-Identifier: Apache-2.0
// A queue and the threads that serve it, each with a connection of its own (libpq blocks).
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "log/log.h"
#include "store/postgres/lane_load.h"
#include "store/postgres/pending.h"
#include "store/postgres/session.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

/// What each thread of a lane takes. Asked while the lane's mutex is held.
template <class P>
class Turns {
  public:
    using Requests = std::vector<std::unique_ptr<P>>;
    virtual ~Turns() = default;
    /// What the thread serves next of those that wait. REQUIRES: some wait. Nothing: they are to wait for
    /// what other threads are at, or until again().
    [[nodiscard]] virtual Requests take(std::deque<std::unique_ptr<P>>& waiting, std::size_t thread) = 0;
    /// When an idle thread is to look because of this one, the last of `waiting`. In the past: at once. As
    /// late as can be: whoever is busy does when it is done.
    [[nodiscard]] virtual Deadline look_at(const P& request, std::size_t waiting, Deadline now) = 0;
    /// After nothing was taken: when to look again, though nobody is done by then.
    [[nodiscard]] virtual Deadline again() const = 0;
    /// The thread is at nothing any more.
    virtual void done(std::size_t /*thread*/) {}
};

/// P derives from Pending. submit() and expire() may be called from any thread; the lane owns its threads,
/// their connections, and every request until it is completed. A request is always completed: by `serve`, or
/// with a failure when it cannot be served before its deadline.
///
/// While the database is down, requests fail at once; one thread at a time keeps trying to reach it.
template <class P>
class Lane {
  public:
    using Requests = typename Turns<P>::Requests;
    /// Serves them; resets each pointer whose request it has completed. What is left is tried again after
    /// those that wait, until its deadline; so it is when it throws what is worth_another_try(). Whatever
    /// else it throws fails the rest.
    using Serve = std::function<void(Session&, Requests&)>;
    using Connect = std::function<std::unique_ptr<Session>()>;

    Lane(std::size_t threads, std::size_t queue_max, Connect connect, std::unique_ptr<Turns<P>> turns,
         Serve serve, log::Logger& log)
        : queue_max_(queue_max),
          connect_(std::move(connect)),
          turns_(std::move(turns)),
          serve_(std::move(serve)),
          log_(log),
          workers_(threads) {
        for (std::size_t i = 0; i < threads; ++i) {
            auto& worker = workers_[i];
            worker.number = i;
            worker.thread = std::thread([this, &worker] { run(worker); });
        }
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// REQUIRES: close() was called, or nothing else uses the lane any more.
    ~Lane() { close(); }

    /// Waits for what is being served and fails what waits. Does not return before the server has answered,
    /// unless another thread calls interrupt().
    void close() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        stop_.notify_all();
        for (auto& worker : workers_)
            if (worker.thread.joinable()) worker.thread.join();
        std::deque<std::unique_ptr<P>> waiting;
        {
            const std::lock_guard lock(mutex_);
            waiting.swap(queue_);
        }
        for (auto& request : waiting) request->fail_down("the store is closing");
    }

    void submit(std::unique_ptr<P> request) {
        const auto now = std::chrono::steady_clock::now();
        request->deadline = now + std::chrono::milliseconds(limits::store_deadline_ms);
        {
            const std::lock_guard lock(mutex_);
            if (!down() && queue_.size() < queue_max_) {
                queue_.push_back(std::move(request));
                // A busy thread looks at the queue by itself when it is done.
                if (idle_ != 0 && turns_->look_at(*queue_.back(), queue_.size(), now) < looked_at_by_clock_)
                    wake_.notify_one();
                return;
            }
        }
        refuse(*request);
    }

    /// Fails what has waited past its deadline and cuts connections that stayed silent past theirs. To be
    /// called several times a second: threads look again whether what waits is theirs by now.
    void expire(Deadline now) {
        Requests late;
        {
            const std::lock_guard lock(mutex_);
            for (auto& request : queue_)
                if (request->deadline <= now) late.push_back(std::move(request));
            std::erase(queue_, nullptr);
            load_.late += late.size();
            wake_another();
            for (auto& worker : workers_)
                if (worker.descriptor >= 0 && worker.silent_until <= now)
                    ::shutdown(worker.descriptor, SHUT_RDWR);
        }
        for (auto& request : late) request->fail_down(too_late);
    }

    /// Cuts every connection in use, so that closing takes no longer than the network.
    void interrupt() { expire(Deadline::max()); }

    [[nodiscard]] bool usable() {
        const std::lock_guard lock(mutex_);
        return !down();
    }

    /// As it is now, and what has been counted since the start.
    [[nodiscard]] LaneLoad load() {
        const std::lock_guard lock(mutex_);
        auto load = load_;
        load.waiting = queue_.size();
        load.waiting_max = queue_max_;
        load.connections_wanted = workers_.size();
        load.connections = connected_;
        return load;
    }

  private:
    static constexpr const char* too_late = "the database did not answer in time";

    struct Worker {
        std::size_t number = 0;
        std::thread thread;
        std::unique_ptr<Session> session;
        int descriptor =
            -1;          ///< while it waits for the server; guarded by mutex_, so that it is never another's
        Deadline began;  ///< of what it serves
        Deadline silent_until;
        std::chrono::milliseconds pause{limits::store_retry_ms_min};
    };

    // REQUIRES: mutex_ is held.
    [[nodiscard]] bool down() const { return stopping_ || (connected_ == 0 && unreachable_); }

    void refuse(P& request) {
        const bool busy = usable();
        {
            const std::lock_guard lock(mutex_);
            ++(busy ? load_.refused_busy : load_.refused_down);
        }
        if (busy) {
            request.fail(bindhss::fail(Cause::too_busy, "too many requests wait for the database"));
        } else {
            request.fail_down("the database cannot be reached");
        }
    }

    void run(Worker& worker) {
        while (!stopping()) {
            if (!worker.session && !reach(worker)) {
                std::unique_lock lock(mutex_);
                stop_.wait_for(lock, worker.pause, [this] { return stopping_; });
                continue;
            }
            auto requests = next(worker);
            if (requests.empty()) break;
            if (worker.session->alive()) {
                serve(worker, requests);
            } else {
                give_back(requests);
                drop(worker);
            }
        }
        drop(worker);
    }

    [[nodiscard]] bool stopping() {
        const std::lock_guard lock(mutex_);
        return stopping_;
    }

    bool reach(Worker& worker) {
        try {
            worker.session = connect_();
        } catch (const std::exception& error) {
            unreachable(worker, describe(error));
            return false;
        }
        const std::lock_guard lock(mutex_);
        if (unreachable_) log_.info("database_reached");
        ++connected_;
        unreachable_ = false;
        worker.pause = std::chrono::milliseconds(limits::store_retry_ms_min);
        return true;
    }

    void unreachable(Worker& worker, const std::string& why) {
        std::deque<std::unique_ptr<P>> waiting;
        {
            const std::lock_guard lock(mutex_);
            if (!unreachable_) log_.error("database_unreachable", {{"reason", why}});
            unreachable_ = true;
            ++load_.unreachable;
            if (down()) waiting.swap(queue_);
        }
        for (auto& request : waiting) request->fail_down("the database cannot be reached");
        worker.pause = std::min(2 * worker.pause, std::chrono::milliseconds(limits::store_retry_ms_max));
    }

    /// Nothing: the lane is closing.
    Requests next(const Worker& worker) {
        Requests taken;
        const auto takes = [&] {
            if (!stopping_ && !queue_.empty()) taken = turns_->take(queue_, worker.number);
            return stopping_ || !taken.empty();
        };
        std::unique_lock lock(mutex_);
        ++idle_;
        while (!takes()) wait(lock);
        --idle_;
        if (taken.empty()) return taken;
        count(taken.size());
        wake_another();
        return taken;
    }

    /// Until there is something new to look at. One thread looks at the clock for all of them.
    void wait(std::unique_lock<std::mutex>& lock) {
        const auto again = queue_.empty() ? Deadline::max() : turns_->again();
        if (again >= looked_at_by_clock_) return wake_.wait(lock);
        looked_at_by_clock_ = again;
        wake_.wait_until(lock, again);
        looked_at_by_clock_ = Deadline::max();
    }

    /// What was left may be another thread's. REQUIRES: mutex_ is held.
    void wake_another() {
        if (!queue_.empty() && idle_ != 0) wake_.notify_one();
    }

    // REQUIRES: mutex_ is held.
    void count(std::size_t size) {
        const auto bucket = std::lower_bound(batch_bounds.begin(), batch_bounds.end(), size);
        ++load_.batches[static_cast<std::size_t>(bucket - batch_bounds.begin())];
        load_.requests += size;
    }

    void give_back(Requests& requests) {
        const std::lock_guard lock(mutex_);
        for (auto request = requests.rbegin(); request != requests.rend(); ++request)
            queue_.push_front(std::move(*request));
        wake_.notify_one();
    }

    void try_again_later(Requests& requests) {
        std::erase(requests, nullptr);
        if (requests.empty()) return;
        const auto now = std::chrono::steady_clock::now();
        {
            const std::lock_guard lock(mutex_);
            for (auto& request : requests) {
                const bool again = request->deadline > now;
                ++(again ? load_.retried : load_.late);
                if (again) queue_.push_back(std::move(request));
            }
        }
        // Those that go back may be many, and each for itself now.
        wake_.notify_all();
        for (auto& request : requests)
            if (request) request->fail_down(too_late);
    }

    void drop(Worker& worker) {
        if (!worker.session) return;
        {
            const std::lock_guard lock(mutex_);
            --connected_;
            turns_->done(worker.number);
            wake_another();
        }
        worker.session.reset();
    }

    /// From now on it waits for the server, until served().
    void watch(Worker& worker, int descriptor) {
        const std::lock_guard lock(mutex_);
        worker.descriptor = descriptor;
        worker.began = std::chrono::steady_clock::now();
        worker.silent_until = worker.began + std::chrono::milliseconds(limits::store_deadline_ms);
        ++load_.busy;
    }

    void served(Worker& worker, bool failed) {
        const std::lock_guard lock(mutex_);
        worker.descriptor = -1;
        turns_->done(worker.number);
        --load_.busy;
        load_.served += std::chrono::steady_clock::now() - worker.began;
        if (failed) ++load_.failed;
    }

    void serve(Worker& worker, Requests& requests) {
        watch(worker, worker.session->descriptor());
        bool keep = true;
        std::string why;
        try {
            serve_(*worker.session, requests);
        } catch (const std::exception& error) {
            const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
            const bool again = worth_another_try(error);
            if (!again) why = describe(error);
            keep = (again || (sql != nullptr && !wants_another_server(*sql))) && worker.session->open();
        }
        served(worker, !why.empty());
        if (why.empty()) return try_again_later(requests);
        log_.warning("database_request_failed", {{"reason", why}, {"connection_lost", !keep}});
        for (auto& request : requests)
            if (request) request->fail_down("the database failed before its answer was complete");
        if (!keep) drop(worker);
    }

    const std::size_t queue_max_;
    const Connect connect_;
    const std::unique_ptr<Turns<P>> turns_;
    const Serve serve_;
    log::Logger& log_;

    std::mutex mutex_;
    std::condition_variable wake_;  ///< there is a request
    std::condition_variable stop_;  ///< apart, so that a pausing thread takes no request's wake-up
    std::deque<std::unique_ptr<P>> queue_;
    std::size_t idle_ = 0;
    Deadline looked_at_by_clock_ = Deadline::max();  ///< when the queue is, by one of those that wait
    std::size_t connected_ = 0;
    bool unreachable_ = false;
    bool stopping_ = false;
    LaneLoad load_;                ///< what is counted of it
    std::vector<Worker> workers_;  // last: its threads use all of the above
};

}  // namespace bindhss::store::postgres
