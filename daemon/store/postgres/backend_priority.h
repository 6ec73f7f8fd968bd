// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pqxx/pqxx>

namespace bindhss::store::postgres {

/// Gives the server's process behind the connection a real-time priority (scheduling/real_time.h), for as
/// long as the connection lives. Throws std::runtime_error, with the reason in one line, when the server is
/// not on this machine, cannot be seen from here (a container, hidepid), or may not be changed.
void run_backend_in_real_time(pqxx::connection& connection, int priority);

}  // namespace bindhss::store::postgres
