// SPDX-License-Identifier: Apache-2.0
// bindhssctl: what narrows long lists.
#include "ctl_session.h"
#include "nodes_world.h"

namespace bindhss {

namespace {

using Catch::Contains;
using test::Session;

const std::string first = "001010000000001";
const std::string second = "001010000000002";
const std::string foreign = "262010000000003";

struct ListSession : Session {
    ListSession() {
        REQUIRE(run({"subscriber", "add", first, test::k, test::opc, "--msisdn", "491"}) == 0);
        REQUIRE(run({"subscriber", "add", second, test::k, test::opc, "--msisdn", "492"}) == 0);
        REQUIRE(run({"subscriber", "add", foreign, test::k, test::opc}) == 0);
        REQUIRE(run({"group", "set", "fleet", "--terms", "imei_monitor"}) == 0);
        REQUIRE(run({"group", "add", "fleet", second}) == 0);
    }
    /// The first column of what a list shows, as CSV.
    std::string firsts(std::vector<std::string> command) {
        command.insert(command.end(), {"--output", "csv"});
        REQUIRE(run(command) == 0);
        std::string found;
        std::istringstream lines(out);
        std::string line;
        std::getline(lines, line);
        while (std::getline(lines, line))
            found += (found.empty() ? "" : " ") + line.substr(0, line.find(','));
        return found;
    }
};

}  // namespace

TEST_CASE("ctl: subscribers are narrowed down, and listed behind the last one of a list", "[ctl]") {
    ListSession s;
    CHECK(s.firsts({"subscriber", "list", "--prefix", "00101"}) == first + " " + second);
    CHECK(s.firsts({"subscriber", "list", "--msisdn", "492"}) == second);
    CHECK(s.firsts({"subscriber", "list", "--group", "fleet"}) == second);
    CHECK(s.firsts({"subscriber", "list", "--policy", "imei_monitor", "--profile", "default"}) == second);
    CHECK(s.firsts({"subscriber", "list", "--profile", "rare"}).empty());
    CHECK(s.firsts({"subscriber", "list", "--limit", "1"}) == first);
    CHECK(s.firsts({"subscriber", "list", "--limit", "1", "--after", first}) == second);
    CHECK(s.firsts({"subscriber", "list", "--after", foreign}).empty());
    CHECK(s.run({"subscriber", "list", "--policy", "strict"}) == 1);
    CHECK_THAT(s.err, Contains("--policy: none of off, "));
}

TEST_CASE("ctl: devices are listed by an IMEI that they hold, and by their group", "[ctl]") {
    Session s;
    REQUIRE(s.run({"device", "add", "35824005000000-35824005000009", "--group", "lifts"}) == 0);
    REQUIRE(s.run({"device", "add", "35824005111111"}) == 0);
    CHECK(s.run({"device", "list", "--imei", "35824005000004", "--json"}) == 0);
    CHECK_THAT(s.out, Contains("35824005000000") && !Contains("35824005111111"));
    CHECK(s.run({"device", "list", "--group", "lifts", "--json"}) == 0);
    CHECK_THAT(s.out, Contains("35824005000000") && !Contains("35824005111111"));
    CHECK(s.run({"device", "list", "--imei", "lift"}) == 1);
}

TEST_CASE("ctl: registrations and alarms are listed of one subscriber", "[ctl]") {
    Session s;
    CHECK(s.run({"registration", "list", "--imsi", first, "--node", "mme1.example.org", "--json"}) == 0);
    CHECK(s.out == "[]\n");
    CHECK(s.run({"registration", "list", "--imsi", "somebody"}) == 1);
    CHECK(s.run({"alarm", "list", "--imsi", first, "--severity", "critical", "--name", "kme_suspect", "--all",
                 "--json"}) == 0);
    CHECK(s.out == "[]\n");
    CHECK(s.run({"alarm", "list", "--imsi", "somebody"}) == 1);
}

TEST_CASE("ctl: the audit is narrowed down by what was done, by whom and when", "[ctl]") {
    ListSession s;
    CHECK(s.run({"audit", "list", "--what", "put subscriber", "--json"}) == 0);
    CHECK_THAT(s.out, Contains(first) && !Contains("fleet"));
    CHECK(s.run({"audit", "list", "--who", "nobody", "--json"}) == 0);
    CHECK(s.out == "[]\n");
    CHECK(s.run({"audit", "list", "--since", "2999-01-01", "--json"}) == 0);
    CHECK(s.out == "[]\n");
    CHECK(s.run({"audit", "list", "--since", "2001-01-01T00:00:00Z", "--json"}) == 0);
    CHECK_THAT(s.out, Contains(foreign));
    CHECK(s.run({"audit", "list", "--since", "yesterday"}) == 1);
    CHECK_THAT(s.err, Contains("'yesterday' is no time like"));
}

}  // namespace bindhss
