// SPDX-License-Identifier: Apache-2.0
// Contract: a change that is guarded happens only while its row is as its author saw it, and one that is
// asked for under a key happens once.
#include <atomic>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <thread>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;
using store::Applied;
using store::ApplyOptions;
using store::Guard;
using store::Once;
using Outcome = store::Applied::Outcome;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

ApplyOptions guarded(decltype(Guard::row) row) {
    ApplyOptions options;
    options.guard = Guard{std::move(row)};
    return options;
}

ApplyOptions once(const std::string& key, std::uint8_t fingerprint = 1) {
    ApplyOptions options;
    options.once = Once{key, {}};
    options.once->fingerprint.fill(fingerprint);
    return options;
}

/// While the MSISDN is this one; nothing: while there is no such subscriber.
ApplyOptions while_msisdn(std::optional<std::string> msisdn) {
    return guarded(Guard::Subscriber{imsi(known), [msisdn](const std::optional<store::SubscriberRow>& row) {
                                         return msisdn ? row && row->msisdn == *msisdn : !row;
                                     }});
}

store::Item with_msisdn(const std::string& msisdn) {
    auto put = put_subscriber(imsi(known));
    put.msisdn = msisdn;
    return item(put);
}

std::vector<store::Item> numbered(int number) {
    return {with_msisdn(std::to_string(number))};
}

}  // namespace

TEMPLATE_TEST_CASE("a guarded change happens while its row is as it was seen", "[contract]", WORLDS) {
    TestType world;
    auto& p = world.provisioning;
    CHECK(p.apply(numbered(1), while_msisdn("0")).outcome == Outcome::changed);
    CHECK_FALSE(p.subscriber(imsi(known)));
    CHECK(p.apply(numbered(1), while_msisdn(std::nullopt)).outcome == Outcome::stored);
    CHECK(p.apply(numbered(2), while_msisdn(std::nullopt)).outcome == Outcome::changed);
    CHECK(p.apply(numbered(2), while_msisdn("1")).outcome == Outcome::stored);
    CHECK(p.apply(numbered(3), while_msisdn("1")).outcome == Outcome::changed);
    CHECK(p.subscriber(imsi(known))->msisdn == "2");
    CHECK(p.audit(10).size() == 2);
}

TEMPLATE_TEST_CASE("profiles, terms and devices are guarded as they are listed", "[contract]", WORLDS) {
    TestType world;
    auto& p = world.provisioning;
    const auto document = p.profile("default")->document;
    const auto profile = p.profile("default");
    const auto same_version = [&](const std::optional<store::ProfileRow>& row) {
        return row && row->version == profile->version && row->document == document;
    };
    const auto put_profile = item(store::PutProfile{"default", R"({"ambr":{"uplink":1,"downlink":2}})"});
    CHECK(p.apply({put_profile}, guarded(Guard::Profile{"default", same_version})).outcome !=
          Outcome::changed);
    CHECK(p.apply({put_profile}, guarded(Guard::Profile{"none", same_version})).outcome == Outcome::changed);

    binding::Terms terms;
    terms.name = "strict";
    terms.policy = Policy::imei_enforce;
    const auto absent = [](const auto& row) { return !row; };
    const auto strict = [](const std::optional<store::TermsRow>& row) {
        return row && row->terms.policy == Policy::imei_enforce && !row->standard && row->bindings == 0;
    };
    CHECK(p.apply({item(store::PutTerms{terms})}, guarded(Guard::Terms{"strict", absent})).outcome ==
          Outcome::stored);
    CHECK(p.apply({item(store::PutTerms{terms})}, guarded(Guard::Terms{"strict", absent})).outcome ==
          Outcome::changed);
    CHECK(
        p.apply({item(store::SetDefaultTerms{"strict"})}, guarded(Guard::Terms{"strict", strict})).outcome ==
        Outcome::stored);
    CHECK(p.apply({item(store::PutTerms{terms})}, guarded(Guard::Terms{"strict", strict})).outcome ==
          Outcome::changed);

    const auto device = ImeiRange::of(imei("35824005111111"));
    const auto commented = [](const std::optional<store::DeviceRow>& row) {
        return row && row->comment == "a";
    };
    const auto put = [&](const std::string& comment) {
        return std::vector<store::Item>{item(store::PutDevice{device, "", comment})};
    };
    CHECK(p.apply(put("a"), guarded(Guard::Device{device, absent})).outcome == Outcome::stored);
    CHECK(p.apply(put("b"), guarded(Guard::Device{device, commented})).outcome == Outcome::stored);
    CHECK(p.apply(put("c"), guarded(Guard::Device{device, commented})).outcome == Outcome::changed);
}

TEMPLATE_TEST_CASE("what is asked for under a key happens once", "[contract]", WORLDS) {
    TestType world;
    auto& p = world.provisioning;
    CHECK(p.apply(numbered(1), once("alice a")).outcome == Outcome::stored);
    CHECK(p.apply(numbered(1), once("alice a")).outcome == Outcome::before);
    CHECK(p.apply(numbered(2), once("alice a", 2)).outcome == Outcome::another_once);
    CHECK(p.subscriber(imsi(known))->msisdn == "1");
    CHECK(p.apply(numbered(3), once("bob a", 2)).outcome == Outcome::stored);
    CHECK(p.audit(10).size() == 2);
    // It counts before the guard: whoever asks again has changed the row himself.
    auto both = while_msisdn("3");
    both.once = once("carol").once;
    CHECK(p.apply(numbered(4), both).outcome == Outcome::stored);
    CHECK(p.apply(numbered(4), both).outcome == Outcome::before);
}

