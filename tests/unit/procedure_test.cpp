// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "aka/resync.h"
#include "aka/vectors.h"
#include "world.h"

namespace bindhss {

namespace {

using namespace std::chrono_literals;
using binding::Policy;
using test::World;

Sqn sqn_of(const World& world, const s6a::EutranVector& vector, const Rand& plain) {
    aka::Milenage milenage(world.k, world.opc);
    auto octets = milenage.f2345(plain).ak.octets();
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= vector.autn.octets[i];
    return Sqn::from_octets(octets);
}

bool mac_fits(const World& world, const s6a::EutranVector& vector, const Rand& rand) {
    aka::Milenage milenage(world.k, world.opc);
    const Amf amf{{vector.autn.octets[6], vector.autn.octets[7]}};
    const auto mac = milenage.f1(rand, sqn_of(world, vector, rand), amf);
    return std::equal(mac.octets.begin(), mac.octets.end(), vector.autn.octets.begin() + 8);
}

Cause cause_of_error(const auto& result) {
    REQUIRE_FALSE(result);
    return result.error().cause;
}

}  // namespace

TEST_CASE("AIR for an unknown IMSI is answered USER_UNKNOWN", "[air]") {
    World world;
    s6a::AuthenticationInformationRequest request{
        *Imsi::parse("999990000000000"), world.mme1, world.plmn, s6a::RequestedAuthenticationInfo{}, {}};
    CHECK(cause_of_error(world.dispatch(request)) == Cause::user_unknown);
}

TEST_CASE("AIR gives as many vectors as asked, up to the limit, numbered in the order of SQN", "[air]") {
    World world;
    const auto answer = world.air(world.mme1, 9);
    REQUIRE(answer);
    REQUIRE(answer->eutran_vectors.size() == 5);
    std::optional<Sqn> before;
    for (std::size_t i = 0; i < 5; ++i) {
        const auto& vector = answer->eutran_vectors[i];
        CHECK(vector.item_number == i + 1);
        CHECK(mac_fits(world, vector, vector.rand));
        const auto sqn = sqn_of(world, vector, vector.rand);
        if (before) CHECK(sqn.seq() == before->seq() + 1);
        if (before) CHECK(sqn.ind() == before->ind());
        before = sqn;
    }
    CHECK(world.air(world.mme1, 0)->eutran_vectors.size() == 1);
}

TEST_CASE("A vector for a bound subscription fits only the RAND that its device decrypts", "[air][binding]") {
    World world;
    world.bind(Policy::kme);
    const auto answer = world.air(world.mme1, 5);
    REQUIRE(answer);
    REQUIRE(answer->eutran_vectors.size() == 1);
    const auto& vector = answer->eutran_vectors[0];
    CHECK_FALSE(mac_fits(world, vector, vector.rand));
    CHECK(mac_fits(world, vector, aka::decrypt_rand(world.kme.view(), vector.rand)));
    CHECK((vector.autn.octets[7] & 0x80) != 0);
}

TEST_CASE("A KME policy without a key gives no vector and an alarm", "[air][binding]") {
    World world;
    world.put(store::PutBinding{world.imsi, Policy::kme, {ImeiRange::of(world.own)}, ""});
    CHECK(cause_of_error(world.air(world.mme1)) == Cause::kme_missing);
    CHECK(world.alarms.count(alarm::Id::kme_missing) == 1);
}

TEST_CASE("Re-synchronisation over an encrypted RAND lifts SEQ above the USIM's", "[air][resync]") {
    World world;
    world.bind(Policy::kme);
    const auto first = world.air(world.mme1)->eutran_vectors[0];
    const auto plain = aka::decrypt_rand(world.kme.view(), first.rand);
    const Sqn sqn_ms(5'000, sqn_of(world, first, plain).ind());
    aka::Milenage milenage(world.k, world.opc);
    const ReSynchronizationInfo info{first.rand, aka::make_auts(milenage, plain, sqn_ms)};
    const auto second = world.air(world.mme1, 1, info);
    REQUIRE(second);
    const auto& vector = second->eutran_vectors[0];
    CHECK(sqn_of(world, vector, aka::decrypt_rand(world.kme.view(), vector.rand)) ==
          Sqn(5'001, sqn_ms.ind()));
    CHECK(world.alarms.raised.empty());
}

TEST_CASE("Re-synchronisation never lowers SEQ", "[air][resync][I7]") {
    World world;
    for (int i = 0; i < 20; ++i) (void)world.air(world.mme1);
    const auto last = world.air(world.mme1)->eutran_vectors[0];
    const auto sqn = sqn_of(world, last, last.rand);
    aka::Milenage milenage(world.k, world.opc);
    const ReSynchronizationInfo info{last.rand, aka::make_auts(milenage, last.rand, Sqn(3, sqn.ind()))};
    const auto next = world.air(world.mme1, 1, info)->eutran_vectors[0];
    CHECK(sqn_of(world, next, next.rand).seq() > sqn.seq());
}

TEST_CASE("An AUTS that does not verify is answered AUTHENTICATION_DATA_UNAVAILABLE with an alarm",
          "[air][resync]") {
    World world;
    const auto vector = world.air(world.mme1)->eutran_vectors[0];
    CHECK(cause_of_error(world.air(world.mme1, 1, ReSynchronizationInfo{vector.rand, Auts{}})) ==
          Cause::authentication_data_unavailable);
    CHECK(world.alarms.count(alarm::Id::resync_mac_failure) == 1);
}

TEST_CASE("An unknown subscription is told before anything else", "[air]") {
    World world;
    const s6a::AuthenticationInformationRequest request{*Imsi::parse("001019999999999"), world.mme1,
                                                        world.plmn, std::nullopt, std::nullopt};
    CHECK(cause_of_error(world.dispatch(request)) == Cause::user_unknown);
}

TEST_CASE("Both kinds of Re-Synchronization-Info at once are not looked at", "[air][resync]") {
    World world;
    s6a::AuthenticationInformationRequest request{
        world.imsi, world.mme1, world.plmn,
        s6a::RequestedAuthenticationInfo{1, true, ReSynchronizationInfo{}},
        s6a::RequestedAuthenticationInfo{1, true, ReSynchronizationInfo{}}};
    CHECK(cause_of_error(world.dispatch(request)) == Cause::unable_to_comply);
    CHECK(world.alarms.raised.empty());
}

TEST_CASE("ULR registers the node and gives Subscription-Data with a default APN", "[ulr]") {
    World world;
    const auto answer = world.ulr(world.mme1, world.own);
    REQUIRE(answer);
    REQUIRE(answer->subscription_data);
    CHECK(answer->subscription_data->has_eps());
    CHECK(answer->subscription_data->ambr.value().downlink > 0);
    REQUIRE(world.store.registrations(10).size() == 1);
    CHECK(world.store.registrations(10)[0].registration.node == world.mme1);
    CHECK(world.nodes.cancelled.empty());
}

TEST_CASE("The previous MME is cancelled when the MME changes, and only then", "[ulr]") {
    World world;
    REQUIRE(world.ulr(world.mme1, world.own));
    REQUIRE(world.ulr(world.mme1, world.own));
    CHECK(world.nodes.cancelled.empty());
    REQUIRE(world.ulr(world.mme2, world.own));
    REQUIRE(world.nodes.cancelled.size() == 1);
    CHECK(world.nodes.cancelled[0].destination == world.mme1);
    CHECK(world.nodes.cancelled[0].cancellation_type == s6a::CancellationType::mme_update_procedure);
}

TEST_CASE("ULR is checked for EPS subscription, RAT and barring, in this order", "[ulr]") {
    World world;
    SubscriptionData data;
    data.access_restriction_data = access_restriction::wb_eutran;
    data.operator_determined_barring = operator_determined_barring::all_packet_services;
    const auto put_profile = [&] {
        world.store.put_profile("restricted", data);
        store::PutSubscriber subscriber{world.imsi, AkaKeys::milenage(world.k, world.opc)};
        subscriber.profile = "restricted";
        world.put(subscriber);
    };
    put_profile();
    CHECK(cause_of_error(world.ulr(world.mme1, world.own)) == Cause::unknown_eps_subscription);
    data.apn_configuration_profile.emplace().apns.emplace_back().service_selection = "internet";
    put_profile();
    CHECK(cause_of_error(world.ulr(world.mme1, world.own)) == Cause::rat_not_allowed);
    data.access_restriction_data = 0;
    put_profile();
    CHECK(cause_of_error(world.ulr(world.mme1, world.own)) == Cause::roaming_not_allowed);
    CHECK(world.store.registrations(10).empty());
}

TEST_CASE("A stranger's device is refused before anything is stored, and alarms", "[ulr][binding]") {
    World world;
    world.bind(Policy::imei_enforce);
    REQUIRE(world.ulr(world.mme1, world.own));
    CHECK(cause_of_error(world.ulr(world.mme2, world.stranger)) == Cause::authorization_rejected);
    CHECK(world.alarms.count(alarm::Id::pair_unauthorised) == 1);
    CHECK(world.store.registrations(10)[0].registration.node == world.mme1);
    CHECK(world.nodes.cancelled.empty());
}

TEST_CASE("Under kme a ULR without a vector from us is refused, with one it is admitted",
          "[ulr][binding][I1]") {
    World world;
    world.bind(Policy::kme);
    CHECK(cause_of_error(world.ulr(world.mme1, world.own)) == Cause::authorization_rejected);
    REQUIRE(world.air(world.mme1));
    CHECK(cause_of_error(world.ulr(world.mme2, world.own)) == Cause::authorization_rejected);
    REQUIRE(world.ulr(world.mme1, world.own));
    CHECK(world.store.registrations(10)[0].registration.verified);
    REQUIRE(world.ulr(world.mme2, world.own));  // the context has moved: inherited
    CHECK(world.store.registrations(10)[0].registration.verified);
}

TEST_CASE("A regular vector that was out when the binding began never leads to a registration",
          "[ulr][I1][I2]") {
    World world;
    REQUIRE(world.air(world.mme1));
    world.bind(Policy::kme);
    CHECK_FALSE(world.ulr(world.mme1, world.own));
    REQUIRE(world.air(world.mme1));  // encrypted now, but the regular one could still be in use
    CHECK_FALSE(world.ulr(world.mme1, world.own));
    world.clock.advance(world.settings.regular_vector_open + 1s);
    REQUIRE(world.air(world.mme1));
    CHECK(world.ulr(world.mme1, world.own));
}

TEST_CASE("Of several regular vectors those that no registration has used stay open", "[ulr][I1][I2]") {
    World world;
    const auto several = world.air(world.mme1, 5);
    REQUIRE(several);
    REQUIRE(several->eutran_vectors.size() == 5);
    REQUIRE(world.ulr(world.mme1, world.own));
    world.clock.advance(1s);
    world.bind(Policy::kme);
    REQUIRE(world.air(world.mme1));  // encrypted, but any of the other four may be what is used
    world.clock.advance(1s);
    CHECK_FALSE(world.ulr(world.mme1, world.own));
    world.clock.advance(world.settings.regular_vector_open);
    REQUIRE(world.air(world.mme1));
    CHECK(world.ulr(world.mme1, world.own));
}

TEST_CASE("A registration from before the binding proves nothing", "[ulr][I1]") {
    World world;
    REQUIRE(world.air(world.mme1));
    REQUIRE(world.ulr(world.mme1, world.own));
    world.bind(Policy::kme);
    CHECK_FALSE(world.ulr(world.mme2, world.own));
}

TEST_CASE("While the database is down AIR is transient and ULR cannot comply", "[air][ulr]") {
    World world;
    world.store.fail_with(fail(Cause::authentication_data_unavailable, "down"));
    CHECK(cause_of_error(world.air(world.mme1)) == Cause::authentication_data_unavailable);
    world.store.fail_with(fail(Cause::unable_to_comply, "down"));
    CHECK(cause_of_error(world.ulr(world.mme1, world.own)) == Cause::unable_to_comply);
    world.store.fail_with(std::nullopt);
    CHECK(world.ulr(world.mme1, world.own));
}

}  // namespace bindhss
