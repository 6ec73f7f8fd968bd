// SPDX-License-Identifier: Apache-2.0
// The features of S6a/S6d that nodes agree on (TS 29.272 7.3.10): their bits, and which of them this HSS has.
#pragma once

#include <cstdint>
#include <optional>

#include "types/s6a.h"

namespace bindhss::features {

/// Feature-List-ID 1, table 7.3.10/1. Bits that are not named here are never set by us.
inline constexpr std::uint32_t odb_all_apn = 1U << 0;
inline constexpr std::uint32_t odb_hplmn_apn = 1U << 1;
inline constexpr std::uint32_t odb_vplmn_apn = 1U << 2;
inline constexpr std::uint32_t odb_all_og = 1U << 3;
inline constexpr std::uint32_t odb_all_international_og = 1U << 4;
inline constexpr std::uint32_t odb_all_international_og_not_to_hplmn_country = 1U << 5;
inline constexpr std::uint32_t odb_all_interzonal_og = 1U << 6;
inline constexpr std::uint32_t odb_all_interzonal_og_not_to_hplmn_country = 1U << 7;
inline constexpr std::uint32_t odb_all_interzonal_og_and_international_og_not_to_hplmn_country = 1U << 8;
inline constexpr std::uint32_t regional_subscription = 1U << 9;
inline constexpr std::uint32_t trace = 1U << 10;
inline constexpr std::uint32_t ue_reachability_notification = 1U << 26;
inline constexpr std::uint32_t state_location_information_retrieval = 1U << 28;
inline constexpr std::uint32_t partial_purge = 1U << 29;
inline constexpr std::uint32_t local_time_zone_retrieval = 1U << 30;
inline constexpr std::uint32_t additional_msisdn = 1U << 31;

/// Feature-List-ID 2, table 7.3.10/2.
inline constexpr std::uint32_t sms_in_mme = 1U << 0;
inline constexpr std::uint32_t sms_in_sgsn = 1U << 1;
inline constexpr std::uint32_t p_cscf_restoration = 1U << 16;
inline constexpr std::uint32_t reset_ids = 1U << 17;
inline constexpr std::uint32_t dedicated_core_networks = 1U << 20;
inline constexpr std::uint32_t non_ip_pdn_type_apns = 1U << 21;
inline constexpr std::uint32_t removal_of_msisdn = 1U << 23;
inline constexpr std::uint32_t external_identifier = 1U << 26;
inline constexpr std::uint32_t nr_as_secondary_rat = 1U << 27;

/// What this HSS does, list by list. A bit is here only when the code behind it is; the operator may mask
/// some of them (configuration: features.list_1, features.list_2).
inline constexpr s6a::Features implemented{
    odb_all_apn | odb_hplmn_apn | odb_vplmn_apn | odb_all_og | odb_all_international_og |
        odb_all_international_og_not_to_hplmn_country | odb_all_interzonal_og |
        odb_all_interzonal_og_not_to_hplmn_country |
        odb_all_interzonal_og_and_international_og_not_to_hplmn_country | regional_subscription | trace |
        ue_reachability_notification | state_location_information_retrieval | partial_purge |
        additional_msisdn,
    sms_in_mme | sms_in_sgsn | reset_ids | dedicated_core_networks | removal_of_msisdn | nr_as_secondary_rat,
    0};

/// What both sides have, which is all that may be used between them (TS 29.229 7.2). A node that announced
/// nothing has none.
[[nodiscard]] constexpr s6a::Features common(const s6a::Features& ours,
                                             const std::optional<s6a::Features>& theirs) {
    return theirs ? ours & *theirs : s6a::Features{};
}

/// What an answer announces: our features, to a node that announced any of its own, and of a vendor's list
/// only what the node knows; nothing to a node that said nothing.
[[nodiscard]] constexpr std::optional<s6a::Features> announced_to(
    const s6a::Features& ours, const std::optional<s6a::Features>& theirs) {
    if (!theirs) return std::nullopt;
    return s6a::Features{ours.list_1, ours.list_2, ours.vendor & theirs->vendor};
}

}  // namespace bindhss::features
