// SPDX-License-Identifier: Apache-2.0
#include "metrics/journal.h"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <thread>

namespace bindhss {

namespace {

using metrics::Detail;
using metrics::Journal;
using namespace std::chrono_literals;

class SetClock final : public Clock {
  public:
    [[nodiscard]] WallTime now() const override { return time; }
    WallTime time{std::chrono::milliseconds(1'772'353'815'250)};  // 2026-03-01T08:30:15.250Z
};

const Imsi alice = *Imsi::parse("001010000000001");
const Imsi bob = *Imsi::parse("001010000000002");

void add(Journal& journal, const Imsi& imsi, std::int64_t value, bool ordinary = false) {
    const Detail details[] = {{"value", value}};
    journal.add({"test", imsi.digits(), ordinary, details});
}

std::vector<std::int64_t> values(const boost::json::array& events) {
    std::vector<std::int64_t> result;
    for (const auto& event : events) result.push_back(event.at("value").as_int64());
    return result;
}

std::uint64_t number(const boost::json::value& event) {
    return event.at("number").to_number<std::uint64_t>();
}

}  // namespace

TEST_CASE("an event comes back with its number, its time and its fields, empty texts left out") {
    SetClock clock;
    Journal journal(clock);
    const Detail details[] = {
        {"result", "DIAMETER_SUCCESS"}, {"microseconds", 1'500}, {"proof", true}, {"reason", ""}};
    journal.add({"request", alice.digits(), false, details});
    const auto events = journal.events(0, std::nullopt, 10);
    REQUIRE(events.size() == 1);
    auto event = events[0].as_object();
    CHECK(number(events[0]) > 0);
    event.stable_erase(event.find("number"));
    CHECK(boost::json::serialize(event) ==
          R"({"at":"2026-03-01T08:30:15.250Z","event":"request","imsi":"001010000000001",)"
          R"("result":"DIAMETER_SUCCESS","microseconds":1500,"proof":true})");
}

TEST_CASE("events come the oldest first, behind a number, of one subscriber, and no more than asked for") {
    SetClock clock;
    Journal journal(clock);
    for (int i = 0; i < 6; ++i) add(journal, i % 2 == 0 ? alice : bob, i);
    CHECK(values(journal.events(0, std::nullopt, 100)) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    CHECK(values(journal.events(0, alice, 100)) == std::vector<std::int64_t>{0, 2, 4});
    const auto page = journal.events(0, std::nullopt, 2);
    CHECK(values(page) == std::vector<std::int64_t>{0, 1});
    CHECK(values(journal.events(number(page[1]), std::nullopt, 2)) == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("ordinary events push out none that are worth more") {
    SetClock clock;
    Journal journal(clock, {4, 4});
    add(journal, alice, 1);
    for (int i = 10; i < 30; ++i) add(journal, bob, i, true);
    add(journal, alice, 2);
    CHECK(values(journal.events(0, std::nullopt, 100)) == std::vector<std::int64_t>{1, 26, 27, 28, 29, 2});
}

TEST_CASE("the ordinary events of a subscriber who is traced are kept, for a time") {
    SetClock clock;
    Journal journal(clock, {100, 2});
    (void)journal.events(0, alice, 10);
    for (int i = 0; i < 5; ++i) {
        add(journal, alice, i, true);
        add(journal, bob, 100 + i, true);
    }
    CHECK(values(journal.events(0, alice, 100)) == std::vector<std::int64_t>{0, 1, 2, 3, 4});
    CHECK(values(journal.events(0, bob, 100)) == std::vector<std::int64_t>{103, 104});
    clock.time += std::chrono::milliseconds(limits::journal_traced_ms + 1);
    for (int i = 5; i < 10; ++i) add(journal, alice, i, true);
    CHECK(values(journal.events(0, alice, 100)) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 8, 9});
}

TEST_CASE("no flood of others pushes out the events of a subscriber who is traced") {
    SetClock clock;
    Journal journal(clock, {4, 4, 4});
    (void)journal.events(0, alice, 10);
    add(journal, alice, 1);
    for (int i = 0; i < 100; ++i) add(journal, bob, i, i % 2 == 0);
    add(journal, alice, 2, true);
    CHECK(values(journal.events(0, alice, 100)) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("memory is bounded: the oldest goes first, and what a peer writes is cut and made printable") {
    SetClock clock;
    Journal journal(clock, {3, 3});
    for (int i = 0; i < 10; ++i) add(journal, alice, i);
    CHECK(values(journal.events(0, std::nullopt, 100)) == std::vector<std::int64_t>{7, 8, 9});

    const std::string endless(100'000, 'x');
    std::vector<Detail> details{{"evil", "a\nb\xff"}, {"endless", endless}};
    for (int i = 0; i < 50; ++i) details.emplace_back("more", i);
    journal.add({"test", "imsi\n", false, details});
    const auto events = journal.events(0, std::nullopt, 100);
    const auto& event = events.back().as_object();
    CHECK(event.at("evil").as_string() == "a b\xef\xbf\xbd");
    CHECK(event.at("endless").as_string().size() <= limits::journal_octets_max);
    CHECK(event.at("imsi").as_string() == "imsi ");
    CHECK(boost::json::serialize(events).size() < 4 * limits::journal_octets_max);
}

TEST_CASE("numbers go on growing when the daemon is started again") {
    SetClock clock;
    Journal before(clock);
    for (int i = 0; i < 100; ++i) add(before, alice, i);
    const auto last = number(before.events(0, std::nullopt, 100).back());
    clock.time += 1s;
    Journal after(clock);
    add(after, alice, 1);
    CHECK(number(after.events(0, std::nullopt, 1)[0]) > last);
}

TEST_CASE("threads write and read the journal at once, and no number comes twice") {
    const SystemClock clock;
    Journal journal(clock, {1'000, 1'000});
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&journal, t] {
                for (int i = 0; i < 2'000; ++i) add(journal, t % 2 == 0 ? alice : bob, i, i % 3 == 0);
            });
        }
        threads.emplace_back([&journal] {
            for (int i = 0; i < 50; ++i) (void)journal.events(0, alice, 100);
        });
    }
    const auto events = journal.events(0, std::nullopt, 1'000);
    REQUIRE(events.size() == 1'000);
    for (std::size_t i = 1; i < events.size(); ++i) REQUIRE(number(events[i]) > number(events[i - 1]));
}

}  // namespace bindhss
