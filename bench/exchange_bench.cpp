// SPDX-License-Identifier: Apache-2.0
// What the cryptography of one key exchange (spec 4.5) costs with nothing around it: the calls of OpenSSL
// that the HSS and the device need, on one thread, in microseconds of processor time. scripts/bench sets them
// beside whole exchanges.
//
//   exchange_bench [MILLISECONDS]      for each figure; default 500
//
// One line for each key type: its name, HSS, device.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Octets = std::vector<unsigned char>;
template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* what) const {
        Free(what);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;

void require(bool well, const char* what) {
    if (!well) throw std::runtime_error(std::string("OpenSSL fails: ") + what);
}

constexpr std::size_t kme_octets = 16;
constexpr std::size_t context_octets = 107;  // CTX of an IMSI of 15 digits
constexpr std::size_t response_octets = 86;  // what Rsp covers

Octets random_octets(std::size_t size) {
    Octets octets(size);
    require(RAND_bytes(octets.data(), static_cast<int>(size)) == 1, "RAND_bytes");
    return octets;
}

Octets hmac(std::span<const unsigned char> key, std::span<const unsigned char> message) {
    static auto* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    static auto* const context = [] {
        auto* made = EVP_MAC_CTX_new(algorithm);
        char digest[] = "SHA256";
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
        require(EVP_MAC_CTX_set_params(made, parameters.data()) == 1, "HMAC");
        return made;
    }();
    Octets code(32);
    std::size_t size = 0;
    require(EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1 &&
                EVP_MAC_update(context, message.data(), message.size()) == 1 &&
                EVP_MAC_final(context, code.data(), &size, code.size()) == 1,
            "HMAC");
    return code;
}

/// HOME-MAC is two, with a digest of what was sealed; Rsp is one.
void home_mac(const Octets& sealed, const Octets& context) {
    const Octets session(32), label(28);
    const auto key = hmac(session, label);
    Octets covered(context);
    covered.resize(context.size() + SHA256_DIGEST_LENGTH);
    SHA256(sealed.data(), sealed.size(), covered.data() + context.size());
    (void)hmac(key, covered);
}
void response(const Octets& kme) {
    (void)hmac(kme, Octets(response_octets));
}

struct EciesKeys {
    std::array<unsigned char, 64> octets{};
};

EciesKeys derive(EVP_PKEY* own, EVP_PKEY* peer, const Octets& ephemeral) {
    const KeyContext exchange(EVP_PKEY_CTX_new(own, nullptr));
    std::array<unsigned char, 32> z{};
    std::size_t size = z.size();
    require(exchange && EVP_PKEY_derive_init(exchange.get()) == 1 &&
                EVP_PKEY_derive_set_peer(exchange.get(), peer) == 1 &&
                EVP_PKEY_derive(exchange.get(), z.data(), &size) == 1,
            "ECDH");
    static auto* const x963 = EVP_KDF_fetch(nullptr, "X963KDF", nullptr);
    const std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>> kdf(EVP_KDF_CTX_new(x963));
    char digest[] = "SHA256";
    Octets info(ephemeral);
    const std::array<OSSL_PARAM, 4> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, z.data(), z.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end()};
    EciesKeys keys;
    require(EVP_KDF_derive(kdf.get(), keys.octets.data(), keys.octets.size(), parameters.data()) == 1, "KDF");
    return keys;
}

Octets crypt(const EciesKeys& keys, const Octets& text) {
    const std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
    Octets out(text.size());
    int size = 0;
    require(EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(), keys.octets.data(), keys.octets.data() + 16,
                                nullptr) == 1 &&
                EVP_EncryptUpdate(context.get(), out.data(), &size, text.data(),
                                  static_cast<int>(text.size())) == 1,
            "AES-CTR");
    return out;
}

void tag(const EciesKeys& keys, const Octets& ciphertext, const Octets& context) {
    Octets covered(ciphertext);
    covered.insert(covered.end(), context.begin(), context.end());
    (void)hmac(std::span(keys.octets).subspan(32), covered);
}

/// One kind of device key: the same work as the two sides of an exchange.
class Kind {
  public:
    virtual ~Kind() = default;
    virtual void seal() = 0;
    virtual void open() = 0;

  protected:
    const Octets kme_ = random_octets(kme_octets);
    const Octets context_ = random_octets(context_octets);
};

class Ecies final : public Kind {
  public:
    explicit Ecies(bool x25519) : x25519_(x25519), device_(generate()) {
        point_ = point_of(device_.get());
        seal();
    }
    void seal() override {
        const auto peer = public_key(point_);
        const auto ephemeral = generate();
        ephemeral_ = point_of(ephemeral.get());
        const auto keys = derive(ephemeral.get(), peer.get(), ephemeral_);
        sealed_ = crypt(keys, kme_);
        tag(keys, sealed_, context_);
        home_mac(sealed_, context_);
        response(kme_);
    }
    void open() override {
        const auto peer = public_key(ephemeral_);
        const auto keys = derive(device_.get(), peer.get(), ephemeral_);
        tag(keys, sealed_, context_);
        const auto kme = crypt(keys, sealed_);
        home_mac(sealed_, context_);
        response(kme);
    }

