// SPDX-License-Identifier: Apache-2.0
// Start here: the one place where a request finds its procedure.
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// Answers any request that an MME may send. Never throws for what a peer sent; an exception means a fault of
/// ours and is answered UNABLE_TO_COMPLY by the caller. Runs on the caller's executor. `via`: the peer that
/// is connected, which may be a relay of the node that asks. `ports` and `via` outlive it.
[[nodiscard]] boost::asio::awaitable<Result<s6a::Answer>> dispatch(const Ports& ports, s6a::Request request,
                                                                   std::string_view via);

}  // namespace bindhss::procedure
