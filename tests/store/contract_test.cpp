// SPDX-License-Identifier: Apache-2.0
// The contract of store.h, run against every implementation.
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "store/worlds.h"

using namespace bindhss;
using namespace bindhss::test;
using bindhss::binding::Policy;

#define WORLDS MemoryWorld, PostgresWorld

namespace {

void must_apply(store::Provisioning& provisioning, const std::vector<store::Item>& items) {
    for (const auto& error : provisioning.apply(items, false)) FAIL(error.text);
}

store::SequenceReservation reserved(store::Store& store, const store::VectorReservationRequest& wanted) {
    return await(store.reserve_vectors(wanted)).value().sequence;
}

store::Registration registration(int from, std::optional<Imei> device, std::int64_t time) {
    store::Registration result{node(from), Plmn::parse("00101").value(), std::nullopt, false, false,
                               at(time)};
    if (device) result.terminal_information = TerminalInformation{device, "01", false};
    return result;
}

}  // namespace

TEMPLATE_TEST_CASE("an unknown subscription is user_unknown to every verb", "[contract]", WORLDS) {
    TestType world;
    const auto stranger = imsi("001010000000099");
    CHECK(await(world.store.load_authentication(stranger, node(), {})).error().cause == Cause::user_unknown);
    CHECK(await(world.store.reserve_vectors(request(stranger))).error().cause == Cause::user_unknown);
    CHECK(await(world.store.load_subscriber(stranger, node(), std::nullopt)).error().cause ==
          Cause::user_unknown);
    CHECK(registered(world.store, stranger, registration(1, {}, 0)).error().cause == Cause::user_unknown);
}

TEMPLATE_TEST_CASE("keys come back as they were put", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    const auto loaded = await(world.store.load_authentication(imsi(known), node(), {})).value();
    CHECK(loaded.keys == AkaKeys::milenage(secret<16>(0xc4), secret<16>(0x0b)));
    CHECK(loaded.amf == Amf{{0x80, 0x00}});
    CHECK(loaded.policy == Policy::off);
    CHECK_FALSE(loaded.kme.has_value());
}

TEMPLATE_TEST_CASE("reservations follow one another without gap or overlap", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known), 100))});
    const auto first = reserved(world.store, request(imsi(known), 1));
    CHECK(first.first_seq == 101);
    CHECK(first.count == 1);
    const auto second = reserved(world.store, request(imsi(known), 5));
    CHECK(second.first_seq == 102);
    CHECK(second.count == 5);
    CHECK(reserved(world.store, request(imsi(known), 1)).first_seq == 107);
}

TEMPLATE_TEST_CASE("a re-synchronisation raises SEQ and never lowers it", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known), 100))});
    auto wanted = request(imsi(known));
    wanted.seq_at_least = 5000;
    CHECK(reserved(world.store, wanted).first_seq == 5001);
    wanted.seq_at_least = 7;
    CHECK(reserved(world.store, wanted).first_seq == 5002);
}

TEMPLATE_TEST_CASE("no SEQ is issued that a USIM could not be brought back from", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known), Sqn::seq_issue_max - 2))});
    const auto refused = await(world.store.reserve_vectors(request(imsi(known), 3)));
    CHECK(refused.error().cause == Cause::sqn_exhausted);
    CHECK(reserved(world.store, request(imsi(known), 2)).first_seq == Sqn::seq_issue_max - 1);
    auto resynchronised = request(imsi(known));
    resynchronised.seq_at_least = Sqn::seq_max;
    CHECK(await(world.store.reserve_vectors(resynchronised)).error().cause == Cause::sqn_exhausted);
}

TEMPLATE_TEST_CASE("a node keeps its IND and no two nodes share one", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    std::vector<int> inds;
    for (int n = 1; n <= 32; ++n) inds.push_back(reserved(world.store, request(imsi(known), 1, n)).ind);
    CHECK(std::set<int>(inds.begin(), inds.end()).size() == 32);
    for (int n = 32; n >= 1; --n) CHECK(reserved(world.store, request(imsi(known), 1, n)).ind == inds[n - 1]);
}

