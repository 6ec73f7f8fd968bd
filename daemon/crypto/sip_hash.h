// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstring>

#include "types/octets.h"

namespace bindhss::crypto {

/// SipHash-2-4 (Aumasson, Bernstein 2012): 64 bits that nobody without the key can predict, so that nobody
/// can choose names that meet in one place of a table. Not a code to authenticate with. Immutable: any thread
/// may call it.
class SipHash {
  public:
    explicit SipHash(const Octets<16>& key) : key_{word(key.data()), word(key.data() + 8)} {}

    [[nodiscard]] std::uint64_t operator()(OctetView message) const {
        State s{key_[0] ^ 0x736f6d6570736575U, key_[1] ^ 0x646f72616e646f6dU, key_[0] ^ 0x6c7967656e657261U,
                key_[1] ^ 0x7465646279746573U};
        const auto size = message.size();
        const auto whole = size - size % 8;
        for (std::size_t i = 0; i < whole; i += 8) absorb(s, word(message.data() + i));
        std::uint64_t last = static_cast<std::uint64_t>(size) << 56U;
        for (std::size_t i = whole; i < size; ++i)
            last |= static_cast<std::uint64_t>(message[i]) << (8 * (i - whole));
        absorb(s, last);
        s.v2 ^= 0xffU;
        for (int i = 0; i < 4; ++i) round(s);
        return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    }
    [[nodiscard]] std::uint64_t operator()(std::string_view text) const { return (*this)(as_octets(text)); }

  private:
    struct State {
        std::uint64_t v0, v1, v2, v3;
    };

    /// Little-endian, as the definition has it.
    static std::uint64_t word(const std::uint8_t* octets) {
        static_assert(std::endian::native == std::endian::little);
        std::uint64_t value = 0;
        std::memcpy(&value, octets, sizeof(value));
        return value;
    }
    static void absorb(State& s, std::uint64_t block) {
        s.v3 ^= block;
        round(s);
        round(s);
        s.v0 ^= block;
    }
    static void round(State& s) {
        s.v0 += s.v1;
        s.v2 += s.v3;
        s.v1 = std::rotl(s.v1, 13) ^ s.v0;
        s.v3 = std::rotl(s.v3, 16) ^ s.v2;
        s.v0 = std::rotl(s.v0, 32) + s.v3;
        s.v2 += s.v1;
        s.v3 = std::rotl(s.v3, 21) ^ s.v0;
        s.v1 = std::rotl(s.v1, 17) ^ s.v2;
        s.v2 = std::rotl(s.v2, 32);
    }

    std::array<std::uint64_t, 2> key_;
};

}  // namespace bindhss::crypto
