// SPDX-License-Identifier: Apache-2.0
// The contract of Exchanges about bindings: generations, the list of devices, other subscriptions of the same
// device, evidence, locks and registrations.
#include <catch2/catch.hpp>

#include "store/exchange_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::ExchangeOutcome;
using binding::Policy;
using binding::Sign;
using binding::State;

#define WORLDS MemoryExchangeWorld, PostgresExchangeWorld

namespace {

const std::string other = "001010000000002";

template <class World>
std::vector<std::string> devices_of(World& world, const std::string& who = known) {
    std::vector<std::string> texts;
    const auto row = world.provisioning.subscriber(imsi(who));
    for (const auto& listed : row->devices) texts.push_back(listed.str());
    return texts;
}

template <class World>
void place_verified(World& world, int at_node, std::int64_t time, const std::string& who = known) {
    auto request = placed(at_node, own, time);
    request.registration.verified = true;
    place(world, request, who);
}

}  // namespace

TEMPLATE_TEST_CASE("each key is a generation above all that the device ever had",
                   "[contract][exchange][R12][R19][I4]", WORLDS) {
    TestType world;
    bind_without_key(world);
    must_put(world, {item(store::PutKme{own, kme_key(90), 0})});
    CHECK(begun(world, wanted(1)).generation == 1);
    must_put(world, {item(store::PutKme{own, kme_key(91), 3})});
    // The operator's key came meanwhile, and is the newer one.
    CHECK_FALSE(established(world, 1, 100));
    CHECK(key_used(world)->key == kme_key(91));
    CHECK(begun(world, wanted(2, 200)).generation == 4);
    must_put(world, {item(store::RetireKme{own, std::nullopt})});
    CHECK(established(world, 2, 300));
    CHECK(key_used(world)->key == kme_key(2));
    must_put(world, {item(store::RetireKme{own, std::nullopt})});
    CHECK(refused(world, request(imsi(known))) == Cause::kme_missing);
    CHECK(begun(world, wanted(3, 400)).generation == 5);
    must_put(world, {item(store::PutKme{own, kme_key(92), store::kme_generation_max})});
    CHECK(tried(world, wanted(4, 500)).error().cause == Cause::unable_to_comply);
    CHECK(world.provisioning.kmes(own, 10).size() == 4);
}

TEMPLATE_TEST_CASE("the generation before opens an AUTS for the grace time, and no vector",
                   "[contract][exchange][R19][I4]", WORLDS) {
    TestType world;
    bind_without_key(world);
    provision(world, 1, 0);
    provision(world, 2, 1'000'000);
    CHECK(key_used(world, 1'000'200)->generation == 2);
    const auto others = [&](std::int64_t time) {
        std::vector<std::uint32_t> generations;
        const auto keys = await(world.store.load_authentication(imsi(known), node(7), {at(time), 600s}));
        for (const auto& kme : keys->other_kmes) generations.push_back(kme.generation);
        return generations;
    };
    CHECK(others(1'600'100) == std::vector<std::uint32_t>{1});
    CHECK(others(1'600'101).empty());
    const auto rows = world.provisioning.kmes(own, 10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].state == "previous");
    CHECK(rows[1].state == "active");
    CHECK_FALSE(rows[1].kcv.empty());
}

TEMPLATE_TEST_CASE("the time of a key is that of the key: one put in its place has its own",
                   "[contract][exchange][R12][R19]", WORLDS) {
    TestType world;
    bind_without_key(world);
    auto exchange = wanted(1);
    exchange.not_after = at(9'000'000);
    begun(world, exchange);
    REQUIRE(established(world, 1, 100));
    CHECK(key_used(world)->not_after == at(9'000'000));
    const auto loaded = await(world.store.load_authentication(imsi(known), node(), {at(0), 600s})).value();
    CHECK(loaded.kme->not_after == at(9'000'000));
    must_put(world, {item(store::PutKme{own, kme_key(9), 1})});
    CHECK(key_used(world)->key == kme_key(9));
    CHECK_FALSE(key_used(world)->not_after.has_value());
}

