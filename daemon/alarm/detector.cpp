// SPDX-License-Identifier: Apache-2.0
#include "alarm/detector.h"

#include <numeric>
#include <utility>

#include "types/limits.h"

namespace bindhss::alarm {

namespace {

constexpr std::chrono::minutes minute{1};
/// A host name has no more (RFC 1035 2.3.4); peers may send what they like.
constexpr std::size_t peer_octets_max = 255;
constexpr std::size_t detail_octets_max = 1'024;
constexpr std::size_t session_octets_max = 1'024;

/// The wall clock may be set back: what began far in the future has ended too.
bool has_passed(WallTime since, std::chrono::milliseconds length, WallTime now) {
    return now - since >= length || since - now >= length;
}

Severity one_step_up(Severity severity) {
    return severity == Severity::critical ? severity
                                          : static_cast<Severity>(static_cast<std::uint8_t>(severity) + 1);
}

constexpr std::size_t index_of(Id id) {
    return static_cast<std::size_t>(id);
}

Alarm bounded(const Alarm& alarm) {
    auto result = alarm;
    if (result.peer.size() > peer_octets_max) result.peer.resize(peer_octets_max);
    if (result.detail.size() > detail_octets_max) result.detail.resize(detail_octets_max);
    if (result.session.size() > session_octets_max) result.session.resize(session_octets_max);
    return result;
}

std::string numbers(const std::array<std::uint64_t, id_count>& kept_back) {
    std::string text;
    for (std::size_t i = 0; i < id_count; ++i) {
        if (kept_back[i] == 0) continue;
        text += text.empty() ? "" : ", ";
        text += std::string(describe(static_cast<Id>(i)).name) + " " + std::to_string(kept_back[i]);
    }
    return text;
}

}  // namespace

Detector::Detector(DetectorSettings settings, std::vector<Outlet*> outlets)
    : outlets_(std::move(outlets)), settings_(std::move(settings)) {}

void Detector::change(DetectorSettings settings) {
    const std::lock_guard lock(mutex_);
    settings_ = std::move(settings);
}

void Detector::raise(const Alarm& raised) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        const auto alarm = bounded(raised);
        auto key = key_of(alarm);
        const auto known = states_.find(key);
        if (known != states_.end()) {
            again(known, alarm);
        } else if (may_tell(alarm)) {
            first(alarm, std::move(key));
        }
    } catch (...) {  // no memory
        ++lost_;
    }
}

void Detector::clear(const Alarm& cleared) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        const auto alarm = bounded(cleared);
        bool exact = false;
        const auto found = clear_known(alarm, key_of(alarm), exact);
        if (exact) return;
        if (found == 0 &&
            ++peer_of(alarm.peer, alarm.time)->second.cleared[index_of(alarm.id)] > settings_.flood_after)
            return;
        auto notice = notice_of(Change::cleared, alarm);
        notice.count = 0;
        for (auto* outlet : outlets_)
            if (outlet->wants_unknown_ends()) outlet->tell(notice);
    } catch (...) {
        ++lost_;
    }
}

void Detector::remember(const Alarm& open, Severity severity) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        const auto alarm = bounded(open);
        auto key = key_of(alarm);
        if (states_.size() >= limits::alarm_states_max || states_.contains(key)) return;
        State state{alarm, severity, 0, alarm.time, alarm.time, 0, false, {}, {}};
        state.escalated = severity > notice_of(Change::raised, alarm).severity;
        keep(std::move(key), std::move(state));
    } catch (...) {
        ++lost_;
    }
}

void Detector::tick(WallTime now) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        end_intervals(now);
        end_minutes(now);
        forget_quiet(now);
    } catch (...) {
        ++lost_;
    }
}

void Detector::flush(WallTime now) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        // Those that have nothing to tell, and each that has once.
        for (auto left = open_.size(); left > 0; --left) {
            const auto where = open_.front();
            open_.splice(open_.end(), open_, open_.begin());
            if (where->second.untold > 0) tell(Change::repeated, where, now);
        }
        for (auto& peer : peers_) tell_kept_back(peer, now);
    } catch (...) {
        ++lost_;
    }
}

