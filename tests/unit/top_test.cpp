// SPDX-License-Identifier: Apache-2.0
// What `bindhssctl top` and `bindhssctl trace` make of the answers of the API.
#include "ctl/top.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <sstream>

#include "ctl/api_client.h"
#include "ctl/trace.h"
#include "store/memory/memory_store.h"

using namespace bindhss;
using Catch::Contains;

namespace {

boost::json::object object(const std::string& text) {
    return boost::json::parse(text).as_object();
}

const auto status = object(R"({"version":"1.2","identity":"hss1.example","since":"2026-03-01T08:00:00Z",
    "window_seconds":5,"in_flight":7,"subscribers":10000000,"registrations":123456,
    "procedures":[{"name":"AIR","answered":25000,"refused":12,"per_second":4321.5,"p50_us":1500,"p99_us":20000},
                  {"name":"ULR","answered":0,"refused":0,"per_second":0,"p50_us":null,"p99_us":null}],
    "store":{"usable":true,"lanes":[{"name":"general","waiting":3,"waiting_max":8192,"connections":4,
                                     "connections_wanted":4,"busy":2,"errors":1}]},
    "alarms":{"critical":2,"minor":5}})");

boost::json::object peer(const std::string& name, const std::string& state, double rate) {
    boost::json::object one;
    one["identity"] = name;
    one["state"] = state;
    one["requests_per_second"] = rate;
    one["requests_received"] = 100;
    one["requests_sent"] = 1;
    return one;
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t longest(const std::string& text) {
    std::istringstream in(text);
    std::size_t most = 0;
    for (std::string line; std::getline(in, line);) most = std::max(most, line.size());
    return most;
}

/// Answers what it was told to, in turn; the last one for ever.
class ToldApi final : public ctl::ApiClient {
  public:
    http::Response ask(const http::Request& request) override {
        asked.push_back(request.path + "?" + request.query);
        if (request.path == "/v1/status") return response(boost::json::serialize(status));
        if (request.path == "/v1/peers")
            return response(R"({"items":[{"identity":"mme1","state":"open","requests_per_second":3}]})");
        if (away > 0) {
            --away;
            throw store::Unavailable("nobody answers");
        }
        if (events.empty()) return response(R"({"items":[]})");
        auto next = events.front();
        events.pop_front();
        return response(next);
    }
    [[nodiscard]] std::shared_ptr<ctl::ApiClient> another() const override { return nullptr; }
    [[nodiscard]] std::string where() const override { return "a test"; }

    std::vector<std::string> asked;
    std::deque<std::string> events;
    int away = 0;

  private:
    static http::Response response(const std::string& body) {
        http::Response answer;
        answer.body = body;
        return answer;
    }
};

struct Told {
    Told() {
        context.api = &api;
        context.pause = [this](std::chrono::milliseconds) {
            if (++pauses == 5) throw ctl::Refused("enough");
        };
    }
    store::MemoryStore store;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Streams streams{in, out, err};
    ctl::Context context{store, store, streams};
    ToldApi api;
    int pauses = 0;
};

}  // namespace

TEST_CASE("top draws rates, times, queues, alarms and peers") {
    boost::json::array peers{peer("mme1.example", "open", 4000), peer("mme2.example", "closed", 0)};
    const auto picture = ctl::top_picture(status, peers, {100, 0});
    CHECK_THAT(picture, Contains("BindHSS 1.2  hss1.example  since 2026-03-01T08:00:00Z"));
    CHECK_THAT(picture, Contains("alarms open:  2 critical  5 minor"));
    CHECK_THAT(picture, Contains("subscribers about 10.0M, registered about 123.5k, requests in flight 7"));
    CHECK_THAT(picture, Contains("AIR           4322    1.5 ms     20 ms      25.0k         12"));
    CHECK_THAT(picture, Contains("ULR              0         -         -"));
    CHECK_THAT(picture, Contains("general                 3          4/4      2        1"));
    // Who is away comes first.
    CHECK(picture.find("mme2.example closed") < picture.find("mme1.example open"));
    CHECK_THAT(picture, !Contains("\x1b"));
}

TEST_CASE("top says that the database is away, and draws what there is when much is missing") {
    const auto picture = ctl::top_picture(object(R"({"store":{"usable":false}})"), {}, {80, 0});
    CHECK_THAT(picture, Contains("THE DATABASE CANNOT BE REACHED"));
    CHECK_THAT(picture, Contains("alarms open:  none"));
    CHECK_THAT(picture, Contains("none\n"));
    CHECK_NOTHROW(ctl::top_picture({}, {}, {1, 1}));
    CHECK_NOTHROW(
        ctl::top_picture(object(R"({"procedures":7,"store":[],"alarms":"x"})"), {1, "x"}, {80, 24}));
}

