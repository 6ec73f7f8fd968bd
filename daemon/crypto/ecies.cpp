// SPDX-License-Identifier: Apache-2.0
#include "crypto/ecies.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "crypto/hmac.h"

namespace bindhss::crypto {

namespace {

constexpr std::size_t compressed_octets = 33;
constexpr std::size_t uncompressed_octets = 65;
constexpr std::size_t scalar_octets = 32;

const EC_GROUP* p256() {
    static const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    require(group != nullptr, "P-256");
    return group.get();
}

using SecretPoint = std::unique_ptr<EC_POINT, Freer<EC_POINT_clear_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;

/// A P-256 key of its public point and, where there is one, its scalar.
PkeyPtr p256_of(OctetView point, const BIGNUM* scalar) {
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    require(
        builder &&
            OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
            OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                             point.size()) &&
            (scalar == nullptr || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar)),
        "a P-256 key");
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    require(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1, "a P-256 key");
    EVP_PKEY* key = nullptr;
    const int selection = scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) return nullptr;
    return PkeyPtr(key);
}

OctetString compressed(const EC_POINT* point) {
    OctetString octets(compressed_octets);
    require(EC_POINT_point2oct(p256(), point, POINT_CONVERSION_COMPRESSED, octets.data(), octets.size(),
                               nullptr) == octets.size(),
            "a P-256 point");
    return octets;
}

bool is_x25519(const EVP_PKEY* key) {
    return EVP_PKEY_is_a(key, "X25519") == 1;
}

/// Nothing: zero, or not below the order.
SecretBignum p256_scalar(OctetView octets) {
    SecretBignum number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    require(number != nullptr, "a P-256 key");
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(p256())) >= 0) return nullptr;
    return number;
}

/// Compressed.
OctetString p256_public(const BIGNUM* scalar) {
    const PointPtr point(EC_POINT_new(p256()));
    require(point && EC_POINT_mul(p256(), point.get(), scalar, nullptr, nullptr, nullptr) == 1,
            "a P-256 key");
    return compressed(point.get());
}

PointPtr p256_point_in(const EVP_PKEY* key) {
    std::array<std::uint8_t, uncompressed_octets> octets{};
    std::size_t size = 0;
    PointPtr point(EC_POINT_new(p256()));
    require(point &&
                EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size(),
                                                &size) == 1 &&
                EC_POINT_oct2point(p256(), point.get(), octets.data(), size, nullptr) == 1,
            "a P-256 key");
    return point;
}

/// EVP_PKEY_derive() would look once more whether the peer's point is on the curve, and multiply it by the
/// order to know that it has it: more than half of its time. Every key here was made of octets that are on
/// the curve, and its points have no other order (SEC 1 3.2.2.1, cofactor 1).
std::optional<Secret<32>> p256_secret(const BIGNUM* scalar, const EVP_PKEY* peer) {
    const SecretPoint product(EC_POINT_new(p256()));
    const SecretBignum x(BN_new());
    require(product && x &&
                EC_POINT_mul(p256(), product.get(), nullptr, p256_point_in(peer).get(), scalar, nullptr) == 1,
            "ECDH");
    Secret<32> secret;
    if (EC_POINT_get_affine_coordinates(p256(), product.get(), x.get(), nullptr, nullptr) != 1)
        return std::nullopt;
    require(BN_bn2binpad(x.get(), secret.octets().data(), scalar_octets) == scalar_octets, "ECDH");
    return secret;
}

std::optional<Secret<32>> x25519_secret(EVP_PKEY* own, EVP_PKEY* peer) {
    const PkeyContext context(EVP_PKEY_CTX_new(own, nullptr));
    require(context && EVP_PKEY_derive_init(context.get()) == 1, "ECDH");
    Secret<32> secret;
    std::size_t size = Secret<32>::size;
    if (EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
        EVP_PKEY_derive(context.get(), secret.octets().data(), &size) != 1 || size != Secret<32>::size)
        return std::nullopt;  // OpenSSL refuses a result of zeros (RFC 7748 6.1)
    return secret;
}

/// Nothing: they are of different curves, or keep no secret.
std::optional<Secret<32>> shared_secret(EVP_PKEY* own, EVP_PKEY* peer) {
    if (is_x25519(own) != is_x25519(peer)) return std::nullopt;
    if (is_x25519(own)) return x25519_secret(own, peer);
    BIGNUM* scalar = nullptr;
    require(EVP_PKEY_get_bn_param(own, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1, "ECDH");
    return p256_secret(SecretBignum(scalar).get(), peer);
}

}  // namespace

