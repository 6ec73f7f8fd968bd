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
