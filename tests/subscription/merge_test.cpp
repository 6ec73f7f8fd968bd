// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "samples.h"
#include "subscription/merge.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

Subscription merged(const std::string& profile, const std::string& override_document) {
    const auto result = subscription::subscription_of(profile, override_document, "491700000001");
    INFO((result ? std::string() : result.error().detail));
    REQUIRE(result.has_value());
    return *result;
}

}  // namespace

TEST_CASE("override: it replaces member by member, takes away with null, and leaves the rest") {
    const auto profile = document_with(R"("rau_tau_timer_s": 3240, "zone_codes": ["0001", "0002"])");
    const auto plain = merged(profile, "");
    CHECK(plain == merged(profile, "{}"));
    CHECK(plain.data.msisdn == "491700000001");
    CHECK(plain.data.subscribed_rau_tau_timer_s == 3240U);

    const auto changed =
        merged(profile, R"({"apns": {"1": {"static_ipv4": "10.0.0.9"}, "2": {"apn": "ims", "qci": 5}},)"
                        R"( "rau_tau_timer_s": null, "zone_codes": ["0003"],)"
                        R"( "operator_determined_barring": ["all_packet_services"]})");
    const auto& apns = changed.data.apn_configuration_profile.value().apns;
    REQUIRE(apns.size() == 2);
    CHECK(apns[0].service_selection == "internet");
    CHECK(apns[0].static_ipv4 == "10.0.0.9");
    CHECK(apns[1].qci == 5);
    CHECK_FALSE(changed.data.subscribed_rau_tau_timer_s);
    CHECK(changed.data.zone_codes == std::vector<std::uint16_t>{3});
    CHECK(changed.data.subscriber_status == SubscriberStatus::operator_determined_barring);
    CHECK_FALSE(merged(profile, R"({"apns": null, "ambr": null})").data.has_eps());
}

TEST_CASE("override: JSON merge patch behaves as the examples of RFC 7396 Appendix A that are objects") {
    const auto patched = [](const char* target, const char* patch) {
        return subscription::merged_document(target, patch).value();
    };
    CHECK(patched(R"({"a":"b"})", R"({"a":"c"})") == R"({"a":"c"})");
    CHECK(patched(R"({"a":"b"})", R"({"b":"c"})") == R"({"a":"b","b":"c"})");
    CHECK(patched(R"({"a":"b"})", R"({"a":null})") == "{}");
    CHECK(patched(R"({"a":"b","b":"c"})", R"({"a":null})") == R"({"b":"c"})");
    CHECK(patched(R"({"a":["b"]})", R"({"a":"c"})") == R"({"a":"c"})");
    CHECK(patched(R"({"a":"c"})", R"({"a":["b"]})") == R"({"a":["b"]})");
    CHECK(patched(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})") == R"({"a":{"b":"d"}})");
    CHECK(patched(R"({"a":[{"b":"c"}]})", R"({"a":[1]})") == R"({"a":[1]})");
    CHECK(patched(R"({"e":null})", R"({"a":1})") == R"({"e":null,"a":1})");
    CHECK(patched("{}", R"({"a":{"bb":{"ccc":null}}})") == R"({"a":{"bb":{}}})");
}

TEST_CASE("override: what the two make together is checked as a whole") {
    const auto refusal = [](const std::string& override_document) {
        const auto result = subscription::subscription_of(document_with(""), override_document, "");
        REQUIRE_FALSE(result.has_value());
        return result.error().detail;
    };
    CHECK(refusal(R"({"apns": {"1": {"qci": 2}}})").find("apns.1.qci: 2 is a GBR class") == 0);
    CHECK(refusal(R"({"default_context": 7})").find("default_context: 7 is no context") == 0);
    CHECK(refusal(R"({"apns": {"1": null}, "default_context": 1, "ambr": null, "ics": "x"})") ==
          "ics: is neither true nor false");
    CHECK(refusal("nonsense").find("override: the document is not JSON") == 0);
}

TEST_CASE("override: by itself it is checked for names and values, and may be partial") {
    CHECK_FALSE(subscription::check_override("{}"));
    CHECK_FALSE(
        subscription::check_override(R"({"apns": {"3": {"qci": 7}, "4": null}, "ambr": {"uplink": 5}})"));
    CHECK(subscription::check_override(R"({"apns": {"3": {"qci": 3}}})")->detail.find("apns.3.qci") == 0);
    CHECK(subscription::check_override(R"({"msisdn": "1"})")->detail.find("msisdn: is no field") == 0);
    // A list is replaced as a whole, so its entries are whole.
    CHECK(subscription::check_override(R"({"edrx": [{"rat": "nb_iot"}]})")->detail ==
          "edrx.1.value: is missing");
    CHECK(subscription::check_override("[]")->detail == "the document is not a JSON object");
}

TEST_CASE("override: a subscription is made fast enough for every Update-Location") {
    const auto profile = subscription::default_document();
    const std::string override_document = R"({"apns": {"1": {"static_ipv4": "10.0.0.9"}}})";
    constexpr int rounds = 2'000;
    const auto begin = std::chrono::steady_clock::now();
    std::size_t apns = 0;
    for (int i = 0; i < rounds; ++i)
        apns += subscription::subscription_of(profile, override_document, "491700000001")
                    .value()
                    .data.apn_configuration_profile->apns.size();
    const auto each =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin) / rounds;
    CHECK(apns == rounds);
    UNSCOPED_INFO("one takes " << each.count() << " us");
    CHECK(each.count() < 1'000);  // about 5 us; a machine under load or a sanitizer takes longer
}
