// SPDX-License-Identifier: Apache-2.0
#include "ctl/caller.h"

#include <unistd.h>

#include <cstdlib>

#include "management/local_user.h"

namespace bindhss::ctl {

std::string caller() {
    auto user = management::user_name(::getuid());
    const char* const before_sudo = std::getenv("SUDO_USER");  // NOLINT(concurrency-mt-unsafe)
    if (::getuid() == 0 && before_sudo != nullptr && *before_sudo != '\0' && user != before_sudo)
        user = management::plain(before_sudo) + "(" + user + ")";
    return user + "@" + management::host_name();
}

}  // namespace bindhss::ctl
