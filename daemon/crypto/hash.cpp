// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"

#include <openssl/sha.h>

namespace bindhss::crypto {

Octets<32> sha256(OctetView message) {
    Octets<32> digest;
    SHA256(message.data(), message.size(), digest.data());
    return digest;
}

}  // namespace bindhss::crypto
