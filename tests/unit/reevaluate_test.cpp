// SPDX-License-Identifier: Apache-2.0
// bindhssctl binding reevaluate, report, alarm, audit.
#include "ctl/reevaluate.h"

#include "ctl/time_text.h"
#include "ctl_session.h"

namespace bindhss {

namespace {

using test::BindingSession;

const std::string own = "35824005111111";
const std::string foreign = "35824006222222";

std::string imsi(int n) {
    return "00101000000000" + std::to_string(n);
}

/// Four subscribers who may use `own` alone: 1 in it, 2 in a foreign device, 3 in a foreign one in an
/// emergency, 4 without an IMEI.
struct Fleet : BindingSession {
    Fleet() {
        for (int n = 1; n <= 4; ++n) {
            subscriber(imsi(n));
            REQUIRE(run({"binding", "set", imsi(n), "--policy", "imei_enforce", "--device", own}) == 0);
        }
        registered(imsi(1), own + "01");
        registered(imsi(2), foreign + "01");
        registered(imsi(3), foreign + "01", [](auto& place) { place.emergency = true; });
        registered(imsi(4), "");
    }
    int reevaluate(std::vector<std::string> more) {
        std::vector<std::string> arguments{"binding", "reevaluate"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
};

}  // namespace

TEST_CASE("bindhssctl: a re-evaluation lists who is no longer allowed, and why, and touches nobody",
          "[R35][R38]") {
    Fleet s;
    CHECK(s.reevaluate({}) == 0);
    CHECK(s.told(imsi(2) + "  mme     mme1.example.org  " + foreign + "  01   imei_enforce  refused"));
    CHECK(s.told("pair_unauthorised"));
    CHECK(s.told("imei_missing"));
    CHECK_FALSE(s.told(imsi(1)));
    CHECK(
        s.told("4 registrations looked at; 3 subscribers not allowed as they are, 1 kept for an emergency "
               "service, 0 detached"));
    CHECK(s.requests().empty());
    CHECK(s.reevaluate({"--detach", "--dry-run", "--json"}) == 0);
    CHECK(s.told(R"("registrations":4,"subscribers":3,"emergency":1,"detached":0)"));
    CHECK(s.told("would be detached"));
    CHECK(s.requests().empty());
    CHECK(s.reevaluate({"--subscriptions", "00101000000000[1]"}) == 1);
    CHECK(s.reevaluate({"--subscriptions", imsi(1)}) == 0);
    CHECK(s.told("1 registrations looked at; 0 subscribers"));
    CHECK(s.reevaluate({"--rate", "0"}) == 1);
    CHECK(s.err == "bindhssctl: rate '0' is not 1 to 10000 a second (10/s)\n");
    CHECK(s.reevaluate({"--rate", "10001/s"}) == 1);
    CHECK(s.reevaluate({"--rate", "fast"}) == 1);
}

TEST_CASE("bindhssctl: a re-evaluation detaches who is no longer allowed, never in an emergency",
          "[R35][R38]") {
    Fleet s;
    CHECK(s.reevaluate({"--detach", "--rate", "1000/s"}) == 0);
    CHECK(s.told("kept: emergency service"));
    CHECK(s.told("2 detached"));
    const auto requests = s.requests();
    REQUIRE(requests.size() == 2);
    for (const auto& request : requests) {
        CHECK(request.kind == store::NodeRequest::Kind::cancel_location);
        CHECK(request.reattach_required);
        CHECK((request.imsi == Imsi::parse(imsi(2)) || request.imsi == Imsi::parse(imsi(4))));
    }
    CHECK(s.reevaluate({"--detach"}) == 0);
    CHECK(s.told("0 detached"));  // they count as purged
}

TEST_CASE("bindhssctl: after a change of rules, who is allowed by it is not detached", "[R38]") {
    Fleet s;
    REQUIRE(s.run({"rule", "add", "--subscriptions", "00101*", "--devices", "35824006", "--allow"}) == 0);
    CHECK(s.reevaluate({}) == 0);
    CHECK(s.told("1 subscribers not allowed as they are"));  // the one without an IMEI
    REQUIRE(s.run({"rule", "add", "--subscriptions", imsi(1), "--devices", "*", "--deny", "--priority",
                   "1"}) == 0);
    CHECK(s.reevaluate({}) == 0);
    CHECK(s.told(imsi(1)));
}

TEST_CASE("bindhssctl: detaching goes at the rate asked for", "[R38]") {
    Fleet s;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Streams io{in, out, err};
    ctl::Context context{s.store, s.store, io};
    std::vector<std::chrono::milliseconds> pauses;
    context.pause = [&](std::chrono::milliseconds pause) { pauses.push_back(pause); };
    ctl::reevaluate(context, {{}, true, 4});
    CHECK(pauses == std::vector{std::chrono::milliseconds(250)});  // between the two
}

TEST_CASE("bindhssctl: what became allowed while a re-evaluation was under way is left alone", "[R14]") {
    Fleet s;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Streams io{in, out, err};
    ctl::Context context{s.store, s.store, io};
    REQUIRE(s.run({"binding", "lock", imsi(1)}) == 0);
    bool first = true;
    context.pause = [&](std::chrono::milliseconds) {
        if (!std::exchange(first, false)) return;
        // After the first was detached and before the second: too late for the second's own check, in time
        // for those behind it.
        s.registered(imsi(4), own);
    };
    ctl::reevaluate(context, {{}, true, 1'000});
    CHECK(out.str().find("changed meanwhile") != std::string::npos);
}

TEST_CASE("bindhssctl: a UE registered before its subscription was bound by key is found", "[R16][I1]") {
    BindingSession s;
    s.subscriber(imsi(1));
    s.subscriber(imsi(2));
    s.registered(imsi(1), own);
    REQUIRE(s.run({"kme", "set", own, "--key", test::kme}) == 0);
    for (const int n : {1, 2})
        REQUIRE(s.run({"binding", "set", imsi(n), "--policy", "kme", "--device", own}) == 0);
    s.registered(imsi(2), own, [](auto& place) { place.verified = true; });
    CHECK(s.run({"binding", "reevaluate"}) == 0);
    CHECK(s.told("binding_unverified"));
    CHECK(s.told(imsi(1)));
    INFO(s.out);
    CHECK_FALSE(s.told(imsi(2)));
}

TEST_CASE("bindhssctl: which devices a UICC was seen in, and which UICCs a device carried", "[R36][R48]") {
    BindingSession s;
    for (const int n : {1, 2}) s.subscriber(imsi(n));
    REQUIRE(s.run({"binding", "set", imsi(1), "--policy", "imei_enforce", "--device", own}) == 0);
    s.registered(imsi(1), foreign + "01");
    s.registered(imsi(1), own + "02");
    s.registered(imsi(2), own + "02");
    CHECK(s.run({"report", "devices", imsi(1)}) == 0);
    CHECK(s.told(foreign));
    CHECK(s.told("refused"));
    CHECK(s.told("authenticated"));
    CHECK(s.run({"report", "uiccs", own, "--json"}) == 0);
    CHECK(s.told(imsi(1)));
    CHECK(s.told(imsi(2)));
    CHECK_FALSE(s.told(foreign));
    CHECK(s.run({"report", "uiccs", own, "--limit", "1"}) == 0);
    CHECK(s.told("the first 1 only"));
    CHECK(s.run({"report", "devices", "001019999999999"}) == 1);
    CHECK(s.run({"report", "uiccs", "12"}) == 1);
}

TEST_CASE("bindhssctl: what enforcement would refuse is counted by group and by day, on what was seen",
          "[R35][R48]") {
    BindingSession s;
    for (int n = 1; n <= 4; ++n) s.subscriber(imsi(n));
    REQUIRE(s.run({"group", "set", "meters"}) == 0);
    REQUIRE(s.run({"group", "add", "meters", imsi(1), imsi(2)}) == 0);
    REQUIRE(s.run({"rule", "add", "--subscriptions", "group:meters", "--devices", "35824005", "--allow"}) ==
            0);
    s.registered(imsi(1), own);
    s.registered(imsi(2), foreign);
    s.registered(imsi(3), foreign);
    s.registered(imsi(4), "");
    const auto today = ctl::day_text(SystemClock().now());
    CHECK(s.run({"report", "enforcement", "--json"}) == 0);
    CHECK(s.out == R"({"pairs":3,"refused":2,"limited":0,"terms":"imei_enforce","subscribers":2,)"
                   R"("without_imei":1,"reasons":{"pair_unauthorised":2},)"
                   R"("groups":[{"pairs":1,"refused":1,"limited":0,"group":"","subscribers":1},)"
                   R"({"pairs":2,"refused":1,"limited":0,"group":"meters","subscribers":1}],)"
                   R"("days":[{"pairs":3,"refused":2,"limited":0,"day":")" +
                       today + "\"}]}\n");
    CHECK(s.run({"report", "enforcement"}) == 0);
    CHECK(s.told("2 would be refused, of 2 subscribers; 0 would be limited"));
    CHECK(s.told("1 registrations tell no IMEI and would be refused"));
    CHECK(s.told(today));
    CHECK(s.run({"report", "enforcement", "--list"}) == 0);
    CHECK(s.told(imsi(2) + "  " + foreign));
    CHECK_FALSE(s.told(imsi(1)));
    CHECK(s.run({"report", "enforcement", "--subscriptions", "group:meters", "--since", today}) == 0);
    CHECK(s.told("1 would be refused, of 1 subscribers"));
    CHECK(s.run({"report", "enforcement", "--since", "2199-01-01"}) == 0);
    CHECK(s.told("0 pairs of subscription"));
    CHECK(s.run({"report", "enforcement", "--terms", "imei_monitor"}) == 0);
    CHECK(s.told("0 would be refused"));
    CHECK(s.run({"report", "enforcement", "--terms", "nothing"}) == 1);
    CHECK(s.run({"report", "enforcement", "--since", "yesterday"}) == 1);
    // Nothing of it was stored.
    CHECK(s.store.subscriber(*Imsi::parse(imsi(1)))->policy == binding::Policy::off);
}

TEST_CASE("bindhssctl: a trial of first_use lets each subscription keep the first of its devices", "[R48]") {
    BindingSession s;
    s.subscriber(imsi(1));
    REQUIRE(s.run({"terms", "set", "first", "--policy", "imei_enforce", "--acquisition", "first_use"}) == 0);
    const auto then = SystemClock().now();
    s.registered(imsi(1), foreign, [&](auto& place) { place.time = then - std::chrono::hours(48); });
    s.registered(imsi(1), own, [&](auto& place) { place.time = then; });
    CHECK(s.run({"report", "enforcement", "--terms", "first", "--list"}) == 0);
    CHECK(s.told(own));
    CHECK_FALSE(s.told(foreign));
}

TEST_CASE("bindhssctl: alarms are acknowledged and cleared, never all of them by a word too few", "[R43]") {
    BindingSession s;
    const auto raise = [&](alarm::Id id, const std::string& whose) {
        alarm::Notice notice;
        notice.alarm.id = id;
        notice.alarm.imsi = Imsi::parse(whose);
        notice.alarm.time = SystemClock().now();
        s.await([](store::MemoryStore& store, alarm::Notice told) -> boost::asio::awaitable<int> {
            (void)co_await store.record_alarm(std::move(told));
            co_return 0;
        }(s.store, notice));
    };
    raise(alarm::Id::pair_unauthorised, imsi(1));
    raise(alarm::Id::imei_missing, imsi(1));
    raise(alarm::Id::imei_missing, imsi(2));
    const auto id = std::to_string(s.store.alarms(10).at(0).id);
    CHECK(s.run({"alarm", "acknowledge", id}) == 0);
    CHECK(s.out == "1 alarm acknowledged\n");
    CHECK(s.store.alarms(10).at(0).acknowledged_by.find('@') != std::string::npos);
    CHECK(s.run({"alarm", "clear"}) == 1);
    CHECK(s.err == "bindhssctl: which alarms? name an ID, --name, --imsi, or --all\n");
    CHECK(s.run({"alarm", "clear", "--name", "imei_missing", "--imsi", imsi(1)}) == 0);
    CHECK(s.store.alarms(10).size() == 2);
    CHECK(s.run({"alarm", "clear", "--name", "imei_missing", "--json"}) == 0);
    CHECK(s.out == "{\"alarms\":1}\n");
    CHECK(s.run({"alarm", "clear", "--name", "imei_missing"}) == 1);
    CHECK(s.err == "bindhssctl: there is no such open alarm\n");
    CHECK(s.run({"alarm", "clear", "--name", "imei_misssing"}) == 1);
    CHECK(s.err == "bindhssctl: there is no alarm 'imei_misssing'\n");
    CHECK(s.run({"alarm", "clear", "--all"}) == 0);
    CHECK(s.run({"alarm", "list", "--json"}) == 0);
    CHECK(s.out == "[]\n");
    CHECK(s.run({"alarm", "list", "--all"}) == 0);
    CHECK(s.told("imei_missing"));
    CHECK(s.run({"alarm", "clear", "x"}) == 2);
}

TEST_CASE("times of operators are dates or times in UTC, and nothing else") {
    CHECK(ctl::time_text(*ctl::parse_time("2026-03-01")) == "2026-03-01T00:00:00Z");
    CHECK(ctl::time_text(*ctl::parse_time("2024-02-29T23:59:58Z")) == "2024-02-29T23:59:58Z");
    CHECK(ctl::time_text(*ctl::parse_time("2026-03-01T08:30")) == "2026-03-01T08:30:00Z");
    CHECK(ctl::day_text(*ctl::parse_time("2026-03-01T08:30")) == "2026-03-01");
    // Beyond 2262 and before 1677, where nanoseconds end.
    CHECK(ctl::time_text(*ctl::parse_time("9999-12-31T23:59:59Z")) == "9999-12-31T23:59:59Z");
    CHECK(ctl::time_text(*ctl::parse_time("1600-02-29")) == "1600-02-29T00:00:00Z");
    for (const auto* text : {"", "2026", "2026-3-1", "2026-02-30", "2026-13-01", "2026-00-01", "2026-03-01T",
                             "-026-03-01", "2026-03-01T24:00", "2026-03-01T08:60", "2026-03-01T08:30+01:00",
                             "2026-03-01 08:30", "2026-03-01T08:30:61", "2026-03-01Z", "yesterday"})
        CHECK_FALSE(ctl::parse_time(text));
}

TEST_CASE("times of files are dates or times of RFC 3339, and nothing else") {
    const auto told = [](const char* text) { return ctl::time_text(ctl::parse_rfc3339(text).value()); };
    CHECK(told("2026-03-01") == "2026-03-01T00:00:00Z");
    CHECK(told("2026-03-01T08:30:15Z") == "2026-03-01T08:30:15Z");
    CHECK(told("2026-03-01t08:30:15.999999999z") == "2026-03-01T08:30:15Z");
    CHECK(told("2026-03-01 01:30:15+02:00") == "2026-02-28T23:30:15Z");
    CHECK(told("2026-12-31T23:30:00-00:45") == "2027-01-01T00:15:00Z");
    CHECK(told("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00Z");  // a leap second
    CHECK(*ctl::parse_rfc3339("2026-03-01T08:30:15.25Z") - *ctl::parse_rfc3339("2026-03-01T08:30:15Z") ==
          std::chrono::milliseconds(250));
    for (const auto* text : {"", "2026-03-01T08:30Z", "2026-03-01T08:30:15", "2026-03-01T08:30:15.Z",
                             "2026-03-01T24:00:00Z", "2026-03-01T08:30:61Z", "2026-03-01T08:30:15+24:00",
                             "2026-03-01T08:30:15+01", "2026-03-01T08:30:15Zz", "2026-02-29", "20260301",
                             "2026-03-01T", "2026-03-01Z", "2026-03-01T08:30:15 Z"})
        CHECK_FALSE(ctl::parse_rfc3339(text));
}

}  // namespace bindhss
