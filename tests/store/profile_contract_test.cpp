// SPDX-License-Identifier: Apache-2.0
// Profiles, overrides and the removal of either, in every store.
#include <catch2/catch.hpp>

#include "store/postgres/migrations.h"
#include "store/worlds.h"
#include "subscription/document.h"

using namespace bindhss;
using namespace bindhss::test;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

const std::string gold =
    R"({"ambr": {"uplink": "1G", "downlink": "2G"}, "apns": {"1": {"apn": "internet"}, "2": {"apn": "ims", "qci": 5}}})";
const std::string silver =
    R"({"ambr": {"uplink": "1M", "downlink": "2M"}, "apns": {"1": {"apn": "internet"}}})";

std::vector<std::string> errors_of(store::Provisioning& provisioning, const std::vector<store::Item>& items,
                                   bool dry_run = false) {
    std::vector<std::string> texts;
    for (const auto& error : provisioning.apply(items, dry_run))
        texts.push_back(std::to_string(error.line) + ": " + error.text);
    return texts;
}

void must(store::Provisioning& provisioning, const std::vector<store::Item>& items) {
    REQUIRE(errors_of(provisioning, items) == std::vector<std::string>{});
}

template <class World>
Subscription subscribed(World& world, const std::string& of = known) {
    return await(world.store.load_subscriber(imsi(of), node(), std::nullopt)).value().subscription;
}

template <class World>
std::int64_t version(World& world) {
    return await(world.store.load_subscriber(imsi(known), node(), std::nullopt))
        .value()
        .version.profile_version;
}

store::PutSubscriber edit(const std::string& of = known) {
    return store::PutSubscriber{imsi(of)};
}

store::PutSubscriber with_override(const std::string& document, const std::string& of = known) {
    auto put = edit(of);
    put.override_document = document;
    return put;
}

store::PutSubscriber of_profile(const std::string& profile, const std::string& of = known) {
    auto put = put_subscriber(imsi(of));
    put.profile = profile;
    return put;
}

}  // namespace

TEMPLATE_TEST_CASE("a subscriber has what its profile says, and what an override makes of it", "[contract]",
                   WORLDS) {
    TestType world;
    must(world.provisioning, {item(of_profile("gold")), item(store::PutProfile{"gold", gold})});
    CHECK(subscribed(world).data.ambr == Ambr{1'000'000'000, 2'000'000'000});
    CHECK(subscribed(world).data.msisdn == "491700000001");
    must(world.provisioning,
         {item(with_override(R"({"apns": {"2": null, "1": {"static_ipv4": "10.0.0.1"}}})"))});
    const auto data = subscribed(world).data;
    REQUIRE(data.apn_configuration_profile.value().apns.size() == 1);
    CHECK(data.apn_configuration_profile->apns[0].static_ipv4 == "10.0.0.1");
    CHECK(data.ambr == Ambr{1'000'000'000, 2'000'000'000});
    must(world.provisioning, {item(with_override(""))});
    CHECK(subscribed(world).data.apn_configuration_profile.value().apns.size() == 2);
}

