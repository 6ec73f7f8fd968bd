// SPDX-License-Identifier: Apache-2.0
// api.*.
#include <catch2/catch.hpp>

#include "config_problems.h"

using namespace bindhss;
using bindhss::test::problems_of;

TEST_CASE("the API is on a socket in the state directory, unless it is put elsewhere", "[api]") {
    const auto socket = [](const std::string& text) { return config::api_socket(config::parse(text, "f")); };
    CHECK(socket("state_directory: /s") == "/s/api.sock");
    CHECK(socket("{state_directory: /s, api: {socket: /run/bindhss/api.sock}}") == "/run/bindhss/api.sock");
    CHECK_FALSE(socket("api: {socket: none}"));
    const auto deep = config::parse("state_directory: /" + std::string(100, 'd'), "f");
    CHECK_FALSE(config::api_socket(deep));
    REQUIRE(config::warnings(deep).size() == 1);
    CHECK(config::warnings(deep)[0].starts_with("api.socket: there is none, because /ddd"));
    CHECK(config::warnings(config::parse("api: {socket: none}", "f")).empty());
}

TEST_CASE("the API is configured, and shown as it was", "[api]") {
    const auto settings = config::parse(R"(
api:
  socket: /run/bindhss/api.sock
  socket_mode: "0600"
  socket_group: operators
  socket_roles: [read, provision]
  listen: ["10.0.0.5", "[2001:db8::5]:9443"]
  certificate: /etc/bindhss/api.pem
  private_key: /etc/bindhss/api.key
  client_ca: /etc/bindhss/clients.pem
  certificates:
    - name: oss.example
      roles: [keys]
    - {name: boss.example, roles: [admin]}
  token_file: /etc/bindhss/tokens
  workers: 8
)",
                                        "f");
    using config::ApiRole;
    for (const auto& each : {settings, config::parse(config::render(settings), "g")}) {
        const auto& api = each.api;
        CHECK(api.socket == "/run/bindhss/api.sock");
        CHECK(api.socket_mode == 0600);
        CHECK(api.socket_group == "operators");
        CHECK(api.socket_roles == std::vector<ApiRole>{ApiRole::read, ApiRole::provision});
        CHECK(api.listen == std::vector<config::Endpoint>{{"10.0.0.5", 8443}, {"2001:db8::5", 9443}});
        CHECK(api.certificate == "/etc/bindhss/api.pem");
        CHECK(api.private_key == "/etc/bindhss/api.key");
        CHECK(api.client_ca == "/etc/bindhss/clients.pem");
        CHECK(api.certificates == std::vector<config::ApiCertificate>{{"oss.example", {ApiRole::keys}},
                                                                      {"boss.example", {ApiRole::admin}}});
        CHECK(api.token_file == "/etc/bindhss/tokens");
        CHECK(api.workers == 8);
    }
}

TEST_CASE("an API that nobody or anybody could use is refused with line, key and reason", "[api]") {
    const std::string tls = "certificate: /c, private_key: /k";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"listen: [\"127.0.0.1:1\"], token_file: /t, " + tls, ""},
        {"listen: [\"127.0.0.1:1\"], token_file: /t",
         "f:1: api.listen: needs api.certificate and private_key: there is no API without TLS over TCP"},
        {"listen: [\"127.0.0.1:1\"], " + tls,
         "f:1: api.listen: needs api.token_file or api.certificates: nobody could use it"},
        {"certificate: /c", "f:1: api.private_key: is missing: certificate and private_key belong together"},
        {"client_ca: /a", "f:1: api.client_ca: needs api.certificate: without TLS nobody shows one"},
        {"certificates: [{name: n, roles: [read]}], " + tls,
         "f:1: api.client_ca: is missing: who signs the certificates of api.certificates"},
        {"socket_roles: [read]", "f:1: api.socket_group: is missing: whose roles api.socket_roles are"},
        {"socket_group: g", "f:1: api.socket_roles: is missing: what the members of api.socket_group may"},
        {"socket: /" + std::string(107, 's'),
         "f:1: api.socket: has 108 octets; a socket's path may have 107"},
    };
    for (const auto& [text, problem] : cases) {
        INFO(text);
        CHECK(problems_of("api: {" + text + "}") == problem);
    }
    for (const auto* const text :
         {"socket: relative", "socket_mode: \"0888\"", "socket_mode: rw", "workers: 0", "workers: 33",
          "socket_roles: [all]", "certificates: [{name: n, roles: []}]", "certificates: [{name: n}]",
          "certificates: [{name: n, roles: [read]}, {name: n, roles: [keys]}]"}) {
        INFO(text);
        CHECK(problems_of(std::string("api: {") + text + "}").starts_with("f:1: api."));
    }
}
