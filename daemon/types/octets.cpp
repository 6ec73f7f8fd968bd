// SPDX-License-Identifier: Apache-2.0
#include "types/octets.h"

namespace bindhss {

namespace {

int nibble(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::string to_hex(OctetView octets) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(octets.size() * 2);
    for (const auto octet : octets) {
        hex.push_back(digits[octet >> 4]);
        hex.push_back(digits[octet & 0x0f]);
    }
    return hex;
}

std::optional<OctetString> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    OctetString octets;
    octets.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = nibble(hex[i]);
        const int low = nibble(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        octets.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return octets;
}

}  // namespace bindhss
