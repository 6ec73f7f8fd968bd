// SPDX-License-Identifier: Apache-2.0
// Threads with an event loop each; a peer of a load lives on one of them.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <thread>
#include <vector>

namespace bindhss::emu {

class Loops {
  public:
    explicit Loops(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            auto& io = *loops_.emplace_back(std::make_unique<boost::asio::io_context>(1));
            guards_.push_back(boost::asio::make_work_guard(io));
            threads_.emplace_back([&io] { io.run(); });
        }
    }
    ~Loops() { stop(); }
    Loops(const Loops&) = delete;
    Loops& operator=(const Loops&) = delete;

    [[nodiscard]] boost::asio::io_context& of(std::size_t peer) { return *loops_[peer % loops_.size()]; }
    void stop() {
        guards_.clear();
        for (auto& loop : loops_) loop->stop();
        for (auto& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }

    /// Starts one coroutine for each peer on its own loop, and awaits them all: none may outlive what it
    /// refers to when another one fails.
    template <class T, class Start>
    std::vector<T> each(std::size_t peers, Start start) {
        auto futures = spawned<T>(peers, start);
        std::vector<T> results;
        results.reserve(peers);
        for (auto& future : futures) results.push_back(future.get());
        return results;
    }
    template <class Start>
    void wait_all(std::size_t peers, Start start) {
        auto futures = spawned<void>(peers, start);
        for (auto& future : futures) future.get();
    }

  private:
    template <class T, class Start>
    std::vector<std::future<T>> spawned(std::size_t peers, Start& start) {
        std::vector<std::future<T>> futures;
        for (std::size_t i = 0; i < peers; ++i) {
            futures.push_back(boost::asio::co_spawn(of(i), start(i), boost::asio::use_future));
        }
        for (auto& future : futures) future.wait();
        return futures;
    }

    std::vector<std::unique_ptr<boost::asio::io_context>> loops_;
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
    std::vector<std::thread> threads_;
};

}  // namespace bindhss::emu
