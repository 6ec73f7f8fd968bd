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
using SubscriberKey = Secret<16>;        ///< K
using Opc = Secret<16>;                  ///< OPc of Milenage

/// XRES or RES: 4 to 16 octets (TS 29.272 7.3.18 refers to TS 33.102); 8 with Milenage.
using Res = Secret<8>;

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
