// SPDX-License-Identifier: Apache-2.0
// srsEPC's user_db.csv.
#pragma once

#include "ctl/records.h"

namespace bindhss::ctl {

/// One subscriber for each line: Name, Auth (mil, xor), IMSI, Key, OP_Type (op, opc), OP or OPc, AMF, SQN,
/// QCI, IP_alloc (dynamic or an IPv4 address); without Auth or IP_alloc, as older versions have it, too. The
/// name is not taken over. Lines that begin with '#' are comments. srsEPC's file says nothing of the APN:
/// `apn` is every subscriber's, for IPv4.
[[nodiscard]] Reading read_srsepc(std::string_view text, const std::string& apn);

}  // namespace bindhss::ctl
