// SPDX-License-Identifier: Apache-2.0
#include "emu/me.h"

#include "aka/vectors.h"

namespace bindhss::emu {

std::uint16_t amf_of(const Autn& autn) {
    return static_cast<std::uint16_t>(autn.octets[6] << 8 | autn.octets[7]);
}

OpenedChallenge Me::open(const Rand& rand, const Autn& autn) const {
    const auto amf = amf_of(autn);
    if (feature_ == Feature::legacy || (amf & masks_.pre_processed) == 0) return {false, 0, rand};
    const unsigned parity = (amf & masks_.generation) != 0 ? 1 : 0;
    const auto& kme = slots_[parity];
    if (kme.empty()) return {true, parity, std::nullopt};
    return {true, parity, aka::decrypt_rand(kme.view(), rand)};
}

}  // namespace bindhss::emu
