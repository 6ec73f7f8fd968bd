// SPDX-License-Identifier: Apache-2.0
#include "ctl/terminal_keys.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bindhss::ctl {

TerminalKeys::TerminalKeys() {
    termios settings{};
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &settings) != 0) return;
    before_ = settings;
    // ^C is a key like others: a process that dies of it would leave the terminal as it is now.
    settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

TerminalKeys::~TerminalKeys() {
    if (before_) ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

std::optional<char> TerminalKeys::key_within(std::chrono::milliseconds time) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    char key = 0;
    if (::poll(&input, 1, static_cast<int>(time.count())) <= 0 || ::read(STDIN_FILENO, &key, 1) != 1)
        return std::nullopt;
    return key;
}

TerminalSize terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
    return {size.ws_col, size.ws_row};
}

}  // namespace bindhss::ctl
