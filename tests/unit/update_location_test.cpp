// SPDX-License-Identifier: Apache-2.0
// Update-Location as TS 29.272 5.2.1.1.3 has it.
#include <catch2/catch.hpp>

#include "nodes_world.h"
#include "procedure/location_checks.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using test::NodesWorld;
using Type = s6a::CancellationType;

const s6a::Features everything{0xffffffff, 0xffffffff, 0};

Failure refused(NodesWorld& world, const s6a::UpdateLocationRequest& request) {
    const auto answer = world.update(request);
    REQUIRE_FALSE(answer);
    return answer.error();
}

/// What a cancelled node was told: who, why, and which half of it.
struct Cancelled {
    std::string host;
    Type type;
    bool s6a;
    bool operator==(const Cancelled&) const = default;
};

std::vector<Cancelled> cancelled_by(NodesWorld& world, const s6a::UpdateLocationRequest& request) {
    world.nodes.cancelled.clear();
    REQUIRE(world.update(request));
    std::vector<Cancelled> result;
    for (const auto& cancel : world.nodes.cancelled)
        result.push_back({cancel.destination.host, cancel.cancellation_type, cancel.s6a_indicator});
    return result;
}

}  // namespace

TEST_CASE("Each RAT-Type is held against its bit of Access-Restriction-Data", "[ulr][rat]") {
    using s6a::RatType;
    namespace bit = access_restriction;
    struct Row {
        RatType rat;
        std::uint32_t forbidding;
    };
    const Row rows[] = {
        {RatType::utran, bit::utran},
        {RatType::geran, bit::geran},
        {RatType::gan, bit::gan},
        {RatType::hspa_evolution, bit::hspa_evolution},
        {RatType::eutran, bit::wb_eutran | bit::wb_eutran_but_lte_m},
        {RatType::eutran_nb_iot, bit::nb_iot},
        {RatType::lte_m, bit::wb_eutran | bit::lte_m},
        {RatType::wlan, 0},
    };
    for (const auto& [rat, forbidding] : rows) {
        for (unsigned i = 0; i < 32; ++i) {
            CAPTURE(static_cast<std::uint32_t>(rat), i);
            CHECK(procedure::rat_restricted(1U << i, rat) == ((forbidding >> i & 1U) != 0));
        }
    }
}

TEST_CASE("What forbids an Update-Location is told in the order of the clause", "[ulr]") {
    NodesWorld world;
    // Everything is wrong at first; each row puts one thing right and names what is told then.
    auto request =
        world.ulr_of_mme({"mme1.epc.mnc002.mcc001.3gppnetwork.org", "epc.mnc002.mcc001.3gppnetwork.org"});
    world.data = {};
    world.data.core_network_restrictions = 1;
    world.data.access_restriction_data = access_restriction::wb_eutran;
    world.data.operator_determined_barring = operator_determined_barring::all_packet_services;
    world.settings.odb_unsupported = subscription::OdbUnsupported::reject;
    world.put_data();
    auto stranger = request;
    stranger.imsi = *Imsi::parse("001019999999999");
    CHECK(refused(world, stranger).cause == Cause::user_unknown);
    CHECK(refused(world, request).cause == Cause::authorization_rejected);  // 001/01 is not that realm's
    request.origin = world.mme1;
    auto failure = refused(world, request);
    CHECK(failure.cause == Cause::unknown_eps_subscription);
    CHECK(failure.diagnostic == ErrorDiagnostic::no_gprs_data_subscribed);
    world.add_gprs();
    world.put_data();
    failure = refused(world, request);
    CHECK(failure.cause == Cause::unknown_eps_subscription);
    CHECK(failure.diagnostic == ErrorDiagnostic::gprs_data_subscribed);
    world.data.apn_configuration_profile = NodesWorld::default_data().apn_configuration_profile;
    world.data.ambr = NodesWorld::default_data().ambr;
    world.put_data();
    failure = refused(world, request);  // the EPC is restricted
    CHECK(failure.cause == Cause::unknown_eps_subscription);
    world.data.core_network_restrictions.reset();
    world.put_data();
    failure = refused(world, request);
    CHECK(failure.cause == Cause::rat_not_allowed);
    CHECK_FALSE(failure.diagnostic);
    world.data.access_restriction_data.reset();
    world.put_data();
    failure = refused(world, request);
    CHECK(failure.cause == Cause::roaming_not_allowed);
    CHECK(failure.diagnostic == ErrorDiagnostic::odb_all_apn);
    world.data.operator_determined_barring.reset();
    world.put_data();
    CHECK(world.store.registrations(10).empty());
    CHECK(world.update(request));
    CHECK(world.store.registrations(10).size() == 1);
}

