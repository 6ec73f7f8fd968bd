// SPDX-License-Identifier: Apache-2.0
// An old copy of the database serves again: no SEQ is issued a second time, and the nodes are told.
#include <catch2/catch.hpp>

#include "store/binding_world.h"
#include "store/postgres/restore.h"

using namespace bindhss;
using namespace bindhss::test;
using store::postgres::finish_restore;
using namespace std::chrono_literals;

namespace {

/// What restoring leaves: data, and no daemon.
struct Copy {
    TestDatabase database;
    crypto::SystemRandom random;

    void fill(int count, std::uint64_t seq) {
        store::postgres::PostgresProvisioning provisioning(database.url(), test_keys(), random);
        std::vector<store::Item> items;
        for (int i = 0; i < count; ++i)
            items.push_back(item(put_subscriber(imsi("00101" + std::to_string(1'000'000'000 + i)), seq)));
        REQUIRE(provisioning.apply(items, false).empty());
    }
    store::postgres::Restored finish(std::uint64_t ahead) {
        return finish_restore(database.url(), ahead, [](std::uint64_t) {});
    }
};

}  // namespace

TEST_CASE("after a restore every SEQ is as far ahead as was asked for", "[restore]") {
    Copy copy;
    copy.fill(3, 7'000);
    const auto restored = copy.finish(1'000);
    CHECK(restored.lifted == 3);
    CHECK(restored.exhausted == 0);
    CHECK(restored.nodes == 0);
    CHECK(copy.database.query("SELECT min(seq) || ' ' || max(seq) FROM auc") == "8000 8000");
    CHECK(copy.database.query("SELECT detail FROM audit WHERE what = 'finish restore'") ==
          "SEQ of 3 subscriptions 1000 ahead, 0 registrations to be proven again, 0 old requests to nodes "
          "dropped, 0 nodes to reset");
    CHECK(copy.finish(1'000).lifted == 3);
    CHECK(copy.database.query("SELECT min(seq) FROM auc") == "9000");
}

TEST_CASE("a restore in several pages leaves nobody out", "[restore]") {
    Copy copy;
    copy.fill(5, 0);
    copy.database.query(
        "INSERT INTO subscriber (imsi, profile_id, msisdn) SELECT '26201' || lpad(i::text, 10, '0'), "
        "s.profile_id, '' "
        "FROM generate_series(1, 25000) i, (SELECT profile_id FROM subscriber LIMIT 1) s");
    copy.database.query(
        "INSERT INTO auc (imsi, k, opc, amf, seq) SELECT s.imsi, a.k, a.opc, a.amf, 3 FROM subscriber s, "
        "(SELECT * FROM auc LIMIT 1) a WHERE s.imsi LIKE '26201%'");
    CHECK(copy.finish(10).lifted == 25'005);
    CHECK(copy.database.query("SELECT count(*) FROM auc WHERE seq IN (10, 13)") == "25005");
}

TEST_CASE("a SEQ near its end is lifted as far as there is any, and told of", "[restore]") {
    Copy copy;
    copy.fill(1, Sqn::seq_issue_max - 5);
    const auto restored = copy.finish(10);
    CHECK(restored.exhausted == 1);
    CHECK(copy.database.query("SELECT seq FROM auc") == std::to_string(Sqn::seq_issue_max));
}

TEST_CASE("every known node is told to reset, whether or not it served anybody when the copy was made",
          "[restore]") {
    Copy copy;
    copy.fill(1, 0);
    {
        store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
        const auto of = imsi("001011000000000");
        store::Registration place{node(1), *Plmn::parse("00101")};
        place.time = at(0);
        REQUIRE(registered(store, of, place).has_value());
        REQUIRE(await(store.reserve_vectors(request(of, 1, 2, 0))).has_value());
        CHECK_THROWS_WITH(copy.finish(1), Catch::Contains("a bindhssd is connected"));
    }
    CHECK(copy.finish(1).nodes == 2);
    CHECK(
        copy.database.query("SELECT string_agg(kind || ' ' || host, ', ' ORDER BY host) FROM node_request") ==
        "reset mme1.example.net, reset mme2.example.net");
}

TEST_CASE("what the copy still had to send to nodes is dropped, and those nodes are told to reset",
          "[restore]") {
    Copy copy;
    copy.fill(1, 0);
    copy.database.query(
        "INSERT INTO node_request (kind, imsi, host, realm, attempts) VALUES"
        " ('cancel_location', '001011000000000', 'mme1.example.net', 'example.net', 3),"
        " ('cancel_location', '001011000000009', 'mme2.example.net', 'example.net', 0),"
        " ('insert', '001011000000000', 'mme2.example.net', 'example.net', 0),"
        " ('reset', '', 'mme3.example.net', 'example.net', 7)");
    const auto requests = [&copy] {
        return copy.database.query(
            "SELECT string_agg(kind || ' ' || host || ' ' || attempts, ', ' ORDER BY host) FROM "
            "node_request");
    };
    const auto* const resets = "reset mme1.example.net 0, reset mme2.example.net 0, reset mme3.example.net 0";
    const auto restored = copy.finish(1);
    CHECK(restored.dropped == 4);
    CHECK(restored.nodes == 3);
    CHECK(requests() == resets);
    CHECK(copy.database.query("SELECT detail LIKE '%, 4 old requests to nodes dropped, 3 nodes to reset' "
                              "FROM audit WHERE what = 'finish restore'") == "t");
    CHECK(copy.finish(1).dropped == 3);  // a run that was interrupted is repeated
    CHECK(requests() == resets);
}

namespace {

/// A UE whose binding was proven at MME 1 under the terms, just before the backup.
struct ProvenCopy {
    TestDatabase database;
    crypto::SystemRandom random;

    explicit ProvenCopy(const store::Item& terms, const std::string& name) {
        store::postgres::PostgresProvisioning provisioning(database.url(), test_keys(), random);
        REQUIRE(
            provisioning
                .apply({item(put_subscriber(imsi(known))), terms, item(store::PutKme{meter, kme_key(0x11)}),
                        binding_of(binding::Policy::kme, {meter}, name)},
                       false)
                .empty());
        store::postgres::PostgresStore store({.url = database.url()}, test_keys(), quiet_log());
        REQUIRE(await(store.reserve_vectors(request(imsi(known)))).has_value());
        store::Registration place{node(1), *Plmn::parse("00101")};
        place.time = at(1'000);
        place.verified = true;
        REQUIRE(registered(store, imsi(known), place).has_value());
        REQUIRE(await(store.reserve_vectors(request(imsi(known), 1, 1, 2'000))).has_value());
        REQUIRE(seen_by(store, imsi(known), node(1)).issued.pre_processed_at == at(2'000));
    }
    store::SubscriberView view_after_restore(std::uint64_t unproven) {
        CHECK(finish_restore(database.url(), 1'000, [](std::uint64_t) {}).unproven == unproven);
        store::postgres::PostgresStore store({.url = database.url()}, test_keys(), quiet_log());
        return seen_by(store, imsi(known), node(1));
    }
    const Imei meter = imei("35824005111111");
};

}  // namespace

TEST_CASE("a vector from before a restore proves nothing", "[restore][I1][I2]") {
    ProvenCopy copy(terms_named("careful", binding::Policy::kme), "careful");
    const auto view = copy.view_after_restore(0);
    CHECK_FALSE(view.issued.pre_processed_at);
    CHECK_FALSE(view.issued.regular_at);  // nobody gives one under these terms
    REQUIRE(view.registrations.mme);
    CHECK(view.registrations.mme->verified);
}

TEST_CASE("after a restore a regular vector may be open wherever one may be given for suspicion",
          "[restore][I1][I2]") {
    ProvenCopy copy(terms_named("renew", binding::Policy::kme, binding::OnSuspicion::reprovision), "renew");
    const auto before = SystemClock().now();
    const auto view = copy.view_after_restore(1);
    CHECK_FALSE(view.issued.pre_processed_at);
    REQUIRE(view.issued.regular_at);
    CHECK(*view.issued.regular_at >= before - 5s);
    REQUIRE(view.registrations.mme);
    CHECK_FALSE(view.registrations.mme->verified);
}

TEST_CASE("after a restore the next vector begins a new proof", "[restore][I2]") {
    ProvenCopy copy(terms_named("careful", binding::Policy::kme), "careful");
    (void)copy.view_after_restore(0);
    store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
    REQUIRE(await(store.reserve_vectors(request(imsi(known), 1, 1, 9'000))).has_value());
    const auto issued = seen_by(store, imsi(known), node(1)).issued;
    CHECK(issued.pre_processed_at == at(9'000));
    CHECK_FALSE(issued.regular_at);
    CHECK(copy.database.query("SELECT cardinality(ind_node) FROM auc") == "1");
}

TEST_CASE("a daemon keeps a restore from being finished under whatever name it connects", "[restore][I7]") {
    Copy copy;
    copy.fill(1, 0);
    store::postgres::PostgresStore store({.url = copy.database.url() + " application_name=hss1"}, test_keys(),
                                         quiet_log());
    REQUIRE(await(store.profile_clock()).has_value());
    CHECK_THROWS_WITH(copy.finish(1), Catch::Contains("a bindhssd is connected"));
}

TEST_CASE("a daemon that comes while SEQs are lifted serves nobody before they are", "[restore][I7]") {
    Copy copy;
    copy.fill(1, 0);
    bool asked = false;
    const auto meanwhile = [&](std::uint64_t) {
        store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
        CHECK_FALSE(await(store.profile_clock()).has_value());
        asked = true;
    };
    (void)store::postgres::finish_restore(copy.database.url(), 10, meanwhile);
    CHECK(asked);
    store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
    CHECK(await(store.profile_clock()).has_value());
}
