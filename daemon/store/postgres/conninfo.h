// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace bindhss::store::postgres {

/// A connection string (libpq keywords or a postgresql:// URI, several hosts allowed) completed with what
/// keeps a dead server from holding a request: connect_timeout, keepalives, tcp_user_timeout; with several
/// hosts the one that accepts writes; and the application's name. What the operator wrote wins. Any thread
/// may call it. Throws std::invalid_argument with one line without the password.
[[nodiscard]] std::string complete_conninfo(const std::string& url, std::string_view application);

/// The connection string with this password, whatever it had before. Throws as complete_conninfo().
[[nodiscard]] std::string with_password(const std::string& url, std::string_view password);

/// The same with the password of a file that nobody but its owner may read; an empty name: the string as it
/// is. Throws std::runtime_error also for a file that cannot be used.
[[nodiscard]] std::string with_password_file(const std::string& url, const std::string& file);

/// Where the connection string leads, for logs: hosts, ports and database, never a password.
[[nodiscard]] std::string describe_conninfo(const std::string& url);

}  // namespace bindhss::store::postgres
