// SPDX-License-Identifier: Apache-2.0
// Threads of a lane sleep while nothing of what waits is theirs, and wake up when it is.
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <random>
#include <thread>

#include "store/postgres/jobs.h"
#include "support/postgres_fixture.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;

namespace {

using store::postgres::Job;
using store::postgres::JobKind;

struct SomeKind final : JobKind {
    explicit SomeKind(std::chrono::milliseconds apart = 0ms) : JobKind(apart) {}
    void serve(store::postgres::Session& /*session*/,
               store::postgres::JobLane::Requests& /*jobs*/) const override {}
};

/// Tells that it is gone: served, or failed.
struct Telling final : Job {
    Telling(const JobKind* kind, std::promise<void>& gone)
        : Job(Cause::unable_to_comply, kind), gone_(gone) {}
    ~Telling() override { gone_.set_value(); }
    Telling(const Telling&) = delete;
    Telling& operator=(const Telling&) = delete;
    void run(store::postgres::Session& /*session*/) override {}
    void fail(Failure /*failure*/) override {}

  private:
    std::promise<void>& gone_;
};

/// Counts how often a thread looks for something to do.
struct CountingTurns final : store::postgres::Turns<Job> {
    explicit CountingTurns(std::atomic<int>& count) : looks(count) {}
    Requests take(std::deque<std::unique_ptr<Job>>& waiting, std::size_t thread) override {
        ++looks;
        return turns.take(waiting, thread);
    }
    [[nodiscard]] store::postgres::Deadline look_at(const Job& job, std::size_t waiting,
                                                    store::postgres::Deadline now) override {
        return turns.look_at(job, waiting, now);
    }
    [[nodiscard]] store::postgres::Deadline again() const override { return turns.again(); }
    void done(std::size_t thread) override { turns.done(thread); }

    std::atomic<int>& looks;
    store::postgres::JobTurns turns{3};
};

/// A lane that nobody looks after: its own threads have to end every wait.
struct Unattended {
    using Session = store::postgres::Session;
    TestDatabase database;
    std::atomic<int> looks{0};
    std::deque<std::promise<void>> gone;  // before the lane: it fails what is left when it closes
    store::postgres::JobLane lane{3,
                                  32,
                                  [this] { return std::make_unique<Session>(database.url(), 2s); },
                                  std::make_unique<CountingTurns>(looks),
                                  [](Session& /*session*/, store::postgres::JobLane::Requests& jobs) {
                                      for (auto& job : jobs) job.reset();
                                  },
                                  quiet_log()};
    Unattended() {
        while (lane.load().connections < 3) std::this_thread::sleep_for(1ms);
    }
    std::future<void> submit(const JobKind& kind) {
        lane.submit(std::make_unique<Telling>(&kind, gone.emplace_back()));
        return gone.back().get_future();
    }
    bool serves(const JobKind& kind) { return submit(kind).wait_for(10s) == std::future_status::ready; }
};

}  // namespace

TEST_CASE("what waits behind others of its kind is served though nobody else comes", "[postgres]") {
    const SomeKind quick{20ms};
    const SomeKind slow{1h};
    Unattended lane;
    SECTION("one behind the other") {
        for (int i = 0; i < 10; ++i) REQUIRE(lane.serves(quick));
    }
    SECTION("though others wait for longer") {
        REQUIRE(lane.serves(slow));
        const auto later = lane.submit(slow);
        // Which of the threads looks at the clock meanwhile, is chance.
        for (int i = 0; i < 50; ++i) REQUIRE(lane.serves(quick));
        CHECK(later.wait_for(0s) == std::future_status::timeout);
    }
}

TEST_CASE("what many hand in at once is all served, whoever sleeps when it comes", "[postgres]") {
    const SomeKind one{1ms};
    const SomeKind other{3ms};
    const SomeKind third;
    const std::array<const JobKind*, 4> kinds{&one, &other, &third, nullptr};
    constexpr unsigned callers = 8;
    constexpr unsigned each = 400;
    std::vector<std::promise<void>> gone(callers * each);
    Unattended lane;
    std::atomic<unsigned> served{0};
    const auto hand_in = [&](unsigned caller) {
        std::minstd_rand random(caller + 1);
        for (unsigned i = 0; i < each; ++i) {
            auto& promise = gone.at(caller * each + i);
            lane.lane.submit(std::make_unique<Telling>(kinds.at(random() % kinds.size()), promise));
            if (promise.get_future().wait_for(10s) == std::future_status::ready) ++served;
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 2'000));
        }
    };
    std::vector<std::thread> threads;
    for (unsigned caller = 0; caller < callers; ++caller) threads.emplace_back(hand_in, caller);
    for (auto& thread : threads) thread.join();
    CHECK(served == callers * each);
}

TEST_CASE("threads that may not take what comes sleep on", "[postgres]") {
    const SomeKind slow{1h};
    Unattended lane;
    REQUIRE(lane.serves(slow));
    constexpr int coming = 20;
    std::vector<std::future<void>> waiting;
    for (int i = 0; i < coming; ++i) {
        waiting.push_back(lane.submit(slow));
        std::this_thread::sleep_for(2ms);  // time to wake up
    }
    CHECK(waiting.front().wait_for(0s) == std::future_status::timeout);
    // For what was served, by who served it and by who sets the clock for the others.
    CHECK(lane.looks <= 6);
}
