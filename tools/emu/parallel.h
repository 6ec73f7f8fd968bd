// SPDX-License-Identifier: Apache-2.0
// Coroutines side by side on one executor.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>

namespace bindhss::emu {

inline boost::asio::awaitable<void> pause(std::chrono::milliseconds duration) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Runs `count` coroutines at once and resumes when all have ended; the first exception is passed on.
template <class Start>
boost::asio::awaitable<void> all_of(std::size_t count, Start start) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer done(executor, std::chrono::steady_clock::time_point::max());
    std::size_t running = count;
    std::exception_ptr failure;
    for (std::size_t i = 0; i < count; ++i) {
        boost::asio::co_spawn(executor, start(), [&](const std::exception_ptr& error) {
            if (error && !failure) failure = error;
            if (--running == 0) done.cancel();
        });
    }
    while (running != 0) {
        try {
            co_await done.async_wait(boost::asio::use_awaitable);
        } catch (const boost::system::system_error&) {
            // The timer never expires: it is cancelled when the last one has ended.
        }
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace bindhss::emu