  private:
    [[nodiscard]] Key generate() const {
        return Key(x25519_ ? EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")
                           : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    }
    [[nodiscard]] Octets point_of(EVP_PKEY* key) const {
        Octets point(x25519_ ? 32 : 65);
        std::size_t size = point.size();
        require(x25519_ ? EVP_PKEY_get_raw_public_key(key, point.data(), &size) == 1
                        : EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                          point.size(), &size) == 1,
                "a public key");
        return point;
    }
    [[nodiscard]] Key public_key(Octets point) const {
        if (x25519_)
            return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size()));
        char group[] = "P-256";
        const std::array<OSSL_PARAM, 3> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
            OSSL_PARAM_construct_end()};
        const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
        EVP_PKEY* key = nullptr;
        require(EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                                      const_cast<OSSL_PARAM*>(parameters.data())) == 1,
                "a public key");
        return Key(key);
    }

    const bool x25519_;
    const Key device_;
    Octets point_, ephemeral_, sealed_;
};

class Rsa final : public Kind {
  public:
    explicit Rsa(std::size_t bits) : device_(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits)) {
        BIGNUM* number = nullptr;
        require(EVP_PKEY_get_bn_param(device_.get(), OSSL_PKEY_PARAM_RSA_N, &number) == 1, "an RSA key");
        modulus_.reset(number);
        seal();
    }
    void seal() override {
        const auto key = public_key();
        const auto cipher = oaep(key.get(), EVP_PKEY_encrypt_init);
        std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
        sealed_.resize(size);
        require(EVP_PKEY_encrypt(cipher.get(), sealed_.data(), &size, kme_.data(), kme_.size()) == 1, "OAEP");
        home_mac(sealed_, context_);
        response(kme_);
    }
    void open() override {
        const auto cipher = oaep(device_.get(), EVP_PKEY_decrypt_init);
        Octets kme(sealed_.size());
        std::size_t size = kme.size();
        require(EVP_PKEY_decrypt(cipher.get(), kme.data(), &size, sealed_.data(), sealed_.size()) == 1,
                "OAEP");
        kme.resize(size);
        home_mac(sealed_, context_);
        response(kme);
    }

  private:
    using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
    [[nodiscard]] Key public_key() const {
        const std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
        require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus_.get()) == 1 &&
                    OSSL_PARAM_BLD_push_uint(builder.get(), OSSL_PKEY_PARAM_RSA_E, RSA_F4) == 1,
                "a public key");
        const std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>> parameters(
            OSSL_PARAM_BLD_to_param(builder.get()));
        const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
        EVP_PKEY* key = nullptr;
        require(EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1,
                "a public key");
        return Key(key);
    }
    [[nodiscard]] KeyContext oaep(EVP_PKEY* key, int (*start)(EVP_PKEY_CTX*)) const {
        KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
        auto* label = OPENSSL_memdup(context_.data(), context_.size());  // the context takes it over
        require(start(context.get()) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                    EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1 &&
                    EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1 &&
                    EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), label,
                                                     static_cast<int>(context_.size())) == 1,
                "OAEP");
        return context;
    }

    const Key device_;
    Number modulus_;
    Octets sealed_;
};

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Microseconds of processor time for each call.
double cost_of(std::chrono::milliseconds time, const std::function<void()>& work) {
    constexpr int between_looks = 16;
    const auto begin = processor_seconds();
    const auto end = begin + std::chrono::duration<double>(time).count();
    double now = begin;
    for (std::uint64_t done = 0;;) {
        for (int i = 0; i < between_looks; ++i) work();
        done += between_looks;
        now = processor_seconds();
        if (now >= end) return 1e6 * (now - begin) / static_cast<double>(done);
    }
}

void measure(const char* name, std::chrono::milliseconds time, Kind& kind) {
    const auto hss = cost_of(time, [&] { kind.seal(); });
    const auto device = cost_of(time, [&] { kind.open(); });
    std::printf("%s %.1f %.1f\n", name, hss, device);
}

}  // namespace

int main(int argc, char** argv) try {
    unsigned milliseconds = 500;
    if (argc > 1) {
        const auto* end = argv[1] + std::strlen(argv[1]);
        const auto [at, error] = std::from_chars(argv[1], end, milliseconds);
        if (error != std::errc() || at != end || milliseconds == 0)
            throw std::runtime_error("MILLISECONDS has to be a number");
    }
    const std::chrono::milliseconds time(milliseconds);
    Ecies x25519(true);
    Ecies p256(false);
    Rsa rsa2048(2048);
    Rsa rsa3072(3072);
    measure("x25519", time, x25519);
    measure("p256", time, p256);
    measure("rsa2048", time, rsa2048);
    measure("rsa3072", time, rsa3072);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "exchange_bench: %s\n", error.what());
    return 1;
}
