// SPDX-License-Identifier: Apache-2.0
// What only PostgreSQL can get wrong: seals, HOT updates, statements.
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "store/postgres/array_literal.h"
#include "store/postgres/conninfo.h"
#include "store/worlds.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using bindhss::binding::Policy;

namespace {

const auto device = Imei::parse("35824005111111").value();
const std::string other = "001010000000002";

struct Fleet : PostgresWorld {
    Fleet() {
        auto second = put_subscriber(imsi(other));
        second.keys->k = kme_key(0xd5);
        const auto errors = provisioning.apply(
            {item(put_subscriber(imsi(known))), item(second),
             item(store::PutDevice{range("35824006"), "meters", ""}),
             item(store::PutKme{device, kme_key(0xe6)}),
             item(store::PutKme{std::string("meters"), kme_key(0xf7, 32)}),
             item(store::PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""}),
             item(store::PutBinding{imsi(other), Policy::kme, {}, "meters"})},
            false);
        REQUIRE(errors.empty());
    }
};

std::string dump(const std::string& url) {
    const auto command = "/usr/lib/postgresql/15/bin/pg_dump \"" + url + "\"";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
    std::string text;
    char buffer[4096];
    for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) text.append(buffer, n);
    return text;
}

}  // namespace

TEST_CASE("a sealed key moved to another row or column does not open", "[postgres]") {
    Fleet world;
    const auto fails = [&](const std::string& who) {
        const auto result = await(world.store.reserve_vectors(request(imsi(who))));
        return !result && result.error().cause == Cause::authentication_data_unavailable &&
               result.error().detail.find("not open") != std::string::npos;
    };
    CHECK_FALSE(fails(known));
    SECTION("K of another subscriber") {
        world.database.query("UPDATE auc SET k = (SELECT k FROM auc WHERE imsi = '" + other +
                             "') WHERE imsi = '" + known + "'");
        CHECK(fails(known));
        CHECK_FALSE(fails(other));
    }
    SECTION("K and OPc exchanged") {
        world.database.query("UPDATE auc SET k = opc, opc = k WHERE imsi = '" + known + "'");
        CHECK(fails(known));
    }
    SECTION("KMEs exchanged") {
        world.database.query(
            "UPDATE kme SET key = (SELECT key FROM kme WHERE imei IS NOT NULL) WHERE id <> 0");
        CHECK(fails(other));
        CHECK_FALSE(fails(known));
    }
}

TEST_CASE("no key is in a dump of the database", "[postgres]") {
    Fleet world;
    const auto text = dump(world.database.url());
    REQUIRE(text.find(known) != std::string::npos);
    for (const auto* key : {"c4", "0b", "d5", "e6", "f7"}) {
        std::string hex;
        for (int i = 0; i < 8; ++i) hex += key;
        CHECK(text.find(hex) == std::string::npos);
    }
    CHECK(text.find(std::string(8, '\xc4')) == std::string::npos);
}

TEST_CASE("an import that repeats what is stored neither writes nor locks a row that requests wait for",
          "[postgres]") {
    Fleet world;
    // xmin: who wrote the row; xmax: who locked it.
    const auto version = [&] {
        return world.database.query("SELECT sum(xmin::text::bigint + xmax::text::bigint) FROM auc");
    };
    const auto before = version();
    CHECK(world.provisioning
              .apply({item(put_subscriber(imsi(known))),
                      item(store::PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""})},
                     false)
              .empty());
    CHECK(version() == before);
}

