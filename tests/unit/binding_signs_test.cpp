// SPDX-License-Identifier: Apache-2.0
// What speaks for and against a device's key, and what follows (spec 4.2 "Which KME", 4.3, 4.7).
#include "signs_world.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using binding::OnSuspicion;
using binding::Policy;
using binding::State;
using test::cause_of_error;
using test::SignsWorld;

}  // namespace

TEST_CASE("Five vectors in a row that nobody answers make a binding suspect, which is told of once",
          "[signs][R8][R14]") {
    SignsWorld world;
    for (int i = 0; i < 5; ++i) world.ignore(world.mme1);
    CHECK(world.standing().weak == 4);
    CHECK(world.standing().state == State::normal);
    CHECK(world.alarms.raised.empty());
    world.ignore(world.mme1);
    CHECK(world.standing().state == State::suspect);
    CHECK(world.alarms.count(alarm::Id::kme_suspect) == 1);
    CHECK(world.alarms.raised.back().imsi == world.imsi);
    CHECK(world.alarms.raised.back().peer == world.mme1.host);
    world.ignore(world.mme1);
    CHECK(world.alarms.count(alarm::Id::kme_suspect) == 1);
    CHECK(world.under(world.challenge(world.mme1), world.kme));  // the milder choice: go on
}

TEST_CASE("Vectors asked for in quick succession are no signs, nor are those of a node that serves the UE",
          "[signs]") {
    SignsWorld world;
    SECTION("in quick succession") {
        for (int i = 0; i < 20; ++i) {
            (void)world.challenge(world.mme1);
            world.clock.advance(1s);
        }
        CHECK(world.standing().weak == 0);
    }
    SECTION("re-authentication: no Update-Location follows") {
        REQUIRE(world.attach(world.mme1, world.own));
        for (int i = 0; i < 20; ++i) world.ignore(world.mme1);
        CHECK(world.standing().weak == 0);
    }
    CHECK(world.alarms.raised.size() == world.alarms.count(alarm::Id::association_first_seen));
}

TEST_CASE("Two purges of a UE that failed make a binding suspect, a purge of one that was served none",
          "[signs][pur][R8]") {
    SignsWorld world;
    REQUIRE(world.attach(world.mme1, world.own));
    REQUIRE(world.purge({world.imsi, world.mme1}));
    CHECK(world.standing().strong == 0);
    REQUIRE(world.purge({world.imsi, world.mme2}));  // a node that had no vector
    CHECK(world.standing().strong == 0);
    world.fail_at(world.mme2);
    CHECK(world.standing().strong == 1);
    REQUIRE(world.purge({world.imsi, world.mme2}));  // repeated: the vector was counted
    CHECK(world.standing().strong == 1);
    CHECK(world.alarms.count(alarm::Id::kme_suspect) == 0);
    world.fail_at(world.mme2);
    CHECK(world.standing().state == State::suspect);
    CHECK(world.alarms.count(alarm::Id::kme_suspect) == 1);
}

TEST_CASE("A proof ends the suspicion, and what spoke against the device counts no more", "[signs][R13]") {
    SignsWorld world;
    world.make_suspect();
    world.alarms.forget();
    SECTION("an Update-Location after a vector under the key") {
        REQUIRE(world.attach(world.mme1, world.own));
    }
    SECTION("an AUTS under the key") {
        const auto vector = world.challenge(world.mme1);
        const auto again = world.air(world.mme1, 1, world.out_of_step(vector, world.kme, 900));
        REQUIRE(again);
        CHECK(world.under(again->eutran_vectors[0], world.kme));
    }
    CHECK(world.standing() == binding::Standing{});
    CHECK(world.alarms.is_over(alarm::Id::kme_suspect));
    CHECK(world.alarms.count(alarm::Id::kme_suspect) == 0);
}

TEST_CASE("A suspect is locked where the operator wants it, and gets no vector until he ends it",
          "[signs][R14]") {
    SignsWorld world(OnSuspicion::lock);
    SECTION("by strong signs") {
        world.make_suspect();
    }
    SECTION("by weak signs: the vector that shows it is not handed out") {
        for (int i = 0; i < 5; ++i) world.ignore(world.mme1);
        CHECK(cause_of_error(world.air(world.mme1)) == Cause::binding_locked);
    }
    CHECK(world.alarms.count(alarm::Id::binding_locked) == 1);
    CHECK(world.standing().state == State::locked);
    const auto before = world.seq();
    const auto refused = world.air(world.mme2);
    CHECK(cause_of_error(refused) == Cause::binding_locked);
    CHECK(result_code(refused.error().cause).number == 5003);
    CHECK(world.seq() == before);
    CHECK_FALSE(world.ulr(world.mme1, world.own));
    world.put(store::SetLock{world.imsi, false});
    CHECK(world.standing() == binding::Standing{});
    CHECK(world.attach(world.mme1, world.own));
}

