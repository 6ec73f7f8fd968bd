// SPDX-License-Identifier: Apache-2.0
#include "crypto/aes.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace bindhss::crypto {

void Aes::ContextDeleter::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);
}

Aes::Aes(OctetView key) : key_(key), encryptor_(make(true)) {}

Aes::Context Aes::make(bool encrypting) const {
    // EVP_aes_*_ecb() looks the algorithm up by name at each use; fetched once it costs a third.
    static const auto* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
    static const auto* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
    if (key_.size() != 16 && key_.size() != 32) throw std::invalid_argument("an AES key has 16 or 32 octets");
    Context context(EVP_CIPHER_CTX_new());
    const auto* cipher = key_.size() == 16 ? aes128 : aes256;
    if (!context || EVP_CipherInit_ex2(context.get(), cipher, key_.view().data(), nullptr, encrypting ? 1 : 0,
                                       nullptr) != 1) {
        throw std::runtime_error("AES is not available from OpenSSL");
    }
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    return context;
}

namespace {

Block run(evp_cipher_ctx_st* context, const Block& input) {
    Block output;
    int written = 0;
    if (EVP_CipherUpdate(context, output.data(), &written, input.data(), static_cast<int>(input.size())) !=
            1 ||
        written != static_cast<int>(output.size())) {
        throw std::runtime_error("AES failed in OpenSSL");
    }
    return output;
}

}  // namespace

Block Aes::encrypt(const Block& plain) {
    return run(encryptor_.get(), plain);
}

Block Aes::decrypt(const Block& cipher) {
    if (!decryptor_) decryptor_ = make(false);
    return run(decryptor_.get(), cipher);
}

Octets<3> key_check_value(OctetView key) {
    const auto block = Aes(key).encrypt(Block{});
    return {block[0], block[1], block[2]};
}

}  // namespace bindhss::crypto