std::vector<Kind> Detector::kinds() const {
    const std::lock_guard lock(mutex_);
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < id_count; ++i) {
        const auto id = static_cast<Id>(i);
        const auto usual = severity_of(id);
        if (id == Id::alarm_flood) {
            for (auto milder = Severity::info; milder < usual; milder = one_step_up(milder))
                kinds.push_back({id, milder});
        }
        kinds.push_back({id, usual});
        const bool escalates = settings_.escalate_after != 0 && id != Id::alarm_flood;
        if (escalates && usual != Severity::critical) kinds.push_back({id, one_step_up(usual)});
    }
    return kinds;
}

std::size_t Detector::states() const {
    const std::lock_guard lock(mutex_);
    return states_.size();
}

std::uint64_t Detector::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

Detector::Key Detector::key_of(const Alarm& alarm) {
    return {alarm.id, alarm.imsi ? alarm.imsi->str() : std::string(), alarm.imei ? alarm.imei->number() : 0,
            alarm.peer};
}

Severity Detector::severity_of(Id id) const {
    return settings_.rules[index_of(id)].severity.value_or(describe(id).severity);
}

Notice Detector::notice_of(Change change, const Alarm& alarm) const {
    const auto& rule = settings_.rules[index_of(alarm.id)];
    Notice notice;
    notice.change = change;
    notice.alarm = alarm;
    notice.severity = severity_of(alarm.id);
    notice.text = rule.text.empty() ? std::string(describe(alarm.id).text) : rule.text;
    return notice;
}

void Detector::notify(const Notice& notice) noexcept {
    for (auto* outlet : outlets_) outlet->tell(notice);
}

void Detector::first(const Alarm& alarm, Key key) {
    if (states_.size() >= limits::alarm_states_max) {
        const auto quietest = used_.front();
        if (quietest->second.untold > 0) tell(Change::repeated, quietest, alarm.time);
        forget(quietest);
    }
    State state{alarm, notice_of(Change::raised, alarm).severity, 1, alarm.time, alarm.time, 1, false, {},
                {}};
    tell(Change::raised, keep(std::move(key), std::move(state)), alarm.time);
}

Detector::States::iterator Detector::keep(Key key, State state) {
    Order place(1, states_.end());  // before the state, so that there is never one without
    const auto where = states_.emplace(std::move(key), std::move(state)).first;
    where->second.by_use = place.begin();
    place.front() = where;
    used_.splice(used_.end(), place);
    return where;
}

void Detector::again(States::iterator where, const Alarm& alarm) {
    auto& state = where->second;
    state.last = alarm;
    ++state.untold;
    used_.splice(used_.end(), used_, state.by_use);
    if (has_passed(state.window_from, settings_.escalate_within, alarm.time)) {
        state.window_from = alarm.time;
        state.in_window = 0;
    }
    ++state.in_window;
    const bool risen = settings_.escalate_after != 0 && state.in_window >= settings_.escalate_after;
    if (risen && !state.escalated && state.severity != Severity::critical) {
        state.escalated = true;
        state.severity = one_step_up(state.severity);
        tell(Change::escalated, where, alarm.time);
    } else if (!state.open) {
        tell(Change::repeated, where, alarm.time);
    }
}

void Detector::tell(Change change, States::iterator where, WallTime now) {
    auto& state = where->second;
    auto notice = notice_of(change, state.last);
    notice.severity = state.severity;
    notice.count = std::exchange(state.untold, 0);
    begin_interval(where, now);
    notify(notice);
}

void Detector::begin_interval(States::iterator where, WallTime now) {
    auto& state = where->second;
    state.told_at = now;
    if (state.open) {
        open_.splice(open_.end(), open_, *state.open);
    } else {
        state.open = open_.insert(open_.end(), where);
    }
}

void Detector::forget(States::iterator where) {
    used_.erase(where->second.by_use);
    if (where->second.open) open_.erase(*where->second.open);
    states_.erase(where);
}

