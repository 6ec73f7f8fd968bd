// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key_info.h"

#include <algorithm>
#include <array>

namespace bindhss::crypto {

namespace {

// SEQUENCE { SEQUENCE { OID }, BIT STRING }, up to the point: id-X25519; id-ecPublicKey with prime256v1.
constexpr std::array<std::uint8_t, 12> x25519_head{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                   0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};
constexpr std::array<std::uint8_t, 26> p256_head{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
/// SEQUENCE { rsaEncryption, NULL }
constexpr std::array<std::uint8_t, 15> rsa_algorithm{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                     0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
constexpr std::size_t x25519_point_octets = 32;
constexpr std::size_t p256_point_octets = 65;
constexpr std::uint8_t uncompressed = 0x04;

constexpr std::uint8_t sequence = 0x30;
constexpr std::uint8_t bit_string = 0x03;
constexpr std::uint8_t integer = 0x02;

bool take(OctetView& octets, OctetView head) {
    if (octets.size() < head.size() || !std::equal(head.begin(), head.end(), octets.begin())) return false;
    octets = octets.subspan(head.size());
    return true;
}

/// The length of a value, written as short as it can be; nothing above two octets.
std::optional<std::size_t> take_length(OctetView& octets) {
    if (octets.empty()) return std::nullopt;
    const std::size_t first = octets[0];
    if (first < 0x80) {
        octets = octets.subspan(1);
        return first;
    }
    const auto count = first - 0x80;
    if (count < 1 || count > 2 || octets.size() < 1 + count) return std::nullopt;
    const std::size_t length = count == 1 ? octets[1] : std::size_t{octets[1]} << 8 | octets[2];
    octets = octets.subspan(1 + count);
    if (length < (count == 1 ? 0x80U : 0x100U)) return std::nullopt;
    return length;
}

/// The value of the next element, which has this tag.
std::optional<OctetView> take_value(OctetView& octets, std::uint8_t tag) {
    if (octets.empty() || octets[0] != tag) return std::nullopt;
    octets = octets.subspan(1);
    const auto length = take_length(octets);
    if (!length || *length > octets.size()) return std::nullopt;
    const auto value = octets.first(*length);
    octets = octets.subspan(*length);
    return value;
}

/// A positive number, without the zero that its sign may need.
std::optional<OctetView> take_number(OctetView& octets) {
    const auto value = take_value(octets, integer);
    if (!value || value->empty() || (*value)[0] >= 0x80) return std::nullopt;
    if ((*value)[0] != 0) return value;
    if (value->size() < 2 || (*value)[1] < 0x80) return std::nullopt;
    return value->subspan(1);
}

std::optional<PublicKeyParts> take_apart_rsa(OctetView info) {
    auto content = take_value(info, sequence);
    if (!content || !info.empty() || !take(*content, rsa_algorithm)) return std::nullopt;
    auto bits = take_value(*content, bit_string);
    constexpr std::array<std::uint8_t, 1> no_unused_bits{0};
    if (!bits || !content->empty() || !take(*bits, no_unused_bits)) return std::nullopt;
    auto numbers = take_value(*bits, sequence);
    if (!numbers || !bits->empty()) return std::nullopt;
    const auto modulus = take_number(*numbers);
    const auto exponent = modulus ? take_number(*numbers) : std::nullopt;
    if (!exponent || !numbers->empty()) return std::nullopt;
    return PublicKeyParts{KeyType::rsa, {}, *modulus, *exponent};
}

}  // namespace

std::optional<PublicKeyParts> take_apart(OctetView info) {
    auto rest = info;
    if (take(rest, x25519_head) && rest.size() == x25519_point_octets)
        return PublicKeyParts{KeyType::x25519, rest, {}, {}};
    rest = info;
    if (take(rest, p256_head) && rest.size() == p256_point_octets && rest[0] == uncompressed)
        return PublicKeyParts{KeyType::p256, rest, {}, {}};
    return take_apart_rsa(info);
}

OctetString public_key_info(KeyType type, OctetView point) {
    const OctetView head = type == KeyType::x25519 ? OctetView(x25519_head) : OctetView(p256_head);
    OctetString info(head.begin(), head.end());
    info.insert(info.end(), point.begin(), point.end());
    return info;
}

}  // namespace bindhss::crypto
