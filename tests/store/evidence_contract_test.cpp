// SPDX-License-Identifier: Apache-2.0
// The contract of store.h about evidence, keys and re-synchronisation, and what a refusal leaves behind.
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "store/binding_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::Policy;
using binding::Provenance;
using binding::Sign;
using binding::State;

#define WORLDS MemoryWorld, PostgresWorld

TEMPLATE_TEST_CASE("a refusal is told to the next AIR, once, and for a short time", "[contract][binding][R8]",
                   WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known)))});
    store::Refusal refusal{node(1), reporting(own), Provenance::authenticated};
    refusal.refuse_until = at(20'000);
    refusal.now = at(0);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    CHECK(refused(world, request(imsi(known), 1, 1, 1000)) == Cause::access_refused);
    CHECK(reserved(world, 1, 1001).sequence.first_seq == 1);
    await(world.store.record_refusal(imsi(known), refusal)).value();
    CHECK(reserved(world, 1, 20'000).sequence.first_seq == 2);
}

TEMPLATE_TEST_CASE("a locked binding gets no vector until the operator ends the lock",
                   "[contract][binding][R8]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known)))});
    place(world, placed(1, own, 0));
    SECTION("by a refusal") {
        store::Refusal refusal{node(1), reporting(own), Provenance::authenticated};
        refusal.lock = true;
        await(world.store.record_refusal(imsi(known), refusal)).value();
    }
    SECTION("by a Notify") {
        store::NotifyNode note{node(1)};
        note.lock = true;
        await(world.store.notify(imsi(known), note, 10s)).value();
    }
    SECTION("by the operator") {
        must_put(world, {item(store::SetLock{imsi(known), true})});
    }
    CHECK(refused(world, request(imsi(known))) == Cause::binding_locked);
    CHECK(view_of(world).binding.locked);
    CHECK(world.provisioning.subscriber(imsi(known))->seq == 0);
    must_put(world, {item(store::SetLock{imsi(known), false})});
    CHECK(reserved(world).sequence.first_seq == 1);
}

TEMPLATE_TEST_CASE("a binding that was locked after the verdict is not registered", "[contract][binding][R8]",
                   WORLDS) {
    TestType world;
    bind_by_key(world);
    place(world, placed(1, own, 10));
    must_put(world, {item(store::SetLock{imsi(known), true})});
    auto request = placed(2, second, 20);
    request.proof = true;
    request.registration.emergency = true;
    CHECK(not_placed(world, request) == Cause::binding_locked);
    CHECK(view_of(world).registrations.mme->node == node(1));
    CHECK(view_of(world).last_seen_imei == own);
    CHECK_FALSE(world.provisioning.subscriber(imsi(known))->proved_at.has_value());
    // An emergency service that goes on is ended by a key alone.
    must_put(world, {binding_of(Policy::imei_enforce, {own})});
    place(world, request);
    CHECK(view_of(world).registrations.mme->node == node(2));
    request = placed(3, own, 30);
    CHECK(not_placed(world, request) == Cause::binding_locked);
    must_put(world, {item(store::SetLock{imsi(known), false})});
    place(world, request);
    CHECK(view_of(world).registrations.mme->node == node(3));
}

TEMPLATE_TEST_CASE("a B-AV that nobody answers is noticed at a later AIR, and counted once",
                   "[contract][binding][R8][I1]", WORLDS) {
    TestType world;
    bind_by_key(world);
    CHECK_FALSE(reserved(world, 1, 0).unanswered);
    CHECK_FALSE(reserved(world, 1, 29'999).unanswered);
    CHECK(reserved(world, 2, 30'000).unanswered);
    CHECK_FALSE(reserved(world, 2, 59'999).unanswered);
    CHECK(reserved(world, 1, 60'000).unanswered);
    SECTION("a proof answers it") {
        auto request = placed(1, own, 61'000);
        request.proof = true;
        place(world, request);
        CHECK_FALSE(reserved(world, 2, 100'000).unanswered);
        CHECK(reserved(world, 2, 130'000).unanswered);
    }
    SECTION("an AUTS answers it") {
        auto wanted = resync(500, 1);
        wanted.now = at(100'000);
        CHECK_FALSE(await(world.store.reserve_vectors(wanted)).value().unanswered);
        CHECK_FALSE(reserved(world, 1, 110'000).unanswered);
    }
    SECTION("where the UE is registered, nothing answers and nothing is missed") {
        auto request = placed(1, own, 61'000);
        request.proof = true;
        place(world, request);
        CHECK_FALSE(reserved(world, 1, 100'000).unanswered);
        CHECK_FALSE(reserved(world, 1, 200'000).unanswered);
        CHECK_FALSE(reserved(world, 2, 300'000).unanswered);
        await(world.store.purge(imsi(known), {node(1), {}, {}, {}, at(300'001)})).value();
        CHECK(reserved(world, 1, 340'000).unanswered);
    }
}

TEMPLATE_TEST_CASE("without a policy of keys nothing is unanswered", "[contract][binding][R42]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::imei_enforce)});
    CHECK_FALSE(reserved(world, 1, 0).unanswered);
    CHECK_FALSE(reserved(world, 2, 90'000).unanswered);
    CHECK_FALSE(signed_by(world, Sign::strong_against).became_suspect);
    CHECK(world.provisioning.subscriber(imsi(known))->standing == binding::Standing{});
}

TEMPLATE_TEST_CASE("a purge tells of a vector that the node had and nobody answered",
                   "[contract][binding][R8]", WORLDS) {
    TestType world;
    bind_by_key(world);
    const auto open = [&](int from, std::int64_t time) {
        return await(world.store.purge(imsi(known), {node(from), {}, {}, {}, at(time)})).value().vector_open;
    };
    reserved(world, 1, 0);
    CHECK_FALSE(open(2, 10));
    CHECK(open(1, 10));
    CHECK_FALSE(open(1, 20));
    reserved(world, 1, 30);
    place(world, placed(1, own, 40));
    CHECK_FALSE(open(1, 50));
    reserved(world, 1, 60);
    CHECK(open(1, 70));
}

TEMPLATE_TEST_CASE("signs against a binding make it suspect, a proof clears it, and terms may lock it",
                   "[contract][binding][R8][R33]", WORLDS) {
    TestType world;
    bind_by_key(world);
    CHECK_FALSE(signed_by(world, Sign::strong_against).became_suspect);
    CHECK(signed_by(world, Sign::strong_against).became_suspect);
    auto reservation = reserved(world);
    CHECK(reservation.state == State::suspect);
    CHECK(reservation.on_suspicion == binding::OnSuspicion::alarm);
    const auto row = world.provisioning.subscriber(imsi(known)).value();
    CHECK(row.standing.state == State::suspect);
    CHECK(row.standing.strong == 2);
    CHECK_FALSE(row.proved_at);
    SECTION("by a sign") {
        CHECK(signed_by(world, Sign::proof, 500).cleared);
        CHECK(world.provisioning.subscriber(imsi(known))->proved_at == at(500));
    }
    SECTION("by an Update-Location") {
        auto request = placed(1, own, 500);
        request.proof = true;
        place(world, request);
        CHECK(world.provisioning.subscriber(imsi(known))->proved_at == at(500));
    }
    SECTION("not by an Update-Location that proves nothing") {
        place(world, placed(1, own, 500));
        CHECK(reserved(world, 3).state == State::suspect);
        signed_by(world, Sign::proof);
    }
    CHECK(reserved(world, 2).state == State::normal);
    CHECK(world.provisioning.subscriber(imsi(known))->standing.strong == 0);
    must_put(world, {terms_named("lock", Policy::kme, binding::OnSuspicion::lock),
                     binding_of(Policy::off, {own}, "lock")});
    signed_by(world, Sign::strong_against);
    CHECK(signed_by(world, Sign::strong_against).became_locked);
    CHECK(refused(world, request(imsi(known))) == Cause::binding_locked);
    CHECK(await(world.store.record_sign(imsi("001010000000099"), {})).error().cause == Cause::user_unknown);
}

TEMPLATE_TEST_CASE("one regular vector for reprovisioning, and not twice for the same reason",
                   "[contract][binding][R33][I3]", WORLDS) {
    TestType world;
    bind_by_key(world);
    must_put(world, {terms_named("again", Policy::kme, binding::OnSuspicion::reprovision),
                     binding_of(Policy::off, {own}, "again")});
    for (int i = 0; i < 5; ++i) signed_by(world, Sign::weak_against);
    CHECK(reserved(world, 1, 0).on_suspicion == binding::OnSuspicion::reprovision);
    auto wanted = request(imsi(known), 5, 1, 1000);
    wanted.regular = store::Regular::always;
    const auto given = await(world.store.reserve_vectors(wanted)).value();
    CHECK(given.sequence.count == 1);
    CHECK(view_of(world).issued.regular_at == at(1000));
    CHECK_FALSE(view_of(world).issued.pre_processed_at);  // it proves nothing any more
    CHECK(refused(world, wanted) == Cause::rate_limited);
    CHECK(reserved(world, 1, 2000).reprovisions == std::vector{at(1000)});
    wanted.last_reprovision = at(1000);
    wanted.now = at(3000);
    CHECK(await(world.store.reserve_vectors(wanted)).has_value());
    CHECK(reserved(world, 1, 4000).reprovisions == std::vector{at(1000), at(3000)});
}

TEMPLATE_TEST_CASE("an AUTS is accepted once, and SEQ never falls", "[contract][binding][I7]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known), 100))});
    const auto first = [&](const store::VectorReservationRequest& wanted) {
        return await(world.store.reserve_vectors(wanted)).value().sequence.first_seq;
    };
    CHECK(first(resync(5000, 1)) == 5001);
    CHECK(refused(world, resync(5000, 1)) == Cause::resync_replayed);
    CHECK(refused(world, resync(4999, 2)) == Cause::resync_replayed);
    CHECK(refused(world, resync(5000, 1, 2)) == Cause::resync_replayed);
    CHECK(first(resync(5000, 2)) == 5002);
    CHECK(first(resync(6000, 1)) == 6001);
    CHECK(first(request(imsi(known))) == 6002);
    // A new card of the subscription begins anew.
    auto put = put_subscriber(imsi(known));
    put.keys = AkaKeys::milenage(secret<16>(0x77), secret<16>(0x0b));
    must_put(world, {item(put)});
    CHECK(first(resync(3, 9)) == 6003);
}

TEMPLATE_TEST_CASE("of a hundred equal AUTSs at once one is accepted", "[contract][binding][I7][R43]",
                   WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known)))});
    std::atomic<int> accepted = 0;
    std::atomic<int> replayed = 0;
    boost::asio::io_context context;
    const auto ask = [&]() -> boost::asio::awaitable<void> {
        auto wanted = resync(700, 42);
        auto result = co_await world.store.reserve_vectors(std::move(wanted));
        if (result) ++accepted;
        if (!result && result.error().cause == Cause::resync_replayed) ++replayed;
    };
    for (int i = 0; i < 100; ++i) boost::asio::co_spawn(context, ask(), boost::asio::detached);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) threads.emplace_back([&] { context.run(); });
    for (auto& thread : threads) thread.join();
    CHECK(accepted == 1);
    CHECK(replayed == 99);
    CHECK(world.provisioning.subscriber(imsi(known))->seq == 701);
}

TEMPLATE_TEST_CASE("of several candidate keys the proven one is active, and a strong sign turns to the next",
                   "[contract][binding][R3][R10]", WORLDS) {
    TestType world;
    bind_by_key(world, true);
    const auto key = [&] { return reserved(world).subscription.kme.value().id; };
    const auto first = key();
    const auto other = [&] {
        const auto loaded = await(world.store.load_authentication(imsi(known), node(9), {})).value();
        REQUIRE(loaded.other_kmes.size() == 1);
        return loaded.other_kmes[0].id;
    }();
    CHECK(other != first);
    CHECK(signed_by(world, Sign::strong_against).next_key);
    CHECK(key() == other);
    CHECK(signed_by(world, Sign::strong_against).next_key);
    CHECK(key() == first);
    CHECK_FALSE(signed_by(world, Sign::strong_against).next_key);
    signed_by(world, Sign::proof, 0, other);
    CHECK(key() == other);
    signed_by(world, Sign::proof, 0, std::int64_t{987654});
    CHECK(key() == other);
    // What the operator changes elsewhere leaves the choice alone.
    must_put(world, {item(store::PutKme{stranger, kme_key(3)})});
    CHECK(key() == other);
}

TEMPLATE_TEST_CASE("a later generation is the active key, and the one before opens an AUTS for a while",
                   "[contract][binding][R12][R19]", WORLDS) {
    TestType world;
    bind_by_key(world);
    const auto before = reserved(world, 1).subscription.kme.value();
    must_put(world, {item(store::PutKme{own, kme_key(5), 1})});
    const auto now = reserved(world, 2).subscription.kme.value();
    CHECK(now.generation == 1);
    CHECK(now.id != before.id);
    const auto others = [&](int from, WallTime time) {
        std::vector<std::int64_t> ids;
        const store::KeyGrace grace{time, 600s};
        const auto loaded = await(world.store.load_authentication(imsi(known), node(from), grace)).value();
        CHECK(loaded.kme->id == now.id);
        for (const auto& kme : loaded.other_kmes) ids.push_back(kme.id);
        return ids;
    };
    const auto today = SystemClock().now();
    CHECK(others(2, today) == std::vector{before.id});
    CHECK(others(2, today + 3600s).empty());
    // The node's last vector is under it: however long ago, that is what an AUTS answers.
    CHECK(others(1, today + 3600s) == std::vector{before.id});
    must_put(world, {item(store::RetireKme{own, 0})});
    CHECK(others(1, today).empty());
}

TEMPLATE_TEST_CASE("no more keys are tried for one AUTS than the limit", "[contract][binding][R43]", WORLDS) {
    TestType world;
    std::vector<store::Item> items{item(put_subscriber(imsi(known)))};
    std::vector<Imei> devices;
    for (std::size_t i = 0; i < limits::resync_keys_max + 4; ++i) {
        devices.push_back(Imei::from_number(35'824'005'000'100 + i).value());
        items.push_back(item(store::PutKme{devices.back(), kme_key(static_cast<std::uint8_t>(10 + i))}));
    }
    items.push_back(binding_of(Policy::kme, devices));
    must_put(world, items);
    const auto loaded = await(world.store.load_authentication(imsi(known), node(), {})).value();
    CHECK(loaded.other_kmes.size() == limits::resync_keys_max);
    std::set<std::int64_t> ids{loaded.kme->id};
    for (const auto& kme : loaded.other_kmes) ids.insert(kme.id);
    CHECK(ids.size() == limits::resync_keys_max + 1);
}

TEMPLATE_TEST_CASE("a binding that is off is not looked at, and its vectors are plain",
                   "[contract][binding][R42]", WORLDS) {
    TestType world;
    must_put(world, {item(put_subscriber(imsi(known))), item(store::PutKme{own, kme_key(1)}),
                     binding_of(Policy::off, {own})});
    const auto reservation = await(world.store.reserve_vectors(request(imsi(known), 3))).value();
    CHECK(reservation.sequence.count == 3);
    CHECK(reservation.subscription.policy == Policy::off);
    CHECK(view_of(world).issued.regular_at == at(0));
}
