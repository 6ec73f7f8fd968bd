// SPDX-License-Identifier: Apache-2.0
// How an attach ended.
#pragma once

#include <string>

#include "emu/fields.h"
#include "types/result.h"

namespace bindhss::emu {

enum class Outcome : std::uint8_t {
    attached,
    authenticated,      ///< as far as was asked for: no Update-Location
    mac_failure,        ///< the UE answered AUTHENTICATION FAILURE #20: it got no service
    synch_failure,      ///< the UE was out of step a second time
    non_eps_challenge,  ///< #26: the separation bit was missing
    rejected,           ///< the HSS answered AIR or ULR with an error, see AttachResult::cause
    bad_vector,         ///< XRES or a key of the HSS is not that of the UE: a fault of the HSS
    bad_answer,         ///< an answer that says success lacks what it has to have
    provisioned,        ///< the device has its key, and no bearer: it is to attach again (spec 4.4)
    no_bearer,          ///< ULR succeeded on an access that is for provisioning alone, and no key came of it
    no_answer,          ///< the UE did not answer the AUTHENTICATION REQUEST
    res_mismatch,       ///< the UE answered with a wrong RES
};
[[nodiscard]] std::string_view name_of(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);
/// For complaints.
[[nodiscard]] std::string outcome_names();

struct AttachResult {
    Outcome outcome = Outcome::attached;
    std::optional<Cause> cause;   ///< of `rejected`
    std::string command;          ///< of `rejected`: "AIR" or "ULR"
    std::string detail;           ///< one sentence, no secret
    bool resynchronised = false;  ///< a re-synchronisation took place
    bool encrypted_rand = false;  ///< the vector that counted was marked as pre-processed
    bool reattach = false;        ///< the UE attaches again by itself: told to, or after 5012 (EMM cause #17)
    /// What the answers said beside: vectors.eutran, vectors.utran, vectors.geran, ue_usage_type, data
    /// (present, absent), apns, bearer, features.list_1 ..., sms_in_mme, diagnostic, asked (false: the HSS
    /// was not asked), attaches; kme.air, kme.ula, kme.vector (names of KME-Access-Flags), kme.cause (of
    /// ULA), kme.air_cause, and of the exchange kme.delivery, kme.status, kme.generation, kme.exchanges
    /// (with any of these, kme is present); report (result of a NOR with KME-Auth-Failure-Report).
    Fields fields;

    /// "attached", "rejected 5003", ...
    [[nodiscard]] std::string str() const;
};

/// "5003 DIAMETER_AUTHORIZATION_REJECTED", for the trace.
[[nodiscard]] std::string result_text(const Failure& failure);

}  // namespace bindhss::emu
