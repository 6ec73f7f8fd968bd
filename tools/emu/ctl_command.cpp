// SPDX-License-Identifier: Apache-2.0
#include "emu/ctl_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sstream>

namespace bindhss::emu {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds poll_interval{5};

struct FileActions {
    FileActions() { ::posix_spawn_file_actions_init(&actions); }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ::posix_spawn_file_actions_t actions;
};

/// Its standard output and error are `output`; -1 when there is no such program.
::pid_t spawn(std::vector<std::string> words, int output) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    FileActions files;
    ::posix_spawn_file_actions_addopen(&files.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files.actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files.actions, output, STDERR_FILENO);
    ::pid_t process = -1;
    const int error =
        ::posix_spawnp(&process, arguments.front(), &files.actions, nullptr, arguments.data(), environ);
    return error == 0 ? process : -1;
}

}  // namespace

CtlCommand::CtlCommand(asio::io_context& io, const std::string& command) : io_(io) {
    std::istringstream words(command);
    for (std::string word; words >> word;) command_.push_back(word);
}

asio::awaitable<CtlResult> CtlCommand::run(std::vector<std::string> arguments) {
    auto words = command_;
    words.insert(words.end(), arguments.begin(), arguments.end());
    CtlResult result;
    std::array<int, 2> ends{};
    if (words.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0) co_return result;
    asio::posix::stream_descriptor reader(io_, ends[0]);
    const auto process = spawn(words, ends[1]);
    ::close(ends[1]);
    if (process < 0) {
        result.output = words.front() + " cannot be run";
        co_return result;
    }
    std::array<char, 4'096> piece{};
    boost::system::error_code error;
    while (!error) {
        const auto octets = co_await reader.async_read_some(asio::buffer(piece),
                                                            asio::redirect_error(asio::use_awaitable, error));
        const auto room = output_octets_max - result.output.size();
        result.output.append(piece.data(), std::min(octets, room));
    }
    int status = 0;
    asio::steady_timer timer(io_);
    while (::waitpid(process, &status, WNOHANG) == 0) {
        timer.expires_after(poll_interval);
        co_await timer.async_wait(asio::use_awaitable);
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    co_return result;
}

}  // namespace bindhss::emu
