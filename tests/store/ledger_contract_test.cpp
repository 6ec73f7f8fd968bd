// SPDX-License-Identifier: Apache-2.0
// The contract of store.h about the ledger of what was issued to each node: keys, regular vectors, slots of
// IND.
#include <catch2/catch.hpp>
#include <set>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;

#define WORLDS MemoryWorld, PostgresWorld

TEMPLATE_TEST_CASE("a key that was asked for is for those vectors alone, until it is proven",
                   "[contract][binding][R3][R14]", WORLDS) {
    TestType world;
    bind_by_key(world, true);
    const auto found = [&](Imei device) { return await(world.store.find_kme(imsi(known), device)).value(); };
    const auto active = [&] { return reserved(world, 2, 5000).subscription.kme.value().id; };
    const auto first = active();
    REQUIRE(found(second));
    const auto other = *found(second);
    CHECK(other != first);
    CHECK(found(own) == first);
    CHECK_FALSE(found(stranger));
    CHECK(await(world.store.find_kme(imsi("001010000000099"), own)).error().cause == Cause::user_unknown);
    auto wanted = request(imsi(known), 1, 1, 1000);
    wanted.kme_id = other;
    const auto asked = [&] { return await(world.store.reserve_vectors(wanted)).value().subscription.kme; };
    CHECK(asked()->id == other);
    CHECK(asked()->key == kme_key(2));
    CHECK(active() == first);
    const auto view = view_of(world);
    CHECK(view.active_kme_id == first);
    CHECK(view.issued.kme_id == other);
    CHECK(view.issued_under_candidate);
    CHECK(view_of(world, std::nullopt, 2).issued_under_candidate);
    CHECK_FALSE(view_of(world, std::nullopt, 3).issued_under_candidate);
    auto update = placed(1, second, 2000);
    update.proven_kme = other;
    SECTION("a proof makes it the active one") {
        update.proof = true;
        place(world, update);
        CHECK(active() == other);
        CHECK(view_of(world).active_kme_id == other);
    }
    SECTION("and nothing else does") {
        place(world, update);
        CHECK(active() == first);
    }
    SECTION("the device has got its next key: that is used, and the old one cannot be proven") {
        must_put(world, {item(store::PutKme{second, kme_key(8), 1})});
        CHECK_FALSE(view_of(world).issued_under_candidate);
        CHECK(asked()->key == kme_key(8));
        CHECK(view_of(world).issued_under_candidate);
        update.proof = true;
        place(world, update);
        CHECK(active() == first);
    }
    SECTION("the binding lists the device no more") {
        must_put(world, {binding_of(Policy::kme, {own})});
        CHECK_FALSE(view_of(world).issued_under_candidate);
        CHECK(asked()->id == first);
        update.proof = true;
        place(world, update);
        CHECK(active() == first);
    }
}

TEMPLATE_TEST_CASE("an AUTS whose SQN has passed a regular vector closes it, an older one does not",
                   "[contract][binding][I2]", WORLDS) {
    TestType world;
    bind_by_key(world);
    auto wanted = request(imsi(known), 1, 1, 1000);
    wanted.regular = store::Regular::always;
    const auto given = await(world.store.reserve_vectors(wanted)).value();
    auto resync = request(imsi(known), 1, 1, 2000);
    resync.seq_at_least = given.sequence.first_seq - 1;
    resync.resync = store::ReSynchronisation{*resync.seq_at_least * Sqn::ind_count, 1};
    (void)await(world.store.reserve_vectors(resync)).value();
    CHECK(view_of(world).issued.regular_at == at(1000));
    resync.seq_at_least = given.sequence.first_seq + 100;
    resync.resync = store::ReSynchronisation{*resync.seq_at_least * Sqn::ind_count, 2};
    (void)await(world.store.reserve_vectors(resync)).value();
    CHECK_FALSE(view_of(world).issued.regular_at);
    CHECK(view_of(world).issued.pre_processed_at == at(2000));
}

TEMPLATE_TEST_CASE("of several regular vectors an Update-Location consumes one", "[contract][binding][I2]",
                   WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known)))});
    const auto open = [&] { return view_of(world).issued.regular_at; };
    (void)await(world.store.reserve_vectors(request(imsi(known), 3, 1, 1000))).value();
    place(world, placed(1, own, 1500));
    CHECK(open() == at(1000));
    place(world, placed(1, own, 1600));
    CHECK(open() == at(1000));
    const auto last = reserved(world, 1, 2000).sequence.first_seq;
    CHECK(open() == at(2000));
    place(world, placed(1, own, 2500));
    CHECK(open() == at(1000));  // the one, and not the older ones
    (void)reserved(world, 2, 3000);
    CHECK_FALSE(view_of(world, std::nullopt, 3).issued.regular_at);
    place(world, placed(2, own, 3500));
    CHECK_FALSE(view_of(world, std::nullopt, 2).issued.regular_at);
    SECTION("until SQN has passed them") {
        auto wanted = resync(last + 1, 1);
        (void)await(world.store.reserve_vectors(wanted)).value();
        place(world, placed(1, own, 4000));
        CHECK_FALSE(open());
    }
    SECTION("whatever the policy is by then") {
        must_put(world, {item(store::PutKme{own, kme_key(1)}), binding_of(Policy::kme, {own})});
        CHECK(reserved(world, 1, 4000).sequence.count == 1);
        CHECK(open() == at(1000));
        place(world, placed(1, own, 4500));
        CHECK(open() == at(1000));
    }
}

TEMPLATE_TEST_CASE("those who serve the UE keep IND and ledger, however many others ask",
                   "[contract][binding][I2][R43]", WORLDS) {
    TestType world;
    bind_by_key(world);
    const auto mme = reserved(world, 1, 1000).sequence.ind;
    place(world, placed(1, own, 1100));
    const auto sgsn = reserved(world, 2, 2000).sequence.ind;
    auto update = placed(2, own, 2100);
    update.registration.domain = s6a::Domain::sgsn;
    place(world, update);
    std::set<int> inds;
    const auto invent = [&] {
        for (int n = 100; n < 180; ++n) inds.insert(reserved(world, n, 3000).sequence.ind);
    };
    invent();
    CHECK(inds.size() == 30);
    CHECK(view_of(world).issued.pre_processed_at == at(1000));
    CHECK(view_of(world, std::nullopt, 2).issued.pre_processed_at == at(2000));
    CHECK(reserved(world, 1, 4000).sequence.ind == mme);
    CHECK(reserved(world, 2, 4000).sequence.ind == sgsn);
    await(world.store.purge(imsi(known), {node(1), {}, {}, {}, at(5000)})).value();
    invent();
    CHECK(inds.size() == 31);
    CHECK_FALSE(view_of(world).issued.pre_processed_at);
}
