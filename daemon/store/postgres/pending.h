// SPDX-License-Identifier: Apache-2.0
// A request that waits for the database, and how its coroutine learns of the outcome.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>

#include "store/store.h"

namespace bindhss::store::postgres {

using Deadline = std::chrono::steady_clock::time_point;

/// Owned by whoever has to complete it; completed once, then destroyed. Any thread.
class Pending {
  public:
    explicit Pending(Cause when_down) : when_down_(when_down) {}
    virtual ~Pending() = default;
    virtual void fail(Failure failure) = 0;
    /// The answer while the database cannot be used.
    void fail_down(std::string detail) { fail(bindhss::fail(when_down_, std::move(detail))); }

    Deadline deadline;

  private:
    Cause when_down_;
};

/// Resumes a coroutine with a Result<T>, once, on the coroutine's own executor.
template <class T>
class Completion {
  public:
    virtual ~Completion() = default;
    virtual void complete(Result<T> result) = 0;
};

template <class T, class Handler>
class HandlerCompletion final : public Completion<T> {
  public:
    explicit HandlerCompletion(Handler&& handler)
        : handler_(std::move(handler)), work_(boost::asio::get_associated_executor(handler_)) {}
    void complete(Result<T> result) override {
        boost::asio::post(work_.get_executor(),
                          [handler = std::move(handler_), outcome = std::move(result)]() mutable {
                              std::move(handler)(std::move(outcome));
                          });
    }

  private:
    Handler handler_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
};

/// Suspends the calling coroutine and hands its completion to `start`, which must see that it is completed.
template <class T, class Start>
Awaitable<T> suspend(Start start) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Result<T>)>(
        [](auto handler, Start begin) {
            using Handler = decltype(handler);
            begin(std::unique_ptr<Completion<T>>(
                std::make_unique<HandlerCompletion<T, Handler>>(std::move(handler))));
        },
        boost::asio::use_awaitable, std::move(start));
}

}  // namespace bindhss::store::postgres
