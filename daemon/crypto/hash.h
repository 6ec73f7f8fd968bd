// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "types/octets.h"

namespace bindhss::crypto {

/// SHA-256 (FIPS 180-4). Any thread may call it.
[[nodiscard]] Octets<32> sha256(OctetView message);

}  // namespace bindhss::crypto
