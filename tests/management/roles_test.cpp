// SPDX-License-Identifier: Apache-2.0
// Who may do what: every operation with every role, keys by every way, and that no answer holds a secret.
#include <algorithm>
#include <fstream>

#include "operations_world.h"

namespace bindhss {

using namespace test;

namespace {

/// A path of the template, with something that is right in each of its places.
std::string path_of(std::string_view pattern) {
    std::string path(pattern);
    const std::map<std::string, std::string> values{{"imsi", "001010000000001"}, {"imei", "35824005111111"},
                                                    {"owner", "35824005111111"}, {"name", "something"},
                                                    {"tac", "35824005"},         {"id", "7"}};
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
        const auto close = path.find('}', open);
        path.replace(open, close - open + 1, values.at(path.substr(open + 1, close - open - 1)));
    }
    return path;
}

const std::vector<Role> all_roles{Role::read, Role::provision, Role::keys, Role::admin};

bool is_reading(const management::Route& route) {
    return route.method == "GET";
}

std::string kme_line(const char* change = "") {
    const std::string key = std::string(R"(, "kme": ")") + some_kme + "\"";
    return std::string(R"({"type": "kme", "imei": "35824005111111")") + (*change == '\0' ? key : "") +
           change + "}\n";
}

}  // namespace

TEST_CASE("each operation is for the roles that the table says, and 403 for all others", "[management]") {
    ToldDaemon daemon;
    OperationsWorld world(&daemon);
    for (const auto& route : management::all_routes()) {
        for (const auto role : all_roles) {
            world.caller.roles = Roles(role);
            const auto answer = world.ask(std::string(route.method), path_of(route.path));
            INFO(route.method << " " << route.path << " as " << management::name_of(role));
            const bool allowed = role == Role::admin || route.role == Role::read || route.role == role;
            CHECK((answer.status != 403) == allowed);
            CHECK(answer.status != 500);
            if (!allowed) {
                CHECK(answer.problem() == "role-missing");
                CHECK(answer.detail().find(management::name_of(route.role)) != std::string::npos);
            }
        }
        world.caller.roles = {};
        CHECK(world.ask(std::string(route.method), path_of(route.path)).status == 403);
    }
}

TEST_CASE("whoever may only read changes nothing", "[management]") {
    for (const auto& route : management::all_routes()) {
        INFO(route.method << " " << route.path);
        if (is_reading(route)) CHECK(route.role == (route.path == "/v1/config" ? Role::admin : Role::read));
        // A question that needs a body.
        if (!is_reading(route) && route.path != "/v1/rules/like") CHECK(route.role != Role::read);
    }
}

TEST_CASE("without the role keys nobody writes a KME by any way", "[management]") {
    OperationsWorld world;
    world.caller.roles = Roles(Role::keys);
    world.caller.roles.add(Role::provision);
    REQUIRE(world.change(kme_line()).status == 200);
    const auto before = world.get("/v1/kmes").body;

    world.caller.roles = Roles(Role::provision);
    const std::string other = std::string(R"({"kme": ")") + some_k + "\"}";
    CHECK(world.change(kme_line(R"(, "change": "retire")")).problem() == "role-missing");
    CHECK(world.change(kme_line()).problem() == "role-missing");
    CHECK(world.change(kme_line(), {}, "?dry_run=true").problem() == "role-missing");
    const auto hidden = R"({"type": "device", "imei": "35824005222222"})"
                        "\n" +
                        kme_line() + R"({"kmes": [{"imei": "35824005333333", "kme": ")" + some_kme + "\"}]}";
    CHECK(world.change(hidden).problem() == "role-missing");
    CHECK(world.change(R"({"kmes": [{"imei": "35824005333333", "kme": ")" + std::string(some_kme) + "\"}]}")
              .problem() == "role-missing");
    CHECK(world.ask("PUT", "/v1/kmes/35824005111111", other).problem() == "role-missing");
    CHECK(world.ask("POST", "/v1/kmes/35824005111111/retire").problem() == "role-missing");
    CHECK(world.ask("POST", "/v1/kmes/35824005111111/renew").problem() == "role-missing");
    CHECK(world.ask("POST", "/v1/kmes/import", kme_line(), {}, "application/x-ndjson").problem() ==
          "role-missing");
    // Bodies of other kinds of things have no room for one.
    for (const auto* path :
         {"/v1/devices/35824005111111", "/v1/bindings/001010000000001", "/v1/subscribers/001010000000001",
          "/v1/models/35824005", "/v1/equipment/35824005111111", "/v1/groups/x", "/v1/terms/x"})
        CHECK(world.ask("PUT", path, other).problem() == "refused");
    CHECK(world.get("/v1/kmes").body == before);
    CHECK(world.get("/v1/devices").items().size() == 1);

    world.caller.roles = Roles(Role::keys);
    CHECK(world.change(kme_line()).problem() == "role-missing");  // changes in bulk are for who provisions
    CHECK(world.ask("PUT", "/v1/kmes/35824005111111", other).status == 200);
}

TEST_CASE("no answer to anybody holds a secret", "[management]") {
    ToldDaemon daemon;
    OperationsWorld world(&daemon);
    const std::string op = "63bfa50ee6523365ff14c1f45f88737d";
    world.subscriber("001010000000001");
    world.change(std::string(R"({"type": "subscriber", "imsi": "001010000000002", "k": ")") + some_k +
                 R"(", "op": ")" + op + "\"}\n" + kme_line());
    world.good("PUT", "/v1/bindings/001010000000001", R"({"policy": "kme", "devices": ["35824005111111"]})");
    // Keys where they do not belong, and half right.
    const std::string k = some_k;
    const std::string kme = some_kme;
    const auto put = [&](const std::string& path, const std::string& body) {
        (void)world.ask("PUT", path, body);
    };
    put("/v1/subscribers/001010000000003", R"({"k": ")" + k + "x\", \"opc\": \"" + op + "\"}");
    put("/v1/subscribers/001010000000003", R"({"imsi": ")" + k + "\"}");
    put("/v1/subscribers/001010000000003", R"({"msisdn": ")" + k + R"(", "profile": ")" + kme + "\"}");
    put("/v1/subscribers/001010000000003", "{\"" + k + "\": \"" + kme + "\"}");
    put("/v1/subscribers/001010000000003", "{\"k\": \"" + k);
    put("/v1/kmes/35824005111111", R"({"kme": ")" + kme + R"(", "generation": ")" + kme + "\"}");
    put("/v1/devices/35824005111111", R"({"group": ")" + kme + R"(", "comment": ")" + kme + "\"}");
    put("/v1/groups/lifts", R"({"terms": ")" + kme + "\"}");
    (void)world.change(R"({"type": "kme", "imei": ")" + kme +
                       R"(", "kme": "00"})"
                       "\n" +
                       kme + "\n");
    (void)world.ask("POST", "/v1/alarms/clear", R"({"name": ")" + kme + R"(", "imsi": "x"})");
    (void)world.ask("POST", "/v1/alarms/clear", "{\"" + kme + "\": 1}");
    for (const auto& route : management::all_routes())
        if (is_reading(route)) (void)world.get(path_of(route.path));
    for (const auto* path : {"subscribers", "devices", "kmes", "audit", "alarms"})
        (void)world.get(std::string("/v1/") + path);
    std::string answers = world.answers;
    std::transform(answers.begin(), answers.end(), answers.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    REQUIRE(answers.find("001010000000001") != std::string::npos);
    for (const auto& secret : {k, std::string(some_opc), op, kme})
        CHECK(answers.find(secret) == std::string::npos);
}

}  // namespace bindhss
