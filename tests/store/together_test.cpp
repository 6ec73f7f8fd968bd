// SPDX-License-Identifier: Apache-2.0
// Requests that wait at the same time share their statements (decision 0012): each gets its own answer, and
// none harms another one.
#include <signal.h>

#include <catch2/catch.hpp>
#include <future>

#include "store/at_once.h"
#include "store/exchange_world.h"
#include "store/postgres/jobs.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

using store::postgres::Job;
using store::postgres::JobKind;
using Waiting = std::deque<std::unique_ptr<Job>>;

struct SomeKind final : JobKind {
    explicit SomeKind(std::chrono::milliseconds apart = 0ms) : JobKind(apart) {}
    void serve(store::postgres::Session& /*session*/,
               store::postgres::JobLane::Requests& /*jobs*/) const override {}
};
struct SomeJob final : Job {
    SomeJob(const JobKind* kind, std::string about)
        : Job(Cause::unable_to_comply, kind), about_(std::move(about)) {}
    void run(store::postgres::Session& /*session*/) override {}
    void fail(Failure /*failure*/) override {}
    [[nodiscard]] std::string_view subject() const override { return about_; }

  private:
    std::string about_;
};

template <class Jobs>
std::string subjects(const Jobs& jobs) {
    std::string all;
    for (const auto& job : jobs) all += std::string(job->subject()) + " ";
    return all;
}

