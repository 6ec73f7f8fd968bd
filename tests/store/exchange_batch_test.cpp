// SPDX-License-Identifier: Apache-2.0
// Exchanges that share their statements (decision 0012) begin and end as each would by itself.
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <random>

#include "store/exchange_world.h"
#include "store/postgres/exchange_rows.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::ExchangeOutcome;
using store::postgres::BeginRequest;
using store::postgres::FinishRequest;

namespace {

using Beginnings = std::vector<Result<Beginning>>;

Imei device(std::uint64_t number) {
    return *Imei::from_number(own.number() + number);
}

/// A store of PostgreSQL whose exchanges are begun and finished in statements of many.
struct Together : PostgresExchangeWorld {
    store::postgres::Session session{database.url(), 2s};

    Beginnings begin(const std::vector<store::BeginExchange>& all) {
        std::vector<BeginRequest> requests;
        for (const auto& exchange : all)
            requests.push_back({exchange, store::postgres::seal_secret(test_keys(), random, exchange)});
        std::vector<const BeginRequest*> pointers;
        for (const auto& request : requests) pointers.push_back(&request);
        return store::postgres::begin_exchanges(session, test_keys(), pointers);
    }

    std::vector<bool> finish(const std::vector<store::FinishExchange>& ends) {
        std::vector<FinishRequest> requests;
        for (const auto& end : ends) {
            requests.push_back({end, {}});
            if (end.key) requests.back().key = store::postgres::stored_key(test_keys(), random, *end.key);
        }
        std::vector<const FinishRequest*> pointers;
        for (const auto& request : requests) pointers.push_back(&request);
        pqxx::nontransaction transaction(session.connection());
        return store::postgres::finish_exchanges(transaction, pointers);
    }
};

store::BeginExchange wanted_for(std::uint8_t number, std::int64_t time, const std::string& who,
                                Imei in_device) {
    auto exchange = wanted(number, time, who);
    exchange.imei = in_device;
    exchange.seen = store::SeenDevice{number % 2 == 0 ? "01" : "02", binding::Provenance::authenticated};
    return exchange;
}

store::FinishExchange proven(std::uint8_t number, std::int64_t time, const std::string& who,
                             const store::BeginExchange& exchange, const Result<Beginning>& beginning) {
    auto finish = finish_of(number, time, ExchangeOutcome::established, who);
    finish.key = store::ProvenKey{exchange.imei, std::get<store::Begun>(beginning.value()).generation,
                                  kme_key(number)};
    return finish;
}

std::string of_number(int number) {
    return "00101000000000" + std::to_string(number);
}

// --- both stores, whatever comes

constexpr int subscriptions = 7;

/// Two subscriptions to a device; the last device has no public key, the last subscription no list.
Imei device_of(int subscription) {
    return device(static_cast<std::uint64_t>(subscription) / 2);
}

template <class World>
void put_all(World& world) {
    for (int i = 0; i < subscriptions; ++i) {
        store::PutBinding put{imsi(of_number(i)), binding::Policy::kme, {}, "", ""};
        if (i + 1 < subscriptions) put.devices.push_back(ImeiRange::of(device_of(i)));
        if (i == 4) put.devices.push_back(ImeiRange::of(device_of(0)));
        must_put(world, {item(put_subscriber(put.imsi)), item(put)});
    }
    for (const auto i : {0, 2, 6}) put_key(world, public_key(device_of(i), std::to_string(i)));
}

struct Known {
    std::uint8_t number = 0;
    store::BeginExchange exchange{imsi(known), own};
    std::optional<std::uint32_t> in_memory;  ///< its generation
    std::optional<std::uint32_t> in_postgres;
};

std::string told(const Result<Beginning>& beginning) {
    if (!beginning) return beginning.error().detail;
    const auto* it = std::get_if<store::NotBegun>(&*beginning);
    return it == nullptr ? "begun" : "not begun: " + std::to_string(static_cast<int>(*it));
}

std::optional<std::uint32_t> generation_of(const Result<Beginning>& beginning) {
    if (!beginning || !std::holds_alternative<store::Begun>(*beginning)) return std::nullopt;
    return std::get<store::Begun>(*beginning).generation;
}

/// Beginnings and ends of some of the subscriptions at once, in both stores.
struct Lives {
    MemoryExchangeWorld memory;
    Together postgres;
    std::mt19937 random;
    std::array<Known, subscriptions> last;
    std::uint8_t number = 0;
    std::int64_t time = 0;

