// SPDX-License-Identifier: Apache-2.0
// A change of a subscription reaches the nodes that serve it (TS 29.272 5.2.2).
#include "procedure/subscription_update.h"

#include <catch2/catch.hpp>
#include <random>

#include "emu/subscription_update.h"
#include "nodes_world.h"
#include "procedure/location_checks.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using test::NodesWorld;

const s6a::Features everything{0xffffffff, 0xffffffff, 0};

struct UpdateWorld : NodesWorld {
    UpdateWorld() {
        put_data();
        auto request = ulr_of_mme(mme1);
        request.supported_features = everything;
        REQUIRE(update(request));
    }
    std::vector<store::Untold> untold() {
        const store::Claim claim{clock.now(), 30s, 100};
        auto found = run(store.take_untold(claim)).value();
        auto swept = run(store.sweep_untold(std::nullopt, claim)).value();
        for (auto& one : swept.untold) found.push_back(std::move(one));
        return found;
    }
    std::size_t tell() {
        const auto found = untold();
        for (const auto& one : found) run(procedure::tell_node(ports, one));
        return found.size();
    }
    void change_ambr(std::uint64_t uplink) {
        data.ambr->uplink = uplink;
        put_data();
    }
    [[nodiscard]] std::size_t messages() const {
        return nodes.inserted.size() + nodes.deleted.size() + nodes.cancelled.size();
    }
};

}  // namespace

TEST_CASE("A node that is up to date is told nothing", "[idr]") {
    UpdateWorld world;
    CHECK(world.tell() == 0);
    CHECK(world.messages() == 0);
}

TEST_CASE("What changed in a profile is told once, and nothing else of it", "[idr]") {
    UpdateWorld world;
    world.change_ambr(7'000'000);
    CHECK(world.tell() == 1);
    REQUIRE(world.nodes.inserted.size() == 1);
    const auto& inserted = world.nodes.inserted[0];
    CHECK(inserted.destination == world.mme1);
    CHECK(inserted.imsi == world.imsi);
    SubscriptionData only;
    only.ambr = Ambr{7'000'000, 2'000'000};
    CHECK(inserted.subscription_data == only);
    CHECK(world.nodes.deleted.empty());
    CHECK(world.tell() == 0);
}

TEST_CASE("A node that was told is not told again when the store was too slow to note it", "[idr]") {
    UpdateWorld world;
    SECTION("what it has") {
        world.change_ambr(7);
    }
    SECTION("that it does not know the UE") {
        world.change_ambr(7);
        world.nodes.refusal = fail(Cause::user_unknown);
    }
    world.store.notes_too_late = 2;
    CHECK(world.tell() == 1);
    CHECK(world.store.notes_too_late == 0);
    world.clock.advance(1h);
    CHECK(world.tell() == 0);
    CHECK(world.nodes.inserted.size() == 1);
}

TEST_CASE("What changed of one subscriber is told without a look at the others", "[idr]") {
    UpdateWorld world;
    store::PutSubscriber subscriber{world.imsi};
    subscriber.override_document = R"({"ambr":{"uplink":5,"downlink":6}})";
    world.put(subscriber);
    const auto due = world.run(world.store.take_untold({world.clock.now(), 30s, 10})).value();
    REQUIRE(due.size() == 1);
    world.run(procedure::tell_node(world.ports, due[0]));
    REQUIRE(world.nodes.inserted.size() == 1);
    CHECK(world.nodes.inserted[0].subscription_data.ambr == Ambr{5, 6});
    CHECK(world.tell() == 0);
}

TEST_CASE("A change while a node is told of the one before is told right after", "[idr]") {
    UpdateWorld world;
    world.change_ambr(1);
    const auto first = world.untold();
    REQUIRE(first.size() == 1);
    world.change_ambr(2);
    CHECK(world.untold().empty());  // somebody is at it
    world.run(procedure::tell_node(world.ports, first[0]));
    CHECK(world.tell() == 1);
    REQUIRE(world.nodes.inserted.size() == 2);
    CHECK(world.nodes.inserted[1].subscription_data.ambr->uplink == 2);
}

TEST_CASE("What goes is deleted after what is new was inserted", "[dsr]") {
    UpdateWorld world;
    world.data.stn_sr = "4917";
    world.put_data();
    CHECK(world.tell() == 1);
    world.data.stn_sr.clear();
    world.change_ambr(9);
    CHECK(world.tell() == 1);
    REQUIRE(world.nodes.deleted.size() == 1);
    CHECK(world.nodes.deleted[0].dsr_flags == s6a::dsr_flag::stn_sr);
    CHECK(world.nodes.inserted.size() == 2);
}

TEST_CASE("A node without Delete-Subscriber-Data is made to ask anew", "[dsr]") {
    UpdateWorld world;
    world.data.stn_sr = "4917";
    world.put_data();
    world.tell();
    world.data.stn_sr.clear();
    world.put_data();
    world.nodes.refusal_of_deletion = fail(Cause::command_unsupported);
    CHECK(world.tell() == 1);
    REQUIRE(world.nodes.cancelled.size() == 1);
    CHECK(world.nodes.cancelled[0].cancellation_type == s6a::CancellationType::subscription_withdrawal);
    CHECK(world.nodes.cancelled[0].reattach_required);
    CHECK(world.registrations().mme->purged);
}

