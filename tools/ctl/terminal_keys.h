// SPDX-License-Identifier: Apache-2.0
// Single keys of a terminal, for commands that draw.
#pragma once

#include <termios.h>

#include <chrono>
#include <optional>

namespace bindhss::ctl {

/// While it lives keys come at once and are not shown, ^C among them. Does nothing when standard input is no
/// terminal.
class TerminalKeys {
  public:
    TerminalKeys();
    ~TerminalKeys();
    TerminalKeys(const TerminalKeys&) = delete;
    TerminalKeys& operator=(const TerminalKeys&) = delete;

    /// Waits so long for a key; nothing: there was none. REQUIRES: there is a terminal.
    [[nodiscard]] static std::optional<char> key_within(std::chrono::milliseconds time);
    [[nodiscard]] bool there() const { return before_.has_value(); }

  private:
    std::optional<termios> before_;
};

/// Of the terminal behind standard output; 80 columns where there is none.
struct TerminalSize {
    std::size_t columns = 80;
    std::size_t lines = 24;
};
[[nodiscard]] TerminalSize terminal_size();

}  // namespace bindhss::ctl