TEST_CASE("Barring of roaming has no Error-Diagnostic", "[ulr][roaming]") {
    NodesWorld world;
    world.put(store::PutProfile{"home only", R"({"ambr":{"uplink":1,"downlink":1},"default_context":1,)"
                                             R"("apns":{"1":{"apn":"internet"}},)"
                                             R"("roaming":{"allowed":["00101"]}})"});
    store::PutSubscriber subscriber{world.imsi};
    subscriber.profile = "home only";
    world.put(subscriber);
    auto abroad = world.ulr_of_mme(world.mme1);
    abroad.visited_plmn = *Plmn::parse("26201");
    const auto failure = refused(world, abroad);
    CHECK(failure.cause == Cause::roaming_not_allowed);
    CHECK_FALSE(failure.diagnostic);
    CHECK(world.update(world.ulr_of_mme(world.mme1)));
}

TEST_CASE("An SGSN serves whoever has APNs or PDP contexts", "[ulr][s6d]") {
    NodesWorld world;
    auto request = world.ulr_of_sgsn(world.sgsn1);
    CHECK(world.update(request));
    world.data = {};
    world.data.network_access_mode = NetworkAccessMode::only_packet;
    world.add_gprs();
    world.put_data();
    const auto gprs_alone = world.update(request);
    REQUIRE(gprs_alone);
    REQUIRE(gprs_alone->subscription_data);
    CHECK(gprs_alone->subscription_data->has_gprs());  // unasked: there is nothing else (7.3.7)
    world.data.gprs_subscription_data.reset();
    world.put_data();
    const auto failure = refused(world, request);
    CHECK(failure.cause == Cause::unknown_eps_subscription);
    CHECK(failure.diagnostic == ErrorDiagnostic::no_gprs_data_subscribed);
}

TEST_CASE("GPRS-Subscription-Data are for who asks", "[ulr][s6d]") {
    NodesWorld world;
    world.add_gprs();
    world.put_data();
    auto request = world.ulr_of_sgsn(world.sgsn1);
    CHECK_FALSE(world.update(request)->subscription_data->has_gprs());
    request.flags.gprs_subscription_data_indicator = true;
    CHECK(world.update(request)->subscription_data->has_gprs());
    CHECK(world.registrations().sgsn->gprs_wanted);
}

TEST_CASE("Who is cancelled by an Update-Location", "[ulr][clr]") {
    NodesWorld world;
    const auto mme = [&](const ServingNode& node) { return world.ulr_of_mme(node); };
    const auto sgsn = [&](const ServingNode& node) { return world.ulr_of_sgsn(node); };
    const auto attached = [](s6a::UpdateLocationRequest request) {
        request.flags.initial_attach_indicator = true;
        return request;
    };
    const auto single = [](s6a::UpdateLocationRequest request) {
        request.flags.single_registration_indication = true;
        request.flags.initial_attach_indicator = true;
        return request;
    };
    using Nobody = std::vector<Cancelled>;
    CHECK(cancelled_by(world, mme(world.mme1)) == Nobody{});
    CHECK(cancelled_by(world, sgsn(world.sgsn1)) == Nobody{});
    CHECK(cancelled_by(world, mme(world.mme2)) ==
          std::vector<Cancelled>{{world.mme1.host, Type::mme_update_procedure, true}});
    CHECK(cancelled_by(world, sgsn(world.sgsn2)) ==
          std::vector<Cancelled>{{world.sgsn1.host, Type::sgsn_update_procedure, false}});
    world.clock.advance(1min);
    CHECK(cancelled_by(world, attached(mme(world.mme2))) ==
          std::vector<Cancelled>{{world.sgsn2.host, Type::initial_attach_procedure, false}});
    CHECK(cancelled_by(world, attached(mme(world.mme2))) == Nobody{});  // the same one, repeated
    world.clock.advance(1min);
    CHECK(cancelled_by(world, attached(sgsn(world.sgsn2))) ==
          std::vector<Cancelled>{{world.mme2.host, Type::initial_attach_procedure, true}});
    CHECK(cancelled_by(world, single(mme(world.mme1))) ==
          std::vector<Cancelled>{{world.mme2.host, Type::mme_update_procedure, true},
                                 {world.sgsn2.host, Type::sgsn_update_procedure, false}});
    CHECK_FALSE(world.registrations().sgsn);
    CHECK(cancelled_by(world, single(mme(world.mme1))) == Nobody{});
}

TEST_CASE("The halves of a combined node are told apart by CLR-Flags", "[ulr][clr]") {
    NodesWorld world;
    auto mme = world.ulr_of_mme(world.combined);
    auto sgsn = world.ulr_of_sgsn(world.combined);
    mme.flags.node_type_indicator = sgsn.flags.node_type_indicator = true;
    REQUIRE(world.update(mme));
    CHECK(cancelled_by(world, sgsn) == std::vector<Cancelled>{});
    world.clock.advance(1min);
    mme.flags.initial_attach_indicator = true;
    CHECK(cancelled_by(world, mme) ==
          std::vector<Cancelled>{{world.combined.host, Type::initial_attach_procedure, false}});
    CHECK(world.registrations().mme->combined);
    CHECK(world.registrations().sgsn->combined);
}

