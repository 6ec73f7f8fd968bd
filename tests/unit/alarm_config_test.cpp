// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "config_problems.h"

using namespace bindhss;
using bindhss::test::problems_of;
using namespace std::chrono_literals;

TEST_CASE("what is told of alarms, and where, is configured, and shown as it was") {
    const auto settings = config::parse(R"(
alarms:
  repeat_interval: 1min
  escalate_after: 0
  escalate_within: 2h
  flood_after: 7
  keep_cleared: 24h
  json_lines: /var/log/bindhss/alarms.jsonl
  syslog: {to: "tcp://logs.example:6514", facility: authpriv}
  webhook: {url: "https://ops.example/hook", secret_file: /etc/bindhss/secret, ca: /etc/bindhss/ca.pem}
  rules:
    - {name: imei_missing, severity: info}
    - {name: kme_missing, text: "Call Anna: 555"}
audit: {keep: 8760h}
)",
                                        "f");
    const auto& alarms = settings.alarms;
    CHECK(alarms.repeat_interval == 1min);
    CHECK(alarms.escalate_after == 0);
    CHECK(alarms.escalate_within == 2h);
    CHECK(alarms.flood_after == 7);
    CHECK(alarms.keep_cleared == 24h);
    CHECK(settings.audit.keep == 8760h);
    CHECK(alarms.json_lines == "/var/log/bindhss/alarms.jsonl");
    CHECK(alarms.syslog.to == "tcp://logs.example:6514");
    CHECK(alarms.syslog.facility == alarm::Facility::authpriv);
    CHECK(alarms.webhook.url == "https://ops.example/hook");
    REQUIRE(alarms.rules.size() == 2);
    CHECK(alarms.rules[0].id == alarm::Id::imei_missing);
    CHECK(alarms.rules[0].severity == alarm::Severity::info);
    CHECK(alarms.rules[1].text == "Call Anna: 555");
    CHECK_FALSE(alarms.rules[1].severity);
    const auto again = config::parse(config::render(settings), "g");
    CHECK(config::differences(settings, again).empty());
    CHECK(again.alarms.rules.size() == 2);
}

TEST_CASE("cleared alarms are kept for 90 days and the audit for ever, unless it is said otherwise") {
    const auto settings = config::parse("", "f");
    CHECK(settings.alarms.keep_cleared == 2160h);
    CHECK(settings.audit.keep == 0s);
    CHECK(problems_of("audit: {keep: 87601h}").find("audit.keep: is outside") != std::string::npos);
}

TEST_CASE("bad settings of alarms are refused with line, key and reason") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"repeat_interval: 0s", "f:1: alarms.repeat_interval: is outside 1s to 24h"},
        {"flood_after: 0", "f:1: alarms.flood_after: is outside 1 to 100000"},
        {"json_lines: a.jsonl", "f:1: alarms.json_lines: is not an absolute path"},
        {"syslog: {to: \"logs:514\"}",
         "f:1: alarms.syslog.to: is neither udp://host:port, tcp://host:port nor unix:/path"},
        {"syslog: {to: \"udp://logs:0\"}", "f:1: alarms.syslog.to: has a port that is not 1 to 65535"},
        {"syslog: {facility: local9}",
         "f:1: alarms.syslog.facility: 'local9' is none of user, daemon, auth, authpriv, local0, local1, "
         "local2, "
         "local3, local4, local5, local6, local7, did you mean 'local0'?"},
        {"webhook: {url: \"ops.example\", secret_file: /s}",
         "f:1: alarms.webhook.url: begins with neither https:// nor http://"},
        {"webhook: {url: \"https://u:p@ops.example\", secret_file: /s}",
         "f:1: alarms.webhook.url: names a user: what has to be secret belongs into a file that the "
         "configuration names"},
        {"webhook: {url: \"https://ops.example\"}",
         "f:1: alarms.webhook.secret_file: is missing: the receiver could not tell our alarms from others"},
        {"webhook: {secret_file: /s}",
         "f:1: alarms.webhook.url: is missing, and other settings of alarms.webhook are given"},
        {"webhook: {url: \"http://ops.example\", secret_file: /s, ca: /c}",
         "f:1: alarms.webhook.ca: is of no use with http://: write https://"},
        {"rules: [{name: imei_mising}]",
         "f:1: alarms.rules[1].name: is not the name of an alarm, did you mean 'imei_missing'?"},
        {"rules: [{name: smoke_in_the_server_room}]",
         "f:1: alarms.rules[1].name: is not the name of an alarm: docs/alarms.md lists them"},
        {"rules: [{severity: info}]", "f:1: alarms.rules[1].name: is missing"},
        {"rules: [{name: imei_missing, severity: fatal}]",
         "f:1: alarms.rules[1].severity: 'fatal' is none of info, warning, minor, major, critical"},
        {"rules: [{name: imei_missing, text: \"\"}]",
         "f:1: alarms.rules[1].text: is not a text of 1 to 256 octets"},
        {"rules: [{name: imei_missing}, {name: imei_missing}]",
         "f:1: alarms.rules[2]: is the same alarm as number 1"},
    };
    for (const auto& [text, problem] : cases) CHECK(problems_of("alarms: {" + text + "}") == problem);
}
