// SPDX-License-Identifier: Apache-2.0
// The verdict on one Update-Location: may this UE be registered? (spec 4.7 I1, 5.2, 5.3). Pure.
#pragma once

#include <vector>

#include "alarm/alarm.h"
#include "binding/binding.h"

namespace bindhss::binding {

/// What is known of the access when the ULR arrives.
struct Access {
    std::optional<TerminalInformation> terminal_information;  ///< as ADD reports it now
    std::optional<Imei> last_seen_imei;                       ///< of the previous association
    std::optional<WallTime> pre_processed_at;                 ///< last B-AV issued to the node that asks
    bool under_active_kme = false;                            ///< that B-AV was made with the KME active now
    std::optional<WallTime> regular_at;                       ///< R-AV to that node which no ULR consumed
    bool previously_verified = false;  ///< the registration that this one replaces was verified
    WallTime now;
};

/// Choices of the operator (spec 5.6).
struct JudgeSettings {
    std::chrono::seconds evidence_window{120};
    std::chrono::seconds regular_vector_open{600};
    bool imei_absent_allowed_monitor = true;
    bool imei_absent_allowed_enforce = false;
};

/// An alarm to raise, with its sentence.
struct Finding {
    alarm::Id id;
    std::string detail;
};

struct Verdict {
    bool admitted = true;
    bool verified = false;  ///< to be stored with the registration
    std::vector<Finding> findings;
};

/// How the last vectors issued to the node prove the binding (spec 4.7).
enum class Evidence : std::uint8_t {
    proven,      ///< E+: a ULR soon after a B-AV under the active KME: AKA passed with the KME
    regular,     ///< a regular vector is still open at that node, so the ULR may rest on it (I2)
    superseded,  ///< the ULR may rest on a B-AV under a key that is not the active one any more
    none,        ///< no vector from us: the context moved between MMEs
};
[[nodiscard]] Evidence evidence_of(const Access& access, const JudgeSettings& settings);

/// The device alone: for reports that no vector belongs to (Notify, ME-Identity-Check). Never verifies.
[[nodiscard]] Verdict judge_device(const Binding& binding, const Access& access,
                                   const JudgeSettings& settings);

/// REQUIRES: nothing is stored before the verdict; a verdict that does not admit changes no registration.
[[nodiscard]] Verdict judge(const Binding& binding, const Access& access, const JudgeSettings& settings);

}  // namespace bindhss::binding