TEMPLATE_TEST_CASE("a key stays unused when nothing is stored", "[contract]", WORLDS) {
    TestType world;
    auto& p = world.provisioning;
    auto trial = once("a");
    trial.dry_run = true;
    CHECK(p.apply(numbered(1), trial).outcome == Outcome::stored);
    const store::Item unknown = item(store::PutBinding{imsi(known), Policy::off, {}, ""}, 7);
    const auto refused = p.apply({unknown}, once("a"));
    CHECK(refused.outcome == Outcome::refused);
    CHECK(refused.errors.at(0).line == 7);
    auto kept_out = while_msisdn("0");
    kept_out.once = once("a").once;
    CHECK(p.apply(numbered(1), kept_out).outcome == Outcome::changed);
    CHECK(p.apply(numbered(1), once("a", 2)).outcome == Outcome::stored);
}

TEMPLATE_TEST_CASE("keys of changes are forgotten by age", "[contract]", WORLDS) {
    using store::OldRecords;
    TestType world;
    for (const auto* key : {"a", "b", "c"}) world.provisioning.apply(numbered(1), once(key));
    CHECK(await(world.store.delete_old(OldRecords::operator_requests, std::chrono::hours(1), 10)).value() ==
          0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(await(world.store.delete_old(OldRecords::operator_requests, std::chrono::seconds(0), 2)).value() ==
          2);
    CHECK(await(world.store.delete_old(OldRecords::operator_requests, std::chrono::seconds(0), 2)).value() ==
          1);
    CHECK(world.provisioning.apply(numbered(1), once("a")).outcome == Outcome::stored);
}

namespace {

/// What `writers` get who do the same at once, each with a connection of its own.
std::vector<Outcome> at_once(const PostgresWorld& world, int writers,
                             const std::function<Applied(store::Provisioning&, int)>& change) {
    std::vector<Outcome> outcomes(static_cast<std::size_t>(writers));
    std::vector<std::thread> threads;
    std::atomic<int> ready = 0;
    for (int i = 0; i < writers; ++i) {
        threads.emplace_back([&, i] {
            crypto::SystemRandom random;
            store::postgres::PostgresProvisioning own(world.database.url(), test_keys(), random);
            own.audit(1);
            ++ready;
            while (ready < writers) std::this_thread::yield();
            outcomes[static_cast<std::size_t>(i)] = change(own, i).outcome;
        });
    }
    for (auto& thread : threads) thread.join();
    return outcomes;
}

}  // namespace

TEST_CASE("of writers who saw the same row one wins, and of those who saw none", "[postgres]") {
    PostgresWorld world;
    for (int round = 0; round < 10; ++round) {
        const auto seen = round == 0 ? std::nullopt : std::optional(std::to_string(round - 1));
        const auto outcomes = at_once(world, 4, [&](store::Provisioning& own, int) {
            return own.apply(numbered(round), while_msisdn(seen));
        });
        CHECK(std::count(outcomes.begin(), outcomes.end(), Outcome::stored) == 1);
        CHECK(std::count(outcomes.begin(), outcomes.end(), Outcome::changed) == 3);
        CHECK(world.provisioning.subscriber(imsi(known))->msisdn == std::to_string(round));
    }
}

TEST_CASE("decisions beside each other are guarded too", "[postgres]") {
    PostgresWorld world;
    must_put(world, {with_msisdn("1"), item(store::PutBinding{imsi(known), Policy::imei_enforce, {}, ""})});
    const auto no_devices =
        guarded(Guard::Subscriber{imsi(known), [](const std::optional<store::SubscriberRow>& row) {
                                      return row && row->devices.empty();
                                  }});
    const auto outcomes = at_once(world, 4, [&](store::Provisioning& own, int i) {
        return own.apply(
            {item(store::AuthoriseDevice{imsi(known), imei("3582400511111" + std::to_string(i)), false})},
            no_devices);
    });
    CHECK(std::count(outcomes.begin(), outcomes.end(), Outcome::stored) == 1);
    CHECK(world.provisioning.subscriber(imsi(known))->devices.size() == 1);
}

TEST_CASE("a twin waits for the first, and does nothing", "[postgres]") {
    PostgresWorld world;
    for (int round = 0; round < 10; ++round) {
        const auto key = "import 7 chunk " + std::to_string(round);
        const auto outcomes = at_once(
            world, 4, [&](store::Provisioning& own, int) { return own.apply(numbered(round), once(key)); });
        CHECK(std::count(outcomes.begin(), outcomes.end(), Outcome::stored) == 1);
        CHECK(std::count(outcomes.begin(), outcomes.end(), Outcome::before) == 3);
    }
    CHECK(world.provisioning.audit(100).size() == 10);
}

TEST_CASE("a key whose change was lost with its connection is as good as new", "[postgres]") {
    PostgresWorld world;
    pqxx::connection dying(world.database.url());
    auto transaction = std::make_unique<pqxx::work>(dying);
    transaction->exec(
        "INSERT INTO operator_request (key, fingerprint) VALUES ('a', decode(repeat('00', 32), 'hex'))");
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        world.database.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'");
    });
    CHECK(world.provisioning.apply(numbered(1), once("a")).outcome == Outcome::stored);
    killer.join();
}
