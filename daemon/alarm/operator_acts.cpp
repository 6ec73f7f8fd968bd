// SPDX-License-Identifier: Apache-2.0
// What the detector makes of acts of operators.
#include <numeric>
#include <utility>

#include "alarm/detector.h"

namespace bindhss::alarm {

void Detector::acted(const OperatorAct& act) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        const auto& alarm = act.alarm;
        const auto known = states_.find(key_of(alarm));
        const bool ends = act.change == Change::cleared;
        const bool again = ends && known != states_.end() && known->second.last.time > alarm.time;
        auto notice = notice_of(act.change, alarm);
        notice.severity = act.severity;
        notice.by = act.by;
        notice.count = 0;
        if (ends && alarm.id == Id::alarm_flood) notice.count = end_flood(alarm.peer);
        if (ends && !again && known != states_.end()) {
            notice.count = known->second.untold;
            forget(known);
        }
        notify_of_act(notice);
        if (again) begin_anew(known);
    } catch (...) {
        ++lost_;
    }
}

void Detector::notify_of_act(const Notice& notice) noexcept {
    for (auto* outlet : outlets_)
        if (!outlet->knows_acts()) outlet->tell(notice);
}

/// It has occurred since an operator cleared it; what was told of that, the table has as a new alarm.
void Detector::begin_anew(States::iterator where) {
    auto& state = where->second;
    auto notice = notice_of(Change::raised, state.last);
    notice.count = std::exchange(state.untold, 0);
    state.severity = notice.severity;
    state.escalated = false;
    state.window_from = state.last.time;
    state.in_window = 1;
    begin_interval(where, state.last.time);
    if (notice.count > 0) {
        notify(notice);
    } else {
        notify_of_act(notice);
    }
}

/// An operator has cleared it: what floods on is raised anew. Returns what was not told of it.
std::uint64_t Detector::end_flood(const std::string& peer) {
    const auto found = peers_.find(peer);
    if (found == peers_.end() || !found->second.flooding) return 0;
    auto& flood = found->second;
    const auto sum = std::accumulate(flood.kept_back.begin(), flood.kept_back.end(), std::uint64_t{0});
    const auto untold = sum - flood.of_them_told;
    flood.flooding = false;
    flood.kept_back = {};
    flood.of_them_told = 0;
    flood.worst = Severity::info;
    return untold;
}

}  // namespace bindhss::alarm
