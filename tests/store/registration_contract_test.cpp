// SPDX-License-Identifier: Apache-2.0
// The contract of store.h about registrations, Purge, Notify and requests to nodes.
#include <catch2/catch.hpp>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using s6a::Domain;
using Type = s6a::CancellationType;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

const auto own = imei("35824005111111");

ServingNode sgsn(int number = 1) {
    return {"sgsn" + std::to_string(number) + ".example.net", "example.net"};
}

store::Registration at_mme(int number, std::int64_t time) {
    store::Registration result{node(number), *Plmn::parse("00101")};
    result.time = at(time);
    return result;
}

store::Registration at_sgsn(int number, std::int64_t time) {
    auto result = at_mme(number, time);
    result.node = sgsn(number);
    result.domain = Domain::sgsn;
    result.rat_type = s6a::RatType::utran;
    return result;
}

template <class World>
store::Registrations registrations(World& world) {
    return seen_by(world.store, imsi(known), node()).registrations;
}

template <class World>
void put_subscriber_in(World& world) {
    REQUIRE(world.provisioning.apply({item(put_subscriber(imsi(known)))}, false).empty());
}

store::NotifyNode note(const ServingNode& from, std::int64_t time, Domain domain = Domain::mme) {
    store::NotifyNode result;
    result.node = from;
    result.domain = domain;
    result.now = at(time);
    return result;
}

}  // namespace

TEMPLATE_TEST_CASE("all that a registration holds comes back", "[contract][registration]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    const auto version = seen_by(world.store, imsi(known), node()).version;
    auto put = at_sgsn(4, 10);
    put.terminal_information = TerminalInformation{own, "07", false};
    put.verified = true;
    put.features = s6a::Features{0xffffffff, 3, 1};
    put.combined = true;
    put.gprs_wanted = true;
    put.ue_srvcc_capability = 1;
    put.homogeneous_ims_voice = 0;
    put.active_apns = {
        {1, "internet", PdnGateway{"pgw1.example.net", "example.net", {"10.0.0.1", "2001:db8::1"}}, "net"},
        {2, "", PdnGateway{"", "", {"10.0.0.2"}}, ""}};
    put.node_number = "491700000099";
    put.sms_registered = true;
    put.told = version;
    CHECK(registered(world.store, imsi(known), put).value().empty());
    const auto stored = registrations(world).sgsn;
    REQUIRE(stored);
    CHECK(stored->node == put.node);
    CHECK(stored->domain == Domain::sgsn);
    CHECK(stored->visited_plmn == put.visited_plmn);
    CHECK(stored->terminal_information == put.terminal_information);
    CHECK(stored->verified);
    CHECK_FALSE(stored->purged);
    CHECK(stored->time == at(10));
    CHECK(stored->rat_type == s6a::RatType::utran);
    CHECK(stored->features == put.features);
    CHECK(stored->combined);
    CHECK(stored->gprs_wanted);
    CHECK(stored->ue_srvcc_capability == 1U);
    CHECK(stored->homogeneous_ims_voice == 0U);
    CHECK(stored->active_apns == put.active_apns);
    CHECK(stored->node_number == "491700000099");
    CHECK(stored->sms_registered);
    CHECK_FALSE(stored->location);
    CHECK(stored->told == version);
    CHECK_FALSE(registrations(world).mme);
}

TEMPLATE_TEST_CASE("MME and SGSN are registered side by side, and each replaces its own",
                   "[contract][registration]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    CHECK(registered(world.store, imsi(known), at_mme(1, 10)).value().empty());
    CHECK(registered(world.store, imsi(known), at_sgsn(1, 20)).value().empty());
    CHECK(registrations(world).mme->node == node(1));
    CHECK(registrations(world).sgsn->node == sgsn(1));
    CHECK(world.provisioning.registrations(10).size() == 2);
    const auto cancelled = registered(world.store, imsi(known), at_sgsn(2, 30)).value();
    REQUIRE(cancelled.size() == 1);
    CHECK(cancelled[0].node == sgsn(1));
    CHECK(cancelled[0].domain == Domain::sgsn);
    CHECK(cancelled[0].cancellation_type == Type::sgsn_update_procedure);
    CHECK(registrations(world).mme->node == node(1));
}