std::string of_number(int i) {
    return "00101" + std::to_string(1'000'000'000 + i);
}

/// Four connections and what waits for them; however long the test is held up, they are.
struct Queue {
    const SomeKind one;
    const SomeKind other;
    const SomeKind third;
    Waiting waiting;
    store::postgres::JobTurns turns{4, 1h};
    void add(const JobKind* kind, const char* about) {
        waiting.push_back(std::make_unique<SomeJob>(kind, about));
    }
    /// The first three connections are each at one of the kinds.
    void begin_three(store::postgres::JobTurns& its_turns) {
        add(&one, "1");
        add(&other, "2");
        add(&third, "3");
        for (std::size_t thread = 0; thread < 3; ++thread) CHECK(its_turns.take(waiting, thread).size() == 1);
    }
};

struct Views {
    awaitable<void> load(store::Store& store, int i, std::optional<TerminalInformation> reported) {
        auto view = co_await store.load_subscriber(imsi(of_number(i)), node(), std::move(reported));
        const std::lock_guard lock(mutex);
        views.emplace(i, std::move(view));
    }
    std::mutex mutex;
    std::multimap<int, Result<store::SubscriberView>> views;
};

/// Subscribers 0 to count - 1, each with a number and a device of its own.
void put_fleet(PostgresExchangeWorld& world, int count) {
    std::vector<store::Item> items;
    for (int i = 0; i < count; ++i) {
        auto put = put_subscriber(imsi(of_number(i)));
        put.msisdn = std::to_string(491'700'000'000 + i);
        items.push_back(item(put));
        store::PutBinding binding{put.imsi, binding::Policy::imei_enforce, {}, "", ""};
        binding.devices.push_back(ImeiRange::of(*Imei::from_number(35'824'005'000'000ULL + i)));
        items.push_back(item(binding));
    }
    must_put(world, items);
}

TerminalInformation device_of(int i) {
    return reporting(*Imei::from_number(35'824'005'000'000ULL + i));
}

}  // namespace

TEST_CASE_METHOD(Queue, "those of the oldest request's kind are served with it, one for each subscription",
                 "[postgres]") {
    SECTION("sorted, the others left in their order") {
        add(&one, "5");
        add(&other, "1");
        add(&one, "3");
        add(nullptr, "2");
        add(&one, "5");
        add(&one, "4");
        CHECK(subjects(turns.take(waiting, 0)) == "3 4 5 ");
        CHECK(subjects(waiting) == "1 2 5 ");
        CHECK(subjects(turns.take(waiting, 0)) == "1 ");
        CHECK(subjects(turns.take(waiting, 0)) == "2 ");
        CHECK(subjects(turns.take(waiting, 0)) == "5 ");
    }
    SECTION("not those that are to be served alone") {
        add(&one, "1");
        add(&one, "2");
        waiting.front()->serve_alone();
        CHECK(subjects(turns.take(waiting, 0)) == "1 ");
        CHECK(subjects(turns.take(waiting, 0)) == "2 ");
    }
    SECTION("so many and no more") {
        for (std::size_t i = 0; i < limits::jobs_together_max + 36; ++i)
            add(&one, of_number(static_cast<int>(i)).c_str());
        CHECK(turns.take(waiting, 0).size() == limits::jobs_together_max);
        CHECK(waiting.size() == 36);
    }
}

TEST_CASE_METHOD(Queue, "a connection leaves kinds to the connections that are at them until enough wait",
                 "[postgres]") {
    SECTION("none of a kind that another connection is at, until it is done") {
        add(&one, "1");
        CHECK(subjects(turns.take(waiting, 0)) == "1 ");
        add(&one, "3");
        add(&one, "2");
        CHECK(turns.take(waiting, 1).empty());
        CHECK(subjects(waiting) == "3 2 ");
        add(&other, "4");
        add(nullptr, "5");
        CHECK(subjects(turns.take(waiting, 1)) == "4 ");
        CHECK(subjects(turns.take(waiting, 2)) == "5 ");
        CHECK(turns.take(waiting, 2).empty());
        turns.done(0);
        CHECK(subjects(turns.take(waiting, 2)) == "2 3 ");
        CHECK(waiting.empty());
    }
    SECTION("while three connections are at shared ones, none of any other such kind") {
        const SomeKind fourth;
        begin_three(turns);
        add(&fourth, "4");
        CHECK(turns.take(waiting, 3).empty());
        add(nullptr, "5");
        CHECK(subjects(turns.take(waiting, 3)) == "5 ");
        CHECK(turns.take(waiting, 3).empty());
        turns.done(0);
        CHECK(subjects(turns.take(waiting, 3)) == "4 ");
    }
    SECTION("unless those have been at it for too long") {
        store::postgres::JobTurns impatient{4, 0ms};
        const SomeKind fourth;
        begin_three(impatient);
        add(&one, "4");
        add(&fourth, "5");
        CHECK(subjects(impatient.take(waiting, 3)) == "4 ");
        CHECK(subjects(impatient.take(waiting, 3)) == "5 ");
    }
    SECTION("of such a kind too when enough wait") {
        add(&one, "1");
        CHECK(turns.take(waiting, 0).size() == 1);
        for (std::size_t i = 1; i < limits::jobs_together_max / 2; ++i)
            add(&one, of_number(static_cast<int>(i)).c_str());
        CHECK(turns.take(waiting, 1).empty());
        add(&one, "2");
        CHECK(turns.take(waiting, 1).size() == limits::jobs_together_max / 2);
        CHECK(waiting.empty());
    }
}

TEST_CASE_METHOD(Queue,
                 "requests wait a moment behind others of their kind, so that more of them go together",
                 "[postgres]") {
    const SomeKind apart{1h};
    add(&apart, "1");
    CHECK(turns.take(waiting, 0).size() == 1);
    const auto at_most = std::chrono::steady_clock::now() + 1h;
    turns.done(0);
    add(&apart, "2");
    CHECK(turns.take(waiting, 0).empty());
    CHECK(turns.again() <= at_most);
    CHECK(turns.again() > at_most - 30min);
    SECTION("not behind those of another kind, nor those that share nothing") {
        add(&other, "3");
        CHECK(subjects(turns.take(waiting, 0)) == "3 ");
        add(nullptr, "4");
        add(nullptr, "5");
        CHECK(subjects(turns.take(waiting, 0)) == "4 ");
        CHECK(subjects(turns.take(waiting, 0)) == "5 ");
        CHECK(subjects(waiting) == "2 ");
    }
    SECTION("unless enough wait") {
        for (std::size_t i = 2; i <= limits::jobs_together_max / 2; ++i)
            add(&apart, of_number(static_cast<int>(i)).c_str());
        CHECK(turns.take(waiting, 0).size() == limits::jobs_together_max / 2);
    }
}

TEST_CASE_METHOD(Queue, "what comes is looked at when it could be served, and not before", "[postgres]") {
    const auto now = std::chrono::steady_clock::now();
    const SomeKind apart{1h};
    const auto look_at = [&](const JobKind* kind) {
        add(kind, of_number(static_cast<int>(waiting.size())).c_str());
        return turns.look_at(*waiting.back(), waiting.size(), now);
    };
    CHECK(look_at(nullptr) <= now);
    CHECK(look_at(&apart) <= now);
    CHECK(turns.take(waiting, 0).size() == 1);
    CHECK(subjects(turns.take(waiting, 0)) == of_number(1) + " ");
    SECTION("at once, when a connection that is idle may take it") {
        CHECK(look_at(&one) <= now);
        CHECK(look_at(nullptr) <= now);
    }
    SECTION("when the one is done that is at its kind, and that one looks by itself") {
        CHECK(look_at(&apart) == store::postgres::Deadline::max());
    }
    SECTION("a moment behind those of its kind before it") {
        turns.done(0);
        CHECK(look_at(&apart) > now + 30min);
        CHECK(look_at(&apart) <= std::chrono::steady_clock::now() + 1h);
    }
    SECTION("at once, when enough wait") {
        for (std::size_t i = 1; i < limits::jobs_together_max / 2; ++i) CHECK(look_at(&apart) > now);
        CHECK(look_at(&apart) <= now);
    }
    SECTION("at once, when enough wait with those that a connection has passed over") {
        for (std::size_t i = 1; i < limits::jobs_together_max / 2; ++i)
            add(&apart, of_number(static_cast<int>(i)).c_str());
        CHECK(turns.take(waiting, 1).empty());
        CHECK(look_at(&apart) <= now);
    }
}

TEST_CASE("of many subscriptions that are loaded at once each gets its own, device and rules included",
          "[postgres][R14]") {
    constexpr int count = 150;
    PostgresExchangeWorld world;
    put_fleet(world, count);
    Views loaded;
    // Every third reports its neighbour's device; two of each, and some that nobody knows.
    at_once(2 * count + 20, [&](int i) {
        const int who = i % (count + 10);
        return loaded.load(world.store, who, device_of(who % 3 == 0 ? who + 1 : who));
    });
    CHECK(loaded.views.size() == 2 * count + 20);
    for (const auto& [who, view] : loaded.views) {
        INFO(who);
        REQUIRE(view.has_value() == (who < count));
        if (!view) {
            CHECK(view.error().cause == Cause::user_unknown);
            continue;
        }
        CHECK(view->version.msisdn == std::to_string(491'700'000'000 + who));
        CHECK(view->binding.rules.size() == (who % 3 == 0 ? 0 : 1));
        CHECK(view->binding.has_list);
    }
}

TEST_CASE("a subscription that the database holds and never should is a failure of that one alone",
          "[postgres][faults]") {
    constexpr int count = 40;
    PostgresExchangeWorld world;
    put_fleet(world, count);
    world.database.query("INSERT INTO profile (name, data) VALUES ('broken', '{\"ambr\": \"much\"}')");
    world.database.query(
        "UPDATE subscriber SET profile_id = (SELECT id FROM profile WHERE name = 'broken')"
        " WHERE imsi = '" +
        of_number(7) + "'");
    Views loaded;
    at_once(count, [&](int i) { return loaded.load(world.store, i, device_of(i)); });
    for (const auto& [who, view] : loaded.views) {
        INFO(who);
        CHECK(view.has_value() == (who != 7));
    }
    CHECK(loaded.views.find(7)->second.error().cause == Cause::unable_to_comply);
    CHECK(loaded.views.find(7)->second.error().detail == "the subscription cannot be read");
}

TEST_CASE("one subscription whose row is locked holds up nobody's exchange but its own",
          "[postgres][exchange][faults]") {
    constexpr int count = 60;
    PostgresExchangeWorld world;
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(of_number(i));
        bind_without_key(world, {own}, of_number(i));
    }
    std::optional<Blocker> import(std::in_place, world.database.url(),
                                  "SELECT FROM subscriber WHERE imsi = '" + of_number(5) + "' FOR UPDATE");
    std::mutex mutex;
    std::vector<int> order;
    const auto begin = [&](int i) -> awaitable<void> {
        auto exchange = wanted(static_cast<std::uint8_t>(i), 0, of_number(i));
        const auto result = co_await world.exchanges.begin_exchange(std::move(exchange));
        const std::lock_guard lock(mutex);
        if (result && std::holds_alternative<store::Begun>(*result)) order.push_back(i);
        // All the others are there: the one that waits may go on.
        if (order.size() == count - 1) import.reset();
    };
    at_once(count, begin);
    REQUIRE(order.size() == count);
    CHECK(order.back() == 5);
}

namespace {

/// A backend of the server that hangs, as a connection does whose packets are lost.
struct Hanging {
    pid_t pid;
    explicit Hanging(const std::string& text) : pid(std::stoi(text)) { ::kill(pid, SIGSTOP); }
    ~Hanging() { ::kill(pid, SIGCONT); }
    Hanging(const Hanging&) = delete;
    Hanging& operator=(const Hanging&) = delete;
};

}  // namespace

TEST_CASE("a connection that hangs holds up nobody but whom it serves", "[postgres][faults]") {
    constexpr int others = 30;  // not enough for statements of their own
    PostgresExchangeWorld world;
    put_fleet(world, others + 1);
    Views loaded;
    const auto load = [&](int i) { return loaded.load(world.store, i, {}); };
    const auto before = world.database.query("SELECT clock_timestamp()");
    for (int i = 0; i < 20; ++i) at_once(1, [&](int) { return load(others); });
    auto hanging = std::make_unique<Hanging>(world.database.query(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND query_start > '" +
        before + "' LIMIT 1"));
    std::future<void> held_up;
    do {  // until it is the turn of the one that hangs
        held_up = std::async(std::launch::async, [&] { at_once(1, [&](int) { return load(others); }); });
    } while (held_up.wait_for(1s) == std::future_status::ready);
    at_once(others, load);
    CHECK(held_up.wait_for(0s) == std::future_status::timeout);
    hanging.reset();
    held_up.wait();
    for (const auto& [who, view] : loaded.views) CHECK(view.has_value());
}