PkeyPtr x25519_key(OctetView scalar) {
    if (scalar.size() != scalar_octets) return nullptr;
    return PkeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, scalar.data(), scalar.size()));
}

PkeyPtr p256_key(OctetView scalar) {
    const auto number = scalar.size() == scalar_octets ? p256_scalar(scalar) : nullptr;
    return number ? p256_of(p256_public(number.get()), number.get()) : nullptr;
}

PkeyPtr x25519_point(OctetView point) {
    if (point.size() != scalar_octets) return nullptr;
    return PkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size()));
}

PkeyPtr p256_point(OctetView point) {
    // Not infinity, which is one octet, and no hybrid form. That it is on the curve OpenSSL sees to.
    const bool compressed = point.size() == compressed_octets && (point[0] == 2 || point[0] == 3);
    if (!compressed && (point.size() != uncompressed_octets || point[0] != 4)) return nullptr;
    return p256_of(point, nullptr);
}

OctetString point_of(const EVP_PKEY* key) {
    if (!is_x25519(key)) return compressed(p256_point_in(key).get());
    OctetString octets(scalar_octets);
    std::size_t size = octets.size();
    require(EVP_PKEY_get_raw_public_key(key, octets.data(), &size) == 1, "an X25519 key");
    return octets;
}

namespace {

/// ANSI-X9.63-KDF.
EciesKeys derived_from(Secret<32>& z, OctetView ephemeral_public) {
    static auto* const x963 = EVP_KDF_fetch(nullptr, "X963KDF", nullptr);
    const KdfContext context(EVP_KDF_CTX_new(x963));
    char digest[] = "SHA256";
    OctetString info(ephemeral_public.begin(), ephemeral_public.end());
    const std::array<OSSL_PARAM, 4> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, z.octets().data(), Secret<32>::size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end()};
    Secret<64> derived;
    require(context && EVP_KDF_derive(context.get(), derived.octets().data(), Secret<64>::size,
                                      parameters.data()) == 1,
            "ANSI-X9.63-KDF");
    const auto view = derived.view();
    return EciesKeys{*Secret<16>::from(view.subspan(0, 16)), *Secret<16>::from(view.subspan(16, 16)),
                     *Secret<32>::from(view.subspan(32))};
}

}  // namespace

std::optional<EciesKeys> ecies_keys(EVP_PKEY* own, EVP_PKEY* peer, OctetView ephemeral_public) {
    auto z = shared_secret(own, peer);
    if (!z) return std::nullopt;
    return derived_from(*z, ephemeral_public);
}

std::optional<EciesOffer> ecies_offer(KeyType type, OctetView scalar, EVP_PKEY* peer) {
    EciesOffer offer;
    std::optional<Secret<32>> z;
    if (type == KeyType::x25519) {
        const auto own = x25519_key(scalar);
        offer.ephemeral_public = point_of(own.get());
        z = x25519_secret(own.get(), peer);
    } else {
        const auto own = p256_scalar(scalar);
        if (!own) return std::nullopt;
        offer.ephemeral_public = p256_public(own.get());
        z = p256_secret(own.get(), peer);
    }
    if (!z) return std::nullopt;
    offer.keys = derived_from(*z, offer.ephemeral_public);
    return offer;
}

OctetString ecies_crypt(const EciesKeys& keys, OctetView text) {
    const CipherContext context(EVP_CIPHER_CTX_new());
    OctetString out(text.size());
    int size = 0;
    require(context &&
                EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(), keys.encryption.view().data(),
                                    keys.counter.view().data(), nullptr) == 1 &&
                EVP_EncryptUpdate(context.get(), out.data(), &size, text.data(),
                                  static_cast<int>(text.size())) == 1,
            "AES-128-CTR");
    return out;
}

Secret<32> ecies_tag(const EciesKeys& keys, OctetView ciphertext, OctetView context) {
    OctetString covered(ciphertext.begin(), ciphertext.end());
    covered.insert(covered.end(), context.begin(), context.end());
    return hmac_sha256(keys.mac.view(), covered);
}

}  // namespace bindhss::crypto