TEST_CASE("A node that has purged the UE is not cancelled", "[ulr][purge]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    REQUIRE(world.purge({world.imsi, world.mme1}));
    CHECK(cancelled_by(world, world.ulr_of_mme(world.mme2)).empty());
    CHECK_FALSE(world.registrations().mme->purged);
}

TEST_CASE("A refused Update-Location leaves the registration and its node alone", "[ulr]") {
    NodesWorld world;
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    world.data.access_restriction_data = access_restriction::wb_eutran;
    world.put_data();
    auto request = world.ulr_of_mme(world.mme2);
    request.flags.single_registration_indication = true;
    CHECK(refused(world, request).cause == Cause::rat_not_allowed);
    CHECK(world.registrations().mme->node == world.mme1);
    CHECK(world.nodes.cancelled.empty());
}

TEST_CASE("Subscription-Data are skipped while the node has them", "[ulr][skip]") {
    NodesWorld world;
    auto request = world.ulr_of_mme(world.mme1);
    request.flags.skip_subscriber_data = true;
    const auto sent = [&] { return world.update(request)->subscription_data.has_value(); };
    CHECK(sent());  // the first time there is nothing to skip
    CHECK_FALSE(sent());
    SECTION("the profile has changed") {
        world.put_data();
        CHECK(sent());
        CHECK_FALSE(sent());
    }
    SECTION("the subscriber has changed") {
        store::PutSubscriber subscriber{world.imsi};
        subscriber.msisdn = "49170";
        world.put(subscriber);
        CHECK(sent());
    }
    SECTION("the node can do more now") {
        request.supported_features = everything;
        CHECK(sent());
    }
    SECTION("it wants GPRS data now") {
        request.flags.gprs_subscription_data_indicator = true;
        CHECK(sent());
    }
    SECTION("it has purged the UE") {
        REQUIRE(world.purge({world.imsi, world.mme1}));
        CHECK(sent());
    }
    SECTION("another node has none") {
        request.origin = world.mme2;
        CHECK(sent());
    }
    SECTION("the other half of a combined node has them") {
        request.origin = world.combined;
        request.flags.node_type_indicator = true;
        CHECK(sent());
        request.flags.s6a_indicator = false;
        request.rat_type = s6a::RatType::utran;
        CHECK_FALSE(sent());
    }
}

TEST_CASE("Features are announced to a node that announced any, and kept with its registration",
          "[ulr][features]") {
    NodesWorld world;
    auto request = world.ulr_of_mme(world.mme1);
    CHECK_FALSE(world.update(request)->supported_features);
    request.supported_features = s6a::Features{s6a::feature_1::partial_purge, 0, 0xff};
    const auto answer = world.update(request);
    REQUIRE(answer->supported_features);
    CHECK(answer->supported_features->list_1 == world.settings.features.list_1);
    CHECK(answer->supported_features->vendor == 0);
    CHECK(world.registrations().mme->features == request.supported_features);
}

TEST_CASE("A node is registered for short messages when both sides can and it wants to", "[ulr][sms]") {
    NodesWorld world;
    auto request = world.ulr_of_mme(world.mme1);
    request.supported_features = everything;
    request.mme_number_for_mt_sms = "491700000099";
    const auto registers = [&] {
        const auto answered = world.update(request)->mme_registered_for_sms;
        CHECK(world.registrations().mme->sms_registered == answered);
        return answered;
    };
    CHECK_FALSE(registers());
    request.sms_register_request = s6a::SmsRegisterRequest::not_preferred;
    CHECK_FALSE(registers());
    request.sms_register_request = s6a::SmsRegisterRequest::required;
    CHECK(registers());
    CHECK(world.registrations().mme->node_number == "491700000099");
    request.supported_features->list_2 = 0;
    CHECK_FALSE(registers());
    request.supported_features = everything;
    request.mme_number_for_mt_sms.clear();
    CHECK_FALSE(registers());
}

TEST_CASE("Reset-IDs go to nodes that know them", "[ulr][reset]") {
    NodesWorld world;
    world.settings.reset_ids = {{1, 2, 3}};
    auto request = world.ulr_of_mme(world.mme1);
    CHECK(world.update(request)->reset_ids.empty());
    request.supported_features = everything;
    CHECK(world.update(request)->reset_ids == world.settings.reset_ids);
}

TEST_CASE("The proof of a binding moves with the context between the domains, not out of a purged node",
          "[ulr][I1]") {
    NodesWorld world;
    world.bind(binding::Policy::kme);
    REQUIRE(world.air(world.mme1));
    REQUIRE(world.update(world.ulr_of_mme(world.mme1)));
    SECTION("it moves") {
        CHECK(world.update(world.ulr_of_sgsn(world.sgsn1)));
        CHECK(world.registrations().sgsn->verified);
    }
    SECTION("it does not") {
        REQUIRE(world.purge({world.imsi, world.mme1}));
        CHECK(refused(world, world.ulr_of_sgsn(world.sgsn1)).cause == Cause::authorization_rejected);
    }
}

}  // namespace bindhss
