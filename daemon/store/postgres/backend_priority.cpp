// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/backend_priority.h"

#include <sys/socket.h>

#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>

#include "scheduling/real_time.h"

namespace bindhss::store::postgres {
namespace {

/// The process that listens at the other end of a Unix socket, as this machine numbers it; 0: there is none.
pid_t listener_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

/// 0: there is no such process.
pid_t parent_of(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    std::string key;
    pid_t parent = 0;
    while (status >> key) {
        if (key == "PPid:") return status >> parent ? parent : 0;
        status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return 0;
}

}  // namespace

void run_backend_in_real_time(pqxx::connection& connection, int priority) {
    const pid_t server = listener_of(connection.sock());
    if (server == 0) {
        throw std::runtime_error(
            "the database is not reached by a Unix socket of this machine, or runs in another container");
    }
    // The server numbers its processes as its own container does: only a child of the process that listens is
    // the one that is meant.
    const pid_t backend = connection.backendpid();
    if (parent_of(backend) != server)
        throw std::runtime_error("the database's process cannot be seen from here");
    if (const auto error = scheduling::run_in_real_time(priority, backend))
        throw std::runtime_error("the database's process: " + error.message());
}

}  // namespace bindhss::store::postgres
