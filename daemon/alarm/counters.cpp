// SPDX-License-Identifier: Apache-2.0
#include "alarm/counters.h"

namespace bindhss::alarm {

void Counters::tell(const Notice& notice) noexcept {
    counts_[static_cast<std::size_t>(notice.alarm.id)][static_cast<std::size_t>(notice.severity)] +=
        notice.count;
}

std::vector<Counters::Count> Counters::snapshot() const {
    std::vector<Count> result;
    for (std::size_t id = 0; id < id_count; ++id) {
        for (std::size_t severity = 0; severity < severity_count; ++severity) {
            const auto occurrences = counts_[id][severity].load();
            if (occurrences > 0)
                result.push_back({static_cast<Id>(id), static_cast<Severity>(severity), occurrences});
        }
    }
    return result;
}

}  // namespace bindhss::alarm
