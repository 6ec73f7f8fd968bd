// SPDX-License-Identifier: Apache-2.0
// Many requests of a store at the same time, and what stands in their way.
#pragma once

#include <pqxx/pqxx>
#include <thread>

#include "store/worlds.h"

namespace bindhss::test {

/// Awaits as many at once, on two threads.
template <class Make>
void at_once(int count, Make make) {
    boost::asio::io_context context;
    for (int i = 0; i < count; ++i) boost::asio::co_spawn(context, make(i), boost::asio::detached);
    std::thread beside([&] { context.run(); });
    context.run();
    beside.join();
}

/// A connection that holds what it has locked until it is told to let go.
struct Blocker {
    pqxx::connection connection;
    std::unique_ptr<pqxx::work> work;
    Blocker(const std::string& url, const std::string& sql)
        : connection(url), work(std::make_unique<pqxx::work>(connection)) {
        work->exec(sql);
    }
};

}  // namespace bindhss::test