TEST_CASE("top fits a small terminal, in both directions, and a name of a peer draws nothing by itself") {
    boost::json::array peers;
    for (int i = 0; i < 500; ++i)
        peers.push_back(peer("mme" + std::to_string(i) + ".a-very-long-name-of-a-realm.example", "open", i));
    peers.push_back(peer("evil\x1b[2J\n", "open", 1'000'000));
    const auto picture = ctl::top_picture(status, peers, {40, 24});
    CHECK(lines(picture) <= 24);
    CHECK(longest(picture) <= 40);
    CHECK_THAT(picture, Contains(" more\n"));
    CHECK(picture.find('\x1b') == std::string::npos);
    CHECK(lines(ctl::top_picture(status, peers, {80, 0})) > 500);
}

TEST_CASE("top prints one picture where there is no terminal, or as many as it is asked for") {
    Told told;
    ctl::top(told.context, {});
    CHECK(told.pauses == 0);
    CHECK_THAT(told.out.str(), Contains("mme1"));
    CHECK_THAT(told.out.str(), !Contains("\x1b"));
    Told more;
    ctl::top(more.context, {3, 1});
    CHECK(more.pauses == 2);
    CHECK(std::count(more.api.asked.begin(), more.api.asked.end(), "/v1/status?") == 3);
}

TEST_CASE("a line of a trace says what happened, then the rest, the reason and the session") {
    CHECK(ctl::trace_line(object(
              R"({"number":5,"at":"2026-03-01T08:30:15.250Z","event":"request","imsi":"001010000000001",
              "session":"mme1;1;2","command":"ULR","peer":"dra1","node":"mme1","retransmitted":false,
              "result":"DIAMETER_AUTHORIZATION_REJECTED","microseconds":3210,"reason":"not this device"})")) ==
          "08:30:15.250Z request      ULR of mme1 by dra1: DIAMETER_AUTHORIZATION_REJECTED in 3.2 ms "
          "retransmitted=no - not this device [mme1;1;2]");
    CHECK(ctl::trace_line(object(
              R"({"at":"2026-03-01T08:30:15.250Z","event":"access","node":"mme1","outcome":"refused",
              "policy":"kme","proof":true,"reasons":"pair_unauthorised: no rule"})")) ==
          "08:30:15.250Z access       refused node=mme1 policy=kme proof=yes "
          "reasons=\"pair_unauthorised: no rule\"");
    CHECK(ctl::trace_line(object(R"({"at":"T1","event":"alarm","alarm":"kme_suspect","change":"raised",
              "severity":"major","count":2,"session":"a\u001b[2J\n"})")) ==
          "1             alarm        kme_suspect raised (major) count=2 [a?[2J?]");
    CHECK_NOTHROW(ctl::trace_line(object(R"({"event":7,"at":null,"microseconds":"x"})")));
}

TEST_CASE("trace prints page after page, each event once, and ends") {
    Told told;
    told.api.events = {R"({"items":[{"number":1,"at":"T1","event":"access","outcome":"one"},
                                    {"number":2,"at":"T2","event":"access","outcome":"two"}]})",
                       R"({"items":[{"number":9,"at":"T9","event":"access","outcome":"nine"}]})"};
    ctl::trace(told.context, {"001010000000001", false, 0});
    CHECK(lines(told.out.str()) == 3);
    CHECK(told.pauses == 0);
    REQUIRE(told.api.asked.size() == 3);
    CHECK_THAT(told.api.asked[0], Contains("imsi=001010000000001&after=0"));
    CHECK_THAT(told.api.asked[1], Contains("after=2"));
    CHECK_THAT(told.api.asked[2], Contains("after=9"));
}

TEST_CASE("trace --follow goes on, and tells once that the daemon is away") {
    Told told;
    CHECK_THROWS_AS(ctl::trace(told.context, {"001010000000001", true, 0}), ctl::Refused);
    CHECK(told.pauses == 5);

    Told away;
    away.context.pause = [&away](std::chrono::milliseconds) {
        ++away.pauses;
        if (away.pauses == 1) away.api.away = 2;
        if (away.pauses == 3) away.api.events = {R"({"items":[{"number":4,"at":"T4","event":"access"}]})"};
        if (away.pauses == 6) throw ctl::Refused("enough");
    };
    CHECK_THROWS_AS(ctl::trace(away.context, {"001010000000001", true, 0}), ctl::Refused);
    CHECK(lines(away.err.str()) == 1);
    CHECK_THAT(away.err.str(), Contains("nobody answers"));
    CHECK(lines(away.out.str()) == 1);
}

TEST_CASE("trace refuses what is no IMSI, and top what has no API") {
    Told told;
    CHECK_THROWS_AS(ctl::trace(told.context, {"x", false, 0}), ctl::Refused);
    told.context.api = nullptr;
    CHECK_THROWS_AS(ctl::top(told.context, {}), ctl::Refused);
    CHECK_THROWS_AS(ctl::trace(told.context, {"001010000000001", false, 0}), ctl::Refused);
}
