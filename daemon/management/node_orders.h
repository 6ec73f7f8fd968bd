// SPDX-License-Identifier: Apache-2.0
// What operators have MMEs and SGSNs told. Not for other layers.
#pragma once

#include "management/answers.h"

namespace bindhss::management {

/// Cancel-Location, SUBSCRIPTION_WITHDRAWAL (TS 29.272 5.2.1.2): the nodes detach the UE.
[[nodiscard]] store::NodeOrder detach_order(const Imsi& imsi, bool reattach);
/// The nodes tell where the UE is (IDR-Flags, 7.3.103); the answer is stored with the registration.
[[nodiscard]] store::NodeOrder locate_order(const Imsi& imsi);

/// Has a running daemon send the requests: {"nodes": [{"host", "realm"}]}, those that it concerns. Throws
/// Problem not_found when there is no such subscriber.
[[nodiscard]] http::Response give_order(Call& call, Desk& desk, store::NodeOrder order);

/// Leading digits of an IMSI, or nothing. Throws Problem bad_request.
void check_prefix(const std::string& digits, const std::string& what);

}  // namespace bindhss::management