TEST_CASE("Who may not be served any more is cancelled", "[clr]") {
    UpdateWorld world;
    world.data.apn_configuration_profile.reset();
    world.put_data();
    CHECK(world.tell() == 1);
    REQUIRE(world.nodes.cancelled.size() == 1);
    CHECK(world.nodes.cancelled[0].cancellation_type == s6a::CancellationType::subscription_withdrawal);
    CHECK_FALSE(world.nodes.cancelled[0].reattach_required);
    CHECK(world.registrations().mme->purged);
    CHECK(world.tell() == 0);
}

TEST_CASE("A node that does not know the UE is told nothing until the next Update-Location", "[idr]") {
    UpdateWorld world;
    world.nodes.refusal = fail(Cause::user_unknown);
    world.change_ambr(3);
    CHECK(world.tell() == 1);
    CHECK(world.registrations().mme->purged);
    world.change_ambr(4);
    CHECK(world.tell() == 0);
    world.nodes.refusal.reset();
    CHECK(world.update(world.ulr_of_mme(world.mme1))->subscription_data->ambr->uplink == 4);
    CHECK(world.tell() == 0);
}

TEST_CASE("A node that cannot be reached is told later, with an alarm in the end", "[idr]") {
    UpdateWorld world;
    world.nodes.refusal = fail(Cause::unable_to_deliver);
    world.change_ambr(5);
    CHECK(world.tell() == 1);
    CHECK(world.tell() == 0);
    for (int i = 0; i < 12; ++i) {
        world.clock.advance(10min);
        CHECK(world.tell() == 1);
    }
    CHECK(world.alarms.count(alarm::Id::subscription_update_failed) == 1);
    world.nodes.refusal.reset();
    world.clock.advance(10min);
    CHECK(world.tell() == 1);
    CHECK(world.nodes.inserted.back().subscription_data.ambr->uplink == 5);
    world.clock.advance(1h);
    CHECK(world.tell() == 0);
}

TEST_CASE("A purged node is told nothing", "[idr][purge]") {
    UpdateWorld world;
    REQUIRE(world.purge({world.imsi, world.mme1}));
    world.change_ambr(6);
    CHECK(world.tell() == 0);
}

TEST_CASE("After any changes the node holds what an Update-Location would give it", "[idr][dsr][property]") {
    std::mt19937 random(20260101);
    const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
    for (int run = 0; run < 60; ++run) {
        NodesWorld world;
        world.settings.odb_unsupported =
            run % 4 < 2 ? subscription::OdbUnsupported::restrict : subscription::OdbUnsupported::ignore;
        world.put_data();
        const bool mme = run % 2 == 0;
        auto request = mme ? world.ulr_of_mme(world.mme1) : world.ulr_of_sgsn(world.sgsn1);
        request.flags.gprs_subscription_data_indicator = !mme;
        if (run % 3 != 0) request.supported_features = everything;
        auto first = world.update(request);
        REQUIRE(first);
        auto held = *first->subscription_data;
        bool registered = true;
        for (int step = 0; step < 25; ++step) {
            auto& data = world.data;
            if (chance(2)) data.ambr->uplink = random() % 1000 + 1;
            if (chance(3)) data.stn_sr = chance(2) ? "" : std::to_string(random() % 1000);
            if (chance(3)) data.charging_characteristics = chance(2) ? "" : "0800";
            if (chance(3)) data.subscribed_rau_tau_timer_s = random() % 100;
            if (chance(6)) data.subscribed_rau_tau_timer_s.reset();
            if (chance(4)) data.zone_codes.assign(random() % 3, static_cast<std::uint16_t>(random() % 100));
            if (chance(3)) {
                auto& apns = data.apn_configuration_profile->apns;
                if (chance(2) && apns.size() > 1) {
                    apns.pop_back();
                } else if (apns.size() < 4) {
                    ApnConfiguration apn;
                    apn.context_identifier = static_cast<std::uint32_t>(apns.size() + 1);
                    apn.service_selection = "apn" + std::to_string(apns.size() + 1);
                    apns.push_back(apn);
                }
                apns[0].qci = static_cast<std::uint32_t>(5 + random() % 5);
            }
            world.put_data();
            const store::Claim claim{world.clock.now(), 30s, 10};
            const auto page = world.run(world.store.sweep_untold(std::nullopt, claim)).value();
            for (const auto& untold : page.untold) {
                world.nodes.inserted.clear();
                world.nodes.deleted.clear();
                world.nodes.cancelled.clear();
                world.run(procedure::tell_node(world.ports, untold));
                for (const auto& insert : world.nodes.inserted)
                    emu::insert_subscription_data(held, insert.subscription_data);
                for (const auto& removal : world.nodes.deleted)
                    CHECK(emu::delete_subscription_data(held, removal, mme));
                registered = world.nodes.cancelled.empty();
            }
            if (!registered) {  // nothing else could say it: the UE attaches anew
                auto again = world.update(request);
                REQUIRE(again);
                held = *again->subscription_data;
                registered = true;
            }
            const auto view =
                world.run(world.store.load_subscriber(world.imsi, request.origin, std::nullopt)).value();
            const auto& place = mme ? view.registrations.mme : view.registrations.sgsn;
            const auto node = procedure::node_of(world.settings, world.imsi, *place);
            CAPTURE(run, step);
            REQUIRE(subscription::fit(view.subscription, node).value() == held);
            CHECK(place->told == view.version);
        }
    }
}

}  // namespace bindhss