    explicit Lives(unsigned seed) : random(seed) {
        put_all(memory);
        put_all(postgres);
    }

    void begin() {
        std::vector<int> who;
        std::vector<store::BeginExchange> exchanges;
        for (int i = 0; i < subscriptions; ++i) {
            if (random() % 2 == 0) continue;
            auto& of_this = last.at(static_cast<std::size_t>(i));
            const bool again = of_this.number != 0 && random() % 5 == 0;
            auto exchange = wanted_for(++number, time, of_number(i), device_of(i));
            if (random() % 6 == 0) exchange.way = store::ExchangeWay::https;
            if (again) exchange.end_to_end = of_this.exchange.end_to_end;  // a retransmission
            who.push_back(i);
            exchanges.push_back(exchange);
        }
        const auto together = postgres.begin(exchanges);
        for (std::size_t place = 0; place < who.size(); ++place) {
            const auto alone = tried(memory, exchanges[place]);
            INFO("subscription " << who[place] << " at " << time);
            CHECK(told(together[place]) == told(alone));
            if (!generation_of(alone)) continue;
            last.at(static_cast<std::size_t>(who[place])) = {exchanges[place].transaction[0],
                                                             exchanges[place], generation_of(alone),
                                                             generation_of(together[place])};
        }
    }

    void finish() {
        std::vector<store::FinishExchange> ends;
        std::vector<std::pair<std::uint32_t, store::FinishExchange>> one_by_one;
        std::vector<std::size_t> places;
        for (int i = 0; i < subscriptions; ++i) {
            const auto& of_this = last.at(static_cast<std::size_t>(i));
            if (!of_this.in_memory || random() % 2 == 0) continue;
            constexpr std::array outcomes{ExchangeOutcome::established, ExchangeOutcome::established,
                                          ExchangeOutcome::rsp_invalid, ExchangeOutcome::superseded};
            auto end = finish_of(of_this.number, time, outcomes.at(random() % outcomes.size()), of_number(i));
            if (random() % 8 == 0) end.transaction[1] = 99;  // another one's
            end.pauses = {1s, 3s};
            one_by_one.emplace_back(*of_this.in_memory, end);
            if (end.outcome == ExchangeOutcome::established)
                end.key = store::ProvenKey{of_this.exchange.imei, of_this.in_postgres.value(),
                                           kme_key(of_this.number)};
            places.push_back(ends.size());
            ends.push_back(end);
        }
        const auto together = postgres.finish(ends);
        // Of those that share a device the one with the earlier generation comes first.
        std::sort(places.begin(), places.end(),
                  [&](auto a, auto b) { return one_by_one[a].first < one_by_one[b].first; });
        for (const auto place : places) {
            INFO("subscription " << ends[place].imsi.str() << " at " << time);
            CHECK(together[place] == finished(memory, one_by_one[place].second).stored);
        }
    }

    void compare_keys() {
        for (int i = 0; i < subscriptions; ++i) {
            INFO("subscription " << i << " at " << time);
            const auto in_memory = key_used(memory, time, of_number(i));
            const auto in_postgres = key_used(postgres, time, of_number(i));
            REQUIRE(in_memory.has_value() == in_postgres.has_value());
            if (in_memory) CHECK(in_memory->key == in_postgres->key);
            const auto view = seen_by(memory.store, imsi(of_number(i)), node(1));
            const auto other_view = seen_by(postgres.store, imsi(of_number(i)), node(1));
            CHECK(view.last_seen_imei == other_view.last_seen_imei);
            CHECK(view.last_seen_svn == other_view.last_seen_svn);
        }
    }
};

/// How many pairs of rows the statements of a connection have compared in joins, and found that they do not
/// belong together: told by PostgreSQL's auto_explain, for the statements within functions too.
class ComparedInVain final : public pqxx::errorhandler {
  public:
    explicit ComparedInVain(pqxx::connection_base& connection) : pqxx::errorhandler(connection) {
        pqxx::nontransaction settings(connection);
        settings.exec(
            "LOAD 'auto_explain'; SET auto_explain.log_nested_statements = on;"
            " SET auto_explain.log_analyze = on; SET auto_explain.log_min_duration = 0;"
            " SET client_min_messages = log");
    }
    bool operator()(const char text[]) noexcept override {
        constexpr std::string_view label = "Rows Removed by Join Filter: ";
        const std::string_view plan = text;
        if (plan.find("plan:") != std::string_view::npos) ++plans;
        for (auto at = plan.find(label); at != std::string_view::npos; at = plan.find(label, at + 1))
            pairs += std::strtoull(text + at + label.size(), nullptr, 10);
        return true;
    }
    std::uint64_t plans = 0;
    std::uint64_t pairs = 0;
};

}  // namespace

