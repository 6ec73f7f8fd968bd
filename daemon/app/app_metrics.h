// SPDX-License-Identifier: Apache-2.0
// The listener for Prometheus (/metrics) and for who asks whether the daemon is well (/health, /ready).
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "app/monitor.h"
#include "config/settings.h"
#include "http/server.h"

namespace bindhss {

/// Serves from its beginning on, also while the daemon waits for its database, on a thread of its own: who
/// watches takes nothing from requests, and hears of it when the threads that serve those stand still.
/// An address that cannot be had is told of in the log, and nothing is served there. All references outlive
/// it.
class MetricsListener {
  public:
    MetricsListener(const config::MetricsSettings& settings, Monitor& monitor, const Clock& clock,
                    log::Logger& log);
    ~MetricsListener();
    MetricsListener(const MetricsListener&) = delete;
    MetricsListener& operator=(const MetricsListener&) = delete;

    /// With the ports that were chosen where 0 was asked for.
    [[nodiscard]] std::vector<net::Endpoint> listening() const;

  private:
    boost::asio::awaitable<http::Response> serve(http::Request request);

    Monitor& monitor_;
    boost::asio::io_context io_{1};
    std::unique_ptr<http::Server> server_;
    std::jthread thread_;
};

}  // namespace bindhss
