// SPDX-License-Identifier: Apache-2.0
// Who may use which device: n:m rules between subscriptions and devices (spec 5.1). Pure.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "types/identity.h"
#include "types/seams.h"

namespace bindhss::binding {

/// Software versions of a device, 00 to 99 (TS 23.003 6.2.2). None: whatever the version.
class SvnSet {
  public:
    /// "01" or "01,05,07"; nothing for anything else.
    static std::optional<SvnSet> parse(std::string_view text);
    [[nodiscard]] bool empty() const { return versions_.none(); }
    [[nodiscard]] bool contains(std::string_view svn) const;
    /// As parse() reads it; empty: none.
    [[nodiscard]] std::string str() const;
    bool operator==(const SvnSet&) const = default;

  private:
    std::bitset<100> versions_;
};

/// Subscriptions: an interval of IMSIs, or a group. As numbers of 15 digits, a shorter IMSI padded with zeros
/// on the right, so that every prefix is an interval.
struct SubscriptionSet {
    static constexpr std::uint64_t last_number = 999'999'999'999'999;
    std::uint64_t low = 0;
    std::uint64_t high = last_number;
    std::string group;  ///< not empty: its members, and the interval does not count

    [[nodiscard]] static std::uint64_t number_of(const Imsi& imsi);
    /// "*" (everybody), an IMSI of 15 digits, a prefix ("00101*"), an interval
    /// ("001010000000000-001010000000999") or "group:meters".
    static std::optional<SubscriptionSet> parse(std::string_view text);
    [[nodiscard]] std::string str() const;
    bool operator==(const SubscriptionSet&) const = default;
};

/// Devices: an interval of IMEIs (one device, a TAC), or a device group; while they have one of these
/// software versions, if there are any.
struct DeviceSet {
    std::optional<ImeiRange> range;  ///< absent with a group, or for every device
    std::string group;               ///< not empty: its members
    SvnSet svns;

    /// "*", whatever ImeiRange::parse takes, or "group:modems"; with ":01,05" behind it the versions (so a
    /// group whose name ends like that cannot be written).
    static std::optional<DeviceSet> parse(std::string_view text);
    [[nodiscard]] std::string str() const;
    bool operator==(const DeviceSet&) const = default;
};

struct Rule {
    std::int64_t id = 0;  ///< 0: an entry in the device list of the binding itself
    SubscriptionSet subscriptions;
    DeviceSet devices;
    bool allow = true;
    std::int32_t priority = 0;  ///< the higher one decides; a binding's own list has 0
    std::optional<WallTime> from;
    std::optional<WallTime> until;  ///< not at this instant any more
    std::string comment;
    bool operator==(const Rule&) const = default;
};

/// Who asks for which device.
struct Pair {
    const Imsi& imsi;
    std::span<const std::string> subscription_groups;
    Imei imei;
    std::optional<std::string> svn;
    std::span<const std::string> device_groups;
};

[[nodiscard]] bool applies(const Rule& rule, const Pair& pair, WallTime now);

/// The rule that decides: the highest priority, then the most specific device (IMEISV > IMEI > range > TAC or
/// group > any), then deny before allow, then the oldest. None: no rule applies, and the policy decides.
[[nodiscard]] const Rule* deciding_rule(std::span<const Rule> rules, const Pair& pair, WallTime now);

}  // namespace bindhss::binding
