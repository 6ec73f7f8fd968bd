// SPDX-License-Identifier: Apache-2.0
// The API of operators, where the daemon offers it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

#include "config/config.h"
#include "http/server.h"
#include "management/api.h"
#include "management/doorkeeper.h"

namespace bindhss {

/// Is the API offered anywhere?
[[nodiscard]] bool has_api(const config::Settings& settings);

/// Reads all files that the API needs, for complaints alone. Throws std::runtime_error with one clear line.
void check_api_files(const config::Settings& settings);

/// Not started; listens already.
class ApiListener {
  public:
    /// What it borrows; all of it outlives the work of `io`.
    struct Ground {
        boost::asio::io_context& io;
        std::function<management::Stores()> open;  ///< management::Api
        management::Running& running;
        Random& random;
        const Clock& clock;
        log::Logger& log;
    };

    /// Throws std::runtime_error when it cannot listen, or a file cannot be used. REQUIRES: has_api().
    ApiListener(const Ground& ground, const config::Settings& settings);

    [[nodiscard]] http::Server& server() { return server_; }
    [[nodiscard]] const http::Server& server() const { return server_; }

    /// For a reload: who may come, and certificates. Throws when a file cannot be used; the function returned
    /// takes over.
    [[nodiscard]] std::function<void()> prepare(const config::Settings& wanted);

  private:
    [[nodiscard]] boost::asio::awaitable<http::Response> serve(http::Request request);
    [[nodiscard]] std::optional<http::Response> refusal_of(const http::Request& head);

    management::Doorkeeper doorkeeper_;
    http::Server server_;
    management::Api api_;  ///< ends first: a reload that it works on has need of the others
};

}  // namespace bindhss
