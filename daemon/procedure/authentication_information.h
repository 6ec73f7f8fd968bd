// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// TS 29.272 5.2.3.1.3, HSS side: E-UTRAN vectors for an MME; quintuplets for an SGSN, or triplets when the
/// card is a SIM. Every SQN handed out is durable before the answer is made; for a subscription with a KME
/// policy the vector is pre-processed (spec 4.2). A combined node has one IND, as any node has: of the
/// vectors of both kinds in one answer those for E-UTRAN are to be used first. Errors: user_unknown;
/// unknown_eps_subscription; authorization_rejected for a realm that may not speak for the PLMN, and for what
/// a card or a binding does not allow; unable_to_comply; kme_missing, sqn_exhausted,
/// authentication_data_unavailable.
[[nodiscard]] boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
    const Ports& ports, s6a::AuthenticationInformationRequest request);

}  // namespace bindhss::procedure
