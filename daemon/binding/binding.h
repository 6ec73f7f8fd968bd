// SPDX-License-Identifier: Apache-2.0
// What ties a subscription to devices (spec 4.1, 5.1), and what the HSS knows about it when it has to decide.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binding/rule.h"
#include "types/aka.h"
#include "types/identity.h"
#include "types/seams.h"

namespace bindhss::binding {

/// spec 4.1. `off`: not managed. `imei_*`: the IMEI that ADD reports is compared. `kme*`: every vector is
/// pre-processed.
enum class Policy : std::uint8_t { off, imei_monitor, imei_enforce, kme, kme_imei };

[[nodiscard]] std::optional<Policy> parse_policy(std::string_view text);
[[nodiscard]] std::string_view name_of(Policy policy);

[[nodiscard]] constexpr bool needs_kme(Policy policy) {
    return policy == Policy::kme || policy == Policy::kme_imei;
}
[[nodiscard]] constexpr bool enforces_imei(Policy policy) {
    return policy == Policy::imei_enforce || policy == Policy::kme_imei;
}

/// What follows when something is not as it should be, the milder first; each includes the alarm.
enum class Reaction : std::uint8_t {
    alarm,   ///< served as if nothing were
    limit,   ///< registered, with the substitute profile ("limit the services", TS 22.368 7.2.8)
    reject,  ///< refused before registration
    lock,    ///< refused, and no vector until the operator acts
};

/// What makes a device an authorised one (spec 4.1).
enum class Acquisition : std::uint8_t {
    preauthorised,  ///< a rule or the list of the binding, beforehand
    first_use,      ///< while the list is empty, the first device that an authenticated access brings
    approve,        ///< the operator, who finds the request with `bindhssctl approval list`
};

/// What follows when the evidence speaks against a device with a key (spec 4.7).
enum class OnSuspicion : std::uint8_t { alarm, reprovision, lock };

[[nodiscard]] std::optional<Reaction> parse_reaction(std::string_view text);
[[nodiscard]] std::string_view name_of(Reaction reaction);
[[nodiscard]] std::optional<Acquisition> parse_acquisition(std::string_view text);
[[nodiscard]] std::string_view name_of(Acquisition acquisition);
[[nodiscard]] std::optional<OnSuspicion> parse_on_suspicion(std::string_view text);
[[nodiscard]] std::string_view name_of(OnSuspicion on_suspicion);

/// What an operator lays down for bindings: the policy, and what follows when it is not kept. Of a
/// subscription those count that it names itself, else those of its first group that names any, else the
/// default ones. Each policy is also the name of terms that are always there, with the defaults below.
struct Terms {
    std::string name = "off";
    Policy policy = Policy::off;
    Acquisition acquisition = Acquisition::preauthorised;
    Reaction on_unauthorised = Reaction::reject;  ///< the device is not allowed; a policy that enforces IMEIs
    Reaction on_mismatch = Reaction::alarm;       ///< I6: it is not, although it has the key (R13)
    Reaction on_unproven = Reaction::alarm;   ///< the node has neither authenticated the UE nor taken it over
    Reaction on_shared = Reaction::alarm;     ///< the device carries more UICCs than it may
    Reaction on_insecure = Reaction::reject;  ///< with require_secure: the device is not known to be secure
    OnSuspicion on_suspicion = OnSuspicion::alarm;
    std::optional<bool> imei_absent_allowed;  ///< absent: as configured for the policy
    bool detach_on_notify = true;             ///< a Notify that is not admitted is followed by CLR
    bool require_secure = false;  ///< IMEI, and key where there is one, in a secure environment (R41)
    std::string limited_profile;  ///< of Reaction::limit
    /// After a refused Update-Location the next AIR within this time is refused too, once: the phone hears of
    /// it even where the MME swallows an error in ULA. 0: not.
    std::chrono::seconds refuse_next{0};
    bool operator==(const Terms&) const = default;
};

/// A device key. 16 octets select AES-128 (rand-alg 1), 32 AES-256 (rand-alg 2).
struct Kme {
    std::int64_t id = 0;  ///< row in the store, for the ledger
    SecretString key;     ///< 16 or 32 octets
    std::uint32_t generation = 0;
    std::optional<WallTime> not_after;  ///< it is to be renewed by then (R19)
};

/// The AMF bits that mark a pre-processed vector (spec 4.2).
struct AmfMarks {
    std::uint16_t pre_processed = 0x0080;  ///< P: AMF bit 8
    std::uint16_t generation = 0x0040;     ///< G: AMF bit 9, the parity of the generation
};

/// A binding as the decisions need it.
struct Binding {
    Terms terms;
    /// What may decide on the device that was reported: the devices that the binding lists (rules of id 0,
    /// R1), and the operator's rules. The store leaves out what cannot apply; the engine decides.
    std::vector<Rule> rules;
    std::vector<std::string> groups;  ///< subscription groups, by name
    /// Devices are listed for the subscription, or a rule allows it some: a device outside contradicts.
    bool has_list = false;
    bool locked = false;
    /// true: the subscription has a KME (its device's or its group's).
    bool has_kme = false;
};

}  // namespace bindhss::binding
