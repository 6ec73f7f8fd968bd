// SPDX-License-Identifier: Apache-2.0
// The provisioning of a key without an MME that knows of it.
#include "key_world.h"

namespace bindhss::test {

namespace {

using binding::ExchangeOutcome;

struct HttpsWorld : KeyWorld {
    using KeyWorld::KeyWorld;

    Result<procedure::KeyOffer> offer(Imei imei) { return run(procedure::offer_key(key_ports, imsi, imei)); }
    Result<procedure::KeyConfirmation> confirm(const binding::TransactionId& transaction,
                                               OctetString answer) {
        return run(procedure::confirm_key(key_ports, transaction, std::move(answer)));
    }
    OctetString answer_to(const procedure::KeyOffer& offered) {
        return element.answer(offered.container, imsi, session, device).value();
    }
};

}  // namespace

TEST_CASE("A device fetches its key and proves it, and its next attach runs on it",
          "[kme][https][R19][R29][I4]") {
    HttpsWorld world;
    const auto offered = world.offer(world.own);
    REQUIRE(offered);
    CHECK(offered->generation == 1);
    CHECK(offered->deadline > world.clock.now());
    const auto confirmed = world.confirm(offered->transaction, world.answer_to(*offered));
    REQUIRE(confirmed);
    CHECK(confirmed->outcome == ExchangeOutcome::established);
    const auto ula = world.attach_in(world.device, world.mme2, 0);
    REQUIRE(ula);
    CHECK(*ula);
    CHECK(world.registered());
}

TEST_CASE("An answer by https counts once, in time, and for its own transaction", "[kme][https][I4]") {
    HttpsWorld world;
    const auto offered = world.offer(world.own);
    REQUIRE(offered);
    const auto answer = world.answer_to(*offered);
    auto other = offered->transaction;
    other[0] ^= 1;
    CHECK_FALSE(world.confirm(other, answer));
    SECTION("too late") {
        world.later(std::chrono::seconds(301));
        CHECK_FALSE(world.confirm(offered->transaction, answer));
    }
    SECTION("twice") {
        CHECK(world.confirm(offered->transaction, answer)->outcome == ExchangeOutcome::established);
        CHECK_FALSE(world.confirm(offered->transaction, answer));
    }
    SECTION("another one began meanwhile") {
        REQUIRE(world.offer(world.own));
        CHECK_FALSE(world.confirm(offered->transaction, answer));
    }
    SECTION("something else") {
        CHECK(world.confirm(offered->transaction, OctetString{1, 2, 3})->outcome ==
              ExchangeOutcome::not_answered);
        CHECK_FALSE(world.confirm(offered->transaction, answer));
        const auto again = world.offer(world.own);
        REQUIRE_FALSE(again);
        CHECK(again.error().cause == Cause::rate_limited);
    }
}

TEST_CASE("Nobody is offered a key that he does not need, or that is not his", "[kme][https][R14][I5]") {
    HttpsWorld world;
    CHECK(world.offer(world.stranger).error().cause == Cause::authorization_rejected);
    const auto offered = world.offer(world.own);
    REQUIRE(world.confirm(offered->transaction, world.answer_to(*offered)));
    CHECK(world.offer(world.own).error().detail == "the device's key is good: nothing asks for another one");
    world.store.renew_kmes(world.own);
    CHECK(world.offer(world.own));
    world.put(store::SetLock{world.imsi, true});
    CHECK_FALSE(world.offer(world.own));
}

TEST_CASE("With first_use a device is offered a key when the network has seen the card in it",
          "[kme][https][I5]") {
    HttpsWorld world(binding::Acquisition::first_use);
    CHECK_FALSE(world.offer(world.own));
    world.mme.refusal = fail(Cause::unable_to_deliver, "no answer");
    REQUIRE(world.attach_in(world.device, world.mme1));  // it authenticated, and could not be given a key
    world.later(std::chrono::seconds(61));
    CHECK(world.offer(world.own));
    CHECK_FALSE(world.offer(world.stranger));
    world.put(store::RefuseDevice{world.imsi, world.own});
    const auto denied = world.offer(world.own);
    REQUIRE_FALSE(denied);
    CHECK(denied.error().detail == "the device is not authorised for this subscription");
}

TEST_CASE("A transaction that travels by an MME is not answered by https", "[kme][https][I4]") {
    HttpsWorld world;
    world.mme.meanwhile = [&] {
        const auto& request = *world.mme.inserted.back().kme_provisioning_request;
        const auto answer = world.element.answer(request.container, world.imsi, world.session, world.device);
        CHECK_FALSE(world.confirm(request.transaction, *answer));
    };
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(*ula);
}

TEST_CASE("Who asks by https takes nothing from an exchange that an MME carries out",
          "[kme][https][I4][R43]") {
    HttpsWorld world;
    world.mme.meanwhile = [&] { CHECK(world.offer(world.own).error().cause == Cause::rate_limited); };
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(*ula);
}

TEST_CASE("A UE that had restricted service while it was given its key is told to come again",
          "[kme][https][R24]") {
    HttpsWorld world;
    world.store.put_profile("walled", KeyWorld::default_data());
    world.settings.provisioning.stock_mme = procedure::StockMme::restricted_apn;
    world.settings.provisioning.restricted_profile = "walled";
    REQUIRE(world.attach_in(world.device, world.mme2, 0));
    REQUIRE(world.registered());
    const auto offered = world.offer(world.own);
    REQUIRE(offered);
    REQUIRE(world.confirm(offered->transaction, world.answer_to(*offered)));
    REQUIRE(world.mme.cancelled.size() == 1);
    CHECK(world.mme.cancelled[0].reattach_required);
    CHECK(world.mme.cancelled[0].destination.host == world.mme2.host);
}

}  // namespace bindhss::test
