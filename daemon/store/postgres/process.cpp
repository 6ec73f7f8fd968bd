// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/process.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bindhss::store::postgres {
namespace {

constexpr int exec_failed = 127;

/// Between fork and exec of a process with threads: nothing but async-signal-safe calls. The credentials are
/// set by plain system calls, because those of the C library want to reach every thread.
[[noreturn]] void become(char* const* argv, const RunAs* user, int log, bool with_parent, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setsid();
    const int input = open("/dev/null", O_RDONLY);
    if (input < 0 || dup2(input, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) _exit(exec_failed);
    if (user != nullptr) {
        const auto gid = user->gid;
        if (syscall(SYS_setgroups, 1, &gid) != 0 || syscall(SYS_setresgid, gid, gid, gid) != 0 ||
            syscall(SYS_setresuid, user->uid, user->uid, user->uid) != 0)
            _exit(exec_failed);
    }
    // After the change of credentials, which resets it.
    if (with_parent && (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent)) _exit(exec_failed);
    if (chdir("/") != 0) _exit(exec_failed);
    char path[] = "PATH=/usr/bin:/bin";
    char locale[] = "LC_ALL=C";
    char* const environment[] = {path, locale, nullptr};
    execve(argv[0], argv, environment);
    _exit(exec_failed);
}

}  // namespace

std::optional<RunAs> user_for_postgres() {
    if (geteuid() != 0) return std::nullopt;
    for (const char* name : {"postgres", "nobody"}) {
        passwd entry{};
        passwd* found = nullptr;
        char buffer[4096];
        if (getpwnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr)
            return RunAs{found->pw_uid, found->pw_gid, name};
    }
    throw std::runtime_error(
        "PostgreSQL does not run as root and there is neither a user postgres nor nobody");
}

pid_t spawn(const std::vector<std::string>& arguments, const std::optional<RunAs>& user,
            const std::string& log_file, bool with_parent) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) throw std::runtime_error("cannot write " + log_file + ": " + std::strerror(errno));
    const auto parent = getpid();
    const auto child = fork();
    if (child == 0) become(argv.data(), user ? &*user : nullptr, log, with_parent, parent);
    const auto error = errno;
    close(log);
    if (child < 0) throw std::runtime_error(std::string("cannot start a process: ") + std::strerror(error));
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return exec_failed;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool has_ended(pid_t child) {
    int status = 0;
    const auto result = waitpid(child, &status, WNOHANG);
    return result == child || (result < 0 && errno != EINTR);
}

}  // namespace bindhss::store::postgres
