// SPDX-License-Identifier: Apache-2.0
// Requests and answers of HTTP (RFC 9110) as plain structs.
#pragma once

#include <sys/types.h>

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bindhss::http {

/// Names in lower case, in the order in which they came.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// Who is at the other end of a Unix socket.
struct UnixPeer {
    ::uid_t user = 0;
    ::gid_t group = 0;
    std::vector<::gid_t> groups;  ///< the further ones
};

/// What somebody asks of a server of ours.
struct Request {
    std::string method;  ///< "GET"
    std::string path;    ///< as it came, percent-encoded: "/kme/v1/exchanges"
    std::string query;   ///< what follows the "?"
    Fields fields;
    std::string body;
    boost::asio::ip::address peer;      ///< IPv4 also where the socket shows it mapped into IPv6
    std::optional<UnixPeer> unix_peer;  ///< then `peer` says nothing
    /// The names of the client's certificate, which was verified; its subject where it has none. Nothing: it
    /// was not asked for one.
    std::vector<std::string> client_names;

    /// The first field of this name (lower case); empty: there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    /// Of Content-Type, in lower case and without parameters: "application/json".
    [[nodiscard]] std::string media_type() const;
};

struct Response {
    unsigned status = 200;
    std::string media_type = "application/json";
    std::string body;
    Fields fields;
};

/// "Not Found"
[[nodiscard]] std::string_view reason_of(unsigned status);

/// An error as RFC 9457 has it: application/problem+json. `detail`: one sentence for whoever asked.
[[nodiscard]] Response problem(unsigned status, std::string_view detail);
/// The same, with the seconds after which it may be tried again.
[[nodiscard]] Response problem_for_now(unsigned status, std::string_view detail, long retry_after);

}  // namespace bindhss::http
