// SPDX-License-Identifier: Apache-2.0
#include "procedure/serving_network.h"

#include <algorithm>

namespace bindhss::procedure {

namespace {

// Diameter identities are host names: ASCII, compared without case (RFC 6733 4.3.1).
std::string lower_case(std::string_view text) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lowered;
}

bool are_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// TS 23.003 19.2: "epc.mnc<MNC>.mcc<MCC>.3gppnetwork.org", where an MNC of two digits has a 0 before it.
// mnc001 is therefore 01 as well as 001.
std::vector<Plmn> plmns_of_name(std::string_view realm) {
    constexpr std::string_view before = "epc.mnc";
    constexpr std::string_view between = ".mcc";
    constexpr std::string_view after = ".3gppnetwork.org";
    constexpr auto mnc_at = before.size();
    constexpr auto mcc_at = mnc_at + 3 + between.size();
    if (realm.size() != mcc_at + 3 + after.size() || !realm.starts_with(before) || !realm.ends_with(after) ||
        realm.substr(mnc_at + 3, between.size()) != between)
        return {};
    const std::string mnc(realm.substr(mnc_at, 3));
    const std::string mcc(realm.substr(mcc_at, 3));
    if (!are_digits(mnc) || !are_digits(mcc)) return {};
    std::vector<Plmn> plmns;
    if (const auto plmn = Plmn::parse(mcc + mnc)) plmns.push_back(*plmn);
    if (mnc.front() != '0') return plmns;
    if (const auto plmn = Plmn::parse(mcc + mnc.substr(1))) plmns.push_back(*plmn);
    return plmns;
}

Failure refusal(std::string_view realm, const Plmn& plmn, std::string_view why) {
    return fail(Cause::authorization_rejected, "realm " + std::string(realm.substr(0, 255)) +
                                                   " may not ask for PLMN " + plmn.str() + ": " +
                                                   std::string(why));
}

}  // namespace

ServingNetworks::ServingNetworks(const std::vector<ServingRealm>& realms, UnlistedRealms unlisted)
    : unlisted_(unlisted) {
    for (const auto& [realm, plmns] : realms) realms_.insert_or_assign(lower_case(realm), plmns);
}

std::optional<Failure> ServingNetworks::check(std::string_view realm, const Plmn& plmn) const {
    const auto name = lower_case(realm);
    const auto listed = realms_.find(name);
    if (listed != realms_.end()) {
        const auto& plmns = listed->second;
        if (plmns.empty() || std::ranges::find(plmns, plmn) != plmns.end()) return std::nullopt;
        return refusal(realm, plmn, "it is not in the realm's plmns under roaming.realms");
    }
    switch (unlisted_) {
        case UnlistedRealms::allow:
            return std::nullopt;
        case UnlistedRealms::reject:
            return refusal(realm, plmn,
                           "the realm is not in roaming.realms, and roaming.unlisted_realms is reject");
        case UnlistedRealms::derive:
            break;
    }
    const auto own = plmns_of_name(name);
    if (own.empty() || std::ranges::find(own, plmn) != own.end()) return std::nullopt;
    return refusal(
        realm, plmn,
        "the realm's name is that of another PLMN; to allow it, add under roaming.realms: {realm: \"" + name +
            "\", plmns: [\"" + plmn.str() + "\"]} and the realm's own");
}

}  // namespace bindhss::procedure
