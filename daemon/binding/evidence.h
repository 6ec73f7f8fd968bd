// SPDX-License-Identifier: Apache-2.0
// Evidence for and against a binding by key, gathered over accesses (spec 4.7). Pure.
#pragma once

#include <optional>
#include <vector>

#include "binding/binding.h"

namespace bindhss::binding {

/// spec 4.1. NONE, UNBOUND and BOUND follow from policy and key; these are stored.
enum class State : std::uint8_t { normal, suspect, locked };
[[nodiscard]] std::string_view name_of(State state);

/// What an event says of a binding (the table of spec 4.7).
enum class Sign : std::uint8_t {
    proof,           ///< E+
    strong_against,  ///< a failure that was reported, or a purge without a registration
    weak_against,    ///< a vector that nobody answered
};

/// What the store keeps of a binding's evidence.
struct Standing {
    State state = State::normal;
    std::uint32_t strong = 0;  ///< in a row, since the last proof
    std::uint32_t weak = 0;
    /// Candidate keys that were tried since the last proof (spec 4.2 "Which KME").
    std::uint32_t turns = 0;
    std::vector<WallTime> reprovisions;  ///< regular vectors given for it, the newest last
    bool operator==(const Standing&) const = default;
};

/// Choices of the operator (spec 5.6).
struct EvidenceSettings {
    std::chrono::seconds unanswered_after{30};  ///< a B-AV without an Update-Location speaks against then
    std::uint32_t suspect_strong = 2;
    std::uint32_t suspect_weak = 5;
    std::chrono::seconds reprovision_interval{600};
    std::uint32_t reprovisions_per_day = 5;
};

/// What a sign makes of a standing.
struct Change {
    Standing standing;
    bool became_suspect = false;  ///< alarm kme_suspect
    bool became_locked = false;   ///< alarm binding_locked
    bool cleared = false;         ///< it was suspect, and has proved itself
    bool next_key = false;        ///< the next of several candidate keys is to be used from now on
};

/// `candidates`: how many different keys the devices of the binding have. A lock ends by the operator alone.
[[nodiscard]] Change after(const Standing& before, Sign sign, OnSuspicion on_suspicion,
                           std::uint32_t candidates, const EvidenceSettings& settings);

/// Does an AIR say that an earlier B-AV failed (spec 4.7, both weak signs)? Not a re-synchronisation, not
/// where the UE is registered, and not before the B-AV has had its time.
struct OpenVector {
    std::optional<WallTime> since;  ///< the oldest B-AV that nothing has answered
    bool registered_there = false;
    bool resynchronisation = false;
    WallTime now;
};
[[nodiscard]] bool is_unanswered(const OpenVector& open, const EvidenceSettings& settings);

/// May one regular vector be given to a suspect subscription (R33)? A token bucket: one in an interval, so
/// many in a day.
[[nodiscard]] bool may_reprovision(const Standing& standing, WallTime now, const EvidenceSettings& settings);

}  // namespace bindhss::binding
