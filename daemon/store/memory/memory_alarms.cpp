// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "store/memory/memory_store.h"
#include "store/positions.h"

namespace bindhss::store {

Awaitable<Done> MemoryStore::record_alarms(std::vector<alarm::Notice> notices) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    for (const auto& notice : notices) count(notice);
    co_return Done{};
}

// REQUIRES: mutex_ is held.
void MemoryStore::count(const alarm::Notice& notice) {
    const auto& alarm = notice.alarm;
    const std::string name(alarm::describe(alarm.id).name);
    const auto imsi = alarm.imsi ? alarm.imsi->str() : std::string();
    const auto imei = alarm.imei ? alarm.imei->str() : std::string();
    const bool clears = notice.change == alarm::Change::cleared;
    // A device or peer that a notice leaves empty that clears matches any.
    const auto fits = [clears](const std::string& stored, const std::string& told) {
        return stored == told || (clears && told.empty());
    };
    const auto is_meant = [&](const AlarmRow& row) {
        return !row.cleared && row.name == name && row.imsi == imsi && fits(row.imei, imei) &&
               fits(row.peer, alarm.peer);
    };
    if (clears) {
        for (auto& row : alarms_) {
            if (!is_meant(row)) continue;
            row.cleared = alarm.time;
            row.count += notice.count;
        }
        return;
    }
    auto row = std::find_if(alarms_.begin(), alarms_.end(), is_meant);
    if (row == alarms_.end()) {
        AlarmRow added;
        added.id = ++last_alarm_id_;
        added.name = name;
        added.severity = alarm::name_of(notice.severity);
        added.imsi = imsi;
        added.imei = imei;
        added.peer = alarm.peer;
        added.first = added.last = alarm.time;
        row = alarms_.insert(alarms_.end(), std::move(added));
    }
    row->count += notice.count;
    row->last = std::max(row->last, alarm.time);
    row->detail = alarm.detail;
    row->session = alarm.session;
    if (notice.change != alarm::Change::escalated) return;
    row->severity = alarm::name_of(notice.severity);
    row->acknowledged_by.clear();
}

std::vector<AlarmRow> MemoryStore::alarms(const AlarmFilter& filter, const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<AlarmRow> rows;
    const auto before = number_position_down(page);
    if (!before) return rows;
    std::copy_if(alarms_.rbegin(), alarms_.rend(), std::back_inserter(rows), [&](const AlarmRow& row) {
        return row.id < *before && (filter.cleared || !row.cleared) &&
               (filter.name.empty() || row.name == filter.name) &&
               (filter.severity.empty() || row.severity == filter.severity) &&
               (!filter.imsi || row.imsi == filter.imsi->str());
    });
    if (rows.size() > page.limit)
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(page.limit), rows.end());
    return rows;
}

void MemoryStore::change_alarm(AlarmRow& row, alarm::Change change, const std::string& who) {
    if (change == alarm::Change::acknowledged) {
        row.acknowledged_by = who;
    } else {
        row.cleared = now();
        row.cleared_by = who;
    }
    AlarmAct act{++last_alarm_act_, change, row.name, row.severity, row.imsi, row.imei, row.peer, who};
    alarm_acts_.push_back({row.id, std::move(act), now()});
}

std::uint64_t MemoryStore::change_alarms(const AlarmSelection& which, alarm::Change change,
                                         const std::string& who) {
    const std::lock_guard lock(mutex_);
    std::uint64_t changed = 0;
    for (auto& row : alarms_) {
        const bool meant = !row.cleared && which.id.value_or(row.id) == row.id &&
                           which.name.value_or(row.name) == row.name &&
                           (!which.imsi || which.imsi->digits() == row.imsi);
        if (!meant) continue;
        change_alarm(row, change, who);
        ++changed;
    }
    return changed;
}

void MemoryStore::clear_settled(const SettledAlarm& settled) {
    for (auto& row : alarms_) {
        const bool meant = !row.cleared && row.name == settled.name && row.imsi == settled.imsi.digits() &&
                           (!settled.imei || row.imei == settled.imei->str());
        if (meant) change_alarm(row, alarm::Change::cleared, who_);
    }
}

std::uint64_t MemoryStore::acknowledge_alarms(const AlarmSelection& which, const std::string& who) {
    return change_alarms(which, alarm::Change::acknowledged, who);
}

std::uint64_t MemoryStore::clear_alarms(const AlarmSelection& which, const std::string& who) {
    return change_alarms(which, alarm::Change::cleared, who);
}

Awaitable<AlarmActs> MemoryStore::alarm_acts(std::optional<std::int64_t> after, std::uint32_t limit) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    AlarmActs result{{}, after.value_or(last_alarm_act_)};
    for (const auto& stored : alarm_acts_) {
        if (result.acts.size() == limit) break;
        if (stored.act.number <= result.last) continue;
        result.last = stored.act.number;
        result.acts.push_back(stored.act);
        result.acts.back().age = now() - stored.at;
    }
    co_return result;
}

Awaitable<std::uint64_t> MemoryStore::delete_old(OldRecords what, std::chrono::seconds keep,
                                                 std::uint32_t limit) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    std::uint64_t deleted = 0;
    const auto is_old = [&](std::optional<WallTime> since) {
        const bool old = since && *since < now() - keep && deleted < limit;
        deleted += old ? 1 : 0;
        return old;
    };
    if (what == OldRecords::operator_requests) {
        std::erase_if(asked_, [&](const auto& entry) { return is_old(entry.second.second); });
        co_return deleted;
    }
    if (what == OldRecords::audit) {
        std::erase_if(audit_, [&](const AuditRow& row) { return is_old(row.at); });
        co_return deleted;
    }
    std::erase_if(alarms_, [&](const AlarmRow& row) {
        if (!is_old(row.cleared)) return false;
        std::erase_if(alarm_acts_, [&](const StoredAct& stored) { return stored.alarm_id == row.id; });
        return true;
    });
    co_return deleted;
}

}  // namespace bindhss::store