TEMPLATE_TEST_CASE("an edit changes what is given and nothing else, SQN and keys least of all", "[contract]",
                   WORLDS) {
    TestType world;
    must(world.provisioning, {item(store::PutProfile{"gold", gold})});
    auto put = put_subscriber(imsi(known), 1'000);
    put.amf = Amf{{0xb9, 0xb9}};
    put.profile = "gold";
    put.override_document = R"({"ics": true})";
    must(world.provisioning, {item(put)});
    REQUIRE(await(world.store.reserve_vectors(request(imsi(known), 3))).has_value());
    const auto before = world.provisioning.subscriber(imsi(known)).value();
    CHECK(before.seq == 1'003);
    const auto card = await(world.store.load_authentication(imsi(known), node(), {})).value();

    auto number = edit();
    number.msisdn = "4930";
    must(world.provisioning, {item(number)});
    auto field = edit();
    field.amf = Amf{{0x80, 0x01}};
    must(world.provisioning, {item(field)});
    must(world.provisioning, {item(with_override(R"({"ics": false})"))});
    must(world.provisioning, {item(store::PutProfile{"gold", silver})});
    auto again = put_subscriber(imsi(known), 5);
    again.msisdn.reset();
    again.profile.reset();
    again.amf.reset();
    must(world.provisioning, {item(again)});

    const auto after = world.provisioning.subscriber(imsi(known)).value();
    CHECK(after.seq == 1'003);
    CHECK(after.msisdn == "4930");
    CHECK(after.profile == "gold");
    CHECK(after.amf == Amf{{0x80, 0x01}});
    CHECK(subscribed(world).data.ics == false);
    CHECK(await(world.store.load_authentication(imsi(known), node(), {})).value().keys == card.keys);
    CHECK(await(world.store.reserve_vectors(request(imsi(known)))).value().sequence.first_seq == 1'004);
}

TEMPLATE_TEST_CASE("a new subscriber needs keys, and gets the default profile, no number and AMF 8000",
                   "[contract]", WORLDS) {
    TestType world;
    CHECK(errors_of(world.provisioning, {item(edit(), 7)}) ==
          std::vector<std::string>{"7: there is no subscriber " + known +
                                   " yet: a new one needs k and opc (or op)"});
    auto put = edit();
    put.keys = put_subscriber(imsi(known)).keys;
    must(world.provisioning, {item(put)});
    const auto row = world.provisioning.subscriber(imsi(known)).value();
    CHECK(row.profile == "default");
    CHECK(row.msisdn.empty());
    CHECK(row.amf == Amf{{0x80, 0x00}});
    CHECK(row.override_document == "{}");
    CHECK(subscribed(world).data.has_eps());
}

TEMPLATE_TEST_CASE("a document that is not good is refused with its place, and nothing is stored",
                   "[contract]", WORLDS) {
    TestType world;
    must(world.provisioning, {item(put_subscriber(imsi(known)))});
    CHECK(errors_of(world.provisioning,
                    {item(store::PutProfile{"gold", R"({"apns": {"1": {"apn": "a", "qci": 1}}})"}, 3)}) ==
          std::vector<std::string>{
              "3: profile 'gold': apns.1.qci: 1 is a GBR class; 5 to 9 are for default bearers "
              "(TS 29.272 7.3.37)"});
    CHECK(errors_of(world.provisioning, {item(with_override(R"({"qci": 1})"), 4)}) ==
          std::vector<std::string>{"4: override: qci: is no field here (see bindhssctl profile fields)"});
    CHECK(
        errors_of(world.provisioning, {item(with_override(R"({"default_context": 9})"), 5)}) ==
        std::vector<std::string>{"5: subscriber " + known +
                                 ", profile and override together: default_context: 9 is no context of apns "
                                 "(TS 29.272 7.3.34)"});
    CHECK_FALSE(world.provisioning.profile("gold"));
    CHECK(world.provisioning.subscriber(imsi(known)).value().override_document == "{}");
    CHECK(errors_of(world.provisioning, {item(store::PutProfile{"", gold}, 1)}).size() == 1);
    CHECK(errors_of(world.provisioning, {item(store::PutProfile{" x", gold}, 1)}).size() == 1);
}

TEMPLATE_TEST_CASE("a profile is not changed under an override that would no longer fit", "[contract]",
                   WORLDS) {
    TestType world;
    must(world.provisioning, {item(store::PutProfile{"gold", gold}), item(of_profile("gold"))});
    must(world.provisioning, {item(with_override(R"({"default_context": 2})"))});
    CHECK(
        errors_of(world.provisioning, {item(store::PutProfile{"gold", silver}, 8)}) ==
        std::vector<std::string>{"8: subscriber " + known +
                                 ", profile and override together: default_context: 2 is no context of apns "
                                 "(TS 29.272 7.3.34)"});
    CHECK(subscribed(world).data.apn_configuration_profile.value().apns.size() == 2);
    must(world.provisioning, {item(store::PutProfile{"gold", silver}), item(with_override(""))});
    CHECK(subscribed(world).data.apn_configuration_profile.value().apns.size() == 1);
}

TEMPLATE_TEST_CASE("a changed document is a new version; the same document is not", "[contract]", WORLDS) {
    TestType world;
    must(world.provisioning, {item(store::PutProfile{"gold", gold}), item(of_profile("gold"))});
    const auto first = version(world);
    const auto row = world.provisioning.profile("gold").value();
    must(world.provisioning, {item(store::PutProfile{"gold", gold})});
    CHECK(world.provisioning.profile("gold").value().version == row.version);
    CHECK(version(world) == first);
    must(world.provisioning, {item(store::PutProfile{"gold", silver})});
    CHECK(world.provisioning.profile("gold").value().version > row.version);
    CHECK(version(world) > first);
    CHECK(errors_of(world.provisioning, {item(store::PutProfile{"gold", gold})}, true).empty());
    CHECK(subscribed(world).data.apn_configuration_profile.value().apns.size() == 1);
}

TEMPLATE_TEST_CASE("the clock goes when somebody may have to be told, and stands when not", "[contract]",
                   WORLDS) {
    TestType world;
    const auto clock = [&] { return await(world.store.profile_clock()).value(); };
    must(world.provisioning, {item(store::PutProfile{"gold", gold}), item(of_profile("gold"))});
    auto last = clock();
    must(world.provisioning, {item(store::PutProfile{"gold", silver})});
    CHECK(clock() > last);
    last = clock();
    must(world.provisioning, {item(store::PutProfile{"gold", silver})});
    must(world.provisioning, {item(store::PutDevice{range("35824005111111"), std::nullopt, "x"})});
    CHECK(clock() == last);
}

TEMPLATE_TEST_CASE("profiles are listed by name, with who has them", "[contract]", WORLDS) {
    TestType world;
    must(world.provisioning, {item(store::PutProfile{"gold", gold}), item(of_profile("gold")),
                              item(of_profile("gold", "001010000000002"))});
    const auto rows = world.provisioning.profiles(10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "default");
    CHECK(rows[0].subscribers == 0);
    CHECK(rows[1].name == "gold");
    CHECK(rows[1].subscribers == 2);
    CHECK(subscription::read_document(rows[0].document).value() ==
          subscription::read_document(subscription::default_document()).value());
    CHECK(subscription::read_document(rows[1].document).value() == subscription::read_document(gold).value());
    CHECK(world.provisioning.profiles(1).size() == 1);
    CHECK_FALSE(world.provisioning.profile("silver"));
}

TEMPLATE_TEST_CASE("an override may give service that the profile has not, and take it away", "[contract]",
                   WORLDS) {
    TestType world;
    world.put_profile_without_apn("bare");
    must(world.provisioning, {item(of_profile("bare")), item(put_subscriber(imsi("001010000000002")))});
    const auto cause = [&](const std::string& of) {
        const auto result = await(world.store.reserve_vectors(request(imsi(of))));
        return result ? std::nullopt : std::optional(result.error().cause);
    };
    CHECK(cause(known) == Cause::unknown_eps_subscription);
    must(world.provisioning,
         {item(with_override(R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {"1": {"apn": "a"}}})"))});
    CHECK_FALSE(cause(known));
    CHECK_FALSE(cause("001010000000002"));
    must(world.provisioning, {item(with_override(R"({"apns": null})", "001010000000002"))});
    CHECK(cause("001010000000002") == Cause::unknown_eps_subscription);
    CHECK(await(world.store.load_authentication(imsi("001010000000002"), node(), {})).error().cause ==
          Cause::unknown_eps_subscription);
    // A GPRS part alone is enough for vectors (TS 29.272 5.2.3.1.3).
    must(world.provisioning,
         {item(with_override(R"({"apns": null, "pdp_contexts": {"1": {"apn": "a"}}})", "001010000000002"))});
    CHECK_FALSE(cause("001010000000002"));
    must(world.provisioning, {item(with_override("")), item(with_override("", "001010000000002"))});
    CHECK(cause(known) == Cause::unknown_eps_subscription);
    CHECK_FALSE(cause("001010000000002"));
}

TEMPLATE_TEST_CASE("a profile that loses its APNs takes the service of those who have no say of their own",
                   "[contract]", WORLDS) {
    TestType world;
    const std::string other = "001010000000002";
    must(world.provisioning,
         {item(store::PutProfile{"gold", gold}), item(of_profile("gold")), item(of_profile("gold", other))});
    must(world.provisioning, {item(with_override(R"({"apns": {"7": {"apn": "own"}}})", other))});
    must(world.provisioning, {item(store::PutProfile{"gold", R"({"ambr": {"uplink": 1, "downlink": 1}})"})});
    CHECK(await(world.store.reserve_vectors(request(imsi(known)))).error().cause ==
          Cause::unknown_eps_subscription);
    CHECK(await(world.store.reserve_vectors(request(imsi(other)))).has_value());
}

TEMPLATE_TEST_CASE("a subscriber is removed with all that is known of it, and its node is told", "[contract]",
                   WORLDS) {
    TestType world;
    must(world.provisioning, {item(put_subscriber(imsi(known)))});
    store::Registration place{node(1), *Plmn::parse("00101")};
    place.time = at(0);
    REQUIRE(registered(world.store, imsi(known), place).has_value());
    must(world.provisioning, {item(store::RemoveSubscriber{imsi(known)})});
    CHECK_FALSE(world.provisioning.subscriber(imsi(known)));
    CHECK(world.provisioning.registrations(10).empty());
    CHECK(await(world.store.load_subscriber(imsi(known), node(), std::nullopt)).error().cause ==
          Cause::user_unknown);
    const store::Claim claim{SystemClock().now() + std::chrono::hours(24), std::chrono::seconds(10), 10};
    const auto requests = await(world.store.take_requests(claim)).value();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].imsi == imsi(known));
    CHECK(requests[0].node == node(1));
    CHECK(requests[0].cancellation_type == s6a::CancellationType::subscription_withdrawal);
    CHECK(errors_of(world.provisioning, {item(store::RemoveSubscriber{imsi(known)}, 2)}) ==
          std::vector<std::string>{"2: there is no subscriber " + known + " to remove"});
}

TEMPLATE_TEST_CASE("a profile in use, the default one, and one that is not there are not removed",
                   "[contract]", WORLDS) {
    TestType world;
    must(world.provisioning, {item(store::PutProfile{"gold", gold}), item(of_profile("gold"))});
    CHECK(errors_of(world.provisioning, {item(store::RemoveProfile{"gold"}, 1)}) ==
          std::vector<std::string>{"1: the profile 'gold' is that of 1 subscriber"});
    CHECK(errors_of(world.provisioning, {item(store::RemoveProfile{"default"}, 2)}) ==
          std::vector<std::string>{"2: the profile 'default' cannot be removed"});
    CHECK(errors_of(world.provisioning, {item(store::RemoveProfile{"lead"}, 3)}) ==
          std::vector<std::string>{"3: there is no profile 'lead' to remove"});
    CHECK(errors_of(world.provisioning,
                    {item(store::RemoveProfile{"tin"}, 4), item(store::PutProfile{"tin", gold}, 5)}) ==
          std::vector<std::string>{"4: profile 'tin' is both put and removed"});
    must(world.provisioning,
         {item(store::RemoveProfile{"gold"}), item(store::RemoveSubscriber{imsi(known)})});
    CHECK_FALSE(world.provisioning.profile("gold"));
}

TEST_CASE("old profiles become documents when the database is brought up to date") {
    const TestDatabase database(false);
    auto until_then = store::postgres::embedded_migrations();
    const auto all = until_then;
    until_then.resize(5);
    store::postgres::migrate(database.url(), quiet_log(), until_then);
    database.query(
        "INSERT INTO profile (name, access_restriction_data, operator_determined_barring, rau_tau_timer_s,"
        " charging_characteristics, ambr_uplink, ambr_downlink, default_context_identifier)"
        " VALUES ('old', 3, 5, 3240, '0800', 1000, 4294967295, 2), ('bare', 0, 0, 0, '', 1, 1, 1)");
    database.query(
        "INSERT INTO profile_apn SELECT id, 1, '*', 0, 9, 8, false, true, NULL, NULL FROM profile WHERE name "
        "= 'old'"
        " UNION ALL SELECT id, 2, 'ims', 3, 5, 1, true, false, 7, 8 FROM profile WHERE name = 'old'");
    database.query(
        "INSERT INTO subscriber (imsi, profile_id) SELECT '001010000000001', id FROM profile"
        " WHERE name = 'old'");
    CHECK(store::postgres::migrate(database.url(), quiet_log()) == all.size() - 5);

    const auto document = [&](const std::string& name) {
        return subscription::read_document(
                   database.query("SELECT data::text FROM profile WHERE name = '" + name + "'"))
            .value();
    };
    CHECK(document("default") == subscription::read_document(subscription::default_document()).value());
    CHECK(document("old") == subscription::read_document(
                                 R"({"access_restriction": ["utran", "geran"], "rau_tau_timer_s": 3240,
                  "operator_determined_barring": ["all_packet_services", "roamer_access_vplmn_ap"],
                  "charging_characteristics": "0800", "ambr": {"uplink": 1000, "downlink": 4294967295},
                  "default_context": 2, "apns": {"1": {"apn": "*", "pdn_type": "ipv4"},
                  "2": {"apn": "ims", "pdn_type": "ipv4_or_ipv6", "qci": 5, "ambr": {"uplink": 7, "downlink": 8},
                  "arp": {"priority_level": 1, "preemption_capability": true,
                          "preemption_vulnerability": false}}}})")
                                 .value());
    CHECK_FALSE(document("bare").data.has_eps());
    CHECK(database.query("SELECT string_agg(name, ',' ORDER BY name) FROM profile WHERE has_service") ==
          "default,old");
    CHECK(database.query("SELECT count(*) FROM profile_version v JOIN profile p USING (version)"
                         " WHERE v.data = p.data AND v.profile_id = p.id") == "3");
    CHECK(database.query("SELECT override::text || coalesce(has_service::text, '-') FROM subscriber") ==
          "{}-");
    // Whoever changes the document makes a version of it.
    database.query("UPDATE profile SET data = data || '{\"ics\": true}' WHERE name = 'old'");
    CHECK(database.query("SELECT count(*) FROM profile_version") == "4");
    CHECK(database.query("SELECT v.data = p.data FROM profile p JOIN profile_version v USING (version)"
                         " WHERE p.name = 'old'") == "t");
}