TEMPLATE_TEST_CASE("the node that asked longest ago gives up its IND to a 33rd", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    std::vector<int> inds;
    for (int n = 1; n <= 32; ++n) inds.push_back(reserved(world.store, request(imsi(known), 1, n)).ind);
    reserved(world.store, request(imsi(known), 1, 1));  // node 2 is now the oldest
    CHECK(reserved(world.store, request(imsi(known), 1, 33)).ind == inds[1]);
    CHECK_FALSE(seen_by(world.store, imsi(known), node(2)).issued.regular_at.has_value());
    CHECK(reserved(world.store, request(imsi(known), 1, 1)).ind == inds[0]);
    CHECK(reserved(world.store, request(imsi(known), 1, 2)).ind == inds[2]);
}

TEMPLATE_TEST_CASE("64 coroutines on several threads never get one SEQ twice", "[contract]", WORLDS) {
    TestType world;
    std::vector<store::Item> items;
    for (int i = 0; i < 4; ++i)
        items.push_back(item(put_subscriber(imsi("00101000000000" + std::to_string(i)))));
    must_apply(world.provisioning, items);
    std::mutex mutex;
    std::map<std::string, std::vector<std::pair<std::uint64_t, std::uint32_t>>> got;
    int failures = 0;
    boost::asio::io_context context;
    const auto ask = [&](int coroutine) -> boost::asio::awaitable<void> {
        for (int i = 0; i < 50; ++i) {
            const auto who = imsi("00101000000000" + std::to_string((coroutine + i) % 4));
            auto wanted = request(who, 1 + static_cast<std::uint32_t>(i % 5), coroutine % 7);
            auto result = co_await world.store.reserve_vectors(wanted);
            const std::lock_guard lock(mutex);
            if (result) {
                got[who.str()].emplace_back(result->sequence.first_seq, result->sequence.count);
            } else {
                ++failures;
            }
        }
    };
    for (int c = 0; c < 64; ++c) boost::asio::co_spawn(context, ask(c), boost::asio::detached);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) threads.emplace_back([&] { context.run(); });
    for (auto& thread : threads) thread.join();
    CHECK(failures == 0);
    std::size_t total = 0;
    for (auto& [who, ranges] : got) {
        std::sort(ranges.begin(), ranges.end());
        std::uint64_t next = 1;
        for (const auto& [first, count] : ranges) {
            CHECK(first == next);
            next = first + count;
        }
        total += ranges.size();
    }
    CHECK(total == 64 * 50);
}

TEMPLATE_TEST_CASE("regular vectors are in the ledger until an Update-Location consumes them", "[contract]",
                   WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    reserved(world.store, request(imsi(known), 1, 1, 1000));
    reserved(world.store, request(imsi(known), 1, 2, 2000));
    const auto before = seen_by(world.store, imsi(known), node(1));
    CHECK(before.issued.regular_at == at(1000));
    CHECK_FALSE(before.issued.pre_processed_at.has_value());
    CHECK_FALSE(before.issued.kme_id.has_value());
    CHECK(registered(world.store, imsi(known), registration(1, {}, 3000)).has_value());
    CHECK_FALSE(seen_by(world.store, imsi(known), node(1)).issued.regular_at.has_value());
    CHECK(seen_by(world.store, imsi(known), node(2)).issued.regular_at == at(2000));
    CHECK_FALSE(seen_by(world.store, imsi(known), node(3)).issued.regular_at.has_value());
}

