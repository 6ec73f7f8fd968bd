// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/json_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "alarm/log_outlet.h"

namespace bindhss::alarm {

JsonLines::JsonLines(const boost::asio::any_io_executor& executor, CourierSettings settings, std::string path,
                     std::string origin, log::Logger& log)
    : Courier(executor, std::move(settings), log), path_(std::move(path)), origin_(std::move(origin)) {}

JsonLines::~JsonLines() {
    close();
}

boost::asio::awaitable<Courier::Outcome> JsonLines::attempt(std::vector<Item> items) {
    if (auto problem = open_if_needed(); !problem.empty())
        co_return Outcome{Outcome::Kind::again, path_ + " cannot be opened: " + problem};
    auto line = json_of(items.front().notice, origin_) + "\n";
    if (torn_) line.insert(0, "\n");
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto written = ::write(file_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const auto reason = path_ + " cannot be written: " + std::strerror(errno);
            close();
            co_return Outcome{Outcome::Kind::again, reason};
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
        torn_ = !rest.empty();
    }
    co_return Outcome{};
}

std::string JsonLines::open_if_needed() {
    if (file_ >= 0 && (reopen_.exchange(false) || !is_still_there())) {
        close();
        torn_ = false;
    }
    if (file_ >= 0) return {};
    // O_NONBLOCK: a pipe that nobody reads is an error, not a wait.
    file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                   S_IRUSR | S_IWUSR | S_IRGRP);
    return file_ >= 0 ? std::string() : std::string(std::strerror(errno));
}

bool JsonLines::is_still_there() const {
    struct stat named {};
    struct stat opened {};
    return ::stat(path_.c_str(), &named) == 0 && ::fstat(file_, &opened) == 0 &&
           named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

void JsonLines::close() noexcept {
    if (file_ >= 0) ::close(std::exchange(file_, -1));
}

}  // namespace bindhss::alarm
