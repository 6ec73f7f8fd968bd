// SPDX-License-Identifier: Apache-2.0
// The provisioning of a key while an Update-Location is pending (figure 2.2.1-1 of seed 004, spec 4.4).
#include "key_world.h"

namespace bindhss::test {

namespace {

using alarm::Id;
using emu::ExchangeConduct;
using s6a::KmeCause;
namespace access = s6a::kme_access;

constexpr auto no_bits = s6a::feature_kme::provisioning;  ///< the exchange, and nothing besides

void check_barred(const SubscriptionData& data) {
    CHECK_FALSE(data.apn_configuration_profile);
    CHECK_FALSE(data.gprs_subscription_data);
    CHECK(data.subscriber_status == SubscriberStatus::operator_determined_barring);
    CHECK((data.barred() & operator_determined_barring::all_packet_services) != 0);
}

KmeCause cause_of(const Result<s6a::UpdateLocationAnswer>& ula) {
    REQUIRE_FALSE(ula);
    REQUIRE(ula.error().kme_access_info);
    return ula.error().kme_access_info->cause.value();
}

/// A registry outside that tells the same of every device.
struct OneAnswer final : procedure::KeyRegistry {
    boost::asio::awaitable<Result<std::optional<store::DeviceKey>>> find(Imei /*imei*/) override {
        co_return answer;
    }
    std::optional<store::DeviceKey> answer;
};

}  // namespace

TEST_CASE("A device is given its key in the first attach, and the second runs on an encrypted RAND",
          "[kme][R19][R21][R22][R23][R24][R26][R27][R28][R29][R30][R31][R32][I1][I3][I4]") {
    KeyWorld world;
    const auto first = world.attach_in(world.device, world.mme1);
    REQUIRE(first);
    REQUIRE(*first);
    CHECK(world.regular(world.last_aia.eutran_vectors[0]));
    REQUIRE(world.last_aia.kme_access_info);
    CHECK(world.last_aia.kme_access_info->flags == access::provisioning_only);
    CHECK(world.last_aia.kme_access_info->cause == KmeCause::no_binding);
    REQUIRE((*first)->subscription_data);
    check_barred(*(*first)->subscription_data);
    CHECK((*first)->kme_access_info->flags ==
          (access::provisioning_only | access::binding_established | access::reattach_expected));
    CHECK_FALSE(world.registered());
    const auto seen = world.store.seen({}, std::nullopt, 10).pairs;
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].device.imei == world.own);
    CHECK(seen[0].device.svn == "01");
    CHECK(world.alarms.count(Id::kme_established) == 1);
    CHECK(world.alarms.count(Id::binding_unverified) == 0);

    const auto second = world.attach_in(world.device, world.mme1);
    REQUIRE(second);
    REQUIRE(*second);
    CHECK(world.marked(world.last_aia.eutran_vectors[0]));
    CHECK(world.last_aia.eutran_vectors[0].kme_access_flags == access::av_pre_processed);
    CHECK_FALSE(world.last_aia.kme_access_info);
    CHECK((*second)->subscription_data->has_eps());
    CHECK(world.registered());
    CHECK(world.mme.inserted.size() == 1);
}

TEST_CASE(
    "The request to the node carries container, time and a subscription that is barred, never an empty one",
    "[kme][R27]") {
    KeyWorld world;
    REQUIRE(world.attach_in(world.device, world.mme1));
    REQUIRE(world.mme.inserted.size() == 1);
    const auto& idr = world.mme.inserted[0];
    CHECK(idr.destination.host == world.mme1.host);
    check_barred(idr.subscription_data);
    const auto& request = idr.kme_provisioning_request.value();
    CHECK(request.nas_container_type == 75U);
    CHECK(request.response_timer_ms == 4000U);
    CHECK(idr.answer_within == std::chrono::milliseconds(4000));
    const auto parsed = binding::parse_container(request.container);
    const auto provision = std::get<binding::KmeProvision>(std::get<binding::Container>(parsed));
    CHECK(provision.generation == 1);
    CHECK(provision.home_mac);
    CHECK(provision.transaction == request.transaction);
}

