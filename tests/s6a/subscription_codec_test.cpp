// SPDX-License-Identifier: Apache-2.0
// Every part of Subscription-Data on the wire and back: flags as the dictionary has them, no part lost.
#include <catch2/catch.hpp>
#include <map>

#include "diameter/s6a_codec.h"
#include "diameter/subscription_codec.h"
#include "diameter/tbcd.h"
#include "s6a/wire_builder.h"
#include "subscription/fit.h"
#include "subscription/samples.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// An Insert-Subscriber-Data-Request with the data, as the node receives it.
Message carried(const SubscriptionData& data) {
    auto request = Message::request(loaded_dictionary(), 319, application_s6a);
    request.add(avp_id::session_id, std::string_view("hss.example;1;2"));
    request.add(avp_id::auth_session_state, 1U);
    request.add(avp_id::origin_host, std::string_view("hss.example"));
    request.add(avp_id::origin_realm, std::string_view("example"));
    request.add(avp_id::destination_host, std::string_view("mme.example"));
    request.add(avp_id::destination_realm, std::string_view("example"));
    request.add(avp_id::user_name, std::string_view("001010000000001"));
    encode(data, request);
    auto message = Message::parse(request.serialise());
    REQUIRE(message);
    const auto rejection = message->check(loaded_dictionary());
    INFO((rejection ? rejection->detail : ""));
    REQUIRE_FALSE(rejection);
    return std::move(*message);
}

SubscriptionData there_and_back(const SubscriptionData& data) {
    const auto message = carried(data);
    return decode_subscription_data(*message.find(avp_id::subscription_data));
}

std::string hex_of(const AvpView& group, AvpId id) {
    const auto avp = group.find(id);
    REQUIRE(avp);
    return to_hex(avp->octets());
}

/// Subscription-Data in a frame, AVP by AVP, all levels: code and flags.
void collect_flags(OctetView list, std::map<std::uint32_t, std::uint8_t>& flags) {
    AvpCursor cursor(list);
    while (const auto avp = cursor.next()) {
        if (avp->id.vendor == vendor_3gpp) flags[avp->id.code] = avp->flags;
        const auto* model = loaded_dictionary().avp(avp->id.code, avp->id.vendor);
        if (model != nullptr && model->type == diameter_dict::AvpType::grouped)
            collect_flags(avp->payload, flags);
    }
}

}  // namespace

TEST_CASE("Subscription-Data: every part comes through unchanged") {
    auto data = read(everything).data;
    data.msisdn = "4917613012345";
    data.roaming_restricted = true;
    CHECK(there_and_back(data) == data);
    data.apn_configuration_profile->all_included = false;
    data.gprs_subscription_data->all_included = false;
    CHECK(there_and_back(data) == data);
}

TEST_CASE("Subscription-Data: each part by itself, and none at all, comes through") {
    CHECK(there_and_back({}) == SubscriptionData{});
    const auto subscription = read(everything);
    const auto parts = read(everything).data;
    SubscriptionData only_status;
    only_status.subscriber_status = SubscriberStatus::service_granted;
    CHECK(there_and_back(only_status) == only_status);
    SubscriptionData only_zones;
    only_zones.zone_codes = parts.zone_codes;
    CHECK(there_and_back(only_zones) == only_zones);
    SubscriptionData only_gprs;
    only_gprs.gprs_subscription_data = parts.gprs_subscription_data;
    CHECK(there_and_back(only_gprs) == only_gprs);
    SubscriptionData only_csg;
    only_csg.csg_subscriptions = parts.csg_subscriptions;
    CHECK(there_and_back(only_csg) == only_csg);
    CHECK(there_and_back(subscription::minimal_subscription()) == subscription::minimal_subscription());
}

