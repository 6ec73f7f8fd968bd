// SPDX-License-Identifier: Apache-2.0
// An old copy of the database serves again: no SEQ is issued a second time, and the nodes are told.
#include <catch2/catch.hpp>

#include "store/postgres/restore.h"
#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using store::postgres::finish_restore;

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
        return finish_restore(database.url(), test_keys(), random, ahead, [](std::uint64_t) {});
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
          "SEQ of 3 subscriptions 1000 ahead");
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

TEST_CASE("the nodes that serve anybody are told to reset", "[restore]") {
    Copy copy;
    copy.fill(1, 0);
    {
        store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
        const auto of = imsi("001011000000000");
        store::Registration place{node(1), *Plmn::parse("00101")};
        place.time = at(0);
        REQUIRE(registered(store, of, place).has_value());
        CHECK_THROWS_WITH(copy.finish(1), Catch::Contains("a bindhssd is connected"));
    }
    CHECK(copy.finish(1).nodes == 1);
    CHECK(copy.database.query("SELECT kind || ' ' || host FROM node_request") == "reset mme1.example.net");
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
    crypto::SystemRandom random;
    bool asked = false;
    const auto meanwhile = [&](std::uint64_t) {
        store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
        CHECK_FALSE(await(store.profile_clock()).has_value());
        asked = true;
    };
    (void)store::postgres::finish_restore(copy.database.url(), test_keys(), random, 10, meanwhile);
    CHECK(asked);
    store::postgres::PostgresStore store({.url = copy.database.url()}, test_keys(), quiet_log());
    CHECK(await(store.profile_clock()).has_value());
}
