// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// Purge-UE (TS 29.272 5.2.1.3.3): the node has deleted what it knew of the UE. user_unknown is the only
/// error of its own; a node that is not registered is told SUCCESS with nothing frozen. A node that had a
/// vector under the device's key and no registration after it says that the device failed (spec 4.7).
boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(const Ports& ports, s6a::PurgeUeRequest request);

}  // namespace bindhss::procedure
