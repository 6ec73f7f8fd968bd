// SPDX-License-Identifier: Apache-2.0
#include "scheduling/real_time.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

using bindhss::scheduling::run_in_real_time;

namespace {

/// Of the calling thread: no capability any more.
bool give_up_privileges() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    return ::syscall(SYS_capset, &header, &none) == 0;
}

struct Seen {
    int policy = -1;
    int priority = -1;
    friend bool operator==(const Seen&, const Seen&) = default;
};

Seen seen_here() {
    sched_param parameters{};
    if (::sched_getparam(0, &parameters) != 0) return {};
    return {::sched_getscheduler(0), parameters.sched_priority};
}

}  // namespace

TEST_CASE("a thread that may gets the priority, and what it starts does not", "[scheduling]") {
    std::error_code refused;
    Seen own;
    Seen started;
    std::thread([&] {
        refused = run_in_real_time(3);
        own = seen_here();
        std::thread([&] { started = seen_here(); }).join();
    }).join();
    if (refused) {  // where nobody is granted one
        CHECK(refused == std::errc::operation_not_permitted);
        CHECK(own == Seen{SCHED_OTHER, 0});
    } else {
        CHECK(own == Seen{SCHED_RR | SCHED_RESET_ON_FORK, 3});
    }
    CHECK(started == Seen{SCHED_OTHER, 0});
}

TEST_CASE("a thread that may not is told so, and runs on as before", "[scheduling]") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_RTPRIO, &before) == 0);
    const rlimit none{0, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_RTPRIO, &none) == 0);
    bool unprivileged = false;
    std::error_code refused;
    Seen own;
    std::thread([&] {
        unprivileged = give_up_privileges();
        refused = run_in_real_time(3);
        own = seen_here();
    }).join();
    REQUIRE(::setrlimit(RLIMIT_RTPRIO, &before) == 0);
    CHECK(unprivileged);
    CHECK(refused == std::errc::operation_not_permitted);
    CHECK(own == Seen{SCHED_OTHER, 0});
}

TEST_CASE("a priority and a thread that there are not are refused", "[scheduling]") {
    CHECK(run_in_real_time(100) == std::errc::invalid_argument);
    CHECK(run_in_real_time(0) == std::errc::invalid_argument);
    CHECK(run_in_real_time(3, 0x3FFFFFFF) == std::errc::no_such_process);
    CHECK(seen_here() == Seen{SCHED_OTHER, 0});
}
