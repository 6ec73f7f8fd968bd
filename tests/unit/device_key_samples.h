// SPDX-License-Identifier: Apache-2.0
// Public keys of devices as files write them.
#pragma once

#include <string>

#include "crypto/device_key.h"
#include "types/base64.h"

namespace bindhss::test {

inline OctetView point_of(const crypto::DevicePublicKey& key) {
    const OctetView der(key.der());
    return key.type() == crypto::KeyType::x25519 ? der.last(32) : der.last(64);
}

inline std::string pem_of(const crypto::DevicePublicKey& key, const std::string& newline = "\n") {
    auto text = "-----BEGIN PUBLIC KEY-----" + newline;
    const auto body = to_base64(key.der());
    for (std::size_t i = 0; i < body.size(); i += 64) text += body.substr(i, 64) + newline;
    return text + "-----END PUBLIC KEY-----" + newline;
}

/// RFC 8037, RFC 7518 6.2 and 6.3. REQUIRES: an RSA key has the exponent 65537.
inline std::string jwk_of(const crypto::DevicePublicKey& key, const std::string& more = "") {
    const auto member = [](const char* name, OctetView octets) {
        return std::string(",\"") + name + "\":\"" + to_base64url(octets) + '"';
    };
    switch (key.type()) {
        case crypto::KeyType::x25519:
            return R"({"kty":"OKP","crv":"X25519")" + member("x", point_of(key)) + more + "}";
        case crypto::KeyType::p256:
            return R"({"kty":"EC","crv":"P-256")" + member("x", point_of(key).first(32)) +
                   member("y", point_of(key).last(32)) + more + "}";
        case crypto::KeyType::rsa:
            break;
    }
    const OctetView der(key.der());
    const std::size_t modulus = key.bits() / 8;
    return R"({"kty":"RSA","e":"AQAB")" + member("n", der.subspan(der.size() - 5 - modulus, modulus)) + more +
           "}";
}

}  // namespace bindhss::test
