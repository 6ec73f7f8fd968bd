// SPDX-License-Identifier: Apache-2.0
// Bindings and accesses as the tests of judge() need them.
#pragma once

#include <algorithm>

#include "binding/judge.h"

namespace bindhss::binding::test {

using namespace std::chrono_literals;
using alarm::Id;
using Ids = std::vector<Id>;

inline const Imsi imsi = *Imsi::parse("001010123456789");
inline const Imei own = *Imei::parse("35824005111111");
inline const Imei stranger = *Imei::parse("86543503053961");
inline const WallTime now{std::chrono::milliseconds{1'000'000'000}};

inline Rule rule(std::int64_t id, bool allow, std::string_view devices,
                 std::string_view subscriptions = "*") {
    Rule result;
    result.id = id;
    result.allow = allow;
    result.devices = *DeviceSet::parse(devices);
    result.subscriptions = *SubscriptionSet::parse(subscriptions);
    return result;
}

/// Nothing listed.
inline Binding empty(Policy policy) {
    Binding binding;
    binding.terms.policy = policy;
    binding.has_kme = needs_kme(policy);
    return binding;
}

/// Its own device listed.
inline Binding bound(Policy policy) {
    auto binding = empty(policy);
    binding.rules = {rule(0, true, own.str())};
    binding.has_list = true;
    return binding;
}

/// In that device before too, by a node that serves the UE: nothing to tell but what the test is about.
inline Access access_from(std::optional<Imei> imei) {
    Access access;
    access.now = now;
    access.serves_now = true;
    access.last_seen_imei = imei;
    access.last_seen_svn = "01";
    if (imei) access.terminal_information = TerminalInformation{imei, "01", false};
    return access;
}

/// After a vector under the device's key.
inline Access proven(std::optional<Imei> imei) {
    auto access = access_from(imei);
    access.pre_processed_at = now - 2s;
    access.under_candidate_kme = true;
    return access;
}

/// From a node that nobody has heard of, for a UE that nobody serves.
inline Access forged(std::optional<Imei> imei) {
    auto access = access_from(imei);
    access.serves_now = false;
    return access;
}

inline Verdict judged(const Binding& binding, const Access& access, const JudgeSettings& settings = {}) {
    return judge(imsi, binding, access, settings);
}

inline Verdict judged_device(const Binding& binding, const Access& access,
                             const JudgeSettings& settings = {}) {
    return judge_device(imsi, binding, access, settings);
}

inline bool admitted(const Verdict& verdict) {
    return verdict.admission == Admission::admitted;
}

inline Ids ids(const Verdict& verdict) {
    Ids result;
    for (const auto& finding : verdict.findings) result.push_back(finding.id);
    std::sort(result.begin(), result.end());
    return result;
}

}  // namespace bindhss::binding::test
