// SPDX-License-Identifier: Apache-2.0
#include "ctl/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>

namespace bindhss::ctl {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string duration_text(seconds time) {
    const auto all = time.count();
    if (all < 60) return fmt::format("{}s", all);
    if (all < 3'600) return fmt::format("{}m{:02}s", all / 60, all % 60);
    return fmt::format("{}h{:02}m", all / 3'600, all / 60 % 60);
}

std::string ProgressBar::line(std::uint64_t done, milliseconds since, std::string_view note) const {
    constexpr std::size_t width = 24;
    const auto part =
        total_ == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    const auto full = static_cast<std::size_t>(part * width);
    auto bar = std::string(full, '=') + (full < width ? ">" : "");
    bar.resize(width, ' ');
    auto text = fmt::format("{} [{}] {:3} %  {} of {} {}", what_, bar, static_cast<int>(part * 100), done,
                            total_, things_);
    if (!note.empty()) return text + "  " + std::string(note);
    const auto now = done - std::min(done, begun_at_);
    if (since < milliseconds(1'000) || now == 0) return text;
    const auto rate = static_cast<double>(now) * 1'000 / static_cast<double>(since.count());
    text += fmt::format("  {:.0f}/s", rate);
    if (done >= total_) return text;
    return text + "  " +
           duration_text(seconds(static_cast<std::int64_t>(static_cast<double>(total_ - done) / rate))) +
           " left";
}

/// Drawn for the first time after a moment: short work draws nothing.
bool ProgressBar::is_due() {
    constexpr auto often = milliseconds(200);
    const auto now = Clock::now();
    if (!io_.terminal || now - std::max(shown_at_, begin_) < often) return false;
    shown_at_ = now;
    shown_ = true;
    return true;
}

void ProgressBar::show(std::uint64_t done, std::string_view note) {
    if (!is_due()) return;
    const auto since = std::chrono::duration_cast<milliseconds>(shown_at_ - begin_);
    io_.err << "\r\x1b[K" << line(done, since, note) << std::flush;
}

void ProgressBar::count(std::uint64_t done) {
    if (is_due()) io_.err << fmt::format("\r\x1b[K{} {} {}", what_, done, things_) << std::flush;
}

void ProgressBar::clear() {
    if (shown_) io_.err << "\r\x1b[K" << std::flush;
    shown_ = false;
}

}  // namespace bindhss::ctl
