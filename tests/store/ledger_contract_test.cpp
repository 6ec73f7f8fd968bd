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

TEMPLATE_TEST_CASE("an AUTS whose SQN has passed a regular vector closes it, an older one does not",
                   "[contract][binding][I2]", WORLDS) {
    TestType world;
    bind_by_key(world);
    auto wanted = request(imsi(known), 1, 1, 1000);
    wanted.regular = true;
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