std::size_t Detector::clear_known(const Alarm& alarm, const Key& key, bool& exact) {
    std::size_t found = 0;
    auto where = states_.lower_bound(Key{key.id, key.imsi, 0, ""});
    while (where != states_.end() && where->first.id == key.id &&
           (key.imsi.empty() || where->first.imsi == key.imsi)) {
        const auto here = where++;
        const auto& known = here->first;
        if ((key.imei != 0 && known.imei != key.imei) || (!key.peer.empty() && known.peer != key.peer))
            continue;
        exact = exact || known == key;
        ++found;
        auto notice = notice_of(Change::cleared, here->second.last);
        notice.alarm.detail = alarm.detail;
        notice.alarm.time = alarm.time;
        notice.severity = here->second.severity;
        notice.count = here->second.untold;
        forget(here);
        notify(notice);
    }
    return found;
}

Detector::Peers::iterator Detector::peer_of(const std::string& name, WallTime now) {
    auto found = peers_.find(name);
    // Too many names are as good as none: whoever makes them up shares one budget.
    if (found == peers_.end()) {
        const bool full = peers_.size() >= limits::alarm_peers_max;
        const auto [made, fresh] = peers_.try_emplace(full ? std::string() : name);
        if (fresh) made->second.minute = now;
        found = made;
    }
    if (has_passed(found->second.minute, minute, now)) end_minute(*found, now);
    return found;
}

bool Detector::may_tell(const Alarm& alarm) {
    const auto where = peer_of(alarm.peer, alarm.time);
    auto& peer = where->second;
    const auto kind = index_of(alarm.id);
    if (peer.told[kind] < settings_.flood_after) {
        ++peer.told[kind];
        return true;
    }
    ++peer.kept_back[kind];
    peer.worst = std::max(peer.worst, notice_of(Change::raised, alarm).severity);
    if (!peer.flooding) {
        peer.flooding = true;
        peer.of_them_told = 1;
        const auto detail = "more than " + std::to_string(settings_.flood_after) + " different ones of " +
                            std::string(describe(alarm.id).name) + " in a minute";
        tell_flood(Change::raised, *where, 1, detail, alarm.time);
    }
    return false;
}

void Detector::tell_flood(Change change, Peers::const_reference of, std::uint64_t count, std::string detail,
                          WallTime now) {
    auto notice = notice_of(
        change, Alarm{Id::alarm_flood, std::nullopt, std::nullopt, of.first, std::move(detail), now});
    notice.severity = std::min(notice.severity, of.second.worst);
    notice.count = count;
    notify(notice);
}

/// What is told stays counted as told until the minute ends.
void Detector::tell_kept_back(Peers::reference of, WallTime now) {
    auto& peer = of.second;
    const auto sum = std::accumulate(peer.kept_back.begin(), peer.kept_back.end(), std::uint64_t{0});
    const auto count = sum - std::exchange(peer.of_them_told, sum);
    if (count == 0) return;
    tell_flood(Change::repeated, of, count, "in one minute, besides those told: " + numbers(peer.kept_back),
               now);
}

void Detector::end_minute(Peers::reference of, WallTime now) {
    tell_kept_back(of, now);
    auto& peer = of.second;
    const bool flooding = peer.of_them_told > 0;
    if (peer.flooding && !flooding) tell_flood(Change::cleared, of, 0, "", now);
    const auto worst = flooding ? peer.worst : Severity::info;
    peer = Peer{};
    peer.worst = worst;
    peer.minute = now;
    peer.flooding = flooding;
}

void Detector::end_intervals(WallTime now) {
    for (auto left = limits::alarm_notices_per_tick_max; left > 0 && !open_.empty();) {
        const auto where = open_.front();
        auto& state = where->second;
        if (!has_passed(state.told_at, settings_.repeat_interval, now)) return;
        if (state.untold > 0) {
            --left;
            tell(Change::repeated, where, now);
        } else {
            open_.pop_front();
            state.open.reset();
        }
    }
}

void Detector::end_minutes(WallTime now) {
    for (auto where = peers_.begin(); where != peers_.end();) {
        auto& peer = where->second;
        if (!has_passed(peer.minute, minute, now)) {
            ++where;
            continue;
        }
        end_minute(*where, now);
        where = peer.flooding ? std::next(where) : peers_.erase(where);
    }
}

void Detector::forget_quiet(WallTime now) {
    constexpr std::chrono::hours quiet{limits::alarm_quiet_hours};
    while (!used_.empty() && !used_.front()->second.open &&
           has_passed(used_.front()->second.last.time, quiet, now))
        forget(used_.front());
}

}  // namespace bindhss::alarm