TEMPLATE_TEST_CASE("a bound subscription gets one pre-processed vector and its key's number", "[contract]",
                   WORLDS) {
    TestType world;
    const auto device = imei("35824005111111");
    must_apply(world.provisioning,
               {item(put_subscriber(imsi(known))), item(store::PutKme{device, kme_key(1, 32)}),
                item(store::PutBinding{imsi(known), Policy::kme, {ImeiRange::of(device)}, ""})});
    const auto reservation = await(world.store.reserve_vectors(request(imsi(known), 5, 1, 1000))).value();
    CHECK(reservation.sequence.count == 1);
    CHECK(reservation.subscription.policy == Policy::kme);
    REQUIRE(reservation.subscription.kme.has_value());
    CHECK(reservation.subscription.kme->key.size() == 32);
    CHECK(reservation.subscription.kme->generation == 0);
    const auto view =
        seen_by(world.store, imsi(known), node(1), TerminalInformation{device, std::nullopt, false});
    CHECK(view.issued.pre_processed_at == at(1000));
    CHECK_FALSE(view.issued.regular_at.has_value());
    CHECK(view.issued.kme_id == reservation.subscription.kme->id);
    CHECK(view.active_kme_id == view.issued.kme_id);
    CHECK(view.binding.has_kme);
    CHECK(view.binding.terms.policy == Policy::kme);
    CHECK(view.binding.has_list);
    REQUIRE(view.binding.rules.size() == 1);
    CHECK(view.binding.rules[0].id == 0);
    CHECK(view.binding.rules[0].devices.range == ImeiRange::of(device));
    registered(world.store, imsi(known), registration(1, device, 2000)).value();
    CHECK(seen_by(world.store, imsi(known), node(1)).issued.pre_processed_at == at(1000));
}

TEMPLATE_TEST_CASE("a policy that needs a key without one gives no vector", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))),
                                    item(store::PutBinding{imsi(known), Policy::kme_imei, {}, ""})});
    const auto refused = await(world.store.reserve_vectors(request(imsi(known))));
    CHECK(refused.error().cause == Cause::kme_missing);
    CHECK(world.provisioning.subscriber(imsi(known))->seq == 0);
}

TEMPLATE_TEST_CASE("a registration replaces the one before and remembers the device", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    const auto first = imei("35824005111111");
    const auto second = imei("35824005222222");
    CHECK(registered(world.store, imsi(known), registration(1, first, 10)).value().empty());
    auto verified = registration(2, second, 20);
    verified.verified = true;
    const auto cancelled = registered(world.store, imsi(known), verified).value();
    REQUIRE(cancelled.size() == 1);
    CHECK(cancelled[0].node == node(1));
    CHECK(cancelled[0].cancellation_type == s6a::CancellationType::mme_update_procedure);
    CHECK(cancelled[0].created == at(20));
    const auto between = seen_by(world.store, imsi(known), node(3)).registrations.mme;
    REQUIRE(between);
    CHECK(between->visited_plmn == Plmn::parse("00101").value());
    CHECK(between->terminal_information == TerminalInformation{second, "01", false});
    CHECK(between->verified);
    CHECK(between->time == at(20));
    CHECK(registered(world.store, imsi(known), registration(3, {}, 30)).value().size() == 1);
    const auto view = seen_by(world.store, imsi(known), node(3));
    REQUIRE(view.registrations.mme.has_value());
    CHECK(view.registrations.mme->node == node(3));
    CHECK_FALSE(view.registrations.mme->verified);
    CHECK_FALSE(view.registrations.mme->terminal_information.has_value());
    CHECK_FALSE(view.registrations.sgsn.has_value());
    CHECK(view.last_seen_imei == second);
    CHECK(world.provisioning.registrations(10).size() == 1);
    CHECK(world.provisioning.registrations(10).at(0).registration.node == node(3));
}

TEMPLATE_TEST_CASE("a key that is replaced takes the proof of the registration with it", "[contract]",
                   WORLDS) {
    TestType world;
    const auto device = imei("35824005111111");
    const auto put_key = [&](std::uint8_t octet) {
        must_apply(world.provisioning, {item(store::PutKme{device, kme_key(octet)})});
    };
    const auto verified = [&] { return world.provisioning.registrations(1).at(0).registration.verified; };
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    put_key(1);
    must_apply(world.provisioning,
               {item(store::PutBinding{imsi(known), binding::Policy::kme, {ImeiRange::of(device)}, ""})});
    auto place = registration(1, device, 0);
    place.verified = true;
    registered(world.store, imsi(known), place).value();
    put_key(1);
    CHECK(verified());
    put_key(2);
    CHECK_FALSE(verified());
}

