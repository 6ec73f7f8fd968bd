// SPDX-License-Identifier: Apache-2.0
// Operations on keys, bindings and what decides on devices, each once.
#include "crypto/device_key.h"
#include "operations_world.h"

namespace bindhss {

using namespace test;

TEST_CASE("keys are written and never read; only their check values are", "[management]") {
    OperationsWorld world;
    world.good("PUT", "/v1/kmes/35824005111111", std::string(R"({"kme": ")") + some_kme + "\"}");
    world.good("PUT", "/v1/devices/35824005222222", R"({"group": "meters"})");
    world.good("PUT", "/v1/kmes/group:meters",
               std::string(R"({"generation": 1, "kme": ")") + some_kme + "\"}");
    const auto rows = world.get("/v1/kmes").items();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("kcv") == rows[1].at("kcv"));
    CHECK(world.get("/v1/kmes/group:meters").items().at(0).at("generation") == 1);
    CHECK(world.get("/v1/kmes?owner=35824005111111").items().size() == 1);
    CHECK(world.get("/v1/kmes?owner=nobody").problem() == "bad-request");
    CHECK(world.ask("PUT", "/v1/kmes/35824005111111", R"({"kme": "00"})").problem() == "refused");
    CHECK(world.ask("PUT", "/v1/kmes/35824005111111", R"({"group": "x", "kme": "00"})").problem() ==
          "refused");

    CHECK(world.good("POST", "/v1/kmes/35824005111111/renew?dry_run=true").object().at("keys") == 1);
    CHECK(world.good("POST", "/v1/kmes/35824005111111/renew").object().at("keys") == 1);
    CHECK(world.ask("POST", "/v1/kmes/35824005333333/renew").problem() == "not-found");
    world.good("POST", "/v1/kmes/group:meters/retire", R"({"generation": 1})");
    CHECK(world.get("/v1/kmes/group:meters").items().at(0).at("state") == "retired");
    CHECK(world.ask("POST", "/v1/kmes/group:meters/retire", R"({"generation": -1})").problem() ==
          "bad-request");

    const auto line = [](const char* imei, const char* key) {
        return std::string(R"({"type": "kme", "imei": ")") + imei + R"(", "kme": ")" + key + "\"}\n";
    };
    const auto import = [&](const std::string& lines, const char* query = "") {
        return world.ask("POST", std::string("/v1/kmes/import") + query, lines, {}, "application/x-ndjson");
    };
    const auto lines = line("35824005111111", some_kme) + line("35824005444444", some_kme);
    CHECK(import(lines, "?dry_run=true&name=batch").object().at("added") == 1);
    CHECK(world.get("/v1/kmes/35824005444444").items().empty());
    const auto imported = import(lines).object();
    CHECK(imported.at("added") == 1);
    CHECK(imported.at("unchanged") == 1);
    CHECK(import("{\"type\": \"device\", \"imei\": \"35824005111111\"}\n").problem() == "refused");
    CHECK(import(lines, (std::string("?name=") + some_kme).c_str()).problem() == "bad-request");
}

TEST_CASE("public keys of devices are imported, listed and revoked", "[management]") {
    OperationsWorld world;
    const auto key = crypto::DevicePrivateKey::generate(crypto::KeyType::p256).public_key();
    const auto other = crypto::DevicePrivateKey::generate(crypto::KeyType::x25519).public_key();
    const auto csv = "imei,key\n35824005111111," + to_hex(key.der()) + "\n35824005111111," +
                     to_hex(other.der()) + "\n35824005222222," + to_hex(other.der()) + "\n12," +
                     to_hex(other.der()) + "\n";
    const auto import = [&](const std::string& body, const std::string& query, const std::string& type) {
        return world.ask("POST", "/v1/device-keys/import" + query, body, {}, type);
    };
    CHECK(import(csv, "?strict=true", "text/csv").object().at("stored") == false);
    CHECK(world.get("/v1/device-keys").items().empty());
    const auto imported = import(csv, "?origin=maker&name=keys.csv", "text/csv").object();
    CHECK(imported.at("added") == 3);
    CHECK(imported.at("refused") == 1);
    CHECK(imported.at("errors").as_array().at(0).at("line") == 5);
    CHECK(import("{\"imei\": \"35824005333333\", \"key\": \"" + to_hex(key.der()) + "\"}\n", "",
                 "application/x-ndjson")
              .object()
              .at("added") == 1);
    CHECK(import("colour\n", "", "text/csv").problem() == "refused");
    CHECK(import(csv, "", "application/json").problem() == "media-type-unknown");

    // A page is cut between devices, even where one has more keys than a page.
    CHECK(world.texts("/v1/device-keys", "", "imei", 2).size() == 4);
    const auto first = world.get("/v1/device-keys?limit=1");
    CHECK(first.items().size() == 2);
    CHECK(first.items().at(0).at("origin") == "maker");
    CHECK(world.get("/v1/device-keys/35824005111111").items().size() == 2);
    CHECK(world.get("/v1/device-keys?imei=35824005333333").items().at(0).at("bits") == 256);

    const std::string revoke = "/v1/device-keys/35824005111111/revoke";
    const auto print = to_hex(key.fingerprint());
    CHECK(world.ask("POST", revoke, R"({"fingerprint": "12"})").problem() == "bad-request");
    CHECK(world.ask("POST", revoke, R"({"fingerprint": "00112233445566778899"})").problem() == "not-found");
    const auto body = R"({"fingerprint": ")" + print.substr(0, 16) + "\"}";
    CHECK(world.good("POST", revoke + "?dry_run=true", body).object().at("revoked") == 1);
    CHECK(world.good("POST", revoke, body).object().at("revoked") == 1);
    CHECK(world.good("POST", revoke).object().at("revoked") == 1);
    for (const auto& row : world.get("/v1/device-keys/35824005111111").items())
        CHECK(row.as_object().contains("revoked"));
    CHECK(world.get("/v1/exchanges").items().empty());
}

