// SPDX-License-Identifier: Apache-2.0
// ECIES of TS 33.501 Annex C.3.2 with the roles of spec 4.5: an ephemeral key of the sender, a static one of
// the receiver. For crypto/device_key.cpp.
#pragma once

#include <optional>

#include "crypto/device_key.h"
#include "crypto/evp.h"
#include "types/secret.h"

namespace bindhss::crypto {

/// The key pair of a scalar; nothing when it is none of the curve (P-256: zero, or not below the order).
[[nodiscard]] PkeyPtr x25519_key(OctetView scalar);
[[nodiscard]] PkeyPtr p256_key(OctetView scalar);
/// Nothing when the octets are no point of the curve.
[[nodiscard]] PkeyPtr x25519_point(OctetView point);
[[nodiscard]] PkeyPtr p256_point(OctetView point);
/// 32 octets (X25519), or 33 (P-256, compressed).
[[nodiscard]] OctetString point_of(const EVP_PKEY* key);

/// The keys of one message: Z by ECDH, then ANSI-X9.63-KDF with SHA-256 over Z and the ephemeral public key
/// as it is sent: EK 16 | ICB 16 | MK 32.
struct EciesKeys {
    Secret<16> encryption;
    Secret<16> counter;
    Secret<32> mac;
};
/// Nothing when Z is zero (X25519: a point of small order).
[[nodiscard]] std::optional<EciesKeys> ecies_keys(EVP_PKEY* own, EVP_PKEY* peer, OctetView ephemeral_public);

/// What the sender of one message has: the public half of his ephemeral key, and the keys.
struct EciesOffer {
    OctetString ephemeral_public;
    EciesKeys keys;
};
/// Of the ephemeral scalar. Nothing when it is none of the curve, or Z is zero. REQUIRES: `peer` is a key of
/// that type, X25519 or P-256; 32 octets of scalar.
[[nodiscard]] std::optional<EciesOffer> ecies_offer(KeyType type, OctetView scalar, EVP_PKEY* peer);

/// AES-128-CTR: the same in both directions.
[[nodiscard]] OctetString ecies_crypt(const EciesKeys& keys, OctetView text);
/// HMAC-SHA-256 over ciphertext and context, all 32 octets.
[[nodiscard]] Secret<32> ecies_tag(const EciesKeys& keys, OctetView ciphertext, OctetView context);

}  // namespace bindhss::crypto
