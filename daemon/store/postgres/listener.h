// SPDX-License-Identifier: Apache-2.0
// Hears from the database that somebody has changed what nodes are to be told
// (schema/0014_several_daemons.sql).
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "log/log.h"

namespace bindhss::store::postgres {

/// A connection and a thread of its own. While it is not connected nothing is heard, and it tries again: so
/// whoever listens has to look from time to time too. REQUIRES: the log outlives it.
class Listener {
  public:
    /// `changed` is called on the thread of the listener, must not block and must not throw: at each notice,
    /// and at each connection, since something may have been missed. Throws std::invalid_argument when the
    /// URL is none.
    Listener(const std::string& url, std::function<void()> changed, log::Logger& log);
    /// Ends the thread, which may take limits::listener_wait_ms, or as long as a connection may take.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    void run();
    void listen();
    void pause();

    const std::string conninfo_;
    const std::function<void()> changed_;
    log::Logger& log_;
    std::atomic<bool> stopping_ = false;
    bool lost_ = false;   // of the thread
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace bindhss::store::postgres
