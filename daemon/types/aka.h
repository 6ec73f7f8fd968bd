// SPDX-License-Identifier: Apache-2.0
// The quantities of AKA (TS 33.102 6.3), each a type of its own.
#pragma once

#include "types/secret.h"

namespace bindhss {

using Rand = Value<struct RandTag, 16>;  ///< the challenge; for a pre-processed vector the encrypted one
using Autn = Value<struct AutnTag, 16>;  ///< (SQN xor AK) || AMF || MAC-A
using Auts = Value<struct AutsTag, 14>;  ///< (SQN_MS xor AK*) || MAC-S
using Amf = Value<struct AmfTag, 2>;     ///< authentication management field, TS 33.102 Annex H
using Kasme = Secret<32>;                ///< TS 33.401 A.2
using CipherKey = Secret<16>;            ///< CK
using IntegrityKey = Secret<16>;         ///< IK
using SubscriberKey = Secret<16>;        ///< K of 128 bits
using Opc = Secret<16>;                  ///< OPc of Milenage
using Sres = Secret<4>;                  ///< SRES of a GERAN triplet (TS 43.020)
using Kc = Secret<8>;                    ///< cipher key of a GERAN triplet

/// XRES or RES: 4 to 16 octets (TS 33.102 6.3.7); 8 with Milenage, by subscription with the other algorithms.
/// Wiped when it dies, compared in constant time, no way to print it; as Secret<N>, but of any length.
class Res {
  public:
    static constexpr std::size_t size_min = 4;
    static constexpr std::size_t size_max = 16;

    /// Eight zeros.
    Res() = default;
    template <std::size_t N>
    explicit Res(const Octets<N>& octets) : size_(N) {
        static_assert(N >= size_min && N <= size_max);
        std::copy(octets.begin(), octets.end(), octets_.begin());
    }
    Res(const Res&) = default;
    Res& operator=(const Res&) = default;
    ~Res() { explicit_bzero(octets_.data(), octets_.size()); }

    /// From a view; nothing when its length is not one that RES may have.
    static std::optional<Res> from(OctetView view) {
        if (view.size() < size_min || view.size() > size_max) return std::nullopt;
        Res res;
        res.octets_ = {};
        std::copy(view.begin(), view.end(), res.octets_.begin());
        res.size_ = static_cast<std::uint8_t>(view.size());
        return res;
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] OctetView view() const { return OctetView(octets_).first(size_); }

    /// Constant time in the contents; lengths are no secret.
    friend bool operator==(const Res& a, const Res& b) {
        unsigned difference = unsigned{a.size_} ^ b.size_;
        for (std::size_t i = 0; i < size_max; ++i) difference |= unsigned{a.octets_[i]} ^ b.octets_[i];
        return difference == 0;
    }

  private:
    Octets<size_max> octets_{};  // zeros beyond size_
    std::uint8_t size_ = 8;
};

/// The algorithm set of a subscription. The numbers are stored (schema: auc.algorithm).
enum class AkaAlgorithm : std::uint8_t {
    milenage = 0,  ///< TS 35.206
    tuak = 1,      ///< TS 35.231
    xor_test = 2,  ///< TS 34.108 8.1.2, for test USIMs: it protects nothing
};

/// What f1 to f5* of one subscription are computed with.
struct AkaKeys {
    AkaAlgorithm algorithm = AkaAlgorithm::milenage;
    SecretString k;                    ///< 16 octets; 16 or 32 with TUAK
    SecretString opc;                  ///< OPc, 16 octets; TOPc, 32 octets; empty with XOR
    std::uint8_t tuak_iterations = 1;  ///< Keccak permutations in a row (TS 35.231 6.1)
    std::uint8_t res_octets = 8;       ///< 8 with Milenage; 4, 8 or 16 with TUAK; 4 to 16 with XOR

    /// The most iterations that are taken: each one costs every vector of the subscription.
    static constexpr std::uint8_t tuak_iterations_max = 16;

    [[nodiscard]] static AkaKeys milenage(const SubscriberKey& k, const Opc& opc) {
        AkaKeys keys;
        keys.k = SecretString(k.view());
        keys.opc = SecretString(opc.view());
        return keys;
    }
    bool operator==(const AkaKeys&) const = default;
};

/// What is wrong with the keys, in words for an operator that hold no key material; nothing: they are good.
[[nodiscard]] std::optional<std::string> fault_of(const AkaKeys& keys);

[[nodiscard]] std::optional<AkaAlgorithm> parse_algorithm(std::string_view text);
/// milenage, tuak, xor.
[[nodiscard]] std::string_view name_of(AkaAlgorithm algorithm);

/// A 48-bit sequence number: SEQ (43 bits) || IND (5 bits), TS 33.102 Annex C.1.1.
class Sqn {
  public:
    static constexpr unsigned ind_bits = 5;
    static constexpr std::uint64_t ind_count = 1U << ind_bits;
    static constexpr std::uint64_t seq_max = (1ULL << (48 - ind_bits)) - 1;
    /// Delta of TS 33.102 C.2.1: a USIM refuses a SEQ that is further ahead than this.
    static constexpr std::uint64_t delta = 1ULL << 28;
    /// No vector is issued beyond this SEQ: the USIM could never be brought back (spec 2.4).
    static constexpr std::uint64_t seq_issue_max = seq_max - delta;

    constexpr Sqn() = default;
    /// REQUIRES: seq <= seq_max and ind < ind_count; higher bits are cut off.
    constexpr Sqn(std::uint64_t seq, std::uint64_t ind)
        : value_(((seq & seq_max) << ind_bits) | (ind & (ind_count - 1))) {}
    static constexpr Sqn from_octets(const Octets<6>& octets) {
        std::uint64_t value = 0;
        for (const auto octet : octets) value = value << 8 | octet;
        return Sqn(value >> ind_bits, value & (ind_count - 1));
    }

    [[nodiscard]] constexpr std::uint64_t seq() const { return value_ >> ind_bits; }
    [[nodiscard]] constexpr std::uint64_t ind() const { return value_ & (ind_count - 1); }
    [[nodiscard]] constexpr std::uint64_t number() const { return value_; }
    [[nodiscard]] constexpr Octets<6> octets() const {
        Octets<6> result{};
        for (int i = 0; i < 6; ++i) result[i] = static_cast<std::uint8_t>(value_ >> (40 - 8 * i));
        return result;
    }
    constexpr auto operator<=>(const Sqn&) const = default;

  private:
    std::uint64_t value_ = 0;
};

/// Re-Synchronization-Info in the order of TS 29.272 7.3.15: RAND first, then AUTS.
struct ReSynchronizationInfo {
    static constexpr std::size_t size = Rand::size + Auts::size;
    Rand rand;  ///< as the MME was sent it, hence encrypted for a pre-processed vector
    Auts auts;

    static std::optional<ReSynchronizationInfo> from(OctetView octets) {
        if (octets.size() != size) return std::nullopt;
        return ReSynchronizationInfo{*Rand::from(octets.first(Rand::size)),
                                     *Auts::from(octets.subspan(Rand::size))};
    }
};

}  // namespace bindhss