TEST_CASE("Subscription-Data: M as TS 29.272 table 7.3.1/1 has it, V on all of 3GPP's") {
    auto data = read(everything).data;
    data.msisdn = "4917613012345";
    data.roaming_restricted = true;
    auto request = Message::request(loaded_dictionary(), 319, application_s6a);
    encode(data, request);
    const auto frame = request.serialise();
    std::map<std::uint32_t, std::uint8_t> flags;
    collect_flags(OctetView(frame).subspan(header_octets), flags);
    CHECK(flags.size() > 80);
    constexpr std::uint8_t v = avp_flag::vendor;
    constexpr std::uint8_t mv = avp_flag::vendor | avp_flag::mandatory;
    for (const auto& [code, set] : flags) {
        INFO(code);
        // 1400 to 1490 are M and V, all later ones of TS 29.272 V alone (spec 1.2).
        if (code >= 1400 && code <= 1490) CHECK(set == mv);
        if (code >= 1491 && code <= 1730) CHECK(set == v);
    }
    for (const auto code : {13U, 515U, 516U, 600U, 701U, 848U, 1028U, 1227U, 3111U}) CHECK(flags[code] == mv);
    for (const auto code : {554U, 555U, 1032U, 1034U, 1046U, 1047U, 1048U, 4324U}) CHECK(flags[code] == v);
}

TEST_CASE("Subscription-Data: numbers are TBCD, addresses have their family, codes two octets") {
    auto data = read(everything).data;
    data.msisdn = "491761301234";
    const auto message = carried(data);
    const auto group = *message.find(avp_id::subscription_data);
    CHECK(hex_of(group, avp_id::msisdn) == "947116032143");
    CHECK(hex_of(group, avp_id::a_msisdn) == "947110f2");
    CHECK(hex_of(group, avp_id::stn_sr) == "9471f1");
    CHECK(hex_of(group, avp_id::regional_subscription_zone_code) == "0001");
    const auto profile = *group.find(avp_id::apn_configuration_profile);
    const auto apn = *profile.find(avp_id::apn_configuration);
    CHECK(hex_of(apn, avp_id::served_party_ip_address) == "00010a010203");
    const auto gateway = *apn.find(avp_id::mip6_agent_info);
    CHECK(hex_of(gateway, avp_id::mip_home_agent_address) == "0001c0000201");
    CHECK(gateway.find(avp_id::mip_home_agent_host)->find(avp_id::destination_host)->text() ==
          "pgw.example.net");
    const auto pdp = *group.find(avp_id::gprs_subscription_data)->find(avp_id::pdp_context);
    CHECK(hex_of(pdp, avp_id::pdp_type) == "f121");
    CHECK(hex_of(pdp, avp_id::ext_pdp_type) == "f18d");
    CHECK(hex_of(pdp, avp_id::pdp_address) == "00010a090807");
    const auto imsi_group = *group.find(avp_id::imsi_group_id);
    CHECK(hex_of(imsi_group, avp_id::group_plmn_id) == "62f210");
}

TEST_CASE("AMBR: beyond 4294967295 bit/s the plain AVP is full and the extended one counts kbit/s") {
    const auto ambr_of = [](std::uint64_t uplink, std::uint64_t downlink) {
        SubscriptionData data;
        data.ambr = Ambr{uplink, downlink};
        CHECK(there_and_back(data) == data);
        auto message = carried(data);
        const auto group = *message.find(avp_id::subscription_data)->find(avp_id::ambr);
        const auto number = [&](AvpId id) {
            return group.find(id) ? std::optional(group.find(id)->u32()) : std::nullopt;
        };
        return std::array{
            number(avp_id::max_requested_bandwidth_ul), number(avp_id::max_requested_bandwidth_dl),
            number(avp_id::extended_max_requested_bw_ul), number(avp_id::extended_max_requested_bw_dl)};
    };
    using Numbers = std::array<std::optional<std::uint32_t>, 4>;
    CHECK(ambr_of(1, 4'294'967'295) == Numbers{1, UINT32_MAX, std::nullopt, std::nullopt});
    CHECK(ambr_of(5'000'000'000, 2) == Numbers{UINT32_MAX, 2, 5'000'000, std::nullopt});
    CHECK(ambr_of(1'000'000'000'000, 4'294'968'000) ==
          Numbers{UINT32_MAX, UINT32_MAX, 1'000'000'000, 4'294'968});
}
