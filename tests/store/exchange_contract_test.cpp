// SPDX-License-Identifier: Apache-2.0
// The contract of Exchanges, for every implementation: when an exchange begins, what it leaves, and what it
// never does.
#include <catch2/catch.hpp>

#include "store/exchange_world.h"
#include "store/kept.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::ExchangeOutcome;
using binding::Policy;
using store::NotBegun;

#define WORLDS MemoryExchangeWorld, PostgresExchangeWorld

TEMPLATE_TEST_CASE("a key that a device has proven to have is the active one, and not before",
                   "[contract][exchange][R19][R26][R29][R30][R32][I4]", WORLDS) {
    TestType world;
    bind_without_key(world);
    CHECK(refused(world, request(imsi(known))) == Cause::kme_missing);
    auto exchange = wanted(1);
    exchange.not_after = at(86'400'000);
    exchange.occasion = binding::Occasion::suspicion;
    const auto begin = begun(world, exchange);
    CHECK(begin.generation == 1);
    CHECK(begin.key.imei == own);
    CHECK(begin.key.type == crypto::KeyType::p256);
    CHECK(begin.key.fingerprint == public_key(own, "own").fingerprint);
    CHECK(begin.key.der == public_key(own, "own").der);
    CHECK_FALSE(begin.session.has_value());
    CHECK(refused(world, request(imsi(known))) == Cause::kme_missing);
    CHECK(world.provisioning.kmes(own, 10).empty());
    CHECK_FALSE(view_of(world).binding.has_kme);
    CHECK(await(world.exchanges.exchange_pending(imsi(known), at(6'000))).value());
    CHECK_FALSE(await(world.exchanges.exchange_pending(imsi(known), at(6'001))).value());

    const auto pending = await(world.exchanges.load_exchange(transaction(1), at(6'000))).value();
    REQUIRE(pending);
    CHECK(pending->imsi == imsi(known));
    CHECK(pending->imei == own);
    CHECK(pending->terms.transaction == transaction(1));
    CHECK(pending->terms.nonce == exchange.nonce);
    CHECK(pending->terms.generation == 1);
    CHECK(pending->terms.rand_algorithm == binding::RandAlgorithm::aes128);
    CHECK(pending->terms.not_after == at(86'400'000));
    CHECK(pending->kme == kme_key(1));
    CHECK(pending->way == store::ExchangeWay::s6a);
    CHECK(pending->occasion == binding::Occasion::suspicion);
    CHECK(pending->node == node(1));
    CHECK(pending->deadline == at(6'000));

    CHECK(established(world, 1, 500));
    const auto key = key_used(world, 1'000);
    REQUIRE(key);
    CHECK(key->key == kme_key(1));
    CHECK(key->generation == 1);
    CHECK(key->not_after == at(86'400'000));
    CHECK(view_of(world).binding.has_kme);
    CHECK(world.provisioning.subscriber(imsi(known))->proved_at == at(500));
    CHECK_FALSE(await(world.exchanges.exchange_pending(imsi(known), at(600))).value());
    CHECK_FALSE(await(world.exchanges.load_exchange(transaction(1), at(600))).value());
    CHECK_FALSE(established(world, 1, 600));
}

TEMPLATE_TEST_CASE("keys of 32 octets are provisioned as well", "[contract][exchange][R19]", WORLDS) {
    TestType world;
    bind_without_key(world);
    auto exchange = wanted(1);
    exchange.kme = kme_key(7, 32);
    exchange.rand_algorithm = binding::RandAlgorithm::aes256;
    begun(world, exchange);
    const auto pending = await(world.exchanges.load_exchange(transaction(1), at(0))).value();
    CHECK(pending->kme == kme_key(7, 32));
    CHECK(pending->terms.rand_algorithm == binding::RandAlgorithm::aes256);
    REQUIRE(established(world, 1, 10));
    CHECK(key_used(world)->key == kme_key(7, 32));
    CHECK_FALSE(key_used(world)->not_after.has_value());
}

TEMPLATE_TEST_CASE("an answer proves nothing for another transaction, or another subscription",
                   "[contract][exchange][R30][I4]", WORLDS) {
    TestType world;
    const std::string other = "001010000000002";
    bind_without_key(world);
    bind_without_key(world, {own}, other);
    begun(world, wanted(1));
    CHECK_FALSE(established(world, 2, 10));
    CHECK_FALSE(established(world, 1, 10, other));
    CHECK_FALSE(established(world, 1, 10, "001010000000009"));
    CHECK(world.provisioning.kmes(own, 10).empty());
    CHECK(established(world, 1, 10));
}

TEMPLATE_TEST_CASE("what comes after its time is worth nothing", "[contract][exchange][R30][I4]", WORLDS) {
    TestType world;
    bind_without_key(world);
    begun(world, wanted(1));
    CHECK_FALSE(established(world, 1, 6'001));
    CHECK(world.provisioning.kmes(own, 10).empty());
    CHECK_FALSE(established(world, 1, 5'000));  // it has had its chance
    begun(world, wanted(2));
    CHECK(established(world, 2, 6'000));
}

TEMPLATE_TEST_CASE("the same request joins an exchange, another one takes its place",
                   "[contract][exchange][R31][I4]", WORLDS) {
    TestType world;
    bind_without_key(world);
    begun(world, wanted(1));
    auto again = wanted(2, 6'000);
    again.end_to_end = 1;
    SECTION("the same one") {
        CHECK(not_begun(world, again) == NotBegun::joined);
        CHECK(established(world, 1, 100));
    }
    SECTION("the same one, when the time of the first is over") {
        again.now = at(6'001);
        CHECK(begun(world, again).generation == 1);
        CHECK_FALSE(established(world, 1, 6'000));
    }
    SECTION("of another node") {
        again.node = node(2);
        begun(world, again);
        CHECK_FALSE(established(world, 1, 100));
        CHECK(established(world, 2, 100));
    }
    SECTION("another one") {
        again.end_to_end = 2;
        CHECK(begun(world, again).generation == 1);
        CHECK_FALSE(await(world.exchanges.load_exchange(transaction(1), at(10))).value());
        CHECK_FALSE(established(world, 1, 100));
        CHECK(established(world, 2, 100));
        CHECK(key_used(world)->key == kme_key(2));
    }
    SECTION("by https nothing is the same") {
        again.way = store::ExchangeWay::https;
        again.node = {};
        again.now = at(6'001);
        begun(world, again);
        again.transaction = transaction(3);
        begun(world, again);
        const auto pending = await(world.exchanges.load_exchange(transaction(3), at(6'010))).value();
        CHECK(pending->way == store::ExchangeWay::https);
        CHECK(pending->node == ServingNode{});
        CHECK_FALSE(established(world, 2, 6'100));
    }
    SECTION("who asks by https takes nothing from one that a node carries out") {
        again.way = store::ExchangeWay::https;
        again.node = {};
        CHECK(not_begun(world, again) == NotBegun::postponed);
        CHECK(established(world, 1, 100));
    }
}

TEMPLATE_TEST_CASE("an exchange needs a public key of the device that is valid now",
                   "[contract][exchange][R20][R26]", WORLDS) {
    TestType world;
    bind_without_key(world);
    SECTION("it has none") {
        auto exchange = wanted(1);
        exchange.imei = second;
        CHECK(not_begun(world, exchange) == NotBegun::no_public_key);
        CHECK_FALSE(await(world.exchanges.exchange_pending(imsi(known), at(0))).value());
    }
    SECTION("it is revoked") {
        CHECK(world.device_keys.revoke_device_keys(own, std::nullopt) == 1);
        CHECK(not_begun(world, wanted(1)) == NotBegun::no_public_key);
    }
    SECTION("the newest that is valid counts") {
        auto newer = public_key(own, "newer");
        newer.valid_from = at(1'000);
        newer.valid_until = at(2'000);
        put_key(world, newer);
        CHECK(begun(world, wanted(1, 999)).key.fingerprint == public_key(own, "own").fingerprint);
        CHECK(begun(world, wanted(2, 1'000)).key.fingerprint == newer.fingerprint);
        CHECK(begun(world, wanted(3, 1'999)).key.valid_until == newer.valid_until);
        CHECK(begun(world, wanted(4, 2'000)).key.fingerprint == public_key(own, "own").fingerprint);
    }
    SECTION("one of an external registry goes before the table") {
        auto exchange = wanted(1);
        exchange.key = public_key(own, "from outside");
        CHECK(begun(world, exchange).key.fingerprint == exchange.key->fingerprint);
        exchange.key->revoked_at = at(5'000);
        CHECK(not_begun(world, exchange) == NotBegun::no_public_key);
        exchange.key = public_key(own, "old");
        exchange.key->valid_until = at(0);
        CHECK(not_begun(world, exchange) == NotBegun::no_public_key);
    }
    SECTION("nobody is unknown") {
        CHECK(tried(world, wanted(1, 0, "001010000000009")).error().cause == Cause::user_unknown);
    }
}

TEMPLATE_TEST_CASE("attempts that fail are paused, longer each time, until one succeeds",
                   "[contract][exchange][R19][I4]", WORLDS) {
    TestType world;
    bind_without_key(world);
    std::int64_t now = 0;
    const auto fails = [&](ExchangeOutcome outcome) {
        begun(world, wanted(1, now));
        auto finish = finish_of(1, now, outcome);
        finish.pauses = {60s, 300s};
        CHECK(finished(world, finish).stored);
        CHECK_FALSE(finished(world, finish).stored);
    };
    const auto paused_for = [&](std::int64_t seconds) {
        CHECK(not_begun(world, wanted(2, now + seconds * 1'000 - 1)) == NotBegun::postponed);
        now += seconds * 1'000;
    };
    fails(ExchangeOutcome::not_answered);
    paused_for(60);
    fails(ExchangeOutcome::rsp_invalid);
    paused_for(300);
    fails(ExchangeOutcome::refused);
    paused_for(300);
    CHECK(world.provisioning.kmes(own, 10).empty());
    SECTION("a success ends the row") {
        provision(world, 3, now);
        fails(ExchangeOutcome::not_answered);
        paused_for(60);
    }
    SECTION("and so does a long time") {
        now += 24 * 3'600 * 1'000 + 1;
        fails(ExchangeOutcome::not_answered);
        paused_for(60);
    }
    SECTION("one that is superseded is no failure") {
        fails(ExchangeOutcome::superseded);
        begun(world, wanted(4, now));
    }
    SECTION("without pauses the next one is at once") {
        begun(world, wanted(4, now));
        CHECK(finished(world, finish_of(4, now, ExchangeOutcome::not_understood)).stored);
        begun(world, wanted(5, now));
    }
}

TEMPLATE_TEST_CASE("an exchange ends with the UE's stay at its node", "[contract][exchange][R31][I4]",
                   WORLDS) {
    TestType world;
    bind_without_key(world);
    begun(world, wanted(1));
    const auto abort = [&](const std::string& host, const std::string& who = known) {
        await(world.exchanges.abort_exchange(imsi(who), host)).value();
    };
    abort(node(2).host);
    abort("", "001010000000009");
    CHECK(await(world.exchanges.exchange_pending(imsi(known), at(0))).value());
    SECTION("that node") {
        abort(node(1).host);
    }
    SECTION("any") {
        abort("");
    }
    CHECK_FALSE(await(world.exchanges.exchange_pending(imsi(known), at(0))).value());
    CHECK_FALSE(established(world, 1, 100));
    CHECK(world.provisioning.kmes(own, 10).empty());
    abort("");
}

TEMPLATE_TEST_CASE("a UE has come again when its node has a vector under the key since",
                   "[contract][exchange][R31]", WORLDS) {
    TestType world;
    bind_without_key(world);
    const auto come = [&](const ServingNode& at_node, std::int64_t since) {
        return await(world.exchanges.has_come_again(imsi(known), at_node, at(since))).value();
    };
    CHECK_FALSE(come(node(1), 0));
    provision(world, 1, 100);
    CHECK_FALSE(come(node(1), 0));
    REQUIRE(key_used(world, 1'000));
    CHECK(come(node(1), 999));
    CHECK(come(node(1), 1'000));
    CHECK_FALSE(come(node(1), 1'001));
    CHECK_FALSE(come(node(2), 0));
    CHECK(await(world.exchanges.has_come_again(imsi("001010000000099"), node(1), at(0))).error().cause ==
          Cause::user_unknown);
}

TEMPLATE_TEST_CASE("CK and IK of the last vector are at hand for a while", "[contract][exchange][R25]",
                   WORLDS) {
    TestType world;
    bind_without_key(world);
    const auto keep = [&](std::uint8_t number, const std::string& who = known) {
        binding::AkaSession session{secret<16>(number), secret<16>(number + 1), {}};
        session.autn.octets.fill(number);
        await(world.exchanges.keep_session(imsi(who), session, at(120'000))).value();
    };
    keep(1, "001010000000009");
    keep(1);
    keep(5);
    const auto session = begun(world, wanted(1, 119'999)).session;
    REQUIRE(session);
    CHECK(session->ck == secret<16>(5));
    CHECK(session->ik == secret<16>(6));
    CHECK(session->autn.octets[15] == 5);
    CHECK(established(world, 1, 119'999));
    CHECK(begun(world, wanted(2, 119'999)).session);
    CHECK_FALSE(begun(world, wanted(3, 120'000)).session);
}

TEMPLATE_TEST_CASE("the profile of a restricted access is the operator's, with the subscriber's number alone",
                   "[contract][exchange][R24]", WORLDS) {
    TestType world;
    bind_without_key(world);
    auto put = put_subscriber(imsi(known));
    put.override_document = R"({"ambr":{"uplink":7,"downlink":7}})";
    must_put(
        world,
        {item(store::PutProfile{
             "garden", R"({"ambr":{"uplink":1,"downlink":2},"default_context":1,"apns":{"1":{"apn":"g"}}})"}),
         item(put)});
    const auto garden = await(world.exchanges.load_restricted(imsi(known), "garden")).value();
    REQUIRE(garden);
    CHECK(garden->subscription.data.msisdn == "491700000001");
    CHECK(garden->subscription.data.ambr->uplink == 1);
    auto registration = placed(1, own, 0).registration;
    registration.limited_profile = "garden";
    registration.told = garden->version;
    REQUIRE(registered(world.store, imsi(known), registration).has_value());
    CHECK(await(world.store.take_untold({at(1'000)})).value().empty());
    CHECK_FALSE(await(world.exchanges.load_restricted(imsi(known), "none")).value());
    CHECK(await(world.exchanges.load_restricted(imsi("001010000000009"), "garden")).error().cause ==
          Cause::user_unknown);
}

TEMPLATE_TEST_CASE("what an access shows of its device is kept with the exchange, whether it begins or not",
                   "[contract][exchange][R1][R35]", WORLDS) {
    TestType world;
    bind_without_key(world);
    const auto seen_in = [&] {
        return std::pair(view_of(world).last_seen_imei, view_of(world).last_seen_svn);
    };
    auto exchange = wanted(1, 1'000);
    begun(world, exchange);
    CHECK_FALSE(seen_in().first);  // nobody has seen it
    exchange = wanted(2, 2'000);
    exchange.seen = store::SeenDevice{"07", binding::Provenance::authenticated};
    begun(world, exchange);
    CHECK(seen_in() == std::pair(std::optional(own), std::optional<std::string>("07")));
    exchange.now = at(3'000);
    exchange.seen->svn = "08";
    CHECK(not_begun(world, exchange) == NotBegun::joined);
    CHECK(seen_in().second == "08");
    exchange.now = at(4'000);
    exchange.seen->svn = "09";
    exchange.key = public_key(own, "own");
    exchange.key->valid_until = at(3'999);
    CHECK(not_begun(world, exchange) == NotBegun::no_public_key);
    CHECK(seen_in().second == "09");
    store::SeenFilter filter;
    filter.imei = own;
    const auto pairs = world.provisioning.seen(filter, std::nullopt, 10).pairs;
    REQUIRE(pairs.size() == 3);
    CHECK(pairs[1].first == at(3'000));
    CHECK(pairs[1].node == node(1).host);
    CHECK(pairs[1].provenance == binding::Provenance::authenticated);
}

TEMPLATE_TEST_CASE("of many devices that had exchanges those seen last are kept", "[contract][exchange][R43]",
                   WORLDS) {
    TestType world;
    bind_without_key(world);
    const auto kept = [&] { return world.provisioning.seen({}, std::nullopt, 1'000).pairs.size(); };
    for (std::size_t i = 1; i <= store::devices_kept_max + 5; ++i) {
        auto exchange = wanted(1, static_cast<std::int64_t>(1'000 * i));
        exchange.imei = Imei::from_number(own.number() + i).value();
        exchange.seen = store::SeenDevice{};
        (void)tried(world, exchange).value();
    }
    CHECK(kept() == store::devices_kept_max);
    CHECK(view_of(world).last_seen_imei == Imei::from_number(own.number() + store::devices_kept_max + 5));
}

TEMPLATE_TEST_CASE("a subscription that waits for a key is given one regular vector, one with a key none",
                   "[contract][exchange][R21][R22][I3]", WORLDS) {
    TestType world;
    bind_without_key(world);
    auto wanted_vectors = request(imsi(known), 3);
    CHECK(refused(world, wanted_vectors) == Cause::kme_missing);
    wanted_vectors.regular = store::Regular::without_key;
    wanted_vectors.kme_id = 4'711;  // of a device that had one
    const auto given = [&] { return await(world.store.reserve_vectors(wanted_vectors)).value(); };
    const auto unbound = given();
    CHECK(unbound.sequence.first_seq == 1);
    CHECK(unbound.sequence.count == 1);
    CHECK_FALSE(unbound.subscription.kme.has_value());
    CHECK(view_of(world).issued.regular_at == at(0));
    CHECK_FALSE(view_of(world).issued.pre_processed_at);
    CHECK(world.provisioning.subscriber(imsi(known))->standing.reprovisions.empty());
    provision(world, 1, 0);
    wanted_vectors.kme_id.reset();
    wanted_vectors.now = at(9'000);
    const auto bound = given();
    CHECK(bound.sequence.first_seq == 2);
    CHECK(bound.sequence.count == 1);
    REQUIRE(bound.subscription.kme.has_value());
    CHECK(view_of(world).issued.pre_processed_at == at(9'000));
}

TEMPLATE_TEST_CASE("a regular vector for a subscription without a key is no reprovision",
                   "[contract][exchange][R21][R22][I3]", WORLDS) {
    TestType world;
    bind_without_key(world);
    auto regular = request(imsi(known), 3);
    regular.regular = store::Regular::always;
    const auto given = [&] { return await(world.store.reserve_vectors(regular)); };
    for (std::uint64_t i = 1; i <= 3; ++i) {
        const auto reservation = given().value();
        CHECK(reservation.sequence.first_seq == i);
        CHECK(reservation.sequence.count == 1);
        CHECK_FALSE(reservation.subscription.kme.has_value());
    }
    CHECK(view_of(world).issued.regular_at == at(0));
    const auto counted = [&] {
        return world.provisioning.subscriber(imsi(known))->standing.reprovisions.size();
    };
    CHECK(counted() == 0);
    regular.last_reprovision = at(-5);  // of a time when it had one
    CHECK(given().has_value());
    regular.last_reprovision.reset();
    provision(world, 1, 0);
    CHECK(given().has_value());
    CHECK(counted() == 1);
    CHECK(given().error().cause == Cause::rate_limited);
}