TEST_CASE("A node that keeps no bearers away is answered with an error although the key is established",
          "[kme][R24][I1]") {
    KeyWorld world;
    const auto first = world.attach_in(world.device, world.mme1, no_bits);
    REQUIRE(first);
    REQUIRE_FALSE(*first);
    CHECK((*first).error().cause == Cause::unable_to_comply);
    CHECK((*first).error().kme_access_info->flags ==
          (access::provisioning_only | access::binding_established | access::reattach_expected));
    const auto second = world.attach_in(world.device, world.mme1, no_bits);
    REQUIRE(second);
    CHECK(*second);
    CHECK(world.registered());
}

TEST_CASE("A node that announces nothing, is not trusted, or comes without TLS sees no AVP of the extension",
          "[kme][R27][R42]") {
    KeyWorld world;
    const auto refused = [&](const ServingNode& node, std::uint32_t features) {
        const auto aia = world.key_air(node, features);
        REQUIRE_FALSE(aia);
        CHECK(aia.error().cause == Cause::kme_missing);
        CHECK_FALSE(aia.error().kme_access_info);
    };
    refused(world.mme1, 0);
    refused(world.mme2, KeyWorld::all);
    world.secured = false;
    refused(world.mme1, KeyWorld::all);
    CHECK(world.mme.inserted.empty());
    world.settings.provisioning.without_tls = true;
    CHECK(world.key_air(world.mme1));
}

TEST_CASE("Nodes are trusted by realm, and taken to have the feature where the operator says so",
          "[kme][R27]") {
    KeyWorld world;
    const ServingNode node{"mme.trusted.example", "trusted.example"};
    CHECK(world.key_air(node));
    CHECK_FALSE(world.key_air(node, 0));
    CHECK(world.key_air({"MME.Trusted.Example", "Trusted.EXAMPLE"}));
    world.settings.provisioning.force_features = {node.host};
    CHECK(world.key_air(node, 0));
}

TEST_CASE("The KME list is announced to whom keys are trusted, as far as both sides have it", "[kme][R27]") {
    KeyWorld world;
    const auto announced = [&](const ServingNode& node) {
        const auto aia = world.key_air(node, s6a::feature_kme::provisioning | 1U << 3);
        REQUIRE(aia);
        REQUIRE(aia->supported_features);
        return aia->supported_features->vendor;
    };
    CHECK(announced(world.mme1) == s6a::feature_kme::provisioning);
    world.put(store::PutKme{world.own, world.kme, 5});
    CHECK(announced(world.mme2) == 0);
}

TEST_CASE("The list of the Update-Location itself decides on the exchange", "[kme][R27]") {
    KeyWorld world;
    REQUIRE(world.key_air(world.mme1));
    const auto ula = world.key_ulr(world.mme1, world.own, 0);
    REQUIRE_FALSE(ula);
    CHECK_FALSE(ula.error().kme_access_info);
    CHECK(world.mme.inserted.empty());
    CHECK(world.alarms.count(Id::binding_unverified) == 1);
}

TEST_CASE("No key is given to a device that is not authorised, has no public key, or is not named",
          "[kme][R14][R26][I5]") {
    KeyWorld world;
    emu::Me foreign(world.stranger);
    const auto unlisted = world.attach_in(foreign, world.mme1);
    REQUIRE(unlisted);
    CHECK(cause_of(*unlisted) == KmeCause::imei_not_authorised);
    CHECK(unlisted->error().cause == Cause::authorization_rejected);
    CHECK(world.alarms.count(Id::pair_unauthorised) == 1);

    world.put(store::AuthoriseDevice{world.imsi, world.stranger});
    const auto unknown = world.attach_in(foreign, world.mme1);
    REQUIRE(unknown);
    CHECK(cause_of(*unknown) == KmeCause::no_public_key);
    CHECK(world.alarms.count(Id::no_public_key) == 1);

    REQUIRE(world.key_air(world.mme1));
    const auto unnamed = world.key_ulr(world.mme1, std::nullopt);
    CHECK(cause_of(unnamed) == KmeCause::no_binding);
    CHECK(unnamed.error().cause == Cause::unable_to_comply);
    CHECK((unnamed.error().kme_access_info->flags & access::imei_required) != 0);
    CHECK(world.mme.inserted.empty());
    CHECK_FALSE(world.registered());
}

