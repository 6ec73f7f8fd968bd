// SPDX-License-Identifier: Apache-2.0
// Threads that may block, each with stores of its own, behind a queue. Not for other layers.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "management/api.h"

namespace bindhss::management {

/// Any thread may call it. What waits when it dies is dropped without being done.
class WorkQueue {
  public:
    /// Opens the stores of the thread, if they are not open yet; throws what opening them throws.
    using Open = std::function<Stores&()>;
    /// Must not throw. Returns false when the stores are of no more use: the next job opens them anew.
    using Job = std::function<bool(const Open&)>;

    WorkQueue(unsigned workers, std::size_t waiting_max, std::function<Stores()> open);
    ~WorkQueue();
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    /// false: too many wait already.
    [[nodiscard]] bool push(Job job);
    /// What is being done is stopped (Stores::stop) and then waited for.
    void close();

  private:
    void run(std::function<void()>& stop);
    void stop_what_runs(std::unique_lock<std::mutex>& lock);

    const std::size_t waiting_max_;
    const std::function<Stores()> open_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable ended_;
    std::deque<Job> jobs_;
    bool closing_ = false;
    std::size_t running_ = 0;
    std::vector<std::function<void()>> stops_;  ///< of each thread's stores; empty: there are none
    std::vector<std::thread> threads_;
};

}  // namespace bindhss::management
