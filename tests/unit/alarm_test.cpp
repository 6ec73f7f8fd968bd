// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "alarm/address.h"
#include "alarm/log_outlet.h"

using namespace bindhss;

TEST_CASE("every alarm has its row, found by its id, with all its texts") {
    std::set<std::string_view> names;
    for (const auto& row : alarm::catalogue()) {
        CHECK(alarm::describe(row.id).name == row.name);
        CHECK(names.insert(row.name).second);
        CHECK_FALSE(row.text.empty());
        CHECK_FALSE(row.cause.empty());
        CHECK_FALSE(row.remedy.empty());
    }
    CHECK(alarm::describe(alarm::Id::sqn_exhausted).name == "sqn_exhausted");
}

TEST_CASE("the manual has the catalogue as it is") {
    std::ostringstream manual;
    manual << std::ifstream(BINDHSS_SOURCE_DIR "/docs/alarms.md").rdbuf();
    for (const auto& row : alarm::catalogue()) {
        std::string line = "| `";
        for (const auto part :
             {row.name, std::string_view("` | "), alarm::name_of(row.severity), std::string_view(" | "),
              row.text, std::string_view(" | "), row.cause, std::string_view(" | "), row.remedy})
            line += part;
        for (auto at = line.find('<'); at != std::string::npos; at = line.find('<'))
            line.replace(at, 1, "&lt;");
        for (auto at = line.find('>'); at != std::string::npos; at = line.find('>'))
            line.replace(at, 1, "&gt;");
        CHECK_THAT(manual.str(), Catch::Contains(line + " |\n"));
    }
}

TEST_CASE("an alarm is an event of the log at a level by its severity") {
    const auto path =
        std::filesystem::temp_directory_path() / ("bindhss_alarm_test_" + std::to_string(::getpid()));
    std::filesystem::remove(path);
    {
        log::Logger logger({log::Level::info, log::Format::json, path.string()});
        alarm::LogOutlet outlet(logger);
        alarm::Notice notice;
        notice.change = alarm::Change::repeated;
        notice.alarm = {alarm::Id::pair_unauthorised,
                        Imsi::parse("001010000000004"),
                        Imei::parse("35824005000001"),
                        "mme1.example",
                        "not in the list",
                        WallTime{}};
        notice.severity = alarm::Severity::major;
        notice.text = "A text.";
        notice.count = 7;
        notice.alarm.session = "mme1.example;1;2";
        outlet.tell(notice);
        notice.change = alarm::Change::cleared;
        outlet.tell(notice);
        notice.change = alarm::Change::raised;
        notice.severity = alarm::Severity::minor;
        outlet.tell(notice);
        notice.change = alarm::Change::acknowledged;
        notice.severity = alarm::Severity::critical;
        notice.by = "carol";
        outlet.tell(notice);
    }
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    std::filesystem::remove(path);
    CHECK_THAT(
        text.str(),
        Catch::Contains(R"("level":"error","event":"alarm","change":"repeated","id":"pair_unauthorised",)"
                        R"("severity":"major","count":7,"imsi":"001010000000004",)"
                        R"("imei":"35824005000001","peer":"mme1.example",)"
                        R"("session":"mme1.example;1;2","text":"A text.",)"
                        R"("detail":"not in the list","by":""})"));
    CHECK_THAT(text.str(), Catch::Contains(R"("level":"info","event":"alarm","change":"acknowledged")"));
    CHECK_THAT(text.str(), Catch::Contains(R"("by":"carol"})"));
    CHECK_THAT(text.str(), Catch::Contains(R"("level":"info","event":"alarm","change":"cleared")"));
    CHECK_THAT(text.str(), Catch::Contains(R"("level":"warning","event":"alarm","change":"raised")"));
}

TEST_CASE("an alarm is one line of JSON whatever a peer calls itself") {
    alarm::Notice notice;
    notice.alarm = {
        alarm::Id::imei_missing, std::nullopt, std::nullopt,
        "a\"b\nc\xff",           "",           WallTime{std::chrono::milliseconds{1'700'000'000'007}}};
    notice.severity = alarm::Severity::warning;
    CHECK(alarm::json_of(notice, "hss.example") ==
          R"({"time":"2023-11-14T22:13:20.007Z","level":"warning","event":"alarm","origin":"hss.example",)"
          R"("change":"raised","id":"imei_missing","severity":"warning","count":1,"imsi":"","imei":"",)"
          "\"peer\":\"a\\\"b\\nc\xef\xbf\xbd\",\"session\":\"\",\"text\":\"\",\"detail\":\"\",\"by\":\"\"}");
}

TEST_CASE("addresses of receivers are understood, or refused with the reason") {
    const auto web = alarm::WebAddress::parse("https://ops.example:8443/hook?team=1");
    CHECK(web.tls);
    CHECK(web.host == "ops.example");
    CHECK(web.port == 8443);
    CHECK(web.target == "/hook?team=1");
    CHECK(web.authority() == "ops.example:8443");
    CHECK(alarm::WebAddress::parse("http://[::1]:8080").authority() == "[::1]:8080");
    CHECK(alarm::WebAddress::parse("http://[::1]").host == "::1");
    CHECK(alarm::WebAddress::parse("https://a?x").target == "/?x");
    CHECK(alarm::WebAddress::parse("https://a").authority() == "a");
    for (const auto* bad :
         {"", "ftp://a", "https://", "https://:80", "https://a:0", "https://a:x", "https://u:p@a",
          "https://a/b c", "https://a/#x", "https://[::1", "https://[]", "https://a]b"})
        CHECK_THROWS_AS(alarm::WebAddress::parse(bad), alarm::BadAddress);

    CHECK(alarm::SyslogAddress::parse("udp://logs").port == 514);
    CHECK(alarm::SyslogAddress::parse("tcp://[::1]").port == 601);
    CHECK(alarm::SyslogAddress::parse("tcp://logs:6514").transport == alarm::SyslogAddress::Transport::tcp);
    CHECK(alarm::SyslogAddress::parse("unix:/dev/log").host == "/dev/log");
    for (const auto& bad : {std::string("logs:514"), std::string("unix:dev/log"), std::string("udp://"),
                            std::string("tcp://a:70000"), "unix:/" + std::string(200, 'x')})
        CHECK_THROWS_AS(alarm::SyslogAddress::parse(bad), alarm::BadAddress);
}