TEST_CASE("A suspect gets one regular vector, indicated as such, then vectors under its key again",
          "[signs][R33][I3]") {
    SignsWorld world(OnSuspicion::reprovision);
    world.make_suspect();
    CHECK(world.regular(world.challenge(world.mme1)));
    CHECK(world.standing().reprovisions.size() == 1);
    SECTION("no registration rests on it") {
        CHECK(cause_of_error(world.ulr(world.mme1, world.own)) == Cause::authorization_rejected);
        CHECK(world.alarms.count(alarm::Id::binding_unverified) == 1);
        CHECK(world.store.registrations(10).empty());
    }
    SECTION("one in an interval") {
        CHECK(world.under(world.challenge(world.mme1), world.kme));
        CHECK(world.under(world.challenge(world.mme2), world.kme));
        world.clock.advance(world.settings.evidence.reprovision_interval);
        CHECK(world.regular(world.challenge(world.mme2)));
        CHECK(world.under(world.challenge(world.mme2), world.kme));
    }
    SECTION("so many a day") {
        unsigned regular = 1;
        for (int i = 0; i < 60; ++i) {
            world.clock.advance(world.settings.evidence.reprovision_interval + 1s);
            if (world.regular(world.challenge(world.mme1))) ++regular;
        }
        CHECK(regular == world.settings.evidence.reprovisions_per_day);
        world.clock.advance(24h);
        CHECK(world.regular(world.challenge(world.mme1)));
    }
    SECTION("whatever number is asked for") {
        world.clock.advance(world.settings.evidence.reprovision_interval);
        const auto answer = world.air(world.mme1, 5);
        REQUIRE(answer);
        REQUIRE(answer->eutran_vectors.size() == 1);
        CHECK(world.regular(answer->eutran_vectors[0]));
    }
}

TEST_CASE("The request that shows a binding to be suspect is given the regular vector at once",
          "[signs][R33]") {
    SignsWorld world(OnSuspicion::reprovision);
    for (int i = 0; i < 5; ++i) {
        CHECK(world.under(world.challenge(world.mme1), world.kme));
        world.clock.advance(31s);
    }
    CHECK(world.regular(world.challenge(world.mme1)));
}

TEST_CASE("A binding that is not suspect never gets a regular vector, whatever happens to it",
          "[signs][I3]") {
    SignsWorld world(GENERATE(OnSuspicion::alarm, OnSuspicion::lock));
    for (int i = 0; i < 5; ++i) {
        const auto answer = world.air(world.mme1);
        if (answer) CHECK(world.under(answer->eutran_vectors[0], world.kme));
        REQUIRE(world.purge({world.imsi, world.mme1}));
        world.clock.advance(700s);
    }
}