TEMPLATE_TEST_CASE("a device that is given a key is listed behind the others, once",
                   "[contract][exchange][R14][R30][I5]", WORLDS) {
    TestType world;
    std::uint8_t last = 1;
    SECTION("the first device of a binding") {
        bind_without_key(world, {});
        provision(world, 1, 0);
        CHECK(devices_of(world) == std::vector<std::string>{ImeiRange::of(own).str()});
    }
    SECTION("it is listed already") {
        bind_without_key(world, {second, own});
        provision(world, 1, 0);
        CHECK(devices_of(world).size() == 2);
    }
    SECTION("within a range") {
        bind_without_key(world, {});
        store::PutBinding put{imsi(known), Policy::kme, {range("35824005")}, "", ""};
        must_put(world, {item(put)});
        provision(world, 1, 0);
        CHECK(devices_of(world) ==
              std::vector<std::string>{range("35824005").str(), ImeiRange::of(own).str()});
        last = 2;
        provision(world, last, 1'000);
        CHECK(devices_of(world).size() == 2);
    }
    SECTION("another one has a key") {
        bind_without_key(world, {second});
        must_put(world, {item(store::PutKme{second, kme_key(90)})});
        CHECK(key_used(world)->key == kme_key(90));
        provision(world, 1, 0);
        CHECK(devices_of(world) ==
              std::vector<std::string>{ImeiRange::of(second).str(), ImeiRange::of(own).str()});
    }
    CHECK(key_used(world)->key == kme_key(last));
}

TEMPLATE_TEST_CASE("a binding lists as many devices as it may, and no key is given to one more",
                   "[contract][exchange][R43]", WORLDS) {
    TestType world;
    bind_without_key(world, {});
    store::PutBinding put{imsi(known), Policy::kme, {}, "", ""};
    for (std::uint64_t i = 0; i < limits::binding_devices_max; ++i)
        put.devices.push_back(ImeiRange::of(Imei::from_number(35'900'000'000'000 + i).value()));
    auto shorter = put;
    shorter.devices.pop_back();
    must_put(world, {item(shorter)});
    begun(world, wanted(1));
    must_put(world, {item(put)});
    CHECK_FALSE(established(world, 1, 100));
    CHECK(tried(world, wanted(2)).error().cause == Cause::unable_to_comply);
    must_put(world, {item(shorter)});
    provision(world, 3, 0);
    CHECK(devices_of(world).size() == limits::binding_devices_max);
}

TEMPLATE_TEST_CASE("what the operator was asked about a device is answered by its key",
                   "[contract][exchange][R30]", WORLDS) {
    TestType world;
    bind_without_key(world, {});
    store::Refusal refusal{node(1), reporting(own)};
    refusal.ask = own;
    refusal.now = at(0);
    refusal.refuse_until = at(60'000);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    refusal.ask = stranger;
    await(world.store.record_refusal(imsi(known), refusal)).value();
    CHECK(world.provisioning.approvals(10).size() == 2);
    provision(world, 1, 10);
    const auto left = world.provisioning.approvals(10);
    REQUIRE(left.size() == 1);
    CHECK(left[0].imei == stranger);
    CHECK(key_used(world, 1'000)->key == kme_key(1));  // nor is the next AIR refused
}

TEMPLATE_TEST_CASE("a key that is proven ends the suspicion, and no lock", "[contract][exchange][R33][I5]",
                   WORLDS) {
    TestType world;
    bind_without_key(world);
    provision(world, 1, 0);
    signed_by(world, Sign::strong_against, 10);
    signed_by(world, Sign::strong_against, 20);
    REQUIRE(world.provisioning.subscriber(imsi(known))->standing.state == State::suspect);
    begun(world, wanted(2, 30));
    SECTION("it ends the suspicion") {
        CHECK(established(world, 2, 40));
        const auto row = world.provisioning.subscriber(imsi(known));
        CHECK(row->standing.state == State::normal);
        CHECK(row->standing.strong == 0);
        CHECK(row->proved_at == at(40));
        CHECK_FALSE(reserved(world, 1, 100'000).unanswered);
    }
    SECTION("it ends no lock") {
        must_put(world, {item(store::SetLock{imsi(known), true})});
        CHECK_FALSE(established(world, 2, 40));
        CHECK(world.provisioning.kmes(own, 10).size() == 1);
        CHECK(world.provisioning.subscriber(imsi(known))->standing.state == State::locked);
        must_put(world, {item(store::SetLock{imsi(known), false})});
        CHECK_FALSE(established(world, 2, 50));
        CHECK(key_used(world)->key == kme_key(1));
    }
}

TEMPLATE_TEST_CASE("subscriptions of one device have its newest key, whichever it was given for",
                   "[contract][exchange][R2][R19][I1]", WORLDS) {
    TestType world;
    bind_without_key(world);
    bind_without_key(world, {second, own}, other);
    must_put(world, {item(store::PutKme{second, kme_key(90)})});
    CHECK(begun(world, wanted(1)).generation == 1);
    CHECK(begun(world, wanted(2, 0, other)).generation == 2);
    CHECK(begun(world, wanted(3, 10)).generation == 3);
    SECTION("one after the other") {
        CHECK(established(world, 2, 20, other));
        CHECK(key_used(world)->key == kme_key(2));
        CHECK(established(world, 3, 30));
        CHECK(key_used(world, 100, other)->key == kme_key(3));
        CHECK(key_used(world)->key == kme_key(3));
    }
    SECTION("the later generation first") {
        CHECK(established(world, 3, 20));
        CHECK(key_used(world, 100, other)->key == kme_key(90));  // the one that it had is still good
        CHECK_FALSE(established(world, 2, 30, other));
        CHECK(key_used(world)->key == kme_key(3));
    }
    CHECK(world.provisioning.kmes(own, 10).back().state == "active");
}

TEMPLATE_TEST_CASE("what was proven stays proven under the next key of the same device alone",
                   "[contract][exchange][R19][I1]", WORLDS) {
    TestType world;
    bind_without_key(world);
    bind_without_key(world, {own}, other);
    const auto verified = [&](const std::string& who) {
        return seen_by(world.store, imsi(who), node()).registrations.mme->verified;
    };
    SECTION("it had none") {
        place_verified(world, 1, 0);
        place_verified(world, 1, 0, other);
        provision(world, 1, 10);
        CHECK_FALSE(verified(known));
        CHECK_FALSE(verified(other));
    }
    SECTION("its own") {
        provision(world, 1, 0);
        place_verified(world, 1, 200);
        place_verified(world, 1, 200, other);
        provision(world, 2, 300);
        CHECK(verified(known));
        CHECK(verified(other));
        CHECK(key_used(world, 500, other)->key == kme_key(2));
    }
    SECTION("its group's") {
        must_put(world, {item(store::PutDevice{ImeiRange::of(own), "meters", ""}),
                         item(store::PutKme{std::string("meters"), kme_key(90)})});
        CHECK(key_used(world)->key == kme_key(90));
        place_verified(world, 1, 0);
        place_verified(world, 1, 0, other);
        provision(world, 1, 10);
        CHECK_FALSE(verified(known));
        CHECK_FALSE(verified(other));
        CHECK(key_used(world, 500, other)->key == kme_key(1));
    }
}

TEMPLATE_TEST_CASE("a UE that is registered without the key is asked to attach anew",
                   "[contract][exchange][R24][R30][I1]", WORLDS) {
    TestType world;
    bind_without_key(world);
    place(world, placed(1, own, 0));
    auto sgsn = placed(2, own, 0);
    sgsn.registration.domain = s6a::Domain::sgsn;
    place(world, sgsn);
    begun(world, wanted(1));
    auto finish = finish_of(1, 100);
    finish.reattach = true;
    SECTION("when it has the key") {
        const auto cancelled = finished(world, finish).cancellations;
        REQUIRE(cancelled.size() == 2);
        for (const auto& request : cancelled) {
            CHECK(request.kind == store::NodeRequest::Kind::cancel_location);
            CHECK(request.imsi == imsi(known));
            CHECK(request.node == node(request.domain == s6a::Domain::mme ? 1 : 2));
            CHECK(request.cancellation_type == s6a::CancellationType::subscription_withdrawal);
            CHECK(request.reattach_required);
            CHECK(request.created == at(100));
        }
        CHECK(view_of(world).registrations.mme->purged);
        CHECK(view_of(world).registrations.sgsn->purged);
        CHECK(await(world.store.take_requests({at(75'000)})).value().empty());
        CHECK(await(world.store.take_requests({at(75'100)})).value().size() == 2);
        CHECK(finished(world, finish).cancellations.empty());
    }
    SECTION("not where it has proven it") {
        provision(world, 2, 0);
        place_verified(world, 1, 1'000);
        begun(world, wanted(3, 2'000));
        auto again = finish_of(3, 2'100);
        again.reattach = true;
        const auto cancelled = finished(world, again).cancellations;
        REQUIRE(cancelled.size() == 1);
        CHECK(cancelled[0].domain == s6a::Domain::sgsn);
        CHECK_FALSE(view_of(world).registrations.mme->purged);
    }
    SECTION("nor when there is none") {
        finish.outcome = ExchangeOutcome::refused;
        CHECK(finished(world, finish).cancellations.empty());
        CHECK_FALSE(view_of(world).registrations.mme->purged);
    }
    SECTION("nor when nobody wants it") {
        finish.reattach = false;
        CHECK(finished(world, finish).cancellations.empty());
        CHECK_FALSE(view_of(world).registrations.mme->purged);
    }
}

TEMPLATE_TEST_CASE("what is left of a subscriber that is taken out is nothing", "[contract][exchange][I4]",
                   WORLDS) {
    TestType world;
    bind_without_key(world);
    begun(world, wanted(1));
    must_put(world, {item(store::RemoveSubscriber{imsi(known)})});
    CHECK_FALSE(established(world, 1, 100));
    bind_without_key(world);
    CHECK_FALSE(await(world.exchanges.exchange_pending(imsi(known), at(0))).value());
    CHECK_FALSE(established(world, 1, 100));
}
