// SPDX-License-Identifier: Apache-2.0
// One detector between those who raise alarms and the outlets: it counts repetitions instead of multiplying
// them (spec 5.3, R43), lets an alarm rise that does not end, and sums up a flood.
#pragma once

#include <array>
#include <list>
#include <map>
#include <mutex>

#include "alarm/outlet.h"

namespace bindhss::alarm {

inline constexpr std::size_t id_count = static_cast<std::size_t>(Id::kme_feature_missing) + 1;

/// What the operator has changed of the catalogue.
struct Rule {
    std::optional<Severity> severity;
    std::string text;  ///< empty: that of the catalogue
};

struct DetectorSettings {
    std::chrono::milliseconds repeat_interval{300'000};
    /// So many occurrences of one alarm within that time make it one step more severe, once. 0: never.
    std::uint32_t escalate_after = 30;
    std::chrono::milliseconds escalate_within{600'000};
    /// Different objects of one kind and peer that are told of in one minute; the rest is an alarm_flood.
    std::uint32_t flood_after = 60;
    std::array<Rule, id_count> rules{};  ///< by Id
};

/// How an alarm can be told of.
struct Kind {
    Id id;
    Severity severity;
    bool operator==(const Kind&) const = default;
};

/// What an operator did with an alarm that is in the table that all daemons share.
struct OperatorAct {
    Change change = Change::acknowledged;  ///< or cleared
    Alarm alarm;                           ///< that one alone; `time`: when he did it
    Severity severity = Severity::info;    ///< as the table has it
    std::string by;
};

/// An alarm is one kind (Id) and object (IMSI, IMEI, peer). Its first occurrence is told at once (`raised`);
/// those of the next repeat_interval are told together at its end (`repeated`), and one that comes after a
/// quiet interval at once again. `escalated` comes once for each alarm until it is cleared or has been quiet
/// for limits::alarm_quiet_hours.
///
/// New objects of one kind and peer beyond flood_after in a minute are not remembered, only counted: the
/// peer has an alarm_flood, raised with the first of them, repeated at the end of each minute with their
/// number, and cleared with the first minute that brings none.
///
/// clear() ends the alarm; one without IMEI or without peer ends all that fit the rest: each alarm that is
/// known here has its notice. Procedures clear what may have been raised by another daemon, and mostly never
/// was: outlets with wants_unknown_ends() are told of that as it was asked for, flood_after times a minute,
/// kind and peer at most.
///
/// acted() tells of what an operator did, whoever raised the alarm. What has occurred since he cleared it is
/// raised anew.
///
/// Any thread may call it. Outlets outlive it. Time comes with the alarms and with tick().
class Detector final : public Sink {
  public:
    Detector(DetectorSettings settings, std::vector<Outlet*> outlets);

    void raise(const Alarm& alarm) noexcept override;
    void clear(const Alarm& alarm) noexcept override;
    /// From now on; what has been counted stays so.
    void change(DetectorSettings settings);
    /// This alarm was raised before the process began, and is still open. Tells nobody.
    void remember(const Alarm& alarm, Severity severity) noexcept;
    void acted(const OperatorAct& act) noexcept;

    /// Tells what is due; to be called every limits::alarm_tick_ms or so.
    void tick(WallTime now) noexcept;
    /// Tells all that has been counted and not yet told: before the end.
    void flush(WallTime now) noexcept;

    /// All that alarms can be told as by the settings of now, in the order of Id and severity: as configured,
    /// escalated, and an alarm_flood also as mild as what it sums up.
    [[nodiscard]] std::vector<Kind> kinds() const;
    /// Alarms that are known apart.
    [[nodiscard]] std::size_t states() const;
    /// Occurrences that could not be handled for want of memory.
    [[nodiscard]] std::uint64_t lost() const;

  private:
    struct Key {
        Id id;
        std::string imsi;
        std::uint64_t imei;  ///< 0: none
        std::string peer;
        auto operator<=>(const Key&) const = default;
    };
    struct State;
    using States = std::map<Key, State>;
    using Order = std::list<States::iterator>;
    struct State {
        Alarm last;
        Severity severity;
        std::uint64_t untold = 0;  ///< occurrences since the last notice
        WallTime told_at;
        WallTime window_from;  ///< of escalate_within
        std::uint32_t in_window = 0;
        bool escalated = false;
        Order::iterator by_use;               ///< in used_
        std::optional<Order::iterator> open;  ///< in open_: its interval has not ended
    };
    /// What one peer has had told of in this minute, and what is kept back.
    struct Peer {
        WallTime minute;
        std::array<std::uint32_t, id_count> told{};
        std::array<std::uint32_t, id_count> cleared{};
        std::array<std::uint64_t, id_count> kept_back{};
        std::uint64_t of_them_told = 0;  ///< with the notice that the flood began
        bool flooding = false;
        Severity worst = Severity::info;  ///< of what was kept back: a flood is no worse than that
    };
    using Peers = std::map<std::string, Peer>;

    static Key key_of(const Alarm& alarm);
    [[nodiscard]] Notice notice_of(Change change, const Alarm& alarm) const;
    [[nodiscard]] Severity severity_of(Id id) const;
    void notify(const Notice& notice) noexcept;
    void notify_of_act(const Notice& notice) noexcept;

    States::iterator keep(Key key, State state);
    void first(const Alarm& alarm, Key key);
    void again(States::iterator where, const Alarm& alarm);
    void tell(Change change, States::iterator where, WallTime now);
    void begin_interval(States::iterator where, WallTime now);
    void begin_anew(States::iterator where);
    void forget(States::iterator where);
    std::size_t clear_known(const Alarm& alarm, const Key& key, bool& exact);

    Peers::iterator peer_of(const std::string& name, WallTime now);
    bool may_tell(const Alarm& alarm);
    void tell_flood(Change change, Peers::const_reference of, std::uint64_t count, std::string detail,
                    WallTime now);
    void tell_kept_back(Peers::reference of, WallTime now);
    void end_minute(Peers::reference of, WallTime now);
    std::uint64_t end_flood(const std::string& peer);

    void end_intervals(WallTime now);
    void end_minutes(WallTime now);
    void forget_quiet(WallTime now);

    const std::vector<Outlet*> outlets_;
    mutable std::mutex mutex_;
    // guarded by mutex_:
    DetectorSettings settings_;
    States states_;
    Order used_;  ///< the one that was quiet longest first
    Order open_;  ///< in the order in which their intervals end
    Peers peers_;
    std::uint64_t lost_ = 0;
};

}  // namespace bindhss::alarm
