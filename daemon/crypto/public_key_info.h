// SPDX-License-Identifier: Apache-2.0
// SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of the keys that devices have, taken apart where it is written in
// the usual way: OpenSSL's general decoder takes 100 to 200 us for a key, which an exchange and the import of
// a million keys would feel. For crypto/device_key.cpp.
#pragma once

#include <optional>

#include "crypto/device_key.h"

namespace bindhss::crypto {

/// What a key is made of; the views are of the octets that were given.
struct PublicKeyParts {
    KeyType type = KeyType::x25519;
    OctetView point;     ///< 32 octets (X25519) or 65 (P-256)
    OctetView modulus;   ///< RSA, without leading zeros
    OctetView exponent;  ///< the same
};

/// X25519 (RFC 8410), P-256 with an uncompressed point (RFC 5480) and RSA (RFC 3279), in DER and without an
/// octet too many. Nothing: it is written in another way, or is something else.
[[nodiscard]] std::optional<PublicKeyParts> take_apart(OctetView info);
/// The same of a point alone. REQUIRES: as many octets as PublicKeyParts::point says.
[[nodiscard]] OctetString public_key_info(KeyType type, OctetView point);

}  // namespace bindhss::crypto
