// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key_text.h"

#include "types/base64.h"

namespace bindhss::crypto {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view pem_begin = "-----BEGIN ";
constexpr std::string_view pem_end = "-----END PUBLIC KEY-----";
constexpr std::string_view pem_dashes = "-----";
constexpr const char* private_key =
    "this is a private key: it belongs into the device, and nobody else may have it";

constexpr std::size_t coordinate_octets = 32;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string without_blanks(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text)
        if (blanks.find(c) == std::string_view::npos) result += c;
    return result;
}

/// SEQUENCE { INTEGER 0 or 1, ...: how PKCS#8, PKCS#1 and SEC 1 begin a private key.
bool looks_private(OctetView der) {
    if (der.size() < 2 || der[0] != 0x30) return false;
    const std::size_t length_octets = der[1] < 0x80 ? 1 : 1U + (der[1] & 0x7f);
    if (der.size() < 1 + length_octets + 3) return false;
    const auto content = der.subspan(1 + length_octets);
    return content[0] == 0x02 && content[1] == 0x01 && content[2] <= 1;
}

PublicKeyOrRefusal read_der(const std::optional<OctetString>& der, const char* otherwise) {
    if (!der) return otherwise;
    if (looks_private(*der)) return private_key;
    return DevicePublicKey::parse(*der);
}

PublicKeyOrRefusal read_pem(std::string_view text) {
    text.remove_prefix(pem_begin.size());
    const auto label_end = text.find(pem_dashes);
    const auto label = text.substr(0, label_end);
    if (label.ends_with("PRIVATE KEY")) return private_key;
    if (label == "CERTIFICATE")
        return "this is a certificate, and not its public key (openssl x509 -pubkey -noout makes that of it)";
    if (label == "RSA PUBLIC KEY") {
        return "this is an RSA key as PKCS#1 has it (openssl rsa -RSAPublicKey_in -pubout makes a "
               "SubjectPublicKeyInfo of it)";
    }
    if (label != "PUBLIC KEY" || label_end == std::string_view::npos) return "the PEM text is no PUBLIC KEY";
    text.remove_prefix(label_end + pem_dashes.size());
    const auto end = text.find(pem_end);
    if (end == std::string_view::npos) return "the PEM text has no end";
    if (end + pem_end.size() != text.size()) return "there is something behind the PEM text";
    return read_der(from_base64(without_blanks(text.substr(0, end))), "the PEM text is not base64");
}

std::optional<OctetString> coordinate(std::string_view text) {
    auto octets = from_base64(text);
    if (octets && octets->size() != coordinate_octets) octets.reset();
    return octets;
}

PublicKeyOrRefusal read_octet_key_pair(const JsonWebKey& key) {
    if (key.curve != "X25519") return "the JWK's crv is none of X25519 and P-256";
    const auto x = coordinate(key.x);
    if (!x) return "the JWK's x is not 32 octets in base64url";
    return DevicePublicKey::of_point(KeyType::x25519, *x);
}

PublicKeyOrRefusal read_elliptic_curve(const JsonWebKey& key) {
    if (key.curve != "P-256") return "the JWK's crv is none of X25519 and P-256";
    const auto x = coordinate(key.x);
    const auto y = coordinate(key.y);
    if (!x || !y) return "the JWK's x and y are not 32 octets each in base64url";
    OctetString point{0x04};
    point.insert(point.end(), x->begin(), x->end());
    point.insert(point.end(), y->begin(), y->end());
    auto result = DevicePublicKey::of_point(KeyType::p256, point);
    if (std::holds_alternative<std::string>(result)) return "the point is not on the curve";
    return result;
}

PublicKeyOrRefusal read_rsa(const JsonWebKey& key) {
    const auto modulus = from_base64(key.modulus);
    const auto exponent = from_base64(key.exponent);
    if (!modulus || modulus->empty() || !exponent || exponent->empty())
        return "the JWK's n and e are not base64url";
    return DevicePublicKey::of_rsa(*modulus, *exponent);
}

}  // namespace

PublicKeyOrRefusal read_public_key(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with(pem_begin)) return read_pem(text);
    constexpr const char* neither =
        "the key is neither PEM, nor DER in base64 or hexadecimal digits, nor a JWK";
    // Every SubjectPublicKeyInfo begins with octet 30, in base64 with an M: no text is both.
    const auto joined = without_blanks(text);
    if (joined.starts_with("30")) return read_der(from_hex(joined), neither);
    return read_der(from_base64(joined), neither);
}

PublicKeyOrRefusal read_public_key(const JsonWebKey& key) {
    if (key.has_private_half) return private_key;
    if (key.type == "OKP") return read_octet_key_pair(key);
    if (key.type == "EC") return read_elliptic_curve(key);
    if (key.type == "RSA") return read_rsa(key);
    return "the JWK's kty is none of OKP, EC and RSA";
}

}  // namespace bindhss::crypto
