// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace bindhss::crypto {

namespace {

struct ContextDeleter {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, ContextDeleter>;

Context make_context() {
    static auto* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    Context context(EVP_MAC_CTX_new(hmac));
    char digest[] = "SHA256";
    const std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                           OSSL_PARAM_construct_end()};
    if (!context || EVP_MAC_CTX_set_params(context.get(), params.data()) != 1) {
        throw std::runtime_error("HMAC-SHA-256 is not available from OpenSSL");
    }
    return context;
}

}  // namespace

Secret<32> hmac_sha256(OctetView key, OctetView message) {
    // One context a thread: looking the digest up anew costs more than the hash, and every vector needs one
    // KASME.
    thread_local const Context context = make_context();
    Secret<32> code;
    std::size_t size = 0;
    if (EVP_MAC_init(context.get(), key.data(), key.size(), nullptr) != 1 ||
        EVP_MAC_update(context.get(), message.data(), message.size()) != 1 ||
        EVP_MAC_final(context.get(), code.octets().data(), &size, Secret<32>::size) != 1) {
        throw std::runtime_error("HMAC-SHA-256 failed in OpenSSL");
    }
    return code;
}

void HmacSha256::ContextDeleter::operator()(evp_mac_ctx_st* context) const {
    EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(OctetView key) : context_(make_context().release()) {
    if (EVP_MAC_init(context_.get(), key.data(), key.size(), nullptr) != 1)
        throw std::runtime_error("HMAC-SHA-256 failed in OpenSSL");
}

void HmacSha256::update(OctetView piece) {
    if (EVP_MAC_update(context_.get(), piece.data(), piece.size()) != 1)
        throw std::runtime_error("HMAC-SHA-256 failed in OpenSSL");
}

Secret<32> HmacSha256::finish() {
    Secret<32> code;
    std::size_t size = 0;
    if (EVP_MAC_final(context_.get(), code.octets().data(), &size, Secret<32>::size) != 1)
        throw std::runtime_error("HMAC-SHA-256 failed in OpenSSL");
    return code;
}

}  // namespace bindhss::crypto