TEST_CASE("terms, groups and their members are kept", "[management]") {
    OperationsWorld world;
    const auto put =
        world.good("PUT", "/v1/terms/strict", R"({"policy": "imei_enforce", "on_unauthorised": "lock"})");
    CHECK(put.object().at("on_unauthorised") == "lock");
    const auto patched = world.good("PATCH", "/v1/terms/strict", R"({"detach_on_notify": false})").object();
    CHECK(patched.at("on_unauthorised") == "lock");
    CHECK(patched.at("detach_on_notify") == false);
    CHECK(world.good("PUT", "/v1/terms/strict", R"({"policy": "kme"})").object().at("on_unauthorised") ==
          "reject");
    CHECK(world.ask("PUT", "/v1/terms/strict", "{}").problem() == "refused");
    CHECK(world.ask("PATCH", "/v1/terms/none", "{}").problem() == "not-found");
    CHECK(world.ask("PUT", "/v1/terms/kme", R"({"policy": "off"})").problem() == "refused");
    world.good("POST", "/v1/terms/strict/default");
    CHECK(world.get("/v1/terms/strict").object().at("default") == true);
    CHECK(world.ask("DELETE", "/v1/terms/strict").problem() == "refused");
    world.good("POST", "/v1/terms/off/default");
    CHECK(world.get("/v1/terms").items().size() == 6);

    world.subscriber("001010000000001");
    CHECK(world.good("PUT", "/v1/groups/lifts", R"({"terms": "strict", "rank": -3})").object().at("rank") ==
          -3);
    CHECK(world.good("PUT", "/v1/groups/lifts/members/001010000000001").object().at("applied") == 1);
    CHECK(world.get("/v1/groups/lifts").object().at("members") == 1);
    CHECK(world.texts("/v1/subscribers", "group=lifts", "imsi", 5).size() == 1);
    CHECK(world.ask("DELETE", "/v1/groups/lifts").problem() == "refused");
    CHECK(world.good("DELETE", "/v1/groups/lifts/members/001010000000001").status == 204);
    const auto plain = world.good("PUT", "/v1/groups/lifts", "{}").object();
    CHECK_FALSE(plain.contains("terms"));
    CHECK(plain.at("rank") == 0);
    CHECK(world.good("DELETE", "/v1/groups/lifts").status == 204);
    CHECK(world.get("/v1/groups/lifts").status == 404);
    CHECK(world.good("DELETE", "/v1/terms/strict").status == 204);
}

TEST_CASE("rules are added, found by what they say, replaced and removed", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const std::string body =
        R"({"subscriptions": "00101*", "devices": "35824005:01", "action": "deny", "comment": "x"})";
    const auto added = world.good("POST", "/v1/rules", body).object();
    const auto path = "/v1/rules/" + json::serialize(added.at("id"));
    CHECK(world.get(path).object() == added);
    CHECK(world.good("POST", "/v1/rules", body).object().at("id") == added.at("id"));  // it says the same
    CHECK(world.good("POST", "/v1/rules/like", body).object().at("id") == added.at("id"));
    CHECK(world.good("PUT", path, R"({"subscriptions": "*", "devices": "*", "action": "allow"})")
              .object()
              .at("action") == "allow");
    CHECK(world.ask("POST", "/v1/rules/like", body).problem() == "not-found");
    CHECK(
        world
            .ask("POST", "/v1/rules", R"({"id": 7, "subscriptions": "*", "devices": "*", "action": "allow"})")
            .problem() == "bad-request");
    CHECK(world.ask("POST", "/v1/rules", R"({"devices": "*", "action": "allow"})").problem() == "refused");
    CHECK(world.get("/v1/rules?imsi=001010000000001").items().size() == 1);
    CHECK(world.get("/v1/rules?imsi=001010000000009").problem() == "not-found");
    CHECK(world.get("/v1/rules/x").problem() == "bad-request");
    CHECK(world.good("DELETE", path).status == 204);
    CHECK(world.ask("DELETE", path).problem() == "not-found");
    CHECK(world.ask("PUT", path, body).problem() == "not-found");
}

