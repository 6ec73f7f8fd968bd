// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// TS 29.272 5.2.3.1.3, HSS side. Every SQN handed out is durable before the answer is made; for a
/// subscription with a KME policy the vector is pre-processed (spec 4.2). Errors: user_unknown, kme_missing,
/// sqn_exhausted, authentication_data_unavailable, unable_to_comply.
[[nodiscard]] boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
    const Ports& ports, s6a::AuthenticationInformationRequest request);

}  // namespace bindhss::procedure
