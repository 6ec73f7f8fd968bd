// SPDX-License-Identifier: Apache-2.0
#include "management/work_queue.h"

namespace bindhss::management {

WorkQueue::WorkQueue(unsigned workers, std::size_t waiting_max, std::function<Stores()> open)
    : waiting_max_(waiting_max), open_(std::move(open)) {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { run(); });
}

WorkQueue::~WorkQueue() {
    close();
}

void WorkQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
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

void WorkQueue::run() {
    std::optional<Stores> stores;
    const Open open = [&]() -> Stores& {
        if (!stores) stores = open_();
        return *stores;
    };
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (closing_) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        if (!job(open)) stores.reset();
        job = nullptr;
        lock.lock();
    }
}

}  // namespace bindhss::management
