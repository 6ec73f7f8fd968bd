// SPDX-License-Identifier: Apache-2.0
#include "api/key_requests.h"

#include <catch2/catch.hpp>

#include "types/base64.h"

namespace bindhss::test {

namespace {

std::string complaint_about_pair(const std::string& body) {
    const auto read = api::read_key_request(body);
    const auto* text = std::get_if<std::string>(&read);
    return text == nullptr ? "" : *text;
}

std::string complaint_about_answer(const std::string& body) {
    const auto read = api::read_key_answer(body);
    const auto* text = std::get_if<std::string>(&read);
    return text == nullptr ? "" : *text;
}

std::string with_container(const binding::Container& container) {
    return R"({"container":")" + to_base64(binding::encode(container)) + R"("})";
}

}  // namespace

TEST_CASE("A request for a key names IMSI and IMEI, and nothing else", "[kme][https]") {
    const auto read = api::read_key_request(R"({"imei":"358240051111110","imsi":"001010000000001"})");
    REQUIRE(std::holds_alternative<api::KeyRequest>(read));
    CHECK(std::get<api::KeyRequest>(read).imsi.str() == "001010000000001");
    CHECK(std::get<api::KeyRequest>(read).imei.str() == "35824005111111");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "The body is not JSON: "},
        {"[]", "The body is no JSON object."},
        {"\"x\"", "The body is no JSON object."},
        {R"({"imsi":"001010000000001"})", "imei is missing."},
        {R"({"imei":"35824005111111"})", "imsi is missing."},
        {R"({"imsi":1010000000001,"imei":"35824005111111"})", "imsi is no text."},
        {R"({"imsi":null,"imei":"35824005111111"})", "imsi is no text."},
        {R"({"imsi":"00101000000000a","imei":"35824005111111"})", "imsi is not 6 to 15 digits."},
        {R"({"imsi":"00101","imei":"35824005111111"})", "imsi is not 6 to 15 digits."},
        {R"({"imsi":"001010000000001","imei":"3582400511111"})", "imei is not 14 to 16 digits."},
        {R"({"imsi":"001010000000001","imei":"35824005111111","key":"x"})",
         "The body has members that are not known here."},
        {R"({"imsi":"001010000000001","imei":"35824005111111"} {})", "The body is not JSON: "},
    };
    for (const auto& [body, complaint] : cases) {
        CAPTURE(body);
        CHECK_THAT(complaint_about_pair(body), Catch::StartsWith(complaint));
    }
    CHECK_THAT(complaint_about_pair(std::string(100'000, '[')), Catch::StartsWith("The body is not JSON: "));
}

TEST_CASE("An answer is a KME-RESPONSE in base64; what is none costs the device nothing", "[kme][https]") {
    const binding::KmeResponse response{{1, 2, 3, 4, 5, 6, 7, 8}, binding::DeviceStatus::ok, Octets<32>{}};
    const auto read = api::read_key_answer(with_container(response));
    REQUIRE(std::holds_alternative<OctetString>(read));
    CHECK(std::get<OctetString>(read) == binding::encode(response));
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{}", "container is missing."},
        {R"({"container":7})", "container is no text."},
        {R"({"container":"a?"})", "container is not base64."},
        {R"({"container":""})", "container: "},
        {R"({"container":"AAAA"})", "container: "},
        {R"({"container":"AAAA","status":"ok"})", "The body has members that are not known here."},
        {with_container(binding::KmeDelete{{1}, 1}), "container is no KME-RESPONSE."},
    };
    for (const auto& [body, complaint] : cases) {
        CAPTURE(body);
        CHECK_THAT(complaint_about_answer(body), Catch::StartsWith(complaint));
    }
}

TEST_CASE("A transaction is 16 hexadecimal digits", "[kme][https]") {
    CHECK(api::read_transaction("0102030405060708") == binding::TransactionId{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(api::read_transaction("01020304050607Ff"));
    for (const auto* text : {"", "01020304050607", "010203040506070809", "010203040506070g",
                             "0102030405060708/", "%30102030405060708"}) {
        CAPTURE(text);
        CHECK_FALSE(api::read_transaction(text));
    }
}

}  // namespace bindhss::test
