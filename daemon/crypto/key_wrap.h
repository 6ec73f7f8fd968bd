// SPDX-License-Identifier: Apache-2.0
// Keys wrapped under a key, to be handed to somebody who has that key too (spec 5.4).
#pragma once

#include "types/secret.h"

namespace bindhss::crypto {

enum class KeyWrap : std::uint8_t {
    rfc3394,  ///< AES Key Wrap: keys of 16 octets or more, a multiple of 8
    rfc5649,  ///< AES Key Wrap with Padding: keys of any length
};

/// Both are deterministic: equal keys give equal octets. Wrapped, a key of 16 octets has 24, one of 32
/// has 40. Any thread may call it. Throws std::runtime_error when OpenSSL fails. REQUIRES: kek.size() is 16,
/// 24 or 32; key.size() is one that the method takes, 4096 at most.
[[nodiscard]] OctetString wrap_key(OctetView kek, OctetView key, KeyWrap method);

/// Nothing when the octets were not wrapped under this key by this method, or were changed, or have a length
/// that no wrapped key has. REQUIRES: kek.size() is 16, 24 or 32.
[[nodiscard]] std::optional<SecretString> unwrap_key(OctetView kek, OctetView wrapped, KeyWrap method);

}  // namespace bindhss::crypto
