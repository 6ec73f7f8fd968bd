// SPDX-License-Identifier: Apache-2.0
// The API of operators: HTTP and JSON over everything that is stored and over the running daemon. docs/api.md
// describes it for people, openapi.json for programs.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "http/message.h"
#include "log/log.h"
#include "management/caller.h"
#include "management/running.h"
#include "store/device_keys.h"
#include "store/provisioning.h"

namespace bindhss::management {

/// The stores of one worker thread.
struct Stores {
    std::shared_ptr<store::Provisioning> provisioning;
    std::shared_ptr<store::DeviceKeys> device_keys;
};

struct ApiSettings {
    unsigned workers = 4;  ///< threads, each with a connection to the database
};

/// Any thread may call it. What it borrows outlives it and the requests.
class Api {
  public:
    /// `open` is called once for each worker, on its thread, and must not need the database yet.
    Api(ApiSettings settings, std::function<Stores()> open, Running* running, log::Logger& log);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// Answers a request of somebody whose name and roles are known. Too many at once are answered 429.
    [[nodiscard]] boost::asio::awaitable<http::Response> serve(http::Request request, Caller caller);
    /// The same on the caller's thread, without workers: for bindhssctl beside a database without a daemon.
    [[nodiscard]] http::Response serve_here(const http::Request& request, const Caller& caller,
                                            Stores& stores);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::management
