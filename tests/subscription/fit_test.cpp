// SPDX-License-Identifier: Apache-2.0
#include "subscription/fit.h"

#include "samples.h"

using namespace bindhss;
using namespace bindhss::test;
using subscription::fit;
using subscription::Node;
using subscription::OdbUnsupported;

namespace {

namespace odb = operator_determined_barring;

/// A node that announced nothing at all, as a stock MME does.
const Node stock;

Node able() {
    Node node;
    node.features = s6a::Features{0xffff'ffff, 0xffff'ffff, 0};
    return node;
}

Subscription barred(std::uint32_t bits) {
    auto subscription = read(document_with(""));
    subscription.data.operator_determined_barring = bits;
    subscription.data.subscriber_status = SubscriberStatus::operator_determined_barring;
    return subscription;
}

}  // namespace

TEST_CASE("fit: a node with every feature gets everything but GPRS data that it did not ask for") {
    const auto whole = read(everything);
    auto node = able();
    const auto data = fit(whole, node).value();
    CHECK_FALSE(data.gprs_subscription_data);
    node.gprs_wanted = true;
    CHECK(fit(whole, node).value() == whole.data);
}

TEST_CASE("fit: nothing is sent of a feature that the node did not announce") {
    auto whole = read(everything);
    whole.data.msisdn = "49170";
    const auto data = fit(whole, stock).value();
    CHECK(data.zone_codes.empty());
    CHECK_FALSE(data.trace_data);
    CHECK(data.a_msisdn.empty());
    CHECK(data.msisdn == "49170");
    CHECK_FALSE(data.ue_usage_type);
    CHECK(data.external_identifier.empty());
    CHECK_FALSE(data.operator_determined_barring);
    CHECK(data.subscriber_status == SubscriberStatus::service_granted);
    // What no feature is about is sent to everybody.
    CHECK(data.ambr == whole.data.ambr);
    CHECK(data.stn_sr == whole.data.stn_sr);
    CHECK(data.access_restriction_data == whole.data.access_restriction_data);
    // Non-IP and Ethernet APNs go, and with them the default that one of them was.
    const auto& profile = data.apn_configuration_profile.value();
    REQUIRE(profile.apns.size() == 3);
    CHECK(profile.default_context_identifier == 2);
    CHECK_FALSE(profile.third_context_identifier);
}

TEST_CASE("fit: a node without Additional-MSISDN gets the one number that there is") {
    auto subscription = read(document_with(R"("a_msisdn": "4917099")"));
    CHECK(fit(subscription, stock).value().msisdn == "4917099");
    CHECK(fit(subscription, able()).value().a_msisdn == "4917099");
    CHECK(fit(subscription, able()).value().msisdn.empty());
}

TEST_CASE(
    "fit: a barring that the node cannot do is rejected, restricts or is left out, as the operator says") {
    auto node = stock;
    node.odb_unsupported = OdbUnsupported::reject;
    const auto diagnostic_of = [&](std::uint32_t bits) {
        const auto result = fit(barred(bits), node);
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().cause == Cause::roaming_not_allowed);
        return result.error().diagnostic;
    };
    CHECK(diagnostic_of(odb::all_packet_services) == ErrorDiagnostic::odb_all_apn);
    CHECK(diagnostic_of(odb::roamer_access_hplmn_ap) == ErrorDiagnostic::odb_hplmn_apn);
    CHECK(diagnostic_of(odb::roamer_access_vplmn_ap) == ErrorDiagnostic::odb_vplmn_apn);
    // Calls are none of a packet node's business.
    CHECK_FALSE(fit(barred(1U << 3), node).value().operator_determined_barring);

    node.odb_unsupported = OdbUnsupported::restrict;
    auto data = fit(barred(odb::roamer_access_hplmn_ap), node).value();
    CHECK(data.roaming_restricted);
    CHECK_FALSE(data.operator_determined_barring);
    CHECK(data.subscriber_status == SubscriberStatus::service_granted);
    node.odb_unsupported = OdbUnsupported::ignore;
    CHECK_FALSE(fit(barred(odb::roamer_access_hplmn_ap), node).value().roaming_restricted);

    // At home roamers' barring bars nothing.
    node.odb_unsupported = OdbUnsupported::reject;
    node.roaming = false;
    CHECK(fit(barred(odb::roamer_access_hplmn_ap), node).has_value());
    CHECK_FALSE(fit(barred(odb::all_packet_services), node).has_value());
}

