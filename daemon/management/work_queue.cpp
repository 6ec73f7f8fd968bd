// SPDX-License-Identifier: Apache-2.0
#include "management/work_queue.h"

#include <chrono>

namespace bindhss::management {

namespace {

/// Between two attempts to stop what is under way: a statement may have begun behind the one that was
/// stopped.
constexpr std::chrono::milliseconds stop_pause{50};

}  // namespace

WorkQueue::WorkQueue(unsigned workers, std::size_t waiting_max, std::function<Stores()> open)
    : waiting_max_(waiting_max), open_(std::move(open)), running_(workers), stops_(workers) {
    for (auto& stop : stops_) threads_.emplace_back([this, &stop] { run(stop); });
}

WorkQueue::~WorkQueue() {
    close();
}

void WorkQueue::close() {
    {
        std::unique_lock lock(mutex_);
        closing_ = true;
        wake_.notify_all();
        while (!ended_.wait_for(lock, stop_pause, [this] { return running_ == 0; })) stop_what_runs(lock);
    }
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

void WorkQueue::stop_what_runs(std::unique_lock<std::mutex>& lock) {
    const auto stops = stops_;
    lock.unlock();
    for (const auto& stop : stops)
        if (stop) stop();
    lock.lock();
}

bool WorkQueue::push(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (closing_ || jobs_.size() >= waiting_max_) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void WorkQueue::run(std::function<void()>& stop) {
    std::optional<Stores> stores;
    const Open open = [&]() -> Stores& {
        if (!stores) {
            stores = open_();
            const std::lock_guard lock(mutex_);
            stop = stores->stop;
        }
        return *stores;
    };
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (closing_) break;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        if (!job(open)) stores.reset();
        job = nullptr;
        lock.lock();
    }
    --running_;
    ended_.notify_all();
}

}  // namespace bindhss::management
