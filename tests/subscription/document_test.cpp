// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "samples.h"

using namespace bindhss;
using namespace bindhss::test;

TEST_CASE("document: every field is read into its part of Subscription-Data") {
    const auto subscription = read(everything);
    const auto& data = subscription.data;
    CHECK(data.a_msisdn == "4917012");
    CHECK(data.network_access_mode == NetworkAccessMode::packet_and_circuit);
    CHECK(data.subscriber_status == SubscriberStatus::operator_determined_barring);
    CHECK(data.operator_determined_barring == 0b1100U);
    CHECK(data.hplmn_odb == 0b10U);
    CHECK(data.zone_codes == std::vector<std::uint16_t>{1, 0xff02});
    CHECK(data.restricted() == (access_restriction::geran | access_restriction::nb_iot));
    CHECK(data.ambr == Ambr{5'000'000'000, 10'000'000'000});
    const auto& profile = data.apn_configuration_profile.value();
    CHECK(profile.default_context_identifier == 2);
    CHECK(profile.additional_context_identifier == 1U);
    CHECK(profile.third_context_identifier == 4U);
    REQUIRE(profile.apns.size() == 5);
    const auto& internet = profile.apns[0];
    CHECK(internet.arp == AllocationRetentionPriority{2, true, false});
    CHECK(internet.ambr == Ambr{1'000'000, 2'000'000});
    CHECK(internet.gateway == PdnGateway{"pgw.example.net", "example.net", {"192.0.2.1", "2001:db8::1"}});
    CHECK(internet.gateway_allocation == PdnGwAllocation::fixed);
    CHECK(internet.sipto == SiptoPermission::not_allowed);
    CHECK(internet.wlan_offloadability == 1U);
    CHECK(profile.apns[1].static_ipv6 == "2001:db8:1:2::");
    CHECK(profile.apns[1].pdn_type == PdnType::ipv4v6);
    CHECK(profile.apns[1].arp == AllocationRetentionPriority{});
    CHECK(profile.apns[2].specific_apns.at(0).gateway.addresses == std::vector<std::string>{"192.0.2.9"});
    CHECK(profile.apns[3].non_ip_delivery == 1U);
    CHECK(data.trace_data.value().reference == OctetString{0x00, 0xf1, 0x10, 0x00, 0x00, 0x01});
    CHECK(data.gprs_subscription_data.value().contexts.at(0).qos_subscribed == OctetString{0x23, 0x92, 0x1f});
    CHECK(data.csg_subscriptions.at(0).expiration_time == 1'800'000'000U + 2'208'988'800U);
    CHECK(data.mps_priority == 3U);
    CHECK(data.subscription_data_flags == 8U);
    CHECK(data.adjacent_access_restrictions.at(0).plmn == *Plmn::parse("310410"));
    CHECK(data.dl_buffering_packet_count == -1);
    CHECK(data.imsi_groups.at(0).local_id == OctetString{1, 2});
    CHECK(data.ue_usage_type == 128U);
    CHECK(data.edrx_cycle_lengths.at(0) == EdrxCycleLength{1005, 5});
    CHECK(data.core_network_restrictions == core_network_restriction::no_5gc);
    CHECK(data.vsrvcc);
    CHECK(data.msisdn.empty());
    CHECK(subscription.roaming.denied == std::vector<std::string>{"26203"});
}

TEST_CASE("document: what is written is read again as it was, and writes again as it did") {
    const auto subscription = read(everything);
    const auto text = subscription::write_document(subscription);
    CHECK(read(text) == subscription);
    CHECK(subscription::write_document(read(text)) == text);
    CHECK(read(subscription::pretty(text)) == subscription);
}

TEST_CASE("document: the sample names every field of the reference, each with clause, type and meaning") {
    // Otherwise the round trip above would not look at the field.
    for (const auto& field : subscription::document_fields()) {
        INFO(field.name);
        CHECK_FALSE(field.clause.empty());
        CHECK_FALSE(field.type.empty());
        CHECK_FALSE(field.meaning.empty());
        const auto last = field.name.substr(field.name.rfind('.') + 1);
        CHECK(everything.find('"' + last + '"') != std::string::npos);
    }
    CHECK(subscription::document_fields().size() > 90);
}

