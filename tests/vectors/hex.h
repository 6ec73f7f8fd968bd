// SPDX-License-Identifier: Apache-2.0
// Hexadecimal test data into the types of the field; a wrong length fails the test that wrote it.
#pragma once

#include <stdexcept>
#include <string_view>

#include "types/aka.h"
#include "types/seams.h"

namespace bindhss::test {

template <std::size_t N>
Octets<N> hex(std::string_view digits) {
    const auto octets = octets_from_hex<N>(digits);
    if (!octets) throw std::invalid_argument("bad hexadecimal in test data: " + std::string(digits));
    return *octets;
}

template <class T>
T of_hex(std::string_view digits) {
    return T{hex<T::size>(digits)};
}

inline Sqn sqn_of_hex(std::string_view digits) {
    return Sqn::from_octets(hex<6>(digits));
}

/// Gives the octets it was made with, over and over: for vectors whose RAND the standard prescribes.
class FixedRandom final : public Random {
  public:
    explicit FixedRandom(OctetView octets) : octets_(octets.begin(), octets.end()) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = octets_[i % octets_.size()];
    }

  private:
    OctetString octets_;
};

}  // namespace bindhss::test
