// SPDX-License-Identifier: Apache-2.0
// What the store keeps of a card: algorithm, keys of any length, and whether it is a SIM.
#include <catch2/catch.hpp>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

void must_apply(store::Provisioning& provisioning, const std::vector<store::Item>& items) {
    for (const auto& error : provisioning.apply(items, false)) FAIL(error.text);
}

AkaKeys milenage_keys() {
    return AkaKeys::milenage(secret<16>(0xc4), secret<16>(0x0b));
}

AkaKeys tuak_keys(std::size_t k_octets, std::uint8_t iterations, std::uint8_t res_octets) {
    return {AkaAlgorithm::tuak, kme_key(0x21, k_octets), kme_key(0x22, 32), iterations, res_octets};
}

AkaKeys xor_keys(std::uint8_t res_octets) {
    AkaKeys keys;
    keys.algorithm = AkaAlgorithm::xor_test;
    keys.k = kme_key(0x23);
    keys.res_octets = res_octets;
    return keys;
}

store::PutSubscriber card(const AkaKeys& keys, bool sim_only = false) {
    auto put = put_subscriber(imsi(known));
    put.keys = keys;
    put.sim_only = sim_only;
    return put;
}

}  // namespace

TEMPLATE_TEST_CASE("a card of every algorithm comes back as it was put, to both verbs of vectors",
                   "[contract][card]", WORLDS) {
    TestType world;
    for (const auto& keys :
         {tuak_keys(16, 1, 4), tuak_keys(32, 16, 16), xor_keys(4), xor_keys(16), milenage_keys()}) {
        for (const bool sim_only : {true, false}) {
            must_apply(world.provisioning, {item(card(keys, sim_only))});
            const auto loaded = await(world.store.load_authentication(imsi(known), node(), {})).value();
            CHECK(loaded.keys == keys);
            CHECK(loaded.sim_only == sim_only);
            const auto reserved = await(world.store.reserve_vectors(request(imsi(known)))).value();
            CHECK(reserved.subscription.keys == keys);
            CHECK(reserved.subscription.sim_only == sim_only);
        }
    }
}

TEMPLATE_TEST_CASE("no change of a card touches its SQN, its AMF or its binding", "[contract][card][I7]",
                   WORLDS) {
    TestType world;
    auto first = put_subscriber(imsi(known), 500);
    first.amf = Amf{{0x80, 0x11}};
    must_apply(world.provisioning,
               {item(first), item(store::PutBinding{imsi(known), binding::Policy::imei_monitor, {}, ""})});
    std::uint64_t issued = 500;
    for (const auto& keys : {tuak_keys(32, 2, 8), xor_keys(8), milenage_keys()}) {
        auto put = card(keys, true);
        put.amf = first.amf;
        put.seq = 3;  // only a new subscriber's
        must_apply(world.provisioning, {item(put)});
        CHECK(world.provisioning.subscriber(imsi(known)).value().seq == issued);
        const auto reserved = await(world.store.reserve_vectors(request(imsi(known)))).value();
        CHECK(reserved.sequence.first_seq == ++issued);
        CHECK(reserved.subscription.amf == first.amf);
        CHECK(reserved.subscription.policy == binding::Policy::imei_monitor);
    }
}

TEMPLATE_TEST_CASE("keys that do not fit their algorithm are not stored", "[contract][card]" NOT_OVER_API,
                   WORLDS) {
    TestType world;
    auto milenage_long = milenage_keys();
    milenage_long.k = kme_key(0x31, 32);
    auto tuak_short = tuak_keys(32, 1, 8);
    tuak_short.opc = kme_key(0x32, 16);
    const auto error_of = [&](const AkaKeys& keys) {
        const auto errors = world.provisioning.apply({item(card(keys), 7)}, false);
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].line == 7);
        return errors[0].text;
    };
    CHECK(error_of(milenage_long) == "K of Milenage has 32 octets, it needs 16");
    CHECK(error_of(tuak_short) == "TOPc has 16 octets, it needs 32");
    CHECK(error_of(tuak_keys(32, 0, 8)) == "TUAK has 1 to 16 iterations, not 0");
    CHECK(error_of(xor_keys(17)) == "RES has 4 to 16 octets, not 17");
    CHECK(world.provisioning.subscribers(10).empty());
}

TEMPLATE_TEST_CASE("up to ten SEQ values may be reserved at once, for both kinds of vectors",
                   "[contract][card]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    const auto reserved = await(world.store.reserve_vectors(request(imsi(known), 10))).value();
    CHECK(reserved.sequence.first_seq == 1);
    CHECK(reserved.sequence.count == 10);
    CHECK(await(world.store.reserve_vectors(request(imsi(known)))).value().sequence.first_seq == 11);
}

TEST_CASE("a card that is put again as it is leaves its row alone", "[postgres][card]") {
    PostgresWorld world;
    const auto version = [&] {
        return world.database.query("SELECT ctid FROM auc WHERE imsi = '" + known + "'");
    };
    for (const auto& keys : {tuak_keys(32, 2, 8), xor_keys(5)}) {
        must_apply(world.provisioning, {item(card(keys, true))});
        const auto before = version();
        must_apply(world.provisioning, {item(card(keys, true))});
        CHECK(version() == before);
        must_apply(world.provisioning, {item(card(keys, false))});
        CHECK_FALSE(version() == before);
    }
}

TEST_CASE("keys that somebody changed in the database are told as such, not used", "[postgres][card]") {
    PostgresWorld world;
    must_apply(world.provisioning, {item(card(tuak_keys(32, 2, 8)))});
    world.database.query("UPDATE auc SET algorithm = 0, tuak_iterations = 1");
    const auto loaded = await(world.store.load_authentication(imsi(known), node(), {}));
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().cause == Cause::authentication_data_unavailable);
    CHECK(loaded.error().detail == "K of Milenage has 32 octets, it needs 16");
}
