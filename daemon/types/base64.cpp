// SPDX-License-Identifier: Apache-2.0
#include "types/base64.h"

namespace bindhss {

namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t none = 0xff;

constexpr std::array<std::uint8_t, 256> values() {
    std::array<std::uint8_t, 256> table{};
    for (auto& value : table) value = none;
    for (std::size_t i = 0; i < standard.size(); ++i) {
        table[static_cast<unsigned char>(standard[i])] = static_cast<std::uint8_t>(i);
        table[static_cast<unsigned char>(for_urls[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}
constexpr auto value_of = values();

std::string written(OctetView octets, std::string_view alphabet) {
    std::string text;
    text.reserve(octets.size() / 3 * 4 + 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const auto octet : octets) {
        bits = bits << 8 | octet;
        for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 0x3f];
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 0x3f];
    return text;
}

}  // namespace

std::optional<OctetString> from_base64(std::string_view text) {
    constexpr std::size_t group = 4;
    if (text.size() % group == 0)
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % group == 1) return std::nullopt;
    OctetString octets;
    octets.reserve(text.size() / group * 3 + 2);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto value = value_of[static_cast<unsigned char>(c)];
        if (value == none) return std::nullopt;
        bits = bits << 6 | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        octets.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return octets;
}

std::string to_base64(OctetView octets) {
    auto text = written(octets, standard);
    while (text.size() % 4 != 0) text += '=';
    return text;
}

std::string to_base64url(OctetView octets) {
    return written(octets, for_urls);
}

}  // namespace bindhss
