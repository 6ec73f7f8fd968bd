// SPDX-License-Identifier: Apache-2.0
// One request to somebody else's server, on a connection of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "crypto/tls_context.h"
#include "http/message.h"

namespace bindhss::http {

/// Where and how to ask. With a context the server's certificate has to be made out to the host.
struct Asking {
    std::string host;
    std::uint16_t port = 0;
    std::string authority;  ///< as in the field Host
    std::shared_ptr<const crypto::TlsContext> tls;
    std::chrono::milliseconds deadline{10'000};  ///< for all of it
    std::size_t answer_octets_max = 65'536;      ///< of the body
    bool body_wanted = true;                     ///< false: the status is all that is of interest
};

/// Sends method, path, fields and body of `request`, and reads the answer; or one sentence that tells why
/// there is none. Redirections are not followed. The work is on a strand of its own of `executor`.
[[nodiscard]] boost::asio::awaitable<std::variant<Response, std::string>> ask(
    boost::asio::any_io_executor executor, Asking where, Request request);

}  // namespace bindhss::http