TEST_CASE("A key that the registry outside calls revoked is not replaced by one of the table",
          "[kme][R20][R26]") {
    KeyWorld world;
    OneAnswer registry;
    world.key_ports.key_registry = &registry;
    registry.answer.emplace(store::DeviceKey{world.own});
    registry.answer->revoked_at = WallTime();
    const auto refused = world.attach_in(world.device, world.mme1);
    REQUIRE(refused);
    CHECK(cause_of(*refused) == KmeCause::no_public_key);
    CHECK(world.alarms.count(Id::no_public_key) == 1);
    CHECK(world.mme.inserted.empty());

    registry.answer.reset();
    CHECK(world.attach_in(world.device, world.mme1));
    CHECK(world.mme.inserted.size() == 1);
}

TEST_CASE("A node is told of a device that is not authorised although its IMEI alone refuses it",
          "[kme][R14]") {
    KeyWorld world;
    auto strict = world.unbound;
    strict.policy = binding::Policy::kme_imei;
    world.put(store::PutTerms{strict});
    emu::Me foreign(world.stranger);
    const auto ula = world.attach_in(foreign, world.mme1);
    REQUIRE(ula);
    CHECK(cause_of(*ula) == KmeCause::imei_not_authorised);
    CHECK(world.mme.inserted.empty());
}

TEST_CASE("A stolen card is provisioned by nobody: the key is sealed to the device that it is bound to",
          "[kme][R14][R29][I5]") {
    KeyWorld world;
    // The thief's device tells the IMEI of the right one, and has a key pair of its own.
    emu::SecureElement thief(crypto::DevicePrivateKey::generate(crypto::KeyType::x25519));
    emu::Me clone(world.own);
    world.carry(thief, clone);
    const auto ula = world.attach_in(clone, world.mme1);
    REQUIRE(ula);
    CHECK(cause_of(*ula) == KmeCause::ue_refused);
    CHECK_FALSE(world.registered());
    CHECK_FALSE(world.view(world.mme1).active_kme_id);
}

TEST_CASE("What a device answers otherwise leaves the binding as it was", "[kme][R29][R30][I4]") {
    struct Case {
        ExchangeConduct conduct;
        KmeCause cause;
        Cause failure;
        Id alarm;
    };
    const std::vector<Case> cases{
        {ExchangeConduct::lying, KmeCause::rsp_invalid, Cause::authorization_rejected, Id::kme_rsp_invalid},
        {ExchangeConduct::silent, KmeCause::timeout, Cause::unable_to_comply, Id::kme_unanswered},
        {ExchangeConduct::refusing, KmeCause::ue_refused, Cause::authorization_rejected, Id::kme_refused}};
    for (const auto& one : cases) {
        KeyWorld world;
        emu::SecureElement element(world.private_key, one.conduct);
        world.carry(element, world.device);
        const auto ula = world.attach_in(world.device, world.mme1);
        REQUIRE(ula);
        CHECK(cause_of(*ula) == one.cause);
        CHECK(ula->error().cause == one.failure);
        CHECK(world.alarms.count(one.alarm) == 1);
        CHECK_FALSE(world.view(world.mme1).active_kme_id);
        CHECK_FALSE(world.registered());
    }
}

