// SPDX-License-Identifier: Apache-2.0
// The KME provisioning exchange as far as it is arithmetic and decisions (spec 4.4, 4.5; R19 to R34): what is
// sent, what the answer is worth, and what follows. Pure.
#pragma once

#include <optional>
#include <string>

#include "alarm/alarm.h"
#include "binding/kme_exchange.h"
#include "crypto/device_key.h"
#include "types/kme_access.h"
#include "types/result.h"

namespace bindhss::binding {

/// CK, IK and AUTN of the vector that the access runs on: for HOME-MAC.
struct AkaSession {
    Secret<16> ck;
    Secret<16> ik;
    Autn autn;
};

/// Why a device is given a key.
enum class Occasion : std::uint8_t {
    first_key,  ///< the subscription has none (UNBOUND)
    renewal,    ///< the key's time is nearly over (R12, R19)
    suspicion,  ///< the evidence speaks against it (R33)
};
[[nodiscard]] s6a::KmeCause cause_of(Occasion occasion);
[[nodiscard]] std::string_view name_of(Occasion occasion);

/// What is fixed before a container is made.
struct ExchangeTerms {
    TransactionId transaction{};
    Nonce nonce{};
    std::uint32_t generation = 0;
    RandAlgorithm rand_algorithm = RandAlgorithm::aes128;
    std::optional<WallTime> not_after;
};

/// A KME-PROVISION for one device: the KME sealed to its public key, with HOME-MAC where the session is at
/// hand. Nothing when the device's key cannot be sealed to. REQUIRES: kme has the octets of the algorithm.
[[nodiscard]] std::optional<KmeProvision> make_provision(const Holder& holder, const ExchangeTerms& terms,
                                                         const crypto::DevicePublicKey& key, OctetView kme,
                                                         const std::optional<AkaSession>& session,
                                                         Random& random);

/// How an exchange ended.
enum class ExchangeOutcome : std::uint8_t {
    established,     ///< Rsp proves that the device has the key
    rsp_invalid,     ///< Rsp or transaction are wrong
    refused,         ///< the device could not, or would not, take the key
    not_answered,    ///< in time; or the node could not reach the device
    not_understood,  ///< the node took the IDR and said nothing of the exchange: it has not the feature
    superseded,      ///< a CLR, a PUR or another ULR came meanwhile, or the time was over: nothing was stored
};
[[nodiscard]] std::string_view name_of(ExchangeOutcome outcome);

/// What came back, and in words what is wrong with it (empty: nothing). The words hold nothing of the peer's.
struct Judged {
    ExchangeOutcome outcome = ExchangeOutcome::not_answered;
    std::string detail;
};

/// Judges a container with the device's answer: single use is the caller's (the store's) part. Constant time
/// in Rsp.
[[nodiscard]] Judged judge_response(const Holder& holder, const ExchangeTerms& terms, OctetView kme,
                                    OctetView container);
/// Judges what an IDA brought; absent: the IDA had no KME-Provisioning-Response.
[[nodiscard]] Judged judge_delivery(const Holder& holder, const ExchangeTerms& terms, OctetView kme,
                                    const std::optional<s6a::KmeProvisioningResponse>& response);

/// What follows from an outcome (the table of spec 4.4).
struct Conclusion {
    /// How the Update-Location is answered; absent: SUCCESS with nothing that would let a bearer come about.
    std::optional<Cause> failure;
    s6a::KmeAccessInfo access;  ///< to a node that announced the feature
    std::optional<alarm::Id> alarm;
    bool pause = false;        ///< the next attempt is not at once
    bool feature_off = false;  ///< the node is served as a stock MME from now on
};
/// `reject` answers what will not succeed by itself (5003), `retry` what may (5012). `features`: what both
/// sides have of feature_kme.
[[nodiscard]] Conclusion conclude(ExchangeOutcome outcome, std::uint32_t features, Cause reject, Cause retry);

}  // namespace bindhss::binding
