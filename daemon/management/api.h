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
#include "management/local_user.h"
#include "management/running.h"
#include "store/device_keys.h"
#include "store/provisioning.h"

namespace bindhss::management {

/// The stores of one worker thread.
struct Stores {
    std::shared_ptr<store::Provisioning> provisioning;
    std::shared_ptr<store::DeviceKeys> device_keys;
    /// By the request of this name is done what comes next, for the audit. Absent: the audit does not tell.
    std::function<void(const std::string& request)> by_request = {};
    /// Has what is under way given up, and all that comes later; from any thread, also when the stores are
    /// gone. It may be called again. Absent: what is under way takes as long as it takes.
    std::function<void()> stop = {};
};

struct ApiSettings {
    /// Threads, each with a connection to the database, besides one for what needs none; 0: serve_here()
    /// alone.
    unsigned workers = 4;
    /// What a user of this machine is called; it may block.
    std::function<std::string(::uid_t)> user_name = management::user_name;
};

/// Any thread may call it. What it borrows outlives it and the requests.
class Api {
  public:
    /// `open` is called by each worker on its thread, and again after the database was away; it need not
    /// succeed: store::Unavailable is answered 503 (Overdue: with why). `running` may be null: there is no
    /// daemon about it.
    Api(ApiSettings settings, const std::function<Stores()>& open, Running* running, log::Logger& log);
    /// What is under way is given up (Stores::stop), and nobody is answered any more.
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// Answers a request of somebody whose name and roles are known. Too many at once are answered 429.
    [[nodiscard]] boost::asio::awaitable<http::Response> serve(http::Request request, Caller caller);
    /// What is wrong with a request of which nothing but the head is there: so that a body is read only for
    /// whoever may send it, and no longer than it may be. Nothing: it may come.
    [[nodiscard]] std::optional<http::Response> refusal_of(const http::Request& head, const Caller& caller);
    /// Like serve() on the caller's thread, without workers: for bindhssctl beside a database without a
    /// daemon.
    [[nodiscard]] http::Response serve_here(const http::Request& request, const Caller& caller,
                                            Stores& stores);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::management
