// SPDX-License-Identifier: Apache-2.0
// Where the API is, as --api names it, and how to get to it.
#pragma once

#include <optional>
#include <string>

#include "ctl/api_client.h"
#include "http/blocking_client.h"

namespace bindhss::ctl {

/// How bindhssctl shows who it is, and whom it trusts; files.
struct Credentials {
    std::string token_file;   ///< a bearer token in its first line; empty: none
    std::string ca;           ///< PEM; empty: the CAs that this machine trusts
    std::string certificate;  ///< of a client, with private_key; empty: none
    std::string private_key;
};

struct ApiAddress {
    std::string socket;  ///< of "unix:/path"; empty: TCP with TLS
    std::string host;    ///< of "https://host[:port]"
    std::uint16_t port = 0;
};

/// "unix:/path", "/path" or "https://host[:port]". Throws Refused that says what it has to look like.
[[nodiscard]] ApiAddress parsed_api(const std::string& text);

/// Reads the files, and does not connect yet. Throws Refused: a file cannot be used.
[[nodiscard]] std::shared_ptr<ApiClient> connect_api(const ApiAddress& address,
                                                     const Credentials& credentials);

}  // namespace bindhss::ctl