TEST_CASE("An answer of an earlier exchange counts for nothing in the next", "[kme][R29][I4]") {
    KeyWorld world;
    emu::SecureElement replaying(world.private_key, ExchangeConduct::replaying);
    world.carry(replaying, world.device);
    world.mme.refusal = fail(Cause::unable_to_deliver, "no answer");
    world.mme.meanwhile = [&] {  // the device hears the container, and the node's answer is lost
        (void)world.mme.device(world.mme.inserted.back().kme_provisioning_request->container);
    };
    REQUIRE(world.attach_in(world.device, world.mme1));
    world.later(std::chrono::seconds(61));
    world.mme.refusal.reset();
    world.mme.meanwhile = nullptr;
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(cause_of(*ula) == KmeCause::rsp_invalid);
}

TEST_CASE("After a failure the next attempt waits, longer each time, and the UE is told to come again",
          "[kme][R43]") {
    KeyWorld world;
    world.mme.refusal = fail(Cause::unable_to_deliver, "no answer");
    world.settings.provisioning.retry_cause = Cause::too_busy;
    const auto tried = [&] {
        const auto before = world.mme.inserted.size();
        const auto ula = world.attach_in(world.device, world.mme1);
        REQUIRE(ula);
        CHECK(cause_of(*ula) == KmeCause::timeout);
        CHECK(ula->error().cause == Cause::too_busy);
        return world.mme.inserted.size() != before;
    };
    CHECK(tried());
    CHECK_FALSE(tried());
    world.later(std::chrono::seconds(61));
    CHECK(tried());
    world.later(std::chrono::seconds(61));
    CHECK_FALSE(tried());
    world.later(std::chrono::seconds(240));
    CHECK(tried());
    world.mme.refusal.reset();
    world.later(std::chrono::seconds(3601));
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(*ula);
}

TEST_CASE("A device that stored the key although its answer was lost is bound in two further attaches",
          "[kme][R30]") {
    KeyWorld world;
    emu::SecureElement silent(world.private_key, ExchangeConduct::silent);
    world.carry(silent, world.device);
    REQUIRE(world.attach_in(world.device, world.mme1));
    world.later(std::chrono::seconds(61));
    world.carry(world.element, world.device);
    const auto first = world.attach_in(world.device, world.mme1);
    REQUIRE(first);
    CHECK(*first);
    const auto second = world.attach_in(world.device, world.mme1);
    REQUIRE(second);
    CHECK(*second);
    CHECK(world.registered());
    CHECK(world.store.kmes(world.own, 10).size() == 2);  // the retired one of the set-up, and the new one
}

TEST_CASE("A node that announced the feature and does not know it is served as a stock MME from then on",
          "[kme][R27]") {
    KeyWorld world;
    world.mme.forgetful = true;
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(cause_of(*ula) == KmeCause::peer_lacks_feature);
    CHECK(world.alarms.count(Id::kme_feature_missing) == 1);
    const auto aia = world.key_air(world.mme1);
    REQUIRE_FALSE(aia);
    CHECK(aia.error().cause == Cause::kme_missing);
}

TEST_CASE("A purge, or another Update-Location, makes a pending exchange worth nothing", "[kme][R31][I4]") {
    KeyWorld world;
    SECTION("a purge") {
        world.mme.meanwhile = [&] {
            world.mme.meanwhile = nullptr;
            s6a::PurgeUeRequest purge{world.imsi, world.mme1};
            REQUIRE(world.ask(std::move(purge)));
        };
    }
    SECTION("another Update-Location") {
        world.mme.meanwhile = [&] {
            world.mme.meanwhile = nullptr;
            CHECK(world.key_ulr(world.mme1, world.own));
        };
    }
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(cause_of(*ula) == KmeCause::timeout);
}