TEST_CASE("exchanges that share their statements begin and end as each would by itself",
          "[postgres][exchange][R19][R29][R30][I4]") {
    const auto seed = GENERATE(range(1U, 7U));
    Lives lives(seed);
    for (int step = 0; step < 24 && lives.number < 240; ++step) {
        if (lives.random() % 2 == 0) {
            lives.begin();
        } else {
            lives.finish();
        }
        lives.compare_keys();
        lives.time += std::array{10, 900, 4'000, 100'000}.at(lives.random() % 4);
    }
}

TEST_CASE("subscriptions in one device that are given a key in one statement have the last one's in the end",
          "[postgres][exchange][R19][I4]") {
    Together world;
    for (const auto* who : {"001010000000001", "001010000000002", "001010000000003"})
        bind_without_key(world, {own}, who);
    const std::vector exchanges{wanted_for(1, 0, of_number(1), own), wanted_for(2, 0, of_number(2), own),
                                wanted_for(3, 0, of_number(3), own)};
    const auto begun = world.begin(exchanges);
    std::vector<store::FinishExchange> ends;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        CHECK(generation_of(begun[i - 1U]) == i);
        ends.push_back(proven(i, 100, of_number(i), exchanges[i - 1U], begun[i - 1U]));
    }
    CHECK(world.finish(ends) == std::vector{true, true, true});
    for (const auto& end : ends) CHECK(key_used(world, 200, end.imsi.str())->key == kme_key(3));
    CHECK(world.database.query("SELECT string_agg(generation || ' ' || state, ', ' ORDER BY generation)"
                               " FROM kme WHERE imei IS NOT NULL") == "1 previous, 2 previous, 3 active");
}

TEST_CASE("one of many exchanges that comes too late, or for a locked subscription, is in nobody's way",
          "[postgres][exchange][R30][I4]") {
    Together world;
    std::vector<store::BeginExchange> exchanges;
    for (std::uint8_t i = 1; i <= 4; ++i) {
        bind_without_key(world, {device(i)}, of_number(i));
        put_key(world, public_key(device(i), std::to_string(i)));
        exchanges.push_back(wanted_for(i, 0, of_number(i), device(i)));
    }
    exchanges[1].deadline = at(50);
    const auto begun = world.begin(exchanges);
    world.database.query("UPDATE auc SET state = 2 WHERE imsi = '" + of_number(3) + "'");
    std::vector<store::FinishExchange> ends;
    for (std::uint8_t i = 1; i <= 4; ++i)
        ends.push_back(proven(i, 100, of_number(i), exchanges[i - 1U], begun[i - 1U]));
    CHECK(world.finish(ends) == std::vector{true, false, false, true});
    CHECK(world.database.query("SELECT count(*) FROM kme_exchange") == "0");
    CHECK(world.database.query(
              "SELECT string_agg(imei::text, ' ' ORDER BY imei) FROM kme WHERE state = 'active'") ==
          std::to_string(device(1).number()) + " " + std::to_string(device(4).number()));
}