TEST_CASE("bindings are put and acted upon", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const std::string path = "/v1/bindings/001010000000001";
    world.good("PUT", "/v1/kmes/35824005111111", std::string(R"({"kme": ")") + some_kme + "\"}");
    const auto put = world.good("PUT", path, R"({"policy": "kme", "devices": ["35824005111111"]})").object();
    CHECK(put.at("policy") == "kme");
    CHECK(put.at("devices").as_array().size() == 1);
    CHECK(put.at("candidates").as_array().at(0).at("owner") == "35824005111111");
    CHECK(put.at("state") == "bound");
    CHECK(world.get(path).object() == put);
    CHECK(world.good("POST", path + "/authorise", R"({"imei": "35824005222222"})")
              .object()
              .at("devices")
              .as_array()
              .size() == 2);
    CHECK(world.good("POST", path + "/authorise", R"({"imei": "35824005333333", "replace": true})")
              .object()
              .at("devices")
              .as_array()
              .size() == 1);
    world.good("POST", path + "/refuse", R"({"imei": "35824005222222"})");
    CHECK(world.get("/v1/rules").items().size() == 1);
    CHECK(world.good("POST", path + "/lock").object().at("state") == "locked");
    CHECK(world.good("POST", path + "/unlock?dry_run=true").object().at("dry_run") == true);
    CHECK(world.get(path).object().at("state") == "locked");
    CHECK(world.good("POST", path + "/unlock").object().at("state") != "locked");
    CHECK(world.ask("POST", path + "/authorise", R"({"imei": 1})").problem() == "bad-request");
    CHECK(world.ask("POST", path + "/authorise", R"({"imei": "35824005222222", "colour": 1})").problem() ==
          "bad-request");
    CHECK(world.get("/v1/bindings/001010000000009").problem() == "not-found");
    CHECK(world.ask("POST", "/v1/bindings/001010000000009/lock").problem() == "refused");
    CHECK(world.get("/v1/approvals").items().empty());
}

TEST_CASE("pairs are told with all that judges them", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const auto pair = world.good("GET", "/v1/seen/001010000000001/3582400511111101").object();
    CHECK(pair.at("imei") == "35824005111111");
    CHECK(pair.at("svn") == "01");
    CHECK(pair.at("binding").at("terms").at("name") == "off");
    CHECK_FALSE(pair.contains("first"));
    CHECK(world.get("/v1/seen/001010000000009/35824005111111").problem() == "not-found");
    CHECK(world.get("/v1/seen/001010000000001/3582").problem() == "bad-request");

    for (const auto* device : {"35824005111111", "35824005222222", "35824005333333"}) {
        store::RegisterNode request{.registration = {.node = {"mme1.example.org", "example.org"},
                                                     .visited_plmn = *Plmn::parse("00101")}};
        request.registration.terminal_information = TerminalInformation::normalise(device, "02");
        request.registration.time = SystemClock().now();
        REQUIRE(world
                    .run(world.store->register_node(*Imsi::parse("001010000000001"), request,
                                                    std::chrono::milliseconds(1'000)))
                    .has_value());
    }
    CHECK(world.texts("/v1/seen", "", "imei", 1).size() == 3);
    CHECK(world.texts("/v1/seen", "registered=true", "imei", 1) ==
          std::vector<std::string>{"35824005333333"});
    CHECK(world.texts("/v1/seen", "imei=35824005111111", "imei", 5).size() == 1);
    CHECK(world.texts("/v1/seen", "subscriptions=00102*", "imei", 5).empty());
    CHECK(world.texts("/v1/seen", "since=2099-01-01T00:00:00Z", "imei", 5).empty());
    CHECK(world.get("/v1/seen?subscriptions=all").problem() == "bad-request");
    CHECK(world.get("/v1/seen?cursor=eA").problem() == "bad-request");
}

}  // namespace bindhss
