// SPDX-License-Identifier: Apache-2.0
// The verdict on one access: may this UE be registered? (spec 4.7 I1, I5, I6; 5.1 to 5.3). Pure.
#pragma once

#include <vector>

#include "alarm/alarm.h"
#include "binding/binding.h"

namespace bindhss::binding {

/// How a node came to a UE (what a peer reports is not taken for truth).
enum class Provenance : std::uint8_t {
    authenticated,  ///< it had vectors from us, or serves the UE already
    taken_over,     ///< the UE was registered at another node, which hands its context on
    unproven,       ///< neither: anybody could have written this request
};
[[nodiscard]] std::string_view name_of(Provenance provenance);

/// What the store knows of the device that is reported.
struct DeviceFacts {
    std::vector<std::string> groups;
    std::uint32_t uiccs = 0;                 ///< other subscriptions registered in it now
    std::optional<std::uint32_t> uiccs_max;  ///< at once, this one included; absent: any number
    std::optional<bool> imei_secure;         ///< of its model, as the operator recorded it; absent: not known
    std::optional<bool> key_secure;
};

/// What is known of the access when the request arrives.
struct Access {
    std::optional<TerminalInformation> terminal_information;  ///< as ADD reports it now
    DeviceFacts device;                                       ///< of that
    std::optional<Imei> last_seen_imei;                       ///< of the previous association
    std::optional<std::string> last_seen_svn;
    std::optional<WallTime> pre_processed_at;  ///< last B-AV issued to the node that asks
    /// That B-AV was made with a key that the binding may be under now: the active one, or that of another of
    /// its devices (spec 4.2).
    bool under_candidate_kme = false;
    std::optional<WallTime> regular_at;          ///< R-AV to that node which no ULR consumed
    std::optional<WallTime> registered_here_at;  ///< by that node, be it purged since
    bool serves_now = false;            ///< that node has the UE and has not purged it, for however long
    bool registered_elsewhere = false;  ///< at another node that has not purged the UE
    bool previously_verified = false;   ///< the registration that this one replaces was verified
    std::optional<WallTime>
        unverified_at;       ///< when the UE was last registered without a proof, if it still is
    bool emergency = false;  ///< the UE has an emergency service (TS 22.016 5)
    WallTime now;
};

/// Choices of the operator (spec 5.6).
struct JudgeSettings {
    std::chrono::seconds evidence_window{120};
    std::chrono::seconds regular_vector_open{600};
    std::chrono::seconds authenticated_within{24 * 3600};  ///< vectors may wait in a node for so long
    bool imei_absent_allowed_monitor = true;
    bool imei_absent_allowed_enforce = false;
};

/// An alarm to raise, with its sentence.
struct Finding {
    alarm::Id id;
    std::string detail;
};

enum class Admission : std::uint8_t { admitted, limited, refused };
/// "admitted", "limited" or "refused".
[[nodiscard]] std::string_view name_of(Admission admission);

struct Verdict {
    Admission admission = Admission::admitted;
    Provenance provenance = Provenance::authenticated;
    bool verified = false;        ///< to be stored with the registration
    bool proof = false;           ///< E+ (evidence.h)
    bool lock = false;            ///< nothing more for the subscription until the operator acts
    std::optional<Imei> acquire;  ///< from now on this device is authorised (Acquisition::first_use)
    std::optional<Imei> ask;      ///< the operator is asked about this device (Acquisition::approve)
    /// Refused for the want of a key alone, in an access that rests on a regular vector of ours: the device
    /// may be given one (spec 4.4), if it is also `authorised`: by a rule, or as the first of an empty list
    /// (I5).
    bool key_may_be_given = false;
    bool authorised = false;
    /// The device has room for this UICC, and what follows when it has none is more than an alarm: who stores
    /// the registration counts again, because others may come in the device at the same moment.
    bool count_again = false;
    /// All that is to be raised, those that tell of the verdict itself included (access_limited,
    /// binding_locked, approval_pending); device_acquired alone is for who knows that it was stored.
    std::vector<Finding> findings;
    [[nodiscard]] bool refused() const { return admission == Admission::refused; }
};

/// How the last vectors issued to the node prove the binding (spec 4.7).
enum class Evidence : std::uint8_t {
    proven,      ///< E+: a ULR soon after a B-AV under a KME of the binding: AKA passed with it
    regular,     ///< a regular vector is still open at that node, so the ULR may rest on it (I2)
    superseded,  ///< the ULR may rest on a B-AV under a key that the binding has no more
    none,        ///< no vector from us: the context moved between MMEs
};
[[nodiscard]] Evidence evidence_of(const Access& access, const JudgeSettings& settings);

[[nodiscard]] Provenance provenance_of(const Access& access, const JudgeSettings& settings);

/// The device alone: for reports that no vector belongs to (Notify, ME-Identity-Check, re-evaluation). Never
/// verifies, never acquires a device; how the node came to the UE is no finding here, but unless it is
/// authenticated or taken over, the report locks nothing and is no association.
[[nodiscard]] Verdict judge_device(const Imsi& imsi, const Binding& binding, const Access& access,
                                   const JudgeSettings& settings);

/// REQUIRES: nothing is stored before the verdict; a verdict that refuses changes no registration.
[[nodiscard]] Verdict judge(const Imsi& imsi, const Binding& binding, const Access& access,
                            const JudgeSettings& settings);

}  // namespace bindhss::binding