TEST_CASE("An AUTS is accepted once", "[signs][resync][I7]") {
    SignsWorld world;
    const auto vector = world.challenge(world.mme1);
    const auto info = world.out_of_step(vector, world.kme, 5'000);
    REQUIRE(world.air(world.mme1, 1, info));
    CHECK(world.alarms.raised.empty());
    const auto before = world.seq();
    const auto replayed = world.air(world.mme1, 1, info);
    CHECK(cause_of_error(replayed) == Cause::resync_replayed);
    CHECK(result_code(replayed.error().cause).number == 4181);
    CHECK(world.alarms.count(alarm::Id::resync_replayed) == 1);
    CHECK(world.seq() == before);
    CHECK(cause_of_error(world.air(world.mme2, 1, info)) == Cause::resync_replayed);
    SECTION("an older one is a replay too") {
        const auto older = world.out_of_step(vector, world.kme, 4'999);
        CHECK(cause_of_error(world.air(world.mme1, 1, older)) == Cause::resync_replayed);
    }
    SECTION("another one of the same SQN is not, nor is a newer one") {
        const auto next = world.challenge(world.mme1);
        CHECK(world.air(world.mme1, 1, world.out_of_step(next, world.kme, 5'000)));
        CHECK(world.air(world.mme1, 1, world.out_of_step(next, world.kme, 9'000)));
        CHECK(world.seq() > 9'000);
    }
    SECTION("the plain RAND of the same challenge makes no new one of it") {
        const ReSynchronizationInfo plain{aka::decrypt_rand(world.kme.view(), info.rand), info.auts};
        CHECK(cause_of_error(world.air(world.mme1, 1, plain)) == Cause::resync_replayed);
    }
}

TEST_CASE("A replayed AUTS proves nothing", "[signs][resync][I7]") {
    SignsWorld world;
    const auto info = world.out_of_step(world.challenge(world.mme1), world.kme, 5'000);
    REQUIRE(world.air(world.mme1, 1, info));
    world.make_suspect();
    CHECK(cause_of_error(world.air(world.mme1, 1, info)) == Cause::resync_replayed);
    CHECK(world.standing().state == State::suspect);
    CHECK_FALSE(world.alarms.is_over(alarm::Id::kme_suspect));
}

TEST_CASE("An AUTS under a key that was just replaced opens, for the grace time", "[signs][resync][R12]") {
    SignsWorld world;
    const auto vector = world.challenge(world.mme1);
    world.put(store::PutKme{world.own, world.other_kme, 1});
    REQUIRE(world.air(world.mme2));  // the node's last vector is not the one that the AUTS is about
    const auto info = world.out_of_step(vector, world.kme, 700);
    const auto answer = world.air(world.mme2, 1, info);
    REQUIRE(answer);
    CHECK(world.under(answer->eutran_vectors[0], world.other_kme));
    CHECK(world.alarms.raised.empty());
}

TEST_CASE("An AUTS answers a plain RAND only where a regular vector is out", "[signs][resync][R33]") {
    SignsWorld world(OnSuspicion::reprovision);
    SECTION("none is") {
        const auto vector = world.challenge(world.mme1);
        const auto info = world.out_of_step(vector, vector.rand, 50);
        REQUIRE(world.air(world.mme1, 1, info));
        CHECK(world.alarms.count(alarm::Id::resync_mac_failure) == 1);
    }
    SECTION("one is") {
        world.make_suspect();
        const auto vector = world.challenge(world.mme1);
        REQUIRE(world.regular(vector));
        REQUIRE(world.air(world.mme1, 1, world.out_of_step(vector, vector.rand, 50)));
        CHECK(world.alarms.count(alarm::Id::resync_mac_failure) == 0);
        CHECK(world.standing().state == State::suspect);  // it proves nothing of the key
    }
}

TEST_CASE(
    "Of several devices with keys of their own the next one's is used after strong evidence against one",
    "[signs][R3][R10]") {
    SignsWorld world;
    world.add_second_device();
    CHECK(world.under(world.challenge(world.mme1), world.kme));
    REQUIRE(world.purge({world.imsi, world.mme1}));
    CHECK(world.under(world.challenge(world.mme1), world.other_kme));
    SECTION("once around") {
        REQUIRE(world.purge({world.imsi, world.mme1}));
        CHECK(world.under(world.challenge(world.mme1), world.kme));
        REQUIRE(world.purge({world.imsi, world.mme1}));
        CHECK(world.under(world.challenge(world.mme1), world.kme));
    }
    SECTION("it stays with the one that proves itself") {
        REQUIRE(world.ulr(world.mme1, world.stranger));
        CHECK(world.registrations().mme->verified);
        CHECK(world.standing() == binding::Standing{});
        CHECK(world.under(world.challenge(world.mme2), world.other_kme));
    }
}

TEST_CASE("An AUTS under another candidate's key makes that the active one", "[signs][resync][R10]") {
    SignsWorld world;
    world.add_second_device();
    const auto vector = world.challenge(world.mme1);
    REQUIRE(world.purge({world.imsi, world.mme1}));
    REQUIRE(world.under(world.challenge(world.mme1), world.other_kme));
    const auto answer = world.air(world.mme1, 1, world.out_of_step(vector, world.kme, 900));
    REQUIRE(answer);
    CHECK(world.under(answer->eutran_vectors[0], world.kme));
    CHECK(world
              .sqn_of(answer->eutran_vectors[0],
                      aka::decrypt_rand(world.kme.view(), answer->eutran_vectors[0].rand))
              .seq() > 900);
}

namespace {

/// As challenge(), of a node that names the device.
s6a::EutranVector challenge_of(SignsWorld& world, const ServingNode& node, const Imei& imei,
                               std::optional<ReSynchronizationInfo> resync = std::nullopt) {
    s6a::AuthenticationInformationRequest request{
        world.imsi, node, world.plmn, s6a::RequestedAuthenticationInfo{}, {}};
    request.eutran->re_synchronization_info = resync;
    request.terminal_information = TerminalInformation{imei, "01", false};
    const auto answer = world.dispatch(request);
    REQUIRE(answer);
    return std::get<s6a::AuthenticationInformationAnswer>(*answer).eutran_vectors.at(0);
}

}  // namespace

TEST_CASE("A node that names the device with its request decides which key is used, for that vector alone",
          "[signs][R3]") {
    SignsWorld world;
    world.add_second_device();
    CHECK(world.under(challenge_of(world, world.mme1, world.stranger), world.other_kme));
    CHECK(world.under(world.challenge(world.mme1), world.kme));
    CHECK(world.under(world.challenge(world.mme2), world.kme));
    CHECK(world.under(challenge_of(world, world.mme1, world.own), world.kme));
    const auto unknown = *Imei::parse("01234500000001");  // of none of the binding's devices
    CHECK(world.under(challenge_of(world, world.mme1, unknown), world.kme));
}

TEST_CASE("The key of a device that was named is the active one once it is proven", "[signs][R3][I1]") {
    SignsWorld world;
    world.add_second_device();
    const auto vector = challenge_of(world, world.mme1, world.stranger);
    SECTION("by an Update-Location") {
        REQUIRE(world.ulr(world.mme1, world.stranger));
        CHECK(world.registrations().mme->verified);
        CHECK(world.under(world.challenge(world.mme2), world.other_kme));
    }
    SECTION("by an AUTS") {
        CHECK(world.air(world.mme1, 1, world.out_of_step(vector, world.other_kme, 900)));
        CHECK(world.under(world.challenge(world.mme2), world.other_kme));
    }
    SECTION("not by an Update-Location that comes too late") {
        world.clock.advance(world.settings.evidence_window + 1s);
        CHECK_FALSE(world.ulr(world.mme1, world.stranger));
        CHECK(world.under(world.challenge(world.mme2), world.kme));
    }
    SECTION("not one that was replaced meanwhile") {
        const SecretString next{test::hex<16>("0102030405060708090a0b0c0d0e0f10")};
        world.put(store::PutKme{world.stranger, next, 1});
        CHECK_FALSE(world.ulr(world.mme1, world.stranger));
        CHECK(world.under(world.challenge(world.mme2), world.kme));
    }
    SECTION("not that of a device that was taken off the list") {
        world.put(store::AuthoriseDevice{world.imsi, world.own, true});
        CHECK_FALSE(world.ulr(world.mme1, world.own));
        CHECK(world.under(world.challenge(world.mme2), world.kme));
    }
}

TEST_CASE("An AUTS says better than the node in which device the UE is", "[signs][resync][R3][R10]") {
    SignsWorld world;
    world.add_second_device();
    SECTION("of the key that is used") {
        const auto info = world.out_of_step(world.challenge(world.mme1), world.kme, 900);
        CHECK(world.under(challenge_of(world, world.mme1, world.stranger, info), world.kme));
    }
    SECTION("of one that was replaced: its device has the next one") {
        const auto vector = challenge_of(world, world.mme1, world.stranger);
        const SecretString next{test::hex<16>("0102030405060708090a0b0c0d0e0f10")};
        world.put(store::PutKme{world.stranger, next, 1});
        const auto answer = world.air(world.mme1, 1, world.out_of_step(vector, world.other_kme, 900));
        REQUIRE(answer);
        CHECK(world.under(answer->eutran_vectors.at(0), next));
        CHECK(world.under(world.challenge(world.mme2), world.kme));
    }
}

TEST_CASE("Nothing is inferred of a subscription without a key, however long its vectors wait",
          "[signs][R42]") {
    test::NodesWorld world;
    for (int i = 0; i < 10; ++i) {
        const auto answer = world.air(world.mme1, 5);
        REQUIRE(answer);
        CHECK(answer->eutran_vectors.size() == 5);
        REQUIRE(world.purge({world.imsi, world.mme1}));
        world.clock.advance(1h);
    }
    CHECK(world.alarms.raised.empty());
    CHECK(world.alarms.cleared.empty());
    CHECK(world.store.subscriber(world.imsi)->standing == binding::Standing{});
}

TEST_CASE("A lock holds back the triplets of a SIM as well", "[signs][geran]") {
    test::NodesWorld world;
    store::PutSubscriber subscriber{world.imsi, AkaKeys::milenage(world.k, world.opc)};
    subscriber.sim_only = true;
    world.put(subscriber);
    world.bind(Policy::imei_enforce);
    const s6a::AuthenticationInformationRequest request{world.imsi, world.sgsn1, world.plmn, std::nullopt,
                                                        s6a::RequestedAuthenticationInfo{}};
    REQUIRE(world.dispatch(request));
    world.put(store::SetLock{world.imsi, true});
    CHECK(cause_of_error(world.dispatch(request)) == Cause::binding_locked);
}

}  // namespace bindhss
