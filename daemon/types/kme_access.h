// SPDX-License-Identifier: Apache-2.0
// What the HSS and an MME with the KME AVPs say to each other (spec 4.4). A node that announced no feature of
// the list sends and gets none of it.
#pragma once

#include <cstdint>
#include <optional>

#include "types/aka.h"
#include "types/octets.h"

namespace bindhss::s6a {

/// Feature-List-ID 1 of the KME vendor (spec 4.4 "Negotiation").
namespace feature_kme {
inline constexpr std::uint32_t provisioning = 1U << 0;  ///< KME-PROVISIONING: IDR, IDA, and NAS between
inline constexpr std::uint32_t provisioning_only =
    1U << 1;  ///< PROVISIONING-ONLY: lets no bearer come about (R24)
inline constexpr std::uint32_t auth_failure_report = 1U << 2;  ///< AUTH-FAILURE-REPORT: in NOR
}  // namespace feature_kme

/// KME-Access-Flags (code 2).
namespace kme_access {
inline constexpr std::uint32_t provisioning_only = 1U << 0;
inline constexpr std::uint32_t av_pre_processed = 1U << 1;
inline constexpr std::uint32_t binding_established = 1U << 2;
inline constexpr std::uint32_t reattach_expected = 1U << 3;
inline constexpr std::uint32_t imei_required = 1U << 4;
}  // namespace kme_access

/// KME-Cause (code 3); the numbers are the protocol's.
enum class KmeCause : std::uint32_t {
    none = 0,
    no_binding = 1,
    refresh = 2,
    suspect = 3,
    imei_not_authorised = 4,
    no_public_key = 5,
    rsp_invalid = 6,
    ue_refused = 7,
    timeout = 8,
    eaka_failed = 9,
    peer_lacks_feature = 10,
};

/// KME-Access-Info (code 1), of AIA and ULA.
struct KmeAccessInfo {
    std::uint32_t flags = 0;  ///< kme_access
    std::optional<KmeCause> cause;
    bool operator==(const KmeAccessInfo&) const = default;
};

/// KME-Transaction-Id (code 6).
using KmeTransactionId = Octets<8>;

/// KME-Provisioning-Request (code 4), of IDR.
struct KmeProvisioningRequest {
    KmeTransactionId transaction{};
    OctetString container;                            ///< the MME does not look into it (R28)
    std::optional<std::uint32_t> nas_container_type;  ///< of the generic NAS transport (spec 4.6)
    std::optional<std::uint32_t> response_timer_ms;   ///< how long the HSS waits
};

/// KME-Delivery-Result (code 10); the numbers are the protocol's.
enum class KmeDeliveryResult : std::uint32_t {
    answered = 0,
    not_answered = 1,
    not_reachable = 2,
    nas_security_not_active = 3,
    garbage = 4,
    mme_error = 5,
};

/// KME-Provisioning-Response (code 5), of IDA.
struct KmeProvisioningResponse {
    KmeTransactionId transaction{};
    KmeDeliveryResult result = KmeDeliveryResult::answered;
    OctetString container;  ///< empty: none came
};

/// KME-EMM-Cause (code 12): EMM causes of TS 24.301 9.9.3.9, and two of ours.
namespace kme_emm_cause {
inline constexpr std::uint32_t mac_failure = 20;
inline constexpr std::uint32_t synch_failure = 21;
inline constexpr std::uint32_t non_eps_unacceptable = 26;
inline constexpr std::uint32_t res_mismatch = 0x100;
inline constexpr std::uint32_t no_answer = 0x101;
}  // namespace kme_emm_cause

/// KME-Auth-Failure-Report (code 11), of NOR: what S6a has no message for (spec 4.7).
struct KmeAuthFailureReport {
    std::uint32_t emm_cause = 0;
    std::optional<Rand> rand;
    std::optional<Autn> autn;
};

}  // namespace bindhss::s6a
