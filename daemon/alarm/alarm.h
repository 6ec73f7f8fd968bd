// SPDX-License-Identifier: Apache-2.0
// Alarms: what an operator has to know about a subscription, a device or a peer (spec 5.3, fields after
// X.733).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/identity.h"
#include "types/seams.h"

namespace bindhss::alarm {

/// The catalogue; alarm/catalogue.cpp holds severity, text, cause and remedy of each.
enum class Id : std::uint8_t {
    association_first_seen,
    association_changed,
    pair_unauthorised,
    imei_missing,
    imei_invalid,
    imei_mismatch,
    kme_missing,
    binding_unverified,
    resync_mac_failure,
    sqn_exhausted,
    equipment_prohibited,
    cancel_location_failed,
    subscription_update_failed,
    imei_shared,      ///< a device carries more UICCs than it may
    imeisv_changed,   ///< the same device with another software version
    insecure_device,  ///< the policy asks for a secure environment, and the device's model has none on record
    update_unauthenticated,  ///< a ULR from a node that neither authenticated the UE nor took it over
    device_acquired,         ///< the first device was bound (first_use)
    approval_pending,        ///< a device waits for the operator (approve)
    access_limited,          ///< registered with the substitute profile
    kme_suspect,             ///< the evidence speaks against the device's key (spec 4.7)
    binding_locked,          ///< no service until the operator acts
    resync_replayed,         ///< an AUTS came for the second time
    rate_limited,            ///< more requests than the operator allows
    alarm_flood,             ///< so many alarms of one kind that they are counted together
    kme_established,         ///< a device was given a key, and proved that it has it
    kme_rsp_invalid,         ///< its proof is wrong
    kme_refused,             ///< it could not, or would not, take the key
    kme_unanswered,          ///< nothing came in time
    no_public_key,           ///< the registry has no key of the device that is valid
    kme_feature_missing,     ///< a node announced the KME AVPs, and does not answer by them
};

enum class Severity : std::uint8_t { info, warning, minor, major, critical };

/// One row of the catalogue.
struct Description {
    Id id;
    std::string_view name;  ///< as in spec 5.3 and in every sink
    Severity severity;
    std::string_view text;
    std::string_view cause;
    std::string_view remedy;
};

[[nodiscard]] const Description& describe(Id id);
[[nodiscard]] std::vector<Description> catalogue();
[[nodiscard]] std::string_view name_of(Severity severity);

/// One occurrence. Never holds key material.
struct Alarm {
    Id id;
    std::optional<Imsi> imsi;
    std::optional<Imei> imei;
    std::string peer;    ///< Origin-Host of the serving node, may be empty
    std::string detail;  ///< one sentence, may be empty
    WallTime time;
    std::string session = {};  ///< Session-Id of the request that brought it; may be empty
};

/// Where alarms go. Never blocks and never throws; any thread may call it.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual void raise(const Alarm& alarm) noexcept = 0;
    /// What the alarm of this id and object told of is over. Nothing happens when there is no such alarm.
    virtual void clear(const Alarm& alarm) noexcept { (void)alarm; }
};

/// What the detector tells of an alarm.
enum class Change : std::uint8_t { raised, repeated, escalated, cleared, acknowledged };
[[nodiscard]] std::string_view name_of(Change change);

struct Notice {
    Change change = Change::raised;
    Alarm alarm;  ///< of the last occurrence
    Severity severity = Severity::info;
    std::string text;         ///< of the catalogue, or the operator's own
    std::uint64_t count = 1;  ///< occurrences that this notice stands for
    std::string by;           ///< the operator who acknowledged or cleared it; empty: nobody did
};

/// Passes each alarm to several sinks, in their order. Owns none of them.
class FanOut final : public Sink {
  public:
    explicit FanOut(std::vector<Sink*> sinks) : sinks_(std::move(sinks)) {}
    void raise(const Alarm& alarm) noexcept override {
        for (auto* sink : sinks_) sink->raise(alarm);
    }
    void clear(const Alarm& alarm) noexcept override {
        for (auto* sink : sinks_) sink->clear(alarm);
    }

  private:
    std::vector<Sink*> sinks_;
};

}  // namespace bindhss::alarm
