// SPDX-License-Identifier: Apache-2.0
// Which of the features of S6a/S6d this HSS has, and what two nodes may use between them (TS 29.272 7.3.10).
#pragma once

#include <cstdint>
#include <optional>

#include "types/s6a.h"

namespace bindhss::features {

/// What the procedures know, list by list: a bit is here only when the code behind it is. The daemon
/// announces those of them that are of use from end to end.
inline constexpr s6a::Features implemented{
    s6a::feature_1::odb | s6a::feature_1::regional_subscription | s6a::feature_1::trace |
        s6a::feature_1::ue_reachability_notification | s6a::feature_1::state_location_information_retrieval |
        s6a::feature_1::partial_purge | s6a::feature_1::additional_msisdn,
    s6a::feature_2::sms_in_mme | s6a::feature_2::sms_in_sgsn | s6a::feature_2::reset_ids |
        s6a::feature_2::dedicated_core_networks | s6a::feature_2::non_ip_pdn_type_apns |
        s6a::feature_2::removal_of_msisdn | s6a::feature_2::external_identifier |
        s6a::feature_2::nr_as_secondary_rat | s6a::feature_2::ethernet_pdn_type_apns,
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
