// SPDX-License-Identifier: Apache-2.0
// doctor: what it finds, and what it says of how to mend it.
#include <sys/stat.h>

#include <boost/json/parse.hpp>

#include "ctl/doctor.h"
#include "lossy_api.h"

namespace bindhss {

using ctl::Health;

namespace {

const ctl::Finding* find(const ctl::Findings& findings, const std::string& what) {
    for (const auto& finding : findings.list())
        if (finding.what == what) return &finding;
    return nullptr;
}
std::optional<Health> health(const ctl::Findings& findings, const std::string& what) {
    const auto* finding = find(findings, what);
    return finding == nullptr ? std::nullopt : std::optional(finding->health);
}

/// A daemon that answers what a test says, by path.
class Daemon final : public ctl::ApiClient {
  public:
    std::map<std::string, std::string> answers{
        {"/v1/status", R"({"version":"0.1.0","identity":"hss1"})"},
        {"/v1/health", R"({"ready":true,"checks":[{"name":"database","good":true,"detail":"answers"}]})"},
        {"/v1/peers", R"({"items":[{"identity":"mme1","state":"open"}]})"},
        {"/v1/events", R"({"items":[]})"},
        {"/v1/alarms", R"({"items":[]})"},
    };
    std::map<std::string, http::Response> problems;  ///< instead, by path
    std::vector<std::string> event_pages;            ///< instead, one after the other
    http::Response ask(const http::Request& request) override {
        http::Response response;
        if (const auto problem = problems.find(request.path); problem != problems.end())
            return problem->second;
        if (request.path == "/v1/events" && !event_pages.empty()) {
            response.body = event_pages.front();
            event_pages.erase(event_pages.begin());
            return response;
        }
        const auto found = answers.find(request.path);
        if (found == answers.end()) {
            response = http::problem(404, "nothing");
        } else {
            response.body = found->second;
        }
        return response;
    }
    std::shared_ptr<ApiClient> another() const override { return nullptr; }
    std::string where() const override { return "unix:/run/api.sock"; }
};

struct Installation {
    std::string path =
        (std::filesystem::temp_directory_path() / ("bindhss-doctor-" + std::to_string(::getpid()))).string();
    std::string keys = path + "/keys";
    std::string config = path + "/bindhssd.yaml";
    explicit Installation(const std::string& more = {}) {
        std::filesystem::create_directories(path);
        std::ofstream(keys) << "1 00\n";
        ::chmod(keys.c_str(), 0600);
        std::ofstream(config) << "state_directory: " << path << "\n" << more;
    }
    ~Installation() { std::filesystem::remove_all(path); }
    ctl::Target target() const {
        ctl::Target target;
        target.settings.state_directory = path;
        return target;
    }
};

}  // namespace

TEST_CASE("doctor: a key file that others may read, or that is gone, is a failure") {
    const Installation place;
    ctl::Findings good;
    ctl::check_files(place.target(), good);
    CHECK(health(good, "keys file") == Health::ok);
    CHECK(health(good, "state directory") != Health::fail);
    CHECK(health(good, "backup") == Health::ok);

    ::chmod(place.keys.c_str(), 0640);
    ctl::Findings open;
    ctl::check_files(place.target(), open);
    REQUIRE(health(open, "keys file") == Health::fail);
    CHECK(find(open, "keys file")->mend.find("chmod 600") == 0);
    CHECK(open.has_failed());

    std::filesystem::remove(place.keys);
    ctl::Findings gone;
    ctl::check_files(place.target(), gone);
    CHECK(health(gone, "keys file") == Health::fail);
}

TEST_CASE("doctor: a daemon that is well has no finding but ok") {
    Daemon daemon;
    ctl::Findings findings;
    ctl::check_daemon(daemon, findings);
    for (const auto* what : {"daemon", "readiness", "peers", "alarms"}) {
        INFO(what);
        CHECK(health(findings, what) == Health::ok);
    }
    CHECK(findings.list().size() == 4);
}

TEST_CASE("doctor: what is wrong with a daemon is told one by one, with how to mend it") {
    Daemon daemon;
    daemon.answers["/v1/status"] = R"({"version":"9.9","identity":"hss1"})";
    daemon.answers["/v1/health"] =
        R"({"ready":false,"checks":[{"name":"database","good":false,"detail":"away"}]})";
    daemon.answers["/v1/peers"] = R"({"items":[{"identity":"mme2","state":"closed"}]})";
    daemon.answers["/v1/events"] =
        R"({"items":[{"at":"t1","event":"peer_refused","address":"10.0.0.9","detail":"is not known"},)"
        R"({"at":"t2","event":"peer_refused","address":"10.0.0.9","detail":"is not known"}]})";
    daemon.answers["/v1/alarms"] =
        R"({"items":[{"severity":"critical"},{"severity":"minor"},{"severity":"minor"}]})";
    ctl::Findings findings;
    ctl::check_daemon(daemon, findings);
    CHECK(health(findings, "daemon") == Health::warn);
    CHECK(health(findings, "daemon: database") == Health::fail);
    CHECK(health(findings, "peer mme2") == Health::warn);
    CHECK(health(findings, "peers") == Health::warn);
    REQUIRE(health(findings, "peer refused") == Health::warn);
    CHECK(find(findings, "peer refused")->detail == "2 times, last t2: 10.0.0.9 is not known");
    REQUIRE(health(findings, "alarms") == Health::fail);
    CHECK(find(findings, "alarms")->detail == "3 open: 1 critical, 2 minor");
    for (const auto& finding : findings.list())
        if (finding.health != Health::ok) CHECK_FALSE(finding.mend.empty());
}

TEST_CASE("doctor: a problem in the place of an answer is a finding, and never ok") {
    Daemon daemon;
    daemon.problems["/v1/health"] = http::problem(500, "a fault");
    ctl::Findings fault;
    ctl::check_daemon(daemon, fault);
    CHECK(health(fault, "readiness") == Health::fail);
    daemon.problems["/v1/health"] = http::problem(503, "later");
    ctl::Findings away;
    ctl::check_daemon(daemon, away);
    CHECK(health(away, "readiness") == Health::fail);
    daemon.problems["/v1/health"] = http::problem(404, "nothing");
    ctl::Findings none;
    ctl::check_daemon(daemon, none);
    CHECK(health(none, "readiness") == Health::warn);
    daemon.problems.clear();
    for (const auto* wrong : {R"({})", R"({"checks":7})", R"({"ready":false,"checks":[]})"}) {
        INFO(wrong);
        daemon.answers["/v1/health"] = wrong;
        ctl::Findings findings;
        ctl::check_daemon(daemon, findings);
        CHECK(health(findings, "readiness") == Health::fail);
    }
}

TEST_CASE("doctor: refusals are counted through all pages of events") {
    Daemon daemon;
    const std::string refusal = R"("event":"peer_refused","detail":"is not known","address":)";
    daemon.event_pages = {
        R"({"items":[{"number":1,"at":"t1",)" + refusal + R"("10.0.0.9"},{"number":2,"event":"alarm"}]})",
        R"({"items":[{"number":3,"at":"t3",)" + refusal + R"("10.0.0.9"}]})", R"({"items":[]})"};
    ctl::Findings findings;
    ctl::check_daemon(daemon, findings);
    REQUIRE(health(findings, "peer refused") == Health::warn);
    CHECK(find(findings, "peer refused")->detail == "2 times, last t3: 10.0.0.9 is not known");
    CHECK(daemon.event_pages.empty());
}

TEST_CASE("doctor: it works with the daemon down, and with a configuration that is wrong") {
    const Installation place;
    test::Session s;
    CHECK(s.run({"doctor", "--config", place.config}) == 1);
    INFO(s.out);
    CHECK(s.out.find("ok   configuration: " + place.config) == 0);
    CHECK(s.out.find("FAIL API: the socket " + place.path +
                     "/api.sock does not exist: is bindhssd running?\n     -> ") != std::string::npos);

    const Installation wrong("diameter: {identity: 7, nonsense: 1}\n");
    CHECK(s.run({"doctor", "--config", wrong.config, "--json"}) == 1);
    const auto list = boost::json::parse(s.out).as_array();
    REQUIRE_FALSE(list.empty());
    CHECK(list[0].at("health") == "FAIL");
    CHECK(std::string(list[0].at("detail").as_string()).find("bindhssd.yaml:2: ") != std::string::npos);
}

TEST_CASE("doctor: what systemd hands to the daemon is not looked for as a file") {
    const Installation place;
    auto target = place.target();
    target.settings.keys.file = "credential:kek";
    target.settings.api.certificate = "credential:api.pem";
    target.settings.api.private_key = "credential:api.key";
    ctl::Findings findings;
    ctl::check_files(target, findings);
    ctl::check_certificates(target, SystemClock().now(), findings);
    for (const auto* what : {"keys file", "private key of the API", "certificate of the API"}) {
        INFO(what);
        CHECK(health(findings, what) == Health::ok);
    }
}

TEST_CASE("doctor: a certificate that cannot be read is told of") {
    const Installation place;
    auto target = place.target();
    target.settings.api.certificate = place.path + "/none.pem";
    target.settings.api.private_key = place.path + "/none.key";
    ctl::Findings findings;
    ctl::check_certificates(target, SystemClock().now(), findings);
    CHECK(health(findings, "certificate of the API") == Health::fail);
}

}  // namespace bindhss