TEST_CASE("document: the default profile lets a stock MME attach a UE") {
    const auto data = read(subscription::default_document()).data;
    REQUIRE(data.has_eps());
    CHECK(data.ambr == Ambr{50'000'000, 100'000'000});
    CHECK(data.subscriber_status == SubscriberStatus::service_granted);
    CHECK(data.network_access_mode == NetworkAccessMode::only_packet);
    CHECK(data.apn_configuration_profile->apns.at(0).service_selection == "internet");
    CHECK(data.apn_configuration_profile->apns.at(0).pdn_type == PdnType::ipv4v6);
}

TEST_CASE("document: the default APN is the lowest context that is no wildcard, unless one is named") {
    const auto text = [](const std::string& more) {
        return R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {"9": {"apn": "nine"}, "2": {"apn": "*"},)"
               R"( "10": {"apn": "ten"}})" +
               more + "}";
    };
    CHECK(read(text("")).data.apn_configuration_profile->default_context_identifier == 9);
    CHECK(
        read(text(R"(, "default_context": 10)")).data.apn_configuration_profile->default_context_identifier ==
        10);
    CHECK(problem_of(text(R"(, "default_context": 2)")) ==
          "default_context: is the APN \"*\", which may not be the default (TS 29.272 7.3.34)");
    CHECK(problem_of(text(R"(, "default_context": 3)")) ==
          "default_context: 3 is no context of apns (TS 29.272 7.3.34)");
}

TEST_CASE("document: neither EPS nor GPRS part is an empty document") {
    const auto data = read("{}").data;
    CHECK_FALSE(data.has_eps());
    CHECK_FALSE(data.has_gprs());
}

TEST_CASE("document: what is wrong is told with its place, and as much of it as there is") {
    const auto apn = [](const std::string& inner) {
        return R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {"2": {"apn": "internet", )" + inner + "}}}";
    };
    CHECK(problem_of(apn(R"("qci": 1)")) ==
          "apns.2.qci: 1 is a GBR class; 5 to 9 are for default bearers (TS 29.272 7.3.37)");
    CHECK(problem_of(apn(R"("qci": 44)")).find("44 is no class of default bearers") != std::string::npos);
    CHECK(problem_of(apn(R"("qci": "9")")) == "apns.2.qci: is not a whole number, 1 to 254");
    CHECK(problem_of(apn(R"("arp": {"priority_level": 16})")) ==
          "apns.2.arp.priority_level: 16 is not within 1 to 15");
    CHECK(problem_of(apn(R"("pdn_type": "ipv5")")) ==
          "apns.2.pdn_type: 'ipv5' is none of ipv4, ipv6, ipv4v6, ipv4_or_ipv6");
    CHECK(problem_of(apn(R"("static_ipv6": "2001:db8::1")")) ==
          "apns.2.static_ipv6: '2001:db8::1' has bits beyond the first 64: a prefix is meant (TS 29.272 "
          "7.3.35)");
    CHECK(problem_of(apn(R"("pdn_type": "ipv4", "static_ipv6": "2001:db8::")")) ==
          "apns.2.static_ipv6: does not fit the type, which is ipv4");
    CHECK(problem_of(apn(R"("pdn_gw_allocation": "static")")) ==
          "apns.2.pdn_gw_allocation: goes only with pdn_gw (TS 29.272 7.3.35)");
    CHECK(problem_of(apn(R"("pdn_gw": {"host": "a.b"})")) ==
          "apns.2.pdn_gw: has only one of host and realm (RFC 5447 4.2.1)");
    CHECK(problem_of(apn(R"("specific_apns": [{"apn": "x", "pdn_gw": {"addresses": ["192.0.2.1"]}}])")) ==
          "apns.2.specific_apns: are only for the APN \"*\" (TS 29.272 7.3.35)");
    CHECK(problem_of(apn(R"("qcl": 9)")) == "apns.2.qcl: is no field here (see bindhssctl profile fields)");
    CHECK(problem_of(apn(R"("qci": 9, "ambr": null)")) == "apns.2.ambr: is null: leave it out");
    CHECK(problem_of(R"({"ambr": {"uplink": 1}, "apns": {"51": {"apn": "a"}, "x": {}}})") ==
          "ambr.downlink: is missing; apns.51: is no Context-Identifier: 1 to 50 are (TS 29.272 7.3.27); "
          "apns.x: is no Context-Identifier: 1 to 50 are (TS 29.272 7.3.27)");
}

