// SPDX-License-Identifier: Apache-2.0
// How bindhssctl finds the API and understands it.
#include <boost/json/parse.hpp>
#include "ctl/api_address.h"
#include "ctl/api_store.h"
#include "ctl/connection_options.h"

#include "lossy_api.h"
#include "management/tokens.h"

namespace bindhss {

namespace {

/// Answers what a test says.
class Scripted final : public ctl::ApiClient {
  public:
    http::Response ask(const http::Request& request) override {
        asked.push_back(request);
        auto response = answers.at(std::min(asked.size(), answers.size()) - 1);
        return response;
    }
    std::shared_ptr<ApiClient> another() const override { return nullptr; }
    std::string where() const override { return "unix:/somewhere"; }

    std::vector<http::Request> asked;
    std::vector<http::Response> answers;
};

http::Response answer(unsigned status, std::string body) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

}  // namespace

TEST_CASE("API: it is named by its socket, or by host and port") {
    CHECK(ctl::parsed_api("unix:/run/bindhss/api.sock").socket == "/run/bindhss/api.sock");
    CHECK(ctl::parsed_api("unix:///run/api.sock").socket == "/run/api.sock");
    CHECK(ctl::parsed_api("/run/api.sock").socket == "/run/api.sock");
    const auto host = ctl::parsed_api("https://hss1.example.org:9443/");
    CHECK(host.host == "hss1.example.org");
    CHECK(host.port == 9443);
    CHECK(ctl::parsed_api("https://hss1").port == 8443);
    CHECK(ctl::parsed_api("https://[2001:db8::1]:1").host == "2001:db8::1");
    for (const auto* wrong :
         {"", "hss1", "http://hss1", "https://", "https://a:0", "https://a:x", "https://a:70000",
          "https://a/b", "https://u@a", "unix:relative", "https://[::1"}) {
        INFO(wrong);
        CHECK_THROWS_AS(ctl::parsed_api(wrong), ctl::Refused);
    }
}

TEST_CASE("API: a socket that is not there, or that nobody listens on, is told of with what to do") {
    const auto api = ctl::connect_api(ctl::parsed_api("unix:/nonexistent/api.sock"), {});
    CHECK_THROWS_WITH(static_cast<void>(api->ask(ctl::get_of("/v1/status"))),
                      "the socket /nonexistent/api.sock does not exist: is bindhssd running?");
    CHECK_THROWS_AS(static_cast<void>(api->ask(ctl::get_of("/v1/status"))), store::Unavailable);
}

TEST_CASE("API: parts of a path and parameters are encoded") {
    CHECK(ctl::path_of({"profiles", "a b/c%\xc3\xa4"}) == "/v1/profiles/a%20b%2Fc%25%C3%A4");
    CHECK(ctl::Query().add("a", "1&2=3").flag("dry_run", true).flag("x", false).add_if("y", "").text() ==
          "a=1%262%3D3&dry_run=true");
}

TEST_CASE("API: a problem is told in its own words, and its lines are understood") {
    Scripted api;
    api.answers = {answer(422, R"({"type":"urn:bindhss:problem:refused","detail":"Nothing was stored: no.",)"
                               R"("errors":[{"line":2,"detail":"k is missing"},{"detail":"all wrong"}]})")};
    try {
        ctl::done_by(api, ctl::get_of("/v1/x"));
        FAIL("a problem is thrown");
    } catch (const ctl::ApiProblem& problem) {
        CHECK(std::string(problem.what()) == "Nothing was stored: no");
        CHECK(problem.name() == "refused");
        REQUIRE(problem.errors().size() == 2);
        CHECK(problem.errors()[0].line == 2);
        CHECK(problem.errors()[1].line == 0);
    }
    api.answers = {answer(503, R"({"type":"urn:bindhss:problem:database-away","detail":"It is away."})")};
    CHECK_THROWS_AS(ctl::done_by(api, ctl::get_of("/v1/x")), store::Unavailable);
    api.answers = {answer(401, R"({"type":"urn:bindhss:problem:unauthenticated","detail":"Who are you?"})")};
    CHECK_THROWS_WITH(ctl::done_by(api, ctl::get_of("/v1/x")),
                      "Who are you? (--token-file, or --certificate)");
    api.answers = {answer(404, "<html>nothing</html>")};
    CHECK_THROWS_WITH(ctl::done_by(api, ctl::get_of("/v1/x")), "unix:/somewhere answered 404 Not Found");
    CHECK_THROWS_AS(ctl::find(api, "/v1/x"), ctl::ApiProblem);
    api.answers = {answer(200, "[]")};
    CHECK_THROWS_AS(ctl::fetch(api, "/v1/x"), ctl::Refused);
    CHECK_THROWS_AS(ctl::fetch_items(api, "/v1/x"), ctl::Refused);
}

TEST_CASE("API: one that is too busy is asked again") {
    Scripted api;
    api.answers = {answer(429, R"({"type":"urn:bindhss:problem:too-busy","detail":"Later."})"),
                   answer(200, R"({"a":1})")};
    CHECK(ctl::fetch(api, "/v1/x").at("a") == 1);
    CHECK(api.asked.size() == 2);
}

TEST_CASE("API: what passes by itself is no refusal") {
    Scripted api;
    for (const auto status : {502U, 503U, 504U}) {
        INFO(status);
        api.answers = {answer(status, "<html>a proxy</html>")};
        CHECK_THROWS_AS(ctl::done_by(api, ctl::get_of("/v1/x")), store::Unavailable);
    }
    api.answers = {answer(503, R"({"type":"urn:bindhss:problem:no-daemon","detail":"None."})")};
    CHECK_THROWS_AS(ctl::done_by(api, ctl::get_of("/v1/x")), ctl::ApiProblem);
    api.answers = {answer(500, "<html>a fault</html>")};
    CHECK_THROWS_AS(ctl::done_by(api, ctl::get_of("/v1/x")), ctl::ApiProblem);
}

TEST_CASE("API: what the environment names of credentials counts for https alone") {
    const auto credentials = [](const std::string& arguments) {
        CLI::App app;
        ctl::ConnectionOptions options;
        options.add_to(app);
        app.parse(arguments);
        return options.target().credentials;
    };
    ::setenv("BINDHSS_TOKEN_FILE", "/nonexistent/token", 1);
    ::setenv("BINDHSS_CA", "/nonexistent/ca.pem", 1);
    const auto socket = credentials("--api unix:/run/api.sock");
    const auto host = credentials("--api https://hss1");
    const auto named = credentials("--api https://hss1 --token-file /t");
    ::unsetenv("BINDHSS_TOKEN_FILE");
    ::unsetenv("BINDHSS_CA");
    CHECK(socket.token_file.empty());
    CHECK(socket.ca.empty());
    CHECK(host.token_file == "/nonexistent/token");
    CHECK(host.ca == "/nonexistent/ca.pem");
    CHECK(named.token_file == "/t");
}

TEST_CASE("bindhssctl: the daemon is found by file and environment, as it was configured itself") {
    const test::TemporaryFile file("daemon.yaml",
                                   "state_directory: /from/file\n"
                                   "database: {url: 'host=a dbname=b', password_file: 'credential:db'}\n"
                                   "keys: {file: /k}\n");
    const auto target = [](const std::string& arguments) {
        CLI::App app;
        ctl::ConnectionOptions options;
        options.add_to(app);
        app.parse(arguments);
        return options.target();
    };
    const auto named = "--config " + file.path;
    CHECK(target(named).address().socket == "/from/file/api.sock");
    {
        const test::Variable state("BINDHSS_STATE_DIRECTORY", "/from/environment");
        const test::Variable url("BINDHSS_DATABASE_URL", "host=c dbname=d");
        const auto found = target(named);
        CHECK(found.address().socket == "/from/environment/api.sock");
        CHECK(found.settings.database.url == "host=c dbname=d");
        // systemd hands it to the daemon, and to nobody else.
        CHECK(found.settings.database.password_file == "credential:db");
        const test::Variable socket("BINDHSS_API_SOCKET", "/run/here.sock");
        CHECK(target(named).address().socket == "/run/here.sock");
        // Somewhere else this machine's environment means nothing.
        CHECK(target("--api unix:/other.sock").settings.state_directory ==
              config::Settings{}.state_directory);
        const test::Variable api("BINDHSS_API", "unix:/other.sock");
        CHECK(target("").settings.state_directory == config::Settings{}.state_directory);
        CHECK(target("").address().socket == "/other.sock");
        CHECK(target(named).address().socket == "/run/here.sock");
    }
    const test::Variable wrong("BINDHSS_API_SOCKET_MODE", "rw");
    const test::Variable unknown("BINDHSS_API_SOKET", "/x");
    CHECK_THROWS_WITH(target(named), Catch::Contains("BINDHSS_API_SOCKET_MODE: api.socket_mode: ") &&
                                         Catch::Contains("BINDHSS_API_SOKET: is the variable of no key, did "
                                                         "you mean 'BINDHSS_API_SOCKET'?"));
    CHECK_NOTHROW(target("--api unix:/other.sock"));
}

TEST_CASE("bindhssctl events: no more than the limit, with a note; --follow outlives a daemon's restart") {
    const auto api = std::make_shared<Scripted>();
    std::string out;
    std::string err;
    const auto run = [&](const std::vector<std::string>& arguments) {
        const auto lent = std::make_shared<store::MemoryStore>();
        std::istringstream i;
        std::ostringstream o;
        std::ostringstream e;
        api->asked.clear();
        const auto code = ctl::run(arguments, {i, o, e}, [&](const ctl::Target&) {
            return ctl::Stores{lent, lent, api};
        });
        out = o.str();
        err = e.str();
        return code;
    };
    const auto one = answer(200, R"({"items":[{"number":3,"at":"t3","event":"c"}]})");
    api->answers = {
        answer(200, R"({"items":[{"number":1,"at":"t1","event":"a"},{"number":2,"at":"t2","event":"b"}]})"),
        one};
    CHECK(run({"events", "--limit", "3"}) == 0);
    CHECK(out == "t1 a\nt2 b\nt3 c\n");
    CHECK(err == "bindhssctl: the first 3 only; --limit shows more\n");
    REQUIRE(api->asked.size() == 2);
    CHECK(api->asked[1].query == "after=2&limit=1");

    CHECK(run({"events", "--follow", "--output", "csv"}) == 1);
    CHECK(err.find("--follow has no end") != std::string::npos);
    CHECK(api->asked.empty());

    api->answers = {one, answer(503, "<html>it starts</html>"), answer(404, "<html>enough</html>")};
    CHECK(run({"events", "--follow"}) == 1);
    CHECK(out == "t3 c\n");
    CHECK(err.find("503 Service Unavailable; it is asked again\n") != std::string::npos);
    CHECK(api->asked.size() == 3);
}

TEST_CASE("API: a list is read page after page, and no further than is wanted") {
    Scripted api;
    api.answers = {answer(200, R"({"items":[{"n":1},{"n":2}],"next":"bmV4dA"})"),
                   answer(200, R"({"items":[{"n":3}],"next":"bW9yZQ"})")};
    const auto rows = ctl::fetch_list(api, "/v1/x", ctl::Query().add("a", "b"), store::Page(3));
    CHECK(rows.size() == 3);
    REQUIRE(api.asked.size() == 2);
    CHECK(api.asked[0].query == "a=b&limit=3");
    CHECK(api.asked[1].query == "a=b&limit=1&cursor=bmV4dA");
}

TEST_CASE("API: lists of thousands come whole through its pages") {
    test::Session s;
    std::string csv = "imsi,k,opc\n";
    for (int i = 0; i < 2'500; ++i) {
        const auto number = std::to_string(i);
        csv +=
            "00101" + std::string(10 - number.size(), '0') + number + "," + test::k + "," + test::opc + "\n";
    }
    const test::TemporaryFile file("fleet.csv", csv);
    REQUIRE(s.run({"import", file.path}) == 0);
    REQUIRE(s.run({"subscriber", "list", "--limit", "5000", "--output", "csv"}) == 0);
    CHECK(std::count(s.out.begin(), s.out.end(), '\n') == 2'501);
    CHECK(s.err.empty());
    REQUIRE(s.run({"subscriber", "list", "--limit", "1500", "--json"}) == 0);
    CHECK(s.err == "bindhssctl: the first 1500 only; --limit shows more\n");
}

TEST_CASE("bindhssctl: KMEs are given out beside the database alone") {
    test::LossyWorld world;
    const test::TemporaryFile key("transport.key",
                                  "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n");
    std::filesystem::permissions(key.path, std::filesystem::perms::owner_read);
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    CHECK(ctl::run({"kme", "export", key.path + ".out", "--transport-key", key.path}, {in, out, err},
                   test::lend_lossy(world)) == 1);
    INFO(err.str());
    CHECK(err.str().find("the API gives out no keys") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(key.path + ".out"));
}

TEST_CASE("bindhssctl: --revoke-others over the API takes one request, beside the database any file") {
    /// Large keys of one device, so many that they need two requests.
    class Many final : public store::DeviceKeySource {
      public:
        std::optional<store::DeviceKeyRecord> next() override {
            if (++line_ > 1'000) return std::nullopt;
            store::DeviceKey key{*Imei::parse("35824005111111")};
            key.der.assign(6'000, 'x');
            return store::DeviceKeyRecord{std::move(key), line_};
        }

      private:
        std::size_t line_ = 0;
    };
    const auto api = std::make_shared<Scripted>();
    api->answers = {answer(200, R"({"added":1,"stored":true})")};
    ctl::ApiDeviceKeys keys(api);
    store::DeviceKeyImportOptions options;
    options.revoke_others = true;
    Many refused;
    CHECK_THROWS_WITH(keys.import_device_keys(refused, options, "keys.csv"),
                      Catch::Contains("--revoke-others takes what fits into one request"));
    CHECK(api->asked.empty());
    options.revoke_others = false;
    Many taken;
    CHECK(keys.import_device_keys(taken, options, "keys.csv").added == 2);
    CHECK(api->asked.size() == 2);

    api->asked.clear();
    api->answers = {answer(200, R"({"added":1,"stored":true})"), answer(502, "<html>a proxy</html>")};
    Many ended;
    CHECK_THROWS_WITH(keys.import_device_keys(ended, options, "keys.csv"),
                      Catch::EndsWith("lines before, 1 keys are new and stored"));
    CHECK(api->asked.size() == 2);

    const auto direct = std::make_shared<store::MemoryStore>();
    ctl::ApiDeviceKeys beside(api, direct);
    options.revoke_others = true;
    Many stored;
    CHECK(beside.import_device_keys(stored, options, "keys.csv").stored);
    CHECK(api->asked.size() == 2);
}

TEST_CASE("bindhssctl: what needs a daemon says so where there is none") {
    test::Session s;
    for (const auto& command :
         {std::vector<std::string>{"peers"}, {"status"}, {"events"}, {"config", "show"}, {"reload"}}) {
        CHECK(s.run(command) == 1);
        CHECK(s.err.find("No daemon answers here") != std::string::npos);
    }
}

TEST_CASE("bindhssctl: a token is drawn, shown once, and its line holds what proves it") {
    test::Session s;
    REQUIRE(s.run({"token", "make", "dashboard", "--role", "read,provision", "--json"}) == 0);
    const auto made = boost::json::parse(s.out).as_object();
    const std::string token(made.at("token").as_string());
    const std::string line(made.at("line").as_string());
    CHECK(token.size() == 43);
    const auto tokens = management::Tokens::parse(line + "\n", "tokens");
    const auto* holder = tokens.holder("Bearer " + token);
    REQUIRE(holder != nullptr);
    CHECK(holder->name == "dashboard");
    CHECK(holder->roles.may(management::Role::provision));
    CHECK_FALSE(holder->roles.may(management::Role::keys));
    CHECK(line.find(token) == std::string::npos);
    REQUIRE(s.run({"token", "make", "dashboard", "--role", "read", "--json"}) == 0);
    CHECK(s.out.find(token) == std::string::npos);
    CHECK(s.run({"token", "make", "two words", "--role", "read"}) == 1);
    CHECK(s.run({"token", "make", "x", "--role", "god"}) == 2);
}

}  // namespace bindhss
