// SPDX-License-Identifier: Apache-2.0
// Public keys of devices as manufacturers and registries write them (R20). The sentences that refuse a key
// repeat nothing of it.
#pragma once

#include "crypto/device_key.h"

namespace bindhss::crypto {

using PublicKeyOrRefusal = std::variant<DevicePublicKey, std::string>;

/// PEM ("BEGIN PUBLIC KEY", RFC 7468 13), or a DER SubjectPublicKeyInfo in base64, in base64url, or in
/// hexadecimal digits. One clear sentence for what is none of them, such as a private key or a certificate,
/// and what DevicePublicKey::parse() says of a key that is weak.
[[nodiscard]] PublicKeyOrRefusal read_public_key(std::string_view text);

/// The members of a JSON Web Key (RFC 7517) that make a public key; empty: not there.
struct JsonWebKey {
    std::string_view type;   ///< kty: OKP (RFC 8037), EC or RSA (RFC 7518 6)
    std::string_view curve;  ///< crv: X25519 or P-256
    std::string_view x;
    std::string_view y;
    std::string_view modulus;       ///< n
    std::string_view exponent;      ///< e
    bool has_private_half = false;  ///< any of d, p, q, dp, dq, qi, oth, k is there
};
[[nodiscard]] PublicKeyOrRefusal read_public_key(const JsonWebKey& key);

}  // namespace bindhss::crypto
