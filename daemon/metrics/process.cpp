// SPDX-License-Identifier: Apache-2.0
#include "metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace bindhss::metrics {

namespace {

/// The fields of /proc/self/stat from the third one on; the second may hold blanks.
std::vector<double> stat_fields() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto end = line.rfind(')');
    std::vector<double> fields;
    if (end == std::string::npos) return fields;
    std::istringstream rest(line.substr(end + 1));
    std::string state;
    rest >> state;
    fields.push_back(0);
    for (double field = 0; rest >> field;) fields.push_back(field);
    return fields;
}

/// When the machine was started, in seconds since the epoch; 0: not told.
double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string word; file >> word;) {
        double value = 0;
        if (word == "btime" && file >> value) return value;
    }
    return 0;
}

}  // namespace

void put_process(Page& page) {
    // Numbers of proc(5), less three.
    constexpr std::size_t utime = 11, stime = 12, threads = 17, start = 19, size = 20, resident = 21;
    const auto fields = stat_fields();
    const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
    if (fields.size() > resident) {
        page.add("process_cpu_seconds_total", (fields[utime] + fields[stime]) / tick);
        page.add("process_threads", fields[threads]);
        page.add("process_virtual_memory_bytes", fields[size]);
        page.add("process_resident_memory_bytes",
                 fields[resident] * static_cast<double>(::sysconf(_SC_PAGESIZE)));
        page.add("process_start_time_seconds", boot_time() + fields[start] / tick);
    }
    std::error_code error;
    double descriptors = 0;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
         entry.increment(error))
        ++descriptors;
    if (!error) page.add("process_open_fds", descriptors);
    rlimit most{};
    if (::getrlimit(RLIMIT_NOFILE, &most) == 0)
        page.add("process_max_fds", static_cast<double>(most.rlim_cur));
}

}  // namespace bindhss::metrics
