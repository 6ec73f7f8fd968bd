// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_wrap.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace bindhss::crypto {

namespace {

constexpr std::size_t semiblock = 8;
constexpr std::size_t key_octets_max = 4'096;

struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;
struct CipherDeleter {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER, CipherDeleter>;

Context make_context(OctetView kek, KeyWrap method, bool wrapping) {
    if (kek.size() != 16 && kek.size() != 24 && kek.size() != 32)
        throw std::invalid_argument("a key to wrap under has 16, 24 or 32 octets");
    const auto name =
        "AES-" + std::to_string(kek.size() * 8) + "-WRAP" + (method == KeyWrap::rfc5649 ? "-PAD" : "");
    const Cipher cipher(EVP_CIPHER_fetch(nullptr, name.c_str(), nullptr));
    Context context(EVP_CIPHER_CTX_new());
    if (context) EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (!cipher || !context ||
        EVP_CipherInit_ex2(context.get(), cipher.get(), kek.data(), nullptr, wrapping ? 1 : 0, nullptr) != 1)
        throw std::runtime_error(name + " is not available from OpenSSL");
    return context;
}

/// Octets of the input in one call; empty: OpenSSL refused it.
OctetString run(const Context& context, OctetView input) {
    OctetString output(input.size() + 2 * semiblock);
    int written = 0;
    if (EVP_CipherUpdate(context.get(), output.data(), &written, input.data(),
                         static_cast<int>(input.size())) != 1 ||
        written <= 0) {
        explicit_bzero(output.data(), output.size());
        return {};
    }
    // resize() leaves what it cuts off in memory: for an unwrapped key that is padding, zeros
    output.resize(static_cast<std::size_t>(written));
    return output;
}

bool may_wrap(std::size_t octets, KeyWrap method) {
    if (octets == 0 || octets > key_octets_max) return false;
    return method == KeyWrap::rfc5649 || (octets >= 2 * semiblock && octets % semiblock == 0);
}

bool may_unwrap(std::size_t octets, KeyWrap method) {
    const std::size_t least = method == KeyWrap::rfc5649 ? 2 * semiblock : 3 * semiblock;
    return octets >= least && octets % semiblock == 0 && octets <= key_octets_max + 2 * semiblock;
}

}  // namespace

OctetString wrap_key(OctetView kek, OctetView key, KeyWrap method) {
    if (!may_wrap(key.size(), method)) throw std::invalid_argument("a key of this length cannot be wrapped");
    auto wrapped = run(make_context(kek, method, true), key);
    if (wrapped.empty()) throw std::runtime_error("wrapping a key failed in OpenSSL");
    return wrapped;
}

std::optional<SecretString> unwrap_key(OctetView kek, OctetView wrapped, KeyWrap method) {
    const auto context = make_context(kek, method, false);
    if (!may_unwrap(wrapped.size(), method)) return std::nullopt;
    auto key = run(context, wrapped);
    if (key.empty()) {
        ERR_clear_error();  // not a fault: the check value is what it is there for
        return std::nullopt;
    }
    return SecretString(std::move(key));
}

}  // namespace bindhss::crypto
