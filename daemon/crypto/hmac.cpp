// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include <openssl/sha.h>

#include <array>

namespace bindhss::crypto {

namespace {

constexpr std::size_t block_octets = 64;

}  // namespace

// FIPS 198-1 over OpenSSL's SHA-256: EVP_MAC allocates and looks up at each use, which costs more than the hash, and
// every vector needs one KASME.
Secret<32> hmac_sha256(OctetView key, OctetView message) {
    Secret<block_octets> padded;
    if (key.size() > block_octets) {
        SHA256(key.data(), key.size(), padded.octets().data());
    } else {
        std::copy(key.begin(), key.end(), padded.octets().begin());
    }
    Secret<block_octets> inner;
    Secret<block_octets> outer;
    for (std::size_t i = 0; i < block_octets; ++i) {
        inner.octets()[i] = padded.octets()[i] ^ 0x36;
        outer.octets()[i] = padded.octets()[i] ^ 0x5c;
    }
    const auto hash = [](const Secret<block_octets>& pad, OctetView data) {
        Secret<32> digest;
        SHA256_CTX context;
        SHA256_Init(&context);
        SHA256_Update(&context, pad.octets().data(), block_octets);
        SHA256_Update(&context, data.data(), data.size());
        SHA256_Final(digest.octets().data(), &context);
        explicit_bzero(&context, sizeof context);
        return digest;
    };
    return hash(outer, hash(inner, message).view());
}

}  // namespace bindhss::crypto