TEMPLATE_TEST_CASE("a single registration cancels the SGSN and forgets it", "[contract][registration]",
                   WORLDS) {
    TestType world;
    put_subscriber_in(world);
    registered(world.store, imsi(known), at_sgsn(1, 10)).value();
    const auto cancelled = registered(world.store, imsi(known), at_mme(1, 20), true, true).value();
    REQUIRE(cancelled.size() == 1);
    CHECK(cancelled[0].node == sgsn(1));
    CHECK(cancelled[0].cancellation_type == Type::sgsn_update_procedure);
    CHECK_FALSE(registrations(world).sgsn);
    CHECK(registered(world.store, imsi(known), at_mme(1, 30), true).value().empty());
}

TEMPLATE_TEST_CASE("an initial attach cancels the node of the other domain, which stays registered",
                   "[contract][registration]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    registered(world.store, imsi(known), at_sgsn(1, 10)).value();
    const auto cancelled = registered(world.store, imsi(known), at_mme(1, 20), false, true).value();
    REQUIRE(cancelled.size() == 1);
    CHECK(cancelled[0].node == sgsn(1));
    CHECK(cancelled[0].cancellation_type == Type::initial_attach_procedure);
    CHECK(registrations(world).sgsn);
    SECTION("a repetition cancels nobody") {
        CHECK(registered(world.store, imsi(known), at_mme(1, 1'000), false, true).value().empty());
    }
    SECTION("a later attach cancels again") {
        CHECK(registered(world.store, imsi(known), at_mme(1, 60'000), false, true).value().size() == 1);
    }
    SECTION("the UE has been at the SGSN meanwhile") {
        registered(world.store, imsi(known), at_sgsn(1, 500)).value();
        CHECK(registered(world.store, imsi(known), at_mme(1, 1'000), false, true).value().size() == 1);
    }
    SECTION("the mirror image on S6d") {
        const auto mirrored = registered(world.store, imsi(known), at_sgsn(1, 30'000), false, true).value();
        REQUIRE(mirrored.size() == 1);
        CHECK(mirrored[0].node == node(1));
        CHECK(mirrored[0].domain == Domain::mme);
    }
}

TEMPLATE_TEST_CASE("PDN-GWs stay with the UE until a list or an initial attach replaces them",
                   "[contract][registration]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    auto first = at_mme(1, 10);
    first.active_apns = {{1, "internet", PdnGateway{"pgw1", "example.net", {}}, ""}};
    registered(world.store, imsi(known), first).value();
    registered(world.store, imsi(known), at_mme(2, 20)).value();
    CHECK(registrations(world).mme->active_apns == first.active_apns);
    auto third = at_mme(3, 30);
    third.active_apns = {{2, "ims", PdnGateway{"pgw2", "example.net", {}}, ""}};
    registered(world.store, imsi(known), third).value();
    CHECK(registrations(world).mme->active_apns == third.active_apns);
    registered(world.store, imsi(known), at_mme(3, 40), false, true).value();
    CHECK(registrations(world).mme->active_apns.empty());
}

TEMPLATE_TEST_CASE("purging marks what the node is registered for, and where it was last",
                   "[contract][purge]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    const auto purge = [&](const ServingNode& from, std::optional<bool> mme, std::optional<bool> gprs) {
        store::PurgeNode request{from, mme, gprs, s6a::EpsLocationInformation{}, at(50)};
        request.location->mme = s6a::NodeLocation{{1, 2}, {3}, {}, {}, 7, true};
        const auto halves = await(world.store.purge(imsi(known), request)).value();
        return std::pair(halves.mme, halves.sgsn);
    };
    const ServingNode combined{"combined.example.net", "example.net"};
    auto mme = at_mme(1, 10);
    auto gprs = at_sgsn(1, 20);
    mme.node = gprs.node = combined;
    registered(world.store, imsi(known), mme).value();
    registered(world.store, imsi(known), gprs).value();
    CHECK(purge(node(7), {}, {}) == std::pair(false, false));
    CHECK_FALSE(registrations(world).mme->purged);
    CHECK_FALSE(registrations(world).mme->location);
    SECTION("one half") {
        CHECK(purge(combined, true, false) == std::pair(true, false));
        const auto after = registrations(world);
        CHECK(after.mme->purged);
        CHECK_FALSE(after.sgsn->purged);
        REQUIRE(after.mme->location);
        CHECK(*after.mme->location == s6a::NodeLocation{{1, 2}, {3}, {}, {}, 7, true});
        CHECK(after.mme->location_time == at(50));
        CHECK(purge(combined, true, false) == std::pair(true, false));  // told twice: the same answer
    }
    SECTION("both halves") {
        CHECK(purge(combined, {}, {}) == std::pair(true, true));
        CHECK(registrations(world).sgsn->purged);
        // Nobody is cancelled who has purged the UE himself, and an Update-Location ends the purge.
        CHECK(registered(world.store, imsi(known), at_mme(2, 60), false, true).value().empty());
        CHECK_FALSE(registrations(world).mme->purged);
        CHECK_FALSE(registrations(world).mme->location);
    }
    CHECK(await(world.store.purge(imsi("001010000000099"), {combined, {}, {}, {}, at(1)})).error().cause ==
          Cause::user_unknown);
}

TEMPLATE_TEST_CASE("a Notify counts from the registered node alone", "[contract][notify]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    const auto refused = [&](const store::NotifyNode& request) {
        return await(world.store.notify(imsi(known), request, 10s)).error().cause;
    };
    CHECK(refused(note(node(1), 10)) == Cause::unknown_serving_node);
    registered(world.store, imsi(known), at_mme(1, 10)).value();
    CHECK(refused(note(node(2), 10)) == Cause::unknown_serving_node);
    CHECK(refused(note(node(1), 10, Domain::sgsn)) == Cause::unknown_serving_node);
    CHECK(await(world.store.notify(imsi("001010000000099"), note(node(1), 10), 10s)).error().cause ==
          Cause::user_unknown);
    CHECK(await(world.store.notify(imsi(known), note(node(1), 10), 10s)).value().empty());
}

TEMPLATE_TEST_CASE("a Notify changes what it names and nothing else", "[contract][notify]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    auto place = at_mme(1, 10);
    place.ue_srvcc_capability = 0;
    place.homogeneous_ims_voice = 1;
    place.sms_registered = true;
    place.node_number = "4917";
    place.active_apns = {{1, "internet", PdnGateway{"pgw1", "example.net", {}}, ""}};
    registered(world.store, imsi(known), place).value();
    const auto told = [&](const store::NotifyNode& request) {
        await(world.store.notify(imsi(known), request, 10s)).value();
        return *registrations(world).mme;
    };
    CHECK(told(note(node(1), 20)).active_apns == place.active_apns);
    auto device = note(node(1), 30);
    device.terminal_information = TerminalInformation{own, "09", false};
    CHECK(told(device).terminal_information == device.terminal_information);
    CHECK(seen_by(world.store, imsi(known), node()).last_seen_imei == own);
    auto gateway = note(node(1), 40);
    gateway.pdn_gateway = s6a::ActiveApn{2, "ims", PdnGateway{"pgw2", "example.net", {}}, ""};
    CHECK(told(gateway).active_apns.size() == 2);
    gateway.pdn_gateway->gateway.reset();
    CHECK(told(gateway).active_apns == place.active_apns);
    auto rest = note(node(1), 50);
    rest.ue_srvcc_capability = 1;
    rest.ims_voice_told = true;
    rest.remove_sms = true;
    const auto after = told(rest);
    CHECK(after.ue_srvcc_capability == 1U);
    CHECK_FALSE(after.homogeneous_ims_voice);
    CHECK_FALSE(after.sms_registered);
    CHECK(after.node_number.empty());
    CHECK(after.terminal_information == device.terminal_information);
}

TEMPLATE_TEST_CASE("a Notify may end the SGSN's registration, and the node's own", "[contract][notify]",
                   WORLDS) {
    TestType world;
    put_subscriber_in(world);
    registered(world.store, imsi(known), at_mme(1, 10)).value();
    registered(world.store, imsi(known), at_sgsn(1, 20)).value();
    auto request = note(node(1), 30);
    request.single_registration = true;
    request.withdraw = true;
    const auto cancelled = await(world.store.notify(imsi(known), request, 10s)).value();
    REQUIRE(cancelled.size() == 2);
    CHECK(cancelled[0].node == sgsn(1));
    CHECK(cancelled[0].cancellation_type == Type::sgsn_update_procedure);
    CHECK(cancelled[1].node == node(1));
    CHECK(cancelled[1].cancellation_type == Type::subscription_withdrawal);
    CHECK_FALSE(registrations(world).sgsn);
    CHECK(registrations(world).mme->purged);
}

TEMPLATE_TEST_CASE("a request to cancel is kept until it is finished, and belongs to one at a time",
                   "[contract][requests]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    registered(world.store, imsi(known), at_mme(1, 0)).value();
    const auto sent = registered(world.store, imsi(known), at_mme(2, 1'000)).value().at(0);
    const auto taken = [&](std::int64_t now) {
        return await(world.store.take_requests({at(now), 5s, 10})).value();
    };
    CHECK(taken(10'999).empty());  // with the one who registered, for its 10 s
    const auto again = taken(11'000);
    REQUIRE(again.size() == 1);
    CHECK(again[0].id == sent.id);
    CHECK(again[0].imsi == imsi(known));
    CHECK(again[0].node == node(1));
    CHECK(again[0].domain == Domain::mme);
    CHECK(again[0].kind == store::NodeRequest::Kind::cancel_location);
    CHECK(again[0].created == at(1'000));
    CHECK(again[0].attempts == 0);
    CHECK(taken(11'000).empty());
    await(world.store.postpone_request(again[0], at(20'000))).value();
    CHECK(taken(19'999).empty());
    const auto later = taken(20'000);
    REQUIRE(later.size() == 1);
    CHECK(later[0].attempts == 1);
    await(world.store.finish_request(later[0])).value();
    CHECK(taken(1'000'000).empty());
}

TEMPLATE_TEST_CASE("a node tells where the UE is", "[contract][registration]", WORLDS) {
    TestType world;
    put_subscriber_in(world);
    registered(world.store, imsi(known), at_mme(1, 0)).value();
    s6a::EpsLocationInformation where;
    where.mme = s6a::NodeLocation{{9}, {8, 7}, {}, {6}, std::nullopt, true};
    where.sgsn = where.mme;
    await(world.store.store_location(imsi(known), node(2), where, at(5))).value();
    CHECK_FALSE(registrations(world).mme->location);
    await(world.store.store_location(imsi(known), node(1), where, at(6))).value();
    CHECK(registrations(world).mme->location == where.mme);
    CHECK(registrations(world).mme->location_time == at(6));
}

TEMPLATE_TEST_CASE("what an operator orders reaches each node that it concerns", "[contract][requests]",
                   WORLDS) {
    TestType world;
    put_subscriber_in(world);
    const auto later = [] {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
               1min;
    };
    const auto taken = [&] { return await(world.store.take_requests({later(), 1h, 10})).value(); };
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::reset;
    order.user_ids = {"00101", "26201"};
    CHECK(world.provisioning.order(order).empty());
    registered(world.store, imsi(known), at_mme(1, 10)).value();
    auto other_half = at_sgsn(1, 20);
    SECTION("a reset, once for a combined node") {
        other_half.node = node(1);
        registered(world.store, imsi(known), other_half).value();
        CHECK(world.provisioning.order(order) == std::vector{node(1)});
        const auto requests = taken();
        REQUIRE(requests.size() == 1);
        CHECK(requests[0].kind == store::NodeRequest::Kind::reset);
        CHECK(requests[0].user_ids == order.user_ids);
        CHECK_FALSE(requests[0].imsi);
    }
    SECTION("a cancellation, after which nobody is registered") {
        registered(world.store, imsi(known), other_half).value();
        order = {};
        order.imsi = imsi(known);
        order.reattach_required = true;
        CHECK(world.provisioning.order(order).size() == 2);
        CHECK(world.provisioning.order(order).empty());
        const auto requests = taken();
        REQUIRE(requests.size() == 2);
        for (const auto& request : requests) {
            CHECK(request.kind == store::NodeRequest::Kind::cancel_location);
            CHECK(request.cancellation_type == Type::subscription_withdrawal);
            CHECK(request.reattach_required);
            CHECK(request.imsi == imsi(known));
        }
        CHECK(registrations(world).mme->purged);
        CHECK(registrations(world).sgsn->purged);
    }
    SECTION("a question") {
        order = {};
        order.kind = store::NodeRequest::Kind::insert;
        order.imsi = imsi(known);
        order.idr_flags = 0x18;
        CHECK(world.provisioning.order(order) == std::vector{node(1)});
        const auto requests = taken();
        REQUIRE(requests.size() == 1);
        CHECK(requests[0].kind == store::NodeRequest::Kind::insert);
        CHECK(requests[0].idr_flags == 0x18);
    }
}
