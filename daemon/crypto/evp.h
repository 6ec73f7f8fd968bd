// SPDX-License-Identifier: Apache-2.0
// Owners of OpenSSL's objects, for the sources of this folder alone.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace bindhss::crypto {

template <auto free_object>
struct Freer {
    template <class T>
    void operator()(T* object) const {
        free_object(object);
    }
};

using PkeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;
using SecretBignum = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using PointPtr = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, Freer<EC_GROUP_free>>;

/// For what fails only when OpenSSL is out of memory or lacks an algorithm.
inline void require(bool succeeded, const char* what) {
    if (!succeeded) throw std::runtime_error(std::string(what) + " failed in OpenSSL");
}

}  // namespace bindhss::crypto
