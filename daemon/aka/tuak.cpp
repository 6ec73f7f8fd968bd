// SPDX-License-Identifier: Apache-2.0
#include "aka/tuak.h"

namespace bindhss::aka {

namespace {

using crypto::KeccakState;

// TS 35.231 6.2 to 6.6: the bits of INSTANCE.
constexpr std::uint8_t instance_topc = 0x00;
constexpr std::uint8_t instance_f1 = 0x00;
constexpr std::uint8_t instance_f1_star = 0x80;
constexpr std::uint8_t instance_f2345 = 0x40;
constexpr std::uint8_t instance_f5_star = 0xc0;
constexpr std::uint8_t instance_ck_256 = 0x04;
constexpr std::uint8_t instance_ik_256 = 0x02;
constexpr std::uint8_t instance_k_256 = 0x01;

/// The length of MAC or RES within INSTANCE: 32 bits 00, 64 bits 08, 128 bits 10, 256 bits 20.
constexpr std::uint8_t length_bits(std::uint8_t octets) {
    return octets == 4 ? std::uint8_t{0} : octets;
}

// Where the fields lie in the state; each is written last octet first, for Keccak counts bits from the low
// end (TS 35.231 6.1).
namespace place {
constexpr std::size_t topc = 0;
constexpr std::size_t instance = 32;
constexpr std::size_t algorithm_name = 33;
constexpr std::size_t rand = 40;
constexpr std::size_t amf = 56;
constexpr std::size_t sqn = 58;
constexpr std::size_t key = 64;
constexpr std::size_t padding_first = 96;
constexpr std::size_t padding_last = 135;
}  // namespace place

constexpr std::string_view algorithm_name = "TUAK1.0";

/// A state that is filled, permuted and read, and wiped in the end.
class Sponge {
  public:
    Sponge(OctetView top, std::uint8_t instance, OctetView k) {
        write(place::topc, top);
        state_[place::instance] = instance | (k.size() == 32 ? instance_k_256 : 0);
        write(place::algorithm_name, as_octets(algorithm_name));
        write(place::key, k);
        state_[place::padding_first] = 0x1f;
        state_[place::padding_last] = 0x80;
    }
    Sponge(const Sponge&) = delete;
    Sponge& operator=(const Sponge&) = delete;
    ~Sponge() { explicit_bzero(state_.data(), state_.size()); }

    void write(std::size_t offset, OctetView field) {
        std::reverse_copy(field.begin(), field.end(), state_.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    void permute(std::uint8_t iterations) {
        for (unsigned i = 0; i < iterations; ++i) crypto::keccak_f1600(state_);
    }
    [[nodiscard]] SecretString read(std::size_t offset, std::size_t size) const {
        const auto field = OctetView(state_).subspan(offset, size);
        return SecretString(OctetString(field.rbegin(), field.rend()));
    }
    template <class T>
    [[nodiscard]] T read(std::size_t offset) const {
        T value;
        const auto field = OctetView(state_).subspan(offset, T::size);
        std::reverse_copy(field.begin(), field.end(), value.octets().begin());
        return value;
    }

  private:
    KeccakState state_{};
};

// TS 35.231 6.3 to 6.6: where the outputs lie.
constexpr std::size_t out_mac = 0;
constexpr std::size_t out_res = 0;
constexpr std::size_t out_ck = 32;
constexpr std::size_t out_ik = 64;
constexpr std::size_t out_ak = 96;

}  // namespace

Topc derive_topc(OctetView k, OctetView top, std::uint8_t iterations) {
    Sponge sponge(top, instance_topc, k);
    sponge.permute(iterations);
    return sponge.read<Topc>(0);
}

TuakFunctions::TuakFunctions(OctetView k, OctetView topc, const TuakShape& shape)
    : k_(k), topc_(Topc::from(topc).value()), shape_(shape) {}

SecretString TuakFunctions::mac(std::uint8_t instance, const Rand& rand, const Sqn& sqn,
                                const Amf& amf) const {
    Sponge sponge(topc_.view(), instance | length_bits(shape_.mac_octets), k_.view());
    sponge.write(place::rand, rand.view());
    sponge.write(place::amf, amf.view());
    const auto sqn_octets = sqn.octets();
    sponge.write(place::sqn, sqn_octets);
    sponge.permute(shape_.iterations);
    return sponge.read(out_mac, shape_.mac_octets);
}

SecretString TuakFunctions::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) const {
    return mac(instance_f1, rand, sqn, amf);
}

SecretString TuakFunctions::f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) const {
    return mac(instance_f1_star, rand, sqn, amf);
}

TuakFunctions::Outputs TuakFunctions::f2345(const Rand& rand) const {
    std::uint8_t instance = instance_f2345 | length_bits(shape_.res_octets);
    if (shape_.ck_octets == 32) instance |= instance_ck_256;
    if (shape_.ik_octets == 32) instance |= instance_ik_256;
    Sponge sponge(topc_.view(), instance, k_.view());
    sponge.write(place::rand, rand.view());
    sponge.permute(shape_.iterations);
    return {sponge.read(out_res, shape_.res_octets), sponge.read(out_ck, shape_.ck_octets),
            sponge.read(out_ik, shape_.ik_octets), sponge.read<AnonymityKey>(out_ak)};
}

AnonymityKey TuakFunctions::f5_star(const Rand& rand) const {
    Sponge sponge(topc_.view(), instance_f5_star, k_.view());
    sponge.write(place::rand, rand.view());
    sponge.permute(shape_.iterations);
    return sponge.read<AnonymityKey>(out_ak);
}

MacA Tuak::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    return *MacA::from(functions_.f1(rand, sqn, amf).view());
}

MacS Tuak::f1_star(const Rand& rand, const Sqn& sqn, const Amf& amf) {
    return *MacS::from(functions_.f1_star(rand, sqn, amf).view());
}

Challenge Tuak::f2345(const Rand& rand) {
    const auto outputs = functions_.f2345(rand);
    return {*Res::from(outputs.res.view()), *CipherKey::from(outputs.ck.view()),
            *IntegrityKey::from(outputs.ik.view()), outputs.ak};
}

AnonymityKey Tuak::f5_star(const Rand& rand) {
    return functions_.f5_star(rand);
}

}  // namespace bindhss::aka
