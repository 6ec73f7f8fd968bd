// SPDX-License-Identifier: Apache-2.0
// Child processes of the private cluster, as another user when the parent is root.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace bindhss::store::postgres {

/// Whom a child runs as.
struct RunAs {
    uid_t uid;
    gid_t gid;
    std::string name;
};

/// The user that PostgreSQL's programs run as: nobody else's when we are not root (nothing returned);
/// `postgres` when it exists, else `nobody`. Throws std::runtime_error when there is neither.
[[nodiscard]] std::optional<RunAs> user_for_postgres();

/// Starts `arguments` (the first is the program's path) in a session of its own, with no input, and with
/// output and errors appended to `log_file`, which is created as the parent. With `with_parent` the child is
/// told to end (SIGINT) when the calling thread ends. Any thread. Throws std::runtime_error.
[[nodiscard]] pid_t spawn(const std::vector<std::string>& arguments, const std::optional<RunAs>& user,
                          const std::string& log_file, bool with_parent);

/// Waits for the child; its exit status, 128 + signal when it was killed.
int wait_for(pid_t child);
/// Whether the child has ended; if so it is reaped.
[[nodiscard]] bool has_ended(pid_t child);

}  // namespace bindhss::store::postgres
