// SPDX-License-Identifier: Apache-2.0
#include "registry/registry_record.h"
#include "store/exchange_rules.h"

#include <catch2/catch.hpp>

#include "types/base64.h"
#include "types/time_text.h"

namespace bindhss::test {

namespace {

using crypto::KeyType;

Imei device() {
    return Imei::parse("35824005111111").value();
}
const crypto::DevicePublicKey& key() {
    static const auto made = crypto::DevicePrivateKey::generate(KeyType::x25519).public_key();
    return made;
}
std::string body_with(const std::string& key_member, const std::string& more = "") {
    return R"({"key":)" + key_member + more + "}";
}
std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

std::string complaint(const std::string& body) {
    const auto read = registry::read_record(body, device());
    const auto* text = std::get_if<std::string>(&read);
    return text == nullptr ? "" : *text;
}
store::DeviceKey record(const std::string& body) {
    const auto read = registry::read_record(body, device());
    INFO(body);
    REQUIRE(std::holds_alternative<store::DeviceKey>(read));
    return std::get<store::DeviceKey>(read);
}

}  // namespace

TEST_CASE("A record has its key as DER in base64, as PEM or as a JSON Web Key", "[kme][R20]") {
    const auto der = quoted(to_base64(key().der()));
    const auto pem =
        quoted("-----BEGIN PUBLIC KEY-----\\n" + to_base64(key().der()) + "\\n-----END PUBLIC KEY-----\\n");
    const auto x = OctetView(key().der()).last(32);
    const auto jwk = R"({"kty":"OKP","crv":"X25519","x":")" + to_base64url(x) + R"(","kid":"7"})";
    for (const auto& written : {der, pem, jwk}) {
        const auto read = record(body_with(written, R"(,"vendor":{"any":"thing"})"));
        CHECK(read.imei == device());
        CHECK(read.type == KeyType::x25519);
        CHECK(read.der == key().der());
        CHECK(read.fingerprint == key().fingerprint());
        CHECK_FALSE(read.valid_from);
        CHECK_FALSE(read.secure);
    }
}

TEST_CASE("A record says when its key is good, and whether it lives in a secure environment", "[kme][R20]") {
    const auto der = quoted(to_base64(key().der()));
    const auto read = record(body_with(
        der,
        R"(,"valid_from":"2026-01-01T00:00:00Z","valid_until":"2027-01-01T01:00:00+01:00","secure":true)"));
    CHECK(read.secure == true);
    const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
    CHECK_FALSE(store::is_valid(read, at("2025-12-31T23:59:59Z")));
    CHECK(store::is_valid(read, at("2026-01-01T00:00:00Z")));
    CHECK(store::is_valid(read, at("2026-12-31T23:59:59Z")));
    CHECK_FALSE(store::is_valid(read, at("2027-01-01T00:00:00Z")));
    const auto unlimited = record(body_with(der, R"(,"valid_from":null,"secure":null,"revoked":false)"));
    CHECK(store::is_valid(unlimited, at("2026-01-01T00:00:00Z")));
}

TEST_CASE("A key that is revoked is not valid, whatever else the record says", "[kme][R20]") {
    const auto read = record(R"({"revoked":true,"key":"x","valid_from":"soon","secure":"very"})");
    CHECK(read.revoked_at);
    CHECK_FALSE(store::is_valid(read, parse_rfc3339("2026-01-01T00:00:00Z").value()));
}

TEST_CASE("A record that is wrong, or whose key is weak, is told of without repeating it", "[kme][R20]") {
    const auto der = quoted(to_base64(key().der()));
    const std::vector<std::pair<std::string, std::string>> cases{
        {"<html>", "the answer is not JSON"},
        {"[]", "the answer is no JSON object"},
        {"{}", "the key is missing"},
        {body_with("null"), "the key is missing"},
        {body_with("17"), "the key is neither a text nor a JSON Web Key"},
        {body_with(der, R"(,"secure":"yes")"), "secure is neither true nor false"},
        {body_with(der, R"(,"revoked":"no")"), "revoked is neither true nor false"},
        {body_with(der, R"(,"valid_from":"yesterday")"), "valid_from is no time of RFC 3339"},
        {body_with(der, R"(,"valid_until":1700000000)"), "valid_until is no time of RFC 3339"},
    };
    for (const auto& [body, problem] : cases) {
        CAPTURE(body);
        CHECK_THAT(complaint(body), Catch::StartsWith(problem));
    }
    // X25519's points of small order, and RSA of 512 bits with an exponent of 3.
    CHECK_FALSE(
        complaint(body_with(R"({"kty":"OKP","crv":"X25519","x":")" + to_base64url(OctetString(32)) + R"("})"))
            .empty());
    CHECK_FALSE(
        complaint(body_with(R"({"kty":"RSA","e":"Aw","n":")" + to_base64url(OctetString(64, 0xff)) + R"("})"))
            .empty());
}

}  // namespace bindhss::test