TEST_CASE("reservations are heap-only updates", "[postgres]") {
    Fleet world;
    // Statistics reach the table when the session goes idle or ends.
    {
        store::postgres::PostgresStore store({.url = world.database.url()}, test_keys(), quiet_log());
        for (int i = 0; i < 40; ++i) await(store.reserve_vectors(request(imsi(known), 1, i % 5))).value();
    }
    const auto ratio =
        "SELECT n_tup_upd >= 40 AND n_tup_hot_upd >= n_tup_upd - 4 FROM pg_stat_user_tables"
        " WHERE relname = 'auc'";
    bool hot = false;
    for (int i = 0; i < 50 && !hot; ++i) {
        hot = world.database.query(ratio) == "t";
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    CHECK(hot);
}

TEST_CASE("a purged registration is none for vectors, whoever stored it", "[postgres][binding]") {
    Fleet world;
    store::Registration registration{node(), Plmn::parse("00101").value()};
    registration.time = at(0);
    const auto there = [&] {
        return world.database.query("SELECT count(*) FROM auc WHERE mme_node IS NOT NULL");
    };
    registered(world.store, imsi(known), registration).value();
    CHECK(there() == "1");
    SECTION("by a purge") {
        await(world.store.purge(imsi(known), {node(), {}, {}, {}, at(1)})).value();
    }
    SECTION("by a node that does not know the UE") {
        await(world.store.mark_detached(imsi(known), registration)).value();
    }
    SECTION("by the operator") {
        store::NodeOrder order;
        order.imsi = imsi(known);
        world.provisioning.order(order);
    }
    SECTION("by hand") {
        world.database.query("DELETE FROM registration");
    }
    CHECK(there() == "0");
}

TEST_CASE("the history of associations has one row for each device", "[postgres]") {
    Fleet world;
    for (int i = 0; i < 3; ++i) {
        store::Registration registration{
            node(), Plmn::parse("00101").value(), TerminalInformation{device, "07", false}, false, false,
            at(i)};
        registered(world.store, imsi(known), registration).value();
    }
    CHECK(world.database.query("SELECT count(*) FROM association") == "1");
    CHECK(world.database.query(
              "SELECT last_seen - first_seen = interval '2 milliseconds' FROM association") == "t");
    CHECK(world.database.query("SELECT imei || '/' || svn FROM association") == "35824005111111/07");
}

TEST_CASE("unproven reports leave few rows, however many there are", "[postgres][binding][R43]") {
    Fleet world;
    const auto report = [&](std::uint64_t number, binding::Provenance provenance) {
        const TerminalInformation reported{Imei::from_number(number).value(), "01", false};
        store::Refusal refusal{node(), reported, provenance};
        refusal.now = at(static_cast<std::int64_t>(number));
        await(world.store.record_refusal(imsi(known), refusal)).value();
    };
    for (std::uint64_t i = 1; i <= 100; ++i) report(i, binding::Provenance::unproven);
    CHECK(world.database.query("SELECT count(*) FROM association") == "64");
    report(64, binding::Provenance::unproven);
    CHECK(world.database.query("SELECT reports FROM association WHERE imei = 64") == "2");
    report(200, binding::Provenance::authenticated);
    CHECK(world.database.query("SELECT count(*) FROM association") == "65");
}

TEST_CASE("what binds a subscription is derived alike by every change", "[postgres][binding]") {
    Fleet world;
    const auto wrong = [&] {
        return world.database.query(
            "SELECT count(*) FROM auc WHERE terms_from <> terms_source(imsi)"
            " OR kme_id <> active_kme(imsi, kme_id)"
            " OR NOT EXISTS (SELECT FROM terms_in_force f WHERE f.source = terms_from)");
    };
    CHECK(wrong() == "0");
    const std::vector<std::vector<store::Item>> changes{
        {item(store::PutSubscriptionGroup{"fleet", "kme", 1}), item(store::PutMember{imsi(known), "fleet"})},
        {item(store::PutBinding{imsi(known), Policy::off, {ImeiRange::of(device)}, "", "inherit"})},
        {item(store::PutSubscriptionGroup{"fleet", "", std::nullopt})},
        {item(store::SetDefaultTerms{"imei_enforce"})},
        {item(store::PutDevice{ImeiRange::of(device), "meters", std::nullopt}),
         item(store::RetireKme{device, std::nullopt})},
        {item(store::PutKme{std::string("meters"), kme_key(0x11), 2})},
        {item(store::PutMember{imsi(known), "fleet", false}), item(store::RemoveSubscriptionGroup{"fleet"})}};
    for (const auto& change : changes) {
        for (const auto& error : world.provisioning.apply(change, false)) FAIL(error.text);
        CHECK(wrong() == "0");
    }
    CHECK(world.database.query("SELECT count(DISTINCT kme_id) FROM auc WHERE kme_id <> 0") == "1");
}

TEST_CASE("100,000 subscribers are imported in seconds", "[postgres]") {
    PostgresWorld world;
    std::vector<store::Item> items;
    for (int i = 0; i < 100'000; ++i)
        items.push_back(item(put_subscriber(imsi(std::to_string(1010000000000 + i)))));
    const auto begin = std::chrono::steady_clock::now();
    CHECK(world.provisioning.apply(items, false).empty());
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    WARN("imported 100,000 subscribers in " << seconds << " s");
    CHECK(seconds < 60);
    CHECK(world.database.query("SELECT count(*) FROM auc") == "100000");
}

TEST_CASE("what is missing in a connection string is added, what is there stays", "[postgres]") {
    using store::postgres::complete_conninfo;
    const auto one = complete_conninfo("host=a dbname=b", "me");
    CHECK(one.find("connect_timeout='2'") != std::string::npos);
    CHECK(one.find("application_name='me'") != std::string::npos);
    CHECK(one.find("target_session_attrs") == std::string::npos);
    const auto several = complete_conninfo("postgresql://u:p%27w@a,b:5433/x?connect_timeout=7", "me");
    CHECK(several.find("connect_timeout='7'") != std::string::npos);
    CHECK(several.find("target_session_attrs='read-write'") != std::string::npos);
    CHECK(several.find("password='p\\'w'") != std::string::npos);
    CHECK_THROWS_WITH(complete_conninfo("postgresql://u:geheim@[", "me"), !Catch::Contains("geheim"));
    CHECK(store::postgres::describe_conninfo("postgresql://u:geheim@a/x").find("geheim") ==
          std::string::npos);
}

TEST_CASE("arrays and octets keep every value", "[postgres]") {
    using namespace store::postgres;
    ArrayLiteral array;
    array.add_text("a\"b\\c,{}");
    array.add(-5);
    array.add(std::optional<int>());
    CHECK(array.str() == R"({"a\"b\\c,{}",-5,NULL})");
    CHECK(octets_of("\\x00fF10") == OctetString{0x00, 0xff, 0x10});
    CHECK(octets_of("\\x0").empty());
    CHECK(octets_of("\\xzz").empty());
    CHECK(octets_of("").empty());
    CHECK(column_text(std::string("a\0\xff\\", 4)) == "a\\x00\\xff\\x5c");
}

TEST_CASE("What counts subscribers is folded beyond one page, and a turn has an end", "[postgres]") {
    PostgresWorld world;
    const auto add = [&](int of, std::uint64_t rows, const std::string& change) {
        world.database.query("INSERT INTO tally SELECT 0, " + std::to_string(of) + ", " + change +
                             " FROM generate_series(1, " + std::to_string(rows) + ") i");
    };
    const auto told = [&](const std::string& what, int of) {
        return world.database.query("SELECT " + what +
                                    " FROM tally WHERE what = 0 AND of = " + std::to_string(of));
    };
    const auto fold = [&](std::uint32_t page) {
        (void)await(world.store.delete_old(store::OldRecords::operator_requests, std::chrono::hours(1), page))
            .value();
    };
    constexpr int many = 9'001, nothing = 9'002, one = 9'003;
    add(many, 25, "i");
    add(nothing, 22, "CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END");
    add(one, 1, "7");
    fold(10);  // five pages
    CHECK(told("count(*)", many) == "1");
    CHECK(told("sum(change)", many) == "325");
    CHECK(told("count(*)", nothing) == "0");
    CHECK(told("count(*)", one) == "1");

    // Pages of two make one row less each.
    add(many, limits::fold_pages_max + 50, "1");
    const auto sum = std::to_string(325 + limits::fold_pages_max + 50);
    fold(2);
    CHECK(told("count(*)", many) == "51");
    CHECK(told("sum(change)", many) == sum);
    fold(2);
    CHECK(told("count(*)", many) == "1");
    CHECK(told("sum(change)", many) == sum);
}
