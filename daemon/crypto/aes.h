// SPDX-License-Identifier: Apache-2.0
// One AES key, one block at a time: what Milenage and the pre-processing of RAND are made of.
#pragma once

#include <memory>

#include "types/secret.h"

struct evp_cipher_ctx_st;

namespace bindhss::crypto {

using Block = Octets<16>;

/// AES-128 or AES-256 in ECB mode on single blocks, by OpenSSL. Owns its contexts; one thread at a time.
/// Throws std::runtime_error when OpenSSL fails (out of memory, no provider): never for the contents of its
/// input.
class Aes {
  public:
    /// REQUIRES: key.size() is 16 or 32.
    explicit Aes(OctetView key);

    [[nodiscard]] Block encrypt(const Block& plain);
    [[nodiscard]] Block decrypt(const Block& cipher);

  private:
    struct ContextDeleter {
        void operator()(evp_cipher_ctx_st* context) const;
    };
    using Context = std::unique_ptr<evp_cipher_ctx_st, ContextDeleter>;
    [[nodiscard]] Context make(bool encrypting) const;

    SecretString key_;
    Context encryptor_;
    Context decryptor_;  // made when first used
};

/// Key check value: the first 3 octets of AES(key, 0), all that is ever shown of a KME (spec 5.4).
/// REQUIRES: key.size() is 16 or 32.
[[nodiscard]] Octets<3> key_check_value(OctetView key);

}  // namespace bindhss::crypto