TEMPLATE_TEST_CASE("the default profile lets a UE attach", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    const auto data = seen_by(world.store, imsi(known), node()).subscription.data;
    CHECK(data.msisdn == "491700000001");
    CHECK(data.ambr == Ambr{50'000'000, 100'000'000});
    REQUIRE(data.has_eps());
    CHECK(data.apn_configuration_profile->default_context_identifier == 1);
    REQUIRE(data.apn_configuration_profile->apns.size() == 1);
    const auto& apn = data.apn_configuration_profile->apns[0];
    CHECK(apn.context_identifier == 1);
    CHECK(apn.service_selection == "internet");
    CHECK(apn.pdn_type == PdnType::ipv4v6);
    CHECK(apn.qci == 9);
    CHECK(apn.arp == AllocationRetentionPriority{8, false, true});
    CHECK(apn.ambr == Ambr{50'000'000, 100'000'000});
}

TEMPLATE_TEST_CASE("a subscription without an APN has no EPS part, and uses up no SQN", "[contract]",
                   WORLDS) {
    TestType world;
    const auto bare = imsi("001010000000002");
    world.put_profile_without_apn("bare");
    auto put = put_subscriber(bare);
    put.profile = "bare";
    must_apply(world.provisioning, {item(put_subscriber(imsi(known))), item(put)});
    const auto refused = await(world.store.reserve_vectors(request(bare)));
    REQUIRE(refused.has_error());
    CHECK(refused.error().cause == Cause::unknown_eps_subscription);
    const auto loaded = await(world.store.load_authentication(bare, node(), {}));
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().cause == Cause::unknown_eps_subscription);
    CHECK(world.provisioning.subscriber(bare)->seq == 0);
    CHECK(reserved(world.store, request(imsi(known))).first_seq == 1);
}

TEMPLATE_TEST_CASE("alarms are counted, not multiplied", "[contract]", WORLDS) {
    TestType world;
    alarm::Alarm alarm{
        alarm::Id::pair_unauthorised, imsi(known), imei("35824005111111"), "mme1", "first", at(0)};
    const auto record = [&](alarm::Change change, std::uint64_t count) {
        await(world.store.record_alarm({change, alarm, alarm::Severity::major, "text", count}));
    };
    record(alarm::Change::raised, 1);
    alarm.detail = "second";
    alarm.time = at(500);
    record(alarm::Change::repeated, 3);
    alarm.imsi.reset();
    alarm.time = at(900);
    record(alarm::Change::raised, 1);
    const auto rows = world.provisioning.alarms(10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].imsi.empty());
    CHECK(rows[0].count == 1);
    CHECK(rows[1].name == "pair_unauthorised");
    CHECK(rows[1].imsi == known);
    CHECK(rows[1].imei == "35824005111111");
    CHECK(rows[1].count == 4);
    CHECK(rows[1].first == at(0));
    CHECK(rows[1].last == at(500));
    CHECK(rows[1].detail == "second");
    CHECK_FALSE(rows[1].severity.empty());
}

TEMPLATE_TEST_CASE("a peer's name may hold any octet", "[contract]", WORLDS) {
    TestType world;
    must_apply(world.provisioning, {item(put_subscriber(imsi(known)))});
    auto wanted = request(imsi(known));
    wanted.node = {std::string("a\0b\xff'\"\\{},", 11), std::string("\0", 1)};
    const auto first = reserved(world.store, wanted);
    CHECK(reserved(world.store, wanted).ind == first.ind);
    wanted.node.host = std::string("a\0c", 3);
    CHECK(reserved(world.store, wanted).ind != first.ind);
    auto place = registration(1, {}, 0);
    place.node = wanted.node;
    CHECK(registered(world.store, imsi(known), place).has_value());
}
