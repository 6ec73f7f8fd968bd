// SPDX-License-Identifier: Apache-2.0
#include "crypto/device_key.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "crypto/ecies.h"
#include "crypto/public_key_info.h"

namespace bindhss::crypto {

namespace {

constexpr unsigned rsa_bits_min = 2048;
constexpr unsigned rsa_bits_max = 4096;
constexpr BN_ULONG rsa_exponent_min = 65537;
constexpr int rsa_exponent_bits_max = 64;  // OpenSSL encrypts with no longer one under a long modulus
/// 3 * 5 * ... * 53.
constexpr BN_ULONG small_primes = 16'294'579'238'595'022'365U;
constexpr std::size_t tag_octets = 32;
constexpr int draws_max = 4;
constexpr std::size_t x25519_point_octets = 32;
constexpr std::size_t p256_point_octets = 65;

/// Points of X25519 whose shared secret with anybody is zero (RFC 7748 6.1): those of order 1, 2, 4 and 8,
/// and what the same are with the prime added. The highest bit does not count.
constexpr std::array<std::string_view, 7> small_order{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

// OpenSSL takes keys that it only reads without const.
EVP_PKEY* raw(const std::shared_ptr<const EVP_PKEY>& key) {
    return const_cast<EVP_PKEY*>(key.get());
}

std::shared_ptr<const EVP_PKEY> shared(PkeyPtr key) {
    return std::shared_ptr<const EVP_PKEY>(key.release(), Freer<EVP_PKEY_free>{});
}

std::optional<KeyType> type_of(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "X25519") == 1) return KeyType::x25519;
    if (EVP_PKEY_is_a(key, "RSA") == 1) return KeyType::rsa;
    if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
    char group[32] = {};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1) return std::nullopt;
    if (std::string_view(group, size) != "prime256v1") return std::nullopt;
    return KeyType::p256;
}

SecretBignum number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &number) == 1, "an RSA key");
    return SecretBignum(number);
}

/// What no modulus of two large primes is: half of those that were damaged on the way are.
bool has_small_factor(const BIGNUM* modulus) {
    return BN_is_odd(modulus) == 0 || std::gcd(BN_mod_word(modulus, small_primes), small_primes) != 1;
}

std::optional<std::string> weakness_of_rsa(const BIGNUM* modulus, const BIGNUM* exponent) {
    const auto bits = static_cast<unsigned>(BN_num_bits(modulus));
    if (bits < rsa_bits_min || bits > rsa_bits_max)
        return "an RSA key has 2048 to 4096 bits, this one " + std::to_string(bits);
    if (BN_is_odd(exponent) == 0) return "the exponent of an RSA key is odd";
    if (BN_num_bits(exponent) <= 17 && BN_get_word(exponent) < rsa_exponent_min)
        return "the exponent of the RSA key is below 65537";
    if (BN_num_bits(exponent) > rsa_exponent_bits_max)
        return "the exponent of the RSA key has more than 64 bits";
    if (has_small_factor(modulus)) return "the modulus of the RSA key has a small factor";
    return std::nullopt;
}

std::optional<std::string> weakness_of_x25519(const EVP_PKEY* key) {
    auto point = point_of(key);
    point.back() &= 0x7f;
    const auto digits = to_hex(point);
    if (std::find(small_order.begin(), small_order.end(), digits) == small_order.end()) return std::nullopt;
    return "the point is of small order: it keeps no secret";
}

/// On the curve; its order is that of every point of the curve but infinity.
std::optional<std::string> weakness_of_p256(const EVP_PKEY* key) {
    const PkeyContext context(EVP_PKEY_CTX_new(const_cast<EVP_PKEY*>(key), nullptr));
    if (context && EVP_PKEY_public_check_quick(context.get()) == 1) return std::nullopt;
    return "the point is not on the curve";
}

std::optional<std::string> weakness_of(KeyType type, const EVP_PKEY* key) {
    switch (type) {
        case KeyType::x25519:
            return weakness_of_x25519(key);
        case KeyType::p256:
            return weakness_of_p256(key);
        case KeyType::rsa:
            break;
    }
    return weakness_of_rsa(number_of(key, OSSL_PKEY_PARAM_RSA_N).get(),
                           number_of(key, OSSL_PKEY_PARAM_RSA_E).get());
}

OctetString info_of(const EVP_PKEY* key) {
    unsigned char* encoded = nullptr;
    const int size = i2d_PUBKEY(const_cast<EVP_PKEY*>(key), &encoded);
    require(size > 0, "SubjectPublicKeyInfo");
    OctetString info(encoded, encoded + size);
    OPENSSL_free(encoded);
    return info;
}

