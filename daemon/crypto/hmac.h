// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "types/secret.h"

namespace bindhss::crypto {

/// HMAC-SHA-256 (FIPS 198-1), the KDF of TS 33.220 B.2. Any thread may call it.
[[nodiscard]] Secret<32> hmac_sha256(OctetView key, OctetView message);

}  // namespace bindhss::crypto
