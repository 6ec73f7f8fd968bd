// SPDX-License-Identifier: Apache-2.0
#include "ctl/file_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/names.h"
#include "types/limits.h"

namespace bindhss::ctl {

std::string file_name(const std::string& path) {
    if (path == "-") return "(standard input)";
    return store::may_hold_key(path) ? "(a file)" : path.substr(path.rfind('/') + 1);
}

Refused unusable(const std::string& path, const std::string& what) {
    return Refused((store::may_hold_key(path) ? "the file" : path) + " " + what);
}

void show_errors(Context& context, const std::string& file, const std::vector<store::LineError>& errors) {
    for (std::size_t i = 0; i < std::min(errors.size(), limits::import_errors_shown_max); ++i)
        context.io.err << fmt::format("{}:{}: {}\n", file_name(file), errors[i].line, errors[i].text);
}

Progress::~Progress() {
    if (shown_) io_.err << "\r\x1b[K";
}

void Progress::step() {
    constexpr std::uint64_t often = 10'000;
    if (!io_.terminal || ++count_ % often != 0) return;
    io_.err << fmt::format("\r{} {} {}", what_, count_, things_) << std::flush;
    shown_ = true;
}

}  // namespace bindhss::ctl