SecretBignum number(OctetView octets) {
    SecretBignum result(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    require(result != nullptr, "an RSA key");
    return result;
}

/// Nothing when they make no key.
PkeyPtr rsa_of(const BIGNUM* modulus, const BIGNUM* exponent) {
    using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
    using Parameters = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
    const Builder builder(OSSL_PARAM_BLD_new());
    require(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) &&
                OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent),
            "an RSA key");
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    require(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1, "an RSA key");
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
    return PkeyPtr(key);
}

PkeyContext oaep_context(EVP_PKEY* key, OctetView label, int (*start)(EVP_PKEY_CTX*)) {
    PkeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    require(context && start(context.get()) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1,
            "RSA-OAEP");
    auto* const copy = OPENSSL_memdup(label.data(), label.size());  // the context takes it over
    require(copy != nullptr &&
                EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label.size())) == 1,
            "RSA-OAEP");
    return context;
}

}  // namespace

std::string_view name_of(KeyType type) {
    switch (type) {
        case KeyType::x25519:
            return "x25519";
        case KeyType::p256:
            return "p256";
        case KeyType::rsa:
            break;
    }
    return "rsa";
}

DevicePublicKey::DevicePublicKey(KeyType type, Key key, OctetString der)
    : type_(type), key_(std::move(key)), der_(std::move(der)) {
    SHA256(der_.data(), der_.size(), fingerprint_.data());
}

std::variant<DevicePublicKey, std::string> DevicePublicKey::checked(Key key, OctetString der) {
    const auto type = type_of(key.get());
    if (!type) return "a device's key is X25519, P-256 or RSA";
    if (auto weakness = weakness_of(*type, key.get())) return std::move(*weakness);
    if (der.empty()) der = info_of(key.get());
    return DevicePublicKey(*type, std::move(key), std::move(der));
}

std::variant<DevicePublicKey, std::string> DevicePublicKey::parse(OctetView der) {
    if (const auto parts = take_apart(der)) {
        OctetString whole(der.begin(), der.end());
        if (parts->type == KeyType::rsa) return of_numbers(parts->modulus, parts->exponent, std::move(whole));
        auto key = parts->type == KeyType::x25519 ? x25519_point(parts->point) : p256_point(parts->point);
        if (!key) return "the point is not on the curve";
        return checked(shared(std::move(key)), std::move(whole));
    }
    const auto* at = der.data();
    PkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    if (!key || at != der.data() + der.size()) return "no SubjectPublicKeyInfo in DER";
    // OpenSSL reads what is nearly DER as well; another way to write a key would be another fingerprint.
    if (auto info = info_of(key.get()); std::equal(info.begin(), info.end(), der.begin(), der.end()))
        return checked(shared(std::move(key)), std::move(info));
    return "no SubjectPublicKeyInfo in DER";
}

std::variant<DevicePublicKey, std::string> DevicePublicKey::of_point(KeyType type, OctetView point) {
    auto key = type == KeyType::x25519 ? x25519_point(point) : p256_point(point);
    if (type == KeyType::rsa || !key) return "no point of the curve";
    const auto whole = type == KeyType::x25519 ? x25519_point_octets : p256_point_octets;
    return checked(shared(std::move(key)),
                   point.size() == whole ? public_key_info(type, point) : OctetString());
}

std::variant<DevicePublicKey, std::string> DevicePublicKey::of_rsa(OctetView modulus, OctetView exponent) {
    return of_numbers(modulus, exponent, {});
}

// What is looked at here are the numbers as they came: OpenSSL takes longer to hand them out than to use
// them.
std::variant<DevicePublicKey, std::string> DevicePublicKey::of_numbers(OctetView modulus, OctetView exponent,
                                                                       OctetString der) {
    const auto n = number(modulus);
    const auto e = number(exponent);
    auto key = rsa_of(n.get(), e.get());
    if (!key) return "modulus and exponent make no RSA key";
    if (auto weakness = weakness_of_rsa(n.get(), e.get())) return std::move(*weakness);
    if (der.empty()) der = info_of(key.get());
    return DevicePublicKey(KeyType::rsa, shared(std::move(key)), std::move(der));
}

unsigned DevicePublicKey::bits() const {
    return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get()));
}

std::optional<SealedToDevice> DevicePublicKey::seal(OctetView plain, OctetView context,
                                                    Random& random) const {
    if (type_ == KeyType::rsa) return seal_oaep(plain, context);
    return seal_ecies(plain, context, random);
}

