// SPDX-License-Identifier: Apache-2.0
// Expected outcomes as values. Protocol numbers are chosen at the edge (types/result_code.h), never below it.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "types/kme_access.h"

namespace bindhss {

/// Why a procedure did not succeed, in the words of TS 29.272 7.4 and RFC 6733 7.1. result_code() maps each
/// to its number.
enum class Cause : std::uint8_t {
    // TS 29.272 7.4.3, carried in Experimental-Result
    user_unknown,
    unknown_eps_subscription,
    rat_not_allowed,
    roaming_not_allowed,
    unknown_serving_node,
    authentication_data_unavailable,
    equipment_unknown,
    camel_subscription_present,
    feature_unsupported,
    // RFC 6733 7.1, carried in Result-Code
    authorization_rejected,
    unable_to_comply,
    unable_to_deliver,
    realm_not_served,
    loop_detected,
    too_busy,
    command_unsupported,
    application_unsupported,
    avp_unsupported,
    invalid_avp_value,
    missing_avp,
    avp_not_allowed,
    avp_occurs_too_many_times,
    invalid_avp_length,
    invalid_avp_bits,
    invalid_hdr_bits,
    // Kinds of ours that the protocol has no number for; each is answered with the nearest one.
    kme_missing,      ///< the policy needs a KME and the subscription has none
    sqn_exhausted,    ///< SEQ would pass Sqn::seq_issue_max
    binding_locked,   ///< no vector until the operator acts
    access_refused,   ///< an Update-Location was refused a moment ago, and the phone is to hear of it
    resync_replayed,  ///< an AUTS that was accepted before
    rate_limited,     ///< more requests than the operator allows
};

/// Error-Diagnostic (TS 29.272 7.3.128); the numbers are the protocol's.
enum class ErrorDiagnostic : std::uint8_t {
    gprs_data_subscribed = 0,
    no_gprs_data_subscribed = 1,
    odb_all_apn = 2,
    odb_hplmn_apn = 3,
    odb_vplmn_apn = 4,
};

/// A cause and one clear sentence for the log; the sentence never holds key material.
struct Failure {
    Cause cause;
    std::string detail;
    std::optional<ErrorDiagnostic> diagnostic = std::nullopt;  ///< sent with it in AIA and ULA
    /// Sent with it in ULA, to a node that announced a feature of the KME list.
    std::optional<s6a::KmeAccessInfo> kme_access_info = std::nullopt;
};

template <class T>
using Result = boost::system::result<T, Failure>;

/// REQUIRES: not called on a path that peers can reach; Result::value() is for tests and tools.
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

inline Failure fail(Cause cause, std::string detail = {}) {
    return {cause, std::move(detail), std::nullopt, std::nullopt};
}

}  // namespace bindhss
