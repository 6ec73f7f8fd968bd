// SPDX-License-Identifier: Apache-2.0
#include "binding/evidence.h"

#include <algorithm>
#include <array>

namespace bindhss::binding {

namespace {

/// Signs are counted no further: it is the first few that decide, and a phone may go on trying for years.
constexpr std::uint32_t signs_max = 30'000;

void count(std::uint32_t& signs) {
    signs = std::min(signs + 1, signs_max);
}

/// SUSPECT at 2 strong or 5 weak in a row.
bool suspicious(const Standing& standing, const EvidenceSettings& settings) {
    return standing.strong >= settings.suspect_strong || standing.weak >= settings.suspect_weak;
}

/// Which KME: a strong sign speaks against the key at once, of weak ones it takes as many as make a suspect.
bool speaks_against_the_key(const Standing& standing, Sign sign, const EvidenceSettings& settings) {
    if (sign == Sign::strong_against) return true;
    return settings.suspect_weak != 0 && standing.weak % settings.suspect_weak == 0;
}

/// Once around and no further: the last turn is back to the key that was proven last.
void turn_to_the_next_key(Change& change, std::uint32_t candidates) {
    if (candidates < 2 || change.standing.turns >= candidates) return;
    ++change.standing.turns;
    change.next_key = true;
}

void suspect(Change& change, OnSuspicion on_suspicion) {
    auto& state = change.standing.state;
    if (state == State::locked) return;
    if (on_suspicion == OnSuspicion::lock) {
        state = State::locked;
        change.became_locked = true;
    } else if (state == State::normal) {
        state = State::suspect;
        change.became_suspect = true;
    }
}

/// Any E+ resets.
Change after_proof(const Standing& before) {
    Change change{before};
    change.standing.strong = change.standing.weak = change.standing.turns = 0;
    if (before.state == State::suspect) {
        change.standing.state = State::normal;
        change.cleared = true;
    }
    return change;
}

}  // namespace

std::string_view name_of(State state) {
    constexpr std::array<std::string_view, 3> names{"normal", "suspect", "locked"};
    return names[static_cast<std::size_t>(state)];
}

Change after(const Standing& before, Sign sign, OnSuspicion on_suspicion, std::uint32_t candidates,
             const EvidenceSettings& settings) {
    if (sign == Sign::proof) return after_proof(before);
    Change change{before};
    count(sign == Sign::strong_against ? change.standing.strong : change.standing.weak);
    if (suspicious(change.standing, settings)) suspect(change, on_suspicion);
    if (speaks_against_the_key(change.standing, sign, settings)) turn_to_the_next_key(change, candidates);
    return change;
}

bool is_unanswered(const OpenVector& open, const EvidenceSettings& settings) {
    if (open.registered_there || open.resynchronisation) return false;
    return open.since && open.now - *open.since >= settings.unanswered_after;
}

bool may_reprovision(const Standing& standing, WallTime now, const EvidenceSettings& settings) {
    if (standing.state != State::suspect) return false;
    const auto& given = standing.reprovisions;
    if (!given.empty() && now - given.back() < settings.reprovision_interval) return false;
    const auto today = std::count_if(given.begin(), given.end(),
                                     [&](WallTime at) { return now - at < std::chrono::hours(24); });
    return static_cast<std::uint32_t>(today) < settings.reprovisions_per_day;
}

}  // namespace bindhss::binding