std::optional<SealedToDevice> DevicePublicKey::seal_ecies(OctetView plain, OctetView context,
                                                          Random& random) const {
    // One scalar in 2^32 is none of P-256; a public key that keeps no secret never does.
    std::optional<EciesOffer> offer;
    for (int draw = 0; !offer && draw < draws_max; ++draw) {
        Secret<32> scalar;
        random.fill(scalar.octets());
        offer = ecies_offer(type_, scalar.view(), raw(key_));
    }
    if (!offer) return std::nullopt;
    SealedToDevice sealed;
    sealed.ephemeral_public = std::move(offer->ephemeral_public);
    sealed.ciphertext = ecies_crypt(offer->keys, plain);
    const auto tag = ecies_tag(offer->keys, sealed.ciphertext, context);
    sealed.tag.assign(tag.view().begin(), tag.view().end());
    return sealed;
}

SealedToDevice DevicePublicKey::seal_oaep(OctetView plain, OctetView context) const {
    const auto cipher = oaep_context(raw(key_), context, EVP_PKEY_encrypt_init);
    SealedToDevice sealed;
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    sealed.ciphertext.resize(size);
    require(EVP_PKEY_encrypt(cipher.get(), sealed.ciphertext.data(), &size, plain.data(), plain.size()) == 1,
            "RSA-OAEP");
    sealed.ciphertext.resize(size);
    return sealed;
}

DevicePrivateKey DevicePrivateKey::generate(KeyType type, unsigned bits) {
    PkeyPtr key;
    switch (type) {
        case KeyType::x25519:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
            break;
        case KeyType::p256:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
            break;
        case KeyType::rsa:
            key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
            break;
    }
    require(key != nullptr, "making a key pair");
    return {type, shared(std::move(key))};
}

std::optional<DevicePrivateKey> DevicePrivateKey::parse_pem(std::string_view pem) {
    const std::unique_ptr<BIO, Freer<BIO_free>> text(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    require(text != nullptr, "reading a key");
    PkeyPtr key(PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
    const auto type = key ? type_of(key.get()) : std::nullopt;
    if (!type) return std::nullopt;
    return DevicePrivateKey(*type, shared(std::move(key)));
}

std::optional<DevicePrivateKey> DevicePrivateKey::of_scalar(KeyType type, OctetView scalar) {
    auto key = type == KeyType::x25519 ? x25519_key(scalar) : p256_key(scalar);
    if (type == KeyType::rsa || !key) return std::nullopt;
    return DevicePrivateKey(type, shared(std::move(key)));
}

DevicePublicKey DevicePrivateKey::public_key() const {
    auto info = info_of(key_.get());
    const unsigned char* at = info.data();
    PkeyPtr half(d2i_PUBKEY(nullptr, &at, static_cast<long>(info.size())));
    require(half != nullptr, "SubjectPublicKeyInfo");
    return {type_, shared(std::move(half)), std::move(info)};
}

SecretString DevicePrivateKey::pem() const {
    const std::unique_ptr<BIO, Freer<BIO_free>> out(BIO_new(BIO_s_secmem()));
    require(out && PEM_write_bio_PKCS8PrivateKey(out.get(), raw(key_), nullptr, nullptr, 0, nullptr,
                                                 nullptr) == 1,
            "writing a key");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return SecretString(as_octets({text, static_cast<std::size_t>(size)}));
}

std::optional<SecretString> DevicePrivateKey::open(const SealedToDevice& sealed, OctetView context) const {
    return type_ == KeyType::rsa ? open_oaep(sealed, context) : open_ecies(sealed, context);
}

std::optional<SecretString> DevicePrivateKey::open_ecies(const SealedToDevice& sealed,
                                                         OctetView context) const {
    auto peer = type_ == KeyType::x25519 ? x25519_point(sealed.ephemeral_public)
                                         : p256_point(sealed.ephemeral_public);
    if (!peer || sealed.tag.size() != tag_octets) return std::nullopt;
    const auto keys = ecies_keys(raw(key_), peer.get(), sealed.ephemeral_public);
    if (!keys) return std::nullopt;
    if (!(ecies_tag(*keys, sealed.ciphertext, context) == *Secret<32>::from(sealed.tag))) return std::nullopt;
    return SecretString(ecies_crypt(*keys, sealed.ciphertext));
}

std::optional<SecretString> DevicePrivateKey::open_oaep(const SealedToDevice& sealed,
                                                        OctetView context) const {
    const auto cipher = oaep_context(raw(key_), context, EVP_PKEY_decrypt_init);
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    OctetString plain(size);
    const bool opened = EVP_PKEY_decrypt(cipher.get(), plain.data(), &size, sealed.ciphertext.data(),
                                         sealed.ciphertext.size()) == 1;
    if (!opened) return std::nullopt;
    SecretString result(OctetView(plain).first(size));
    explicit_bzero(plain.data(), plain.size());
    return result;
}

}  // namespace bindhss::crypto