TEST_CASE("fit: a barring that the node can do is sent to it, that alone") {
    auto node = stock;
    node.features = s6a::Features{s6a::feature_1::odb_hplmn_apn, 0, 0};
    node.odb_unsupported = OdbUnsupported::ignore;
    const auto data = fit(barred(odb::roamer_access_hplmn_ap | odb::roamer_access_vplmn_ap), node).value();
    CHECK(data.operator_determined_barring == odb::roamer_access_hplmn_ap);
    CHECK(data.subscriber_status == SubscriberStatus::operator_determined_barring);
}

TEST_CASE("fit: zones at a node without regional subscription are treated as a barring that it cannot do") {
    const auto zoned = read(document_with(R"("zone_codes": ["0001"])"));
    auto node = stock;
    node.odb_unsupported = OdbUnsupported::restrict;
    CHECK(fit(zoned, node).value().roaming_restricted);
    node.odb_unsupported = OdbUnsupported::reject;
    CHECK(fit(zoned, node).error().cause == Cause::roaming_not_allowed);
    CHECK_FALSE(fit(zoned, node).error().diagnostic);
    node.odb_unsupported = OdbUnsupported::ignore;
    CHECK_FALSE(fit(zoned, node).value().roaming_restricted);
    node.features = s6a::Features{s6a::feature_1::regional_subscription, 0, 0};
    CHECK(fit(zoned, node).value().zone_codes.size() == 1);
}

TEST_CASE("fit: an MME needs an APN, an SGSN an APN or a PDP context that it asked for") {
    const auto gprs_only = read(R"({"pdp_contexts": {"1": {"apn": "internet"}}})");
    auto sgsn = able();
    sgsn.domain = s6a::Domain::sgsn;
    CHECK(fit(gprs_only, able()).error().cause == Cause::unknown_eps_subscription);
    CHECK(fit(gprs_only, sgsn).error().cause == Cause::unknown_eps_subscription);
    sgsn.gprs_wanted = true;
    CHECK(fit(gprs_only, sgsn).value().has_gprs());
    const auto both = fit(read(everything), sgsn).value();
    CHECK(both.has_gprs());
    CHECK(both.has_eps());
    CHECK_FALSE(both.vsrvcc);
    CHECK_FALSE(both.core_network_restrictions);
    const auto ethernet_only =
        read(R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {"1": {"apn": "lan", "ethernet": true}}})");
    CHECK(fit(ethernet_only, stock).error().cause == Cause::unknown_eps_subscription);
}

TEST_CASE("fit: without the EPC an MME gets nothing and an SGSN its PDP contexts; the mark is never sent") {
    auto subscription = read(R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {"1": {"apn": "internet"}},
        "pdp_contexts": {"1": {"apn": "internet"}}, "core_network_restrictions": ["no_epc", "no_5gc"]})");
    CHECK(fit(subscription, able()).error().cause == Cause::unknown_eps_subscription);
    auto sgsn = able();
    sgsn.domain = s6a::Domain::sgsn;
    sgsn.gprs_wanted = true;
    const auto data = fit(subscription, sgsn).value();
    CHECK(data.has_gprs());
    CHECK_FALSE(data.has_eps());
    CHECK_FALSE(data.core_network_restrictions);
}

TEST_CASE("fit: the stub has all that a stock MME takes for complete") {
    const auto data = subscription::minimal_subscription();
    REQUIRE(data.has_eps());
    CHECK(data.ambr);
}