TEST_CASE("A purge by another node leaves the exchange alone", "[kme][R31]") {
    KeyWorld world;
    world.mme.meanwhile = [&] {
        world.mme.meanwhile = nullptr;
        s6a::PurgeUeRequest purge{world.imsi, world.mme2};
        REQUIRE(world.ask(std::move(purge)));
    };
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(*ula);
}

TEST_CASE("An answer that comes after the deadline is worth nothing", "[kme][R31][I4]") {
    KeyWorld world;
    world.mme.meanwhile = [&] { world.later(std::chrono::seconds(7)); };
    const auto ula = world.attach_in(world.device, world.mme1);
    REQUIRE(ula);
    CHECK(cause_of(*ula) == KmeCause::timeout);
    CHECK_FALSE(world.view(world.mme1).active_kme_id);
}

TEST_CASE("The first device that proves its key joins an empty list, and no other after it",
          "[kme][R21][I5]") {
    KeyWorld world(binding::Acquisition::first_use);
    REQUIRE(world.attach_in(world.device, world.mme1));
    const auto row = world.store.subscriber(world.imsi);
    REQUIRE(row);
    REQUIRE(row->devices.size() == 1);
    CHECK(row->devices[0] == ImeiRange::of(world.own));

    const auto other = crypto::DevicePrivateKey::generate(crypto::KeyType::p256);
    world.know(world.stranger, other);
    emu::Me foreign(world.stranger);
    CHECK_FALSE(world.attach_in(foreign, world.mme1));
}

TEST_CASE(
    "A stock MME serves a device without a key with the restricted profile alone, where that is switched on",
    "[kme][R24]") {
    KeyWorld world;
    auto walled = KeyWorld::default_data();
    walled.apn_configuration_profile->apns[0].service_selection = "provisioning";
    world.store.put_profile("walled", walled);
    world.settings.provisioning.stock_mme = procedure::StockMme::restricted_apn;
    world.settings.provisioning.restricted_profile = "walled";
    const auto ula = world.attach_in(world.device, world.mme2, 0);
    REQUIRE(ula);
    REQUIRE(*ula);
    CHECK_FALSE((*ula)->kme_access_info);
    CHECK_FALSE(world.last_aia.kme_access_info);
    const auto& apns = (*ula)->subscription_data->apn_configuration_profile->apns;
    REQUIRE(apns.size() == 1);
    CHECK(apns[0].service_selection == "provisioning");
    REQUIRE(world.registered());
    CHECK_FALSE(world.registrations().mme->verified);
    CHECK(world.mme.inserted.empty());

    emu::Me foreign(world.stranger);
    const auto unlisted = world.attach_in(foreign, world.mme2, 0);
    REQUIRE(unlisted);
    CHECK_FALSE(*unlisted);
}

TEST_CASE("A failure that a trusted node reports speaks against the key, whether the UE is registered or not",
          "[kme][R33]") {
    KeyWorld world;
    REQUIRE(world.attach_in(world.device, world.mme1));
    const auto report = [&](const ServingNode& node, std::uint32_t cause) {
        s6a::NotifyRequest request{world.imsi, node};
        request.supported_features = s6a::Features{0, 0, KeyWorld::all};
        request.arrival.secured = true;
        request.auth_failure_report.emplace();
        request.auth_failure_report->emm_cause = cause;
        return world.ask(std::move(request));
    };
    REQUIRE(world.key_air(world.mme1));
    CHECK(report(world.mme1, s6a::kme_emm_cause::mac_failure));
    CHECK(report(world.mme1, s6a::kme_emm_cause::synch_failure));
    CHECK(world.alarms.count(Id::kme_suspect) == 0);
    // Nobody who had no vector is believed.
    CHECK(report(world.mme2, s6a::kme_emm_cause::mac_failure));
    CHECK(world.alarms.count(Id::kme_suspect) == 0);
    CHECK(report(world.mme1, s6a::kme_emm_cause::res_mismatch));
    CHECK(world.alarms.count(Id::kme_suspect) == 1);
}

}  // namespace bindhss::test