TEST_CASE("a daemon of the version before begins and ends its exchanges one by one",
          "[postgres][exchange][R29]") {
    Together world;
    bind_without_key(world);
    const std::string begin =
        "SELECT coalesce(refused::text, 'begun') || ' ' || coalesce(given::text, '') FROM "
        "begin_kme_exchange('" +
        known + "', " + std::to_string(own.number()) + ", 'imei:" + own.str() +
        "', '\\x0102030405060708', '\\x00', 1::smallint, NULL, 0::smallint, 0::smallint, 'mme1', "
        "'example.net', 7, ";
    const std::string end = "SELECT finish_kme_exchange('" + known +
                            "', '\\x0102030405060708', 'imei:" + own.str() +
                            "', true, '\\x00', 'abcdef', '{}', 64, now())";
    CHECK(world.database.query(begin + "false, 64, now() + interval '6 s', now())") == "begun 1");
    CHECK(world.database.query(begin + "false, 64, now() + interval '6 s', now())") == "2 ");
    CHECK(world.database.query(end) == "t");
    CHECK(world.database.query(end) == "f");
    CHECK(world.database.query("SELECT generation FROM kme WHERE state = 'active'") == "1");
}

TEST_CASE("of a transaction that begins exchanges nobody waits for the disk, of one that ends them everybody",
          "[postgres][exchange][R43]") {
    Together world;
    CHECK(world.database.query(
              "BEGIN; SELECT count(*) FROM begin_kme_exchanges('{}', '{}', '{}', '{}', '{}', '{}', '{}',"
              " '{}', '{}', '{}', '{}', '{}', '{}', 1, '{}', '{}'); SHOW synchronous_commit") == "off");
    CHECK(world.database.query(
              "BEGIN; SELECT count(*) FROM finish_kme_exchanges('{}', '{}', '{}', '{}', '{}', '{}', '{}',"
              " 1, '{}'); SHOW synchronous_commit") == "on");
}

TEST_CASE("an exchange reads no others that are pending, though their tables were empty when it was planned",
          "[postgres][exchange]") {
    Together world;
    constexpr std::uint8_t others = 20;
    std::vector<store::BeginExchange> pending;
    for (std::uint8_t i = 0; i <= others; ++i) {
        const auto who = std::to_string(1010000000001 + i);
        pending.push_back(wanted_for(i, 0, "00" + who, device(i)));
        bind_without_key(world, {device(i)}, pending.back().imsi.str());
        if (i > 0) put_key(world, public_key(device(i), who));
    }
    const auto last = pending.back();
    pending.pop_back();
    world.database.query("VACUUM ANALYZE kme_exchange, kme_session");
    REQUIRE(generation_of(world.begin({pending.front()}).front()) == 1);
    world.database.query("DELETE FROM kme_exchange");
    world.begin(pending);
    world.database.query(
        "INSERT INTO kme_session SELECT imsi, secret, deadline + interval '1 day' FROM kme_exchange");
    REQUIRE(world.database.query("SELECT count(*) FROM kme_session") == std::to_string(others));

    const auto read = [&] {
        pqxx::nontransaction statistics(world.session.connection());
        statistics.exec("SELECT pg_stat_force_next_flush()");
        return statistics
            .exec(
                "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes"
                " WHERE relname IN ('kme_exchange', 'kme_session')")[0][0]
            .as<int>();
    };
    const auto before = read();
    REQUIRE(generation_of(world.begin({last}).front()) == 1);
    CHECK(read() == before);
}

TEST_CASE("of exchanges that share their statements none is compared with the others",
          "[postgres][exchange]") {
    Together world;
    constexpr std::uint8_t exchanges = 20;
    ComparedInVain compared(world.session.connection());
    for (std::uint8_t round = 0; round < 2; ++round) {  // the first key of each device, and its next one
        std::vector<store::BeginExchange> wanted;
        for (std::uint8_t i = 1; i <= exchanges; ++i) {
            const auto who = "00" + std::to_string(1010000000000 + i);
            if (round == 0) {
                bind_without_key(world, {device(i)}, who);
                put_key(world, public_key(device(i), std::to_string(i)));
            }
            wanted.push_back(
                wanted_for(static_cast<std::uint8_t>(round * exchanges + i), round * 10'000, who, device(i)));
        }
        const auto begun = world.begin(wanted);
        std::vector<store::FinishExchange> ends;
        for (std::uint8_t i = 0; i < exchanges; ++i) {
            const auto& exchange = wanted[i];
            ends.push_back(proven(exchange.transaction[0], round * 10'000 + 100, exchange.imsi.str(),
                                  exchange, begun[i]));
        }
        CHECK(world.finish(ends) == std::vector<bool>(exchanges, true));
    }
    CHECK(compared.plans > 20);
    CHECK(compared.pairs == 0);
}