TEST_CASE("document: parts that do not fit together are refused") {
    CHECK(problem_of(R"({"apns": {"1": {"apn": "a"}}})") ==
          "ambr: is missing: it goes with apns (TS 29.272 7.3.41)");
    CHECK(problem_of(R"({"ambr": {"uplink": 0, "downlink": 0}})") ==
          "ambr: is 0 both ways (TS 29.272 7.3.41)");
    CHECK(problem_of(R"({"ambr": {"uplink": 4294967296, "downlink": 0}})") ==
          "ambr.uplink: beyond 4294967295 bit/s only whole kbit/s can be sent (TS 29.272 7.3.41)");
    CHECK(problem_of(
              R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {"1": {"apn": "A"}, "2": {"apn": "a"}}})") ==
          "apns.2.apn: 'a' is there twice (TS 29.272 7.3.36)");
    CHECK(problem_of(document_with(R"("access_restriction": ["wb_eutran", "lte_m"])")) ==
          "access_restriction: lte_m and wb_eutran_but_lte_m do not go with wb_eutran (TS 29.272 7.3.31)");
    CHECK(problem_of(document_with(R"("zone_codes": ["0001", "0001"])")) ==
          "zone_codes: has two entries about the same");
    CHECK(problem_of(document_with(R"("zone_codes": ["1","2","3","4","5","6","7","8","9","a","b"])")) ==
          "zone_codes: has 11 entries, 10 are allowed");
    CHECK(problem_of(document_with(R"("imsi_groups": [{"service": 1, "plmn": "2620", "id": "01"}])")) ==
          "imsi_groups.1.plmn: '2620' is not a PLMN of 5 or 6 digits");
    CHECK(problem_of(document_with(R"("additional_context": 1)")) ==
          "additional_context: is a default APN already");
    CHECK(problem_of(document_with(R"("roaming": {"allowed": ["26"]})")) ==
          "roaming.allowed.1: '26' is none of \"*\", an MCC (3 digits), MCC and MNC (5 or 6 digits)");
}

TEST_CASE("document: what is no JSON object, too long, or deeply nested, is an error and no crash") {
    CHECK(problem_of("").find("is not JSON") != std::string::npos);
    CHECK(problem_of("[1]") == "the document is not a JSON object");
    CHECK(problem_of("{\"ambr\": 5}") == "ambr: is not an object");
    CHECK(problem_of(std::string(70'000, ' ')) == "the document has more than 65536 octets");
    CHECK(problem_of(std::string(5'000, '[')).find("is not JSON") != std::string::npos);
    CHECK(problem_of("{\"a\\u0000\\u001b[2J\": 1}") ==
          "a??[2J: is no field here (see bindhssctl profile fields)");
    std::string many = "{";
    for (int i = 0; i < 1'000; ++i) many += (i > 0 ? ",\"x" : "\"x") + std::to_string(i) + "\": 1";
    CHECK(problem_of(many + "}").size() < 2'000);
}

TEST_CASE("roaming: the most specific rule decides, of two alike the denial") {
    const auto admits = [](const RoamingRules& rules, const char* plmn) {
        return rules.admits(*Plmn::parse(plmn));
    };
    CHECK(admits({}, "26201"));
    const RoamingRules home{{"26201"}, {}};
    CHECK(admits(home, "26201"));
    CHECK_FALSE(admits(home, "26202"));
    CHECK_FALSE(admits(home, "262010"));
    const RoamingRules country{{"*", "26203"}, {"262"}};
    CHECK_FALSE(admits(country, "26201"));
    CHECK(admits(country, "26203"));
    CHECK(admits(country, "310410"));
    const RoamingRules denied{{}, {"310"}};
    CHECK_FALSE(admits(denied, "310410"));
    CHECK(admits(denied, "26201"));
    const RoamingRules both{{"262", "*"}, {"262", "*"}};
    CHECK_FALSE(admits(both, "26201"));
    CHECK_FALSE(admits(both, "00101"));
}
