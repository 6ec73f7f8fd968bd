// SPDX-License-Identifier: Apache-2.0
// The key pair of a device (spec 4.5): the HSS has the public half and seals a KME to it; the private half is
// in the device, and here for the emulator and the tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "types/seams.h"
#include "types/secret.h"

struct evp_pkey_st;

namespace bindhss::crypto {

enum class KeyType : std::uint8_t { x25519, p256, rsa };
[[nodiscard]] std::string_view name_of(KeyType type);

/// A KME for one device. For RSA the ciphertext alone counts.
struct SealedToDevice {
    OctetString ephemeral_public;  ///< 32 octets (X25519) or 33 (P-256, compressed)
    OctetString ciphertext;        ///< as long as the plain text, or as the modulus
    OctetString tag;               ///< 32 octets
};

/// Immutable: any thread may use it.
class DevicePublicKey {
  public:
    /// From a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7). One clear sentence for what is none, is of another
    /// type, or is weak: RSA below 2048 or above 4096 bits, with a small factor, or with an exponent below
    /// 65537 or of more than 64 bits; a point that is not on the curve, or of small order.
    static std::variant<DevicePublicKey, std::string> parse(OctetView der);
    /// From the octets of a point: 32 (X25519); 33 or 65 (P-256).
    static std::variant<DevicePublicKey, std::string> of_point(KeyType type, OctetView point);
    /// From modulus and exponent, big endian.
    static std::variant<DevicePublicKey, std::string> of_rsa(OctetView modulus, OctetView exponent);

    [[nodiscard]] KeyType type() const { return type_; }
    [[nodiscard]] unsigned bits() const;
    /// DER SubjectPublicKeyInfo.
    [[nodiscard]] const OctetString& der() const { return der_; }
    /// SHA-256 of der(); its first 8 octets are KEY-FP.
    [[nodiscard]] const Octets<32>& fingerprint() const { return fingerprint_; }

    /// ECIES as TS 33.501 Annex C.3 has it, with `context` as SharedInfo2 and the whole tag; or RSA-OAEP
    /// (RFC 8017 7.1) with SHA-256 and `context` as the label. `random` gives the ephemeral key; OAEP draws
    /// its seed from OpenSSL. Nothing when the device's key makes a shared secret of zeros (X25519).
    [[nodiscard]] std::optional<SealedToDevice> seal(OctetView plain, OctetView context,
                                                     Random& random) const;

  private:
    friend class DevicePrivateKey;
    using Key = std::shared_ptr<const evp_pkey_st>;
    DevicePublicKey(KeyType type, Key key, OctetString der);
    /// `der` is the key's, or empty.
    static std::variant<DevicePublicKey, std::string> checked(Key key, OctetString der = {});
    /// As of_rsa(); `der` as above.
    static std::variant<DevicePublicKey, std::string> of_numbers(OctetView modulus, OctetView exponent,
                                                                 OctetString der);
    [[nodiscard]] std::optional<SealedToDevice> seal_ecies(OctetView plain, OctetView context,
                                                           Random& random) const;
    [[nodiscard]] SealedToDevice seal_oaep(OctetView plain, OctetView context) const;

    KeyType type_;
    Key key_;
    OctetString der_;
    Octets<32> fingerprint_{};
};

/// The device's half. Immutable: any thread may use it.
class DevicePrivateKey {
  public:
    /// A new key pair; `bits` for RSA.
    static DevicePrivateKey generate(KeyType type, unsigned bits = 2048);
    /// From PEM without a passphrase (PKCS#8). Nothing when it is none, or of another type.
    static std::optional<DevicePrivateKey> parse_pem(std::string_view pem);
    /// From 32 octets of a scalar (X25519, P-256).
    static std::optional<DevicePrivateKey> of_scalar(KeyType type, OctetView scalar);

    [[nodiscard]] DevicePublicKey public_key() const;
    /// PKCS#8 PEM.
    [[nodiscard]] SecretString pem() const;
    /// Nothing when it was sealed to another key or for another context, or was changed.
    [[nodiscard]] std::optional<SecretString> open(const SealedToDevice& sealed, OctetView context) const;

  private:
    using Key = std::shared_ptr<const evp_pkey_st>;
    DevicePrivateKey(KeyType type, Key key) : type_(type), key_(std::move(key)) {}
    [[nodiscard]] std::optional<SecretString> open_ecies(const SealedToDevice& sealed,
                                                         OctetView context) const;
    [[nodiscard]] std::optional<SecretString> open_oaep(const SealedToDevice& sealed,
                                                        OctetView context) const;

    KeyType type_;
    Key key_;
};

}  // namespace bindhss::crypto
