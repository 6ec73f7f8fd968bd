// SPDX-License-Identifier: Apache-2.0
// Notify as TS 29.272 5.2.5.1.3 has it, and Automatic Device Detection.
#include <catch2/catch.hpp>

#include "nodes_world.h"

namespace bindhss {

namespace {

using test::NodesWorld;
using Type = s6a::CancellationType;

s6a::NotifyRequest nor(const NodesWorld& world, const ServingNode& from) {
    return {world.imsi, from};
}

}  // namespace

TEST_CASE("Notify counts from the node that is registered alone", "[nor]") {
    NodesWorld world;
    auto stranger = nor(world, world.mme1);
    stranger.imsi = *Imsi::parse("001019999999999");
    CHECK(world.notify(stranger).error().cause == Cause::user_unknown);
    CHECK(world.notify(nor(world, world.mme1)).error().cause == Cause::unknown_serving_node);
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    REQUIRE(world.update(world.ulr_of_sgsn(world.sgsn1)));
    CHECK(world.notify(nor(world, world.mme2)).error().cause == Cause::unknown_serving_node);
    auto other_device = nor(world, world.mme2);
    other_device.terminal_information = TerminalInformation{world.stranger, "01", false};
    CHECK_FALSE(world.notify(other_device));
    CHECK(world.registrations().mme->terminal_information->imei == world.own);
    CHECK(world.notify(nor(world, world.mme1)));
    CHECK(world.notify(nor(world, world.sgsn1)));
}

TEST_CASE("A device that Notify reports is stored and judged as the policy has it", "[nor][binding]") {
    NodesWorld world;
    const auto notify_of = [&](const Imei& imei) {
        auto request = nor(world, world.mme1);
        request.terminal_information = TerminalInformation{imei, "02", false};
        return world.notify(request);
    };
    SECTION("monitored: an alarm") {
        world.bind(binding::Policy::imei_monitor);
        REQUIRE(world.air(world.mme1));
        REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
        CHECK(notify_of(world.stranger));
        CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
        CHECK(world.alarms.count(alarm::Id::association_changed) == 1);
        CHECK(world.nodes.cancelled.empty());
        CHECK(world.registrations().mme->terminal_information->imei == world.stranger);
    }
    SECTION("enforced: SUCCESS, then the UE is cancelled") {
        world.bind(binding::Policy::imei_enforce);
        REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
        CHECK(notify_of(world.own));
        CHECK(world.nodes.cancelled.empty());
        CHECK(notify_of(world.stranger));
        REQUIRE(world.nodes.cancelled.size() == 1);
        CHECK(world.nodes.cancelled[0].destination == world.mme1);
        CHECK(world.nodes.cancelled[0].cancellation_type == Type::subscription_withdrawal);
        CHECK(world.registrations().mme->purged);
        CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
    }
    SECTION("without Terminal-Information nothing is judged") {
        world.bind(binding::Policy::imei_enforce);
        REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
        world.alarms.raised.clear();
        CHECK(world.notify(nor(world, world.mme1)));
        CHECK(world.alarms.raised.empty());
        CHECK(world.registrations().mme->terminal_information->imei == world.own);
    }
    SECTION("bound by key: no vector belongs to a Notify") {
        world.bind(binding::Policy::kme);
        REQUIRE(world.air(world.mme1));
        REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
        CHECK(notify_of(world.own));
        CHECK(world.nodes.cancelled.empty());
        CHECK(world.registrations().mme->verified);
    }
}

TEST_CASE("A PDN-GW is stored for an APN of the subscription", "[nor]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    auto request = nor(world, world.mme1);
    request.pdn_gateway =
        s6a::ActiveApn{1, "internet", PdnGateway{"pgw1.example.org", "example.org", {}}, ""};
    CHECK(world.notify(request));
    CHECK(world.registrations().mme->active_apns == std::vector{*request.pdn_gateway});
    request.pdn_gateway->service_selection = "elsewhere";
    CHECK(world.notify(request).error().cause == Cause::unable_to_comply);
    ApnConfiguration wildcard;
    wildcard.context_identifier = 2;
    wildcard.service_selection = "*";
    world.data.apn_configuration_profile->apns.push_back(wildcard);
    world.put_data();
    CHECK(world.notify(request));
    CHECK(world.registrations().mme->active_apns.size() == 2);
}

TEST_CASE("The flags of Notify do what they say", "[nor]") {
    NodesWorld world;
    auto registering = world.ulr_of_mme(world.mme1);
    registering.supported_features = s6a::Features{0, s6a::feature_2::sms_in_mme, 0};
    registering.sms_register_request = s6a::SmsRegisterRequest::required;
    registering.mme_number_for_mt_sms = "4917";
    registering.homogeneous_ims_voice = 1;
    REQUIRE(world.update(registering));
    REQUIRE(world.update(world.ulr_of_sgsn(world.sgsn1)));
    auto request = nor(world, world.mme1);
    SECTION("single registration") {
        request.flags.single_registration_indication = true;
        CHECK(world.notify(request));
        REQUIRE(world.nodes.cancelled.size() == 1);
        CHECK(world.nodes.cancelled[0].destination == world.sgsn1);
        CHECK(world.nodes.cancelled[0].cancellation_type == Type::sgsn_update_procedure);
        CHECK_FALSE(world.nodes.cancelled[0].s6a_indicator);
        CHECK_FALSE(world.registrations().sgsn);
    }
    SECTION("short messages") {
        CHECK(world.registrations().mme->sms_registered);
        request.flags.removal_of_mme_registration_for_sms = true;
        CHECK(world.notify(request));
        CHECK_FALSE(world.registrations().mme->sms_registered);
    }
    SECTION("SRVCC and IMS voice") {
        request.ue_srvcc_capability = 1;
        request.flags.homogeneous_support_of_ims_voice = request.flags.s6a_indicator = true;
        CHECK(world.notify(request));
        CHECK(world.registrations().mme->ue_srvcc_capability == 1U);
        CHECK_FALSE(world.registrations().mme->homogeneous_ims_voice);
    }
    SECTION("restricted area") {
        request.origin = world.sgsn1;
        request.flags.sgsn_area_restricted = true;
        CHECK(world.notify(request));
        CHECK(world.registrations().sgsn->area_restricted);
        CHECK_FALSE(world.registrations().mme->area_restricted);
    }
    SECTION("features come back to who announced some") {
        CHECK_FALSE(world.notify(request)->supported_features);
        request.supported_features = s6a::Features{};
        CHECK(world.notify(request)->supported_features == world.settings.features);
    }
}

}  // namespace bindhss
