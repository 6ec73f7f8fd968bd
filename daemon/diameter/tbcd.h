// SPDX-License-Identifier: Apache-2.0
// Numbers in TBCD (TS 29.002 17.7.8), as MSISDN, SGSN-Number and their like have them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "types/octets.h"

namespace bindhss::diameter {

/// The first digit is the low half of an octet; F fills the last. REQUIRES: decimal digits.
[[nodiscard]] inline OctetString to_tbcd(std::string_view digits) {
    static constexpr int filler = 0x0f;
    OctetString octets;
    octets.reserve((digits.size() + 1) / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int low = digits[i] - '0';
        const int high = i + 1 < digits.size() ? digits[i + 1] - '0' : filler;
        octets.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return octets;
}

/// Decimal digits only: fillers, and the letters that TBCD has besides, are left out.
[[nodiscard]] inline std::string from_tbcd(OctetView octets) {
    std::string digits;
    for (const auto octet : octets) {
        for (const int half : {octet & 0x0f, octet >> 4}) {
            if (half <= 9) digits.push_back(static_cast<char>('0' + half));
        }
    }
    return digits;
}

}  // namespace bindhss::diameter
