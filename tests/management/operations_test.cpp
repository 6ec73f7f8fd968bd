// SPDX-License-Identifier: Apache-2.0
// Operations of the API, each once: what it stores and what it answers.
#include <boost/asio/detached.hpp>

#include "operations_world.h"

namespace bindhss {

using namespace test;

TEST_CASE("subscribers are put whole, changed in part, shown and removed", "[management]") {
    OperationsWorld world;
    const std::string path = "/v1/subscribers/001010000000001";
    CHECK(world.get(path).status == 404);
    CHECK(world.ask("PATCH", path, R"({"msisdn": "491"})").status == 404);
    CHECK(world.ask("PUT", path, R"({"msisdn": "491"})").problem() == "refused");  // a new one needs keys

    world.subscriber("001010000000001", R"(, "msisdn": "491", "amf": "9000", "seq": 5)");
    auto row = world.get(path).object();
    CHECK(row.at("imsi") == "001010000000001");
    CHECK(row.at("msisdn") == "491");
    CHECK(row.at("amf") == "9000");
    CHECK(row.at("seq") == 5);
    CHECK(row.at("profile") == "default");

    const auto patched =
        world.good("PATCH", path, R"({"override": {"ambr": {"uplink": "1M", "downlink": "1M"}}})");
    CHECK(patched.object() == world.get(path).object());
    CHECK(patched.object().at("msisdn") == "491");

    // Of a whole one what is not there is not kept, but for the card and its SQN.
    const auto put = world.good("PUT", path, R"({"msisdn": "492"})").object();
    CHECK(put.at("msisdn") == "492");
    CHECK(put.at("amf") == "8000");
    CHECK(put.at("seq") == 5);
    CHECK(put.at("override") == json::object());
    CHECK(world.good("PUT", path, "{}").object().contains("msisdn") == false);

    CHECK(world.ask("PUT", path, R"({"imsi": "001010000000002"})").detail() ==
          "Nothing was stored: imsi is not that of the path");
    CHECK(world.ask("PUT", path, R"({"change": "remove"})").problem() == "refused");
    CHECK(world.ask("PUT", path, R"({"colour": "green"})").problem() == "refused");
    CHECK(world.ask("PUT", path, R"({"msisdn": )").problem() == "bad-request");
    CHECK(world.ask("PUT", "/v1/subscribers/12", "{}").problem() == "bad-request");
    CHECK(world.ask("PUT", path, "{}", {}, "text/plain").problem() == "media-type-unknown");

    CHECK(world.good("DELETE", path).status == 204);
    CHECK(world.get(path).status == 404);
    CHECK(world.ask("DELETE", path).status == 404);
}

TEST_CASE("a dry run checks everything and stores nothing", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const auto answer =
        world.good("PATCH", "/v1/subscribers/001010000000001?dry_run=true", R"({"msisdn": "491"})");
    CHECK(answer.object().at("dry_run") == true);
    CHECK_FALSE(world.get("/v1/subscribers/001010000000001").object().contains("msisdn"));
    world.good("DELETE", "/v1/subscribers/001010000000001?dry_run=true");
    CHECK(world.get("/v1/subscribers/001010000000001").status == 200);
    CHECK(world.ask("PATCH", "/v1/subscribers/001010000000001?dry_run=true", R"({"profile": "none"})")
              .problem() == "refused");
    CHECK(world.change(R"({"type": "device", "imei": "35824005111111"})", {}, "?dry_run=true")
              .object()
              .at("applied") == 1);
    CHECK(world.get("/v1/devices").items().empty());
}

TEST_CASE("profiles are put, shown and removed while nobody has them", "[management]") {
    OperationsWorld world;
    const std::string document =
        R"({"ambr": {"uplink": "1M", "downlink": "1M"}, "apns": {"1": {"apn": "iot"}}})";
    const auto put = world.good("PUT", "/v1/profiles/meters", R"({"document": )" + document + "}").object();
    CHECK(put.at("name") == "meters");
    CHECK(put.at("document").as_object().contains("apns"));
    CHECK(world.get("/v1/profiles/meters").object() == put);
    CHECK(world.ask("PUT", "/v1/profiles/meters", R"({"document": {"colour": 1}})").problem() == "refused");
    CHECK(world.ask("PUT", "/v1/profiles/meters", "{}").problem() == "refused");
    CHECK(world.texts("/v1/profiles", "", "name", 1) == std::vector<std::string>{"default", "meters"});
    world.subscriber("001010000000001", R"(, "profile": "meters")");
    CHECK(world.ask("DELETE", "/v1/profiles/meters").problem() == "refused");
    world.good("DELETE", "/v1/subscribers/001010000000001");
    CHECK(world.good("DELETE", "/v1/profiles/meters").status == 204);
    CHECK(world.ask("DELETE", "/v1/profiles/meters").problem() == "not-found");
}

TEST_CASE("devices, models and the equipment register are kept", "[management]") {
    OperationsWorld world;
    const auto device =
        world.good("PUT", "/v1/devices/35824005111111", R"({"group": "meters", "comment": "cellar"})");
    CHECK(device.object().at("imei") == "35824005111111");
    CHECK(device.object().at("comment") == "cellar");
    CHECK(world.good("PUT", "/v1/devices/35824005", R"({"group": "meters"})").object().at("imei") ==
          "35824005000000-35824005999999");
    CHECK(world.get("/v1/devices/35824005000000-35824005999999").status == 200);
    CHECK(world.get("/v1/devices/35824005111111").object().at("group") == "meters");
    CHECK(world.get("/v1/devices/35824006").status == 404);
    CHECK(world.get("/v1/devices/3582").problem() == "bad-request");
    CHECK(world.texts("/v1/devices", "imei=35824005111111", "imei", 1).size() == 2);
    CHECK(world.texts("/v1/devices", "imei=35824005000001", "imei", 1).size() == 1);
    CHECK(world.texts("/v1/devices", "group=none", "imei", 1).empty());

    const auto model =
        world.good("PUT", "/v1/models/35824005", R"({"name": "Meter 3", "imei_secure": true})").object();
    CHECK(model.at("imei_secure") == true);
    CHECK_FALSE(model.contains("key_secure"));
    CHECK(world.get("/v1/models/35824005").object() == model);
    CHECK_FALSE(world.good("PUT", "/v1/models/35824005", "{}").object().contains("imei_secure"));
    world.good("PUT", "/v1/models/00000000", R"({"key_secure": false})");
    CHECK(world.get("/v1/models/00000000").object().at("key_secure") == false);
    CHECK(world.get("/v1/models/35824004").status == 404);
    CHECK(world.texts("/v1/models", "", "tac", 1) == std::vector<std::string>{"00000000", "35824005"});

    world.good("PUT", "/v1/equipment/35824005", R"({"status": "grey"})");
    world.good("PUT", "/v1/equipment/35824005", R"({"status": "black", "svn": "01"})");
    CHECK(world.get("/v1/equipment/35824005111111").object().at("status") == "grey");
    CHECK(world.get("/v1/equipment/35824005111111?svn=01").object().at("status") == "black");
    CHECK(world.get("/v1/equipment/3582400511111101").object().at("status") == "black");
    CHECK(world.get("/v1/equipment/35824006111111").status == 404);
    CHECK(world.texts("/v1/equipment", "", "status", 1).size() == 2);
    CHECK(world.good("DELETE", "/v1/equipment/35824005?svn=01").status == 204);
    CHECK(world.get("/v1/equipment/3582400511111101").object().at("status") == "grey");
}

TEST_CASE("changes in bulk are all stored, or none and each wrong line is named", "[management]") {
    OperationsWorld world;
    const std::string card = std::string(R"("k": ")") + some_k + R"(", "opc": ")" + some_opc + "\"";
    const auto good = R"({"type": "binding", "imsi": "001010000000001", "policy": "kme", "group": "meters"}
{"type": "subscriber", "imsi": "001010000000001", )" +
                      card + R"(}
{"type": "device", "imei": "35824005", "group": "meters"}
{"type": "kme", "group": "meters", "kme": ")" +
                      some_kme + "\"}\n";
    const auto answer = world.change(good).object();
    CHECK(answer.at("applied") == 4);
    CHECK(answer.at("before") == false);
    CHECK(world.get("/v1/bindings/001010000000001").object().at("state") == "bound");

    const auto refused = world.change(R"({"type": "subscriber", "imsi": "001010000000002", )" + card + R"(}
{"type": "subscriber", "imsi": "1"}
{"type": "colour"}
)");
    CHECK(refused.status == 422);
    CHECK(refused.problem() == "refused");
    const auto errors = refused.object().at("errors").as_array();
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].at("line") == 2);
    CHECK(errors[1].at("line") == 3);
    CHECK(world.get("/v1/subscribers/001010000000002").status == 404);
    // What only the store can tell has its line too.
    const auto unknown = world.change(
        "\n"
        R"({"type": "binding", "imsi": "001010000000009", "policy": "off"})"
        "\n");
    CHECK(unknown.object().at("errors").as_array().at(0).at("line") == 2);

    world.change(R"({"type": "subscriber", "imsi": "001010000000001", "change": "remove"})");
    CHECK(world.get("/v1/subscribers/001010000000001").status == 404);
}

TEST_CASE("a change under a key happens once, however often it is sent", "[management]") {
    OperationsWorld world;
    const std::string line =
        R"({"type": "rule", "subscriptions": "*", "devices": "*", "action": "allow", "priority": 7})";
    const http::Fields key{{"idempotency-key", "import-1-1"}};
    CHECK(world.change(line, key).object().at("before") == false);
    world.good("DELETE", "/v1/rules/" + json::serialize(world.get("/v1/rules").items().at(0).at("id")));
    const auto again = world.change(line, key);
    CHECK(again.object().at("before") == true);
    CHECK(again.fields.at("idempotency-replayed") == "true");
    CHECK(world.get("/v1/rules").items().empty());
    CHECK(world.change(line + "\n" + line, key).problem() == "idempotency-key-reused");
    world.subscriber("001010000000001");
    const std::string path = "/v1/subscribers/001010000000001";
    const http::Fields removal{{"idempotency-key", "remove-1"}};
    CHECK(world.ask("DELETE", path, {}, removal).status == 204);
    const auto removed = world.ask("DELETE", path, {}, removal);
    CHECK(removed.status == 204);
    CHECK(removed.fields.at("idempotency-replayed") == "true");
    CHECK(world.ask("DELETE", path, {}, {{"idempotency-key", "remove-2"}}).status == 422);
    world.caller.name = "another";
    CHECK(world.change(line, key).object().at("before") == false);
}

TEST_CASE("orders to nodes are stored for those that serve", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    CHECK(
        world.good("POST", "/v1/subscribers/001010000000001/detach").object().at("nodes").as_array().empty());
    store::RegisterNode request{
        .registration = {.node = {"mme1.example.org", "example.org"}, .visited_plmn = *Plmn::parse("00101")}};
    REQUIRE(world
                .run(world.store->register_node(*Imsi::parse("001010000000001"), request,
                                                std::chrono::milliseconds(1'000)))
                .has_value());
    const auto located = world.good("POST", "/v1/subscribers/001010000000001/locate").object();
    CHECK(located.at("nodes").as_array().at(0).at("host") == "mme1.example.org");
    CHECK(world.good("POST", "/v1/orders", R"({"order": "locate", "imsi": "001010000000001"})").object() ==
          located);
    CHECK(world.good("POST", "/v1/orders", R"({"order": "reset", "imsi_prefixes": ["00101"]})").object() ==
          located);
    CHECK(world.texts("/v1/registrations", "node=mme1.example.org", "mme", 1).size() == 1);
    CHECK(world.get("/v1/registrations?imsi=001010000000001").items().size() == 1);
    world.good("POST", "/v1/subscribers/001010000000001/detach", R"({"reattach": true})");
    CHECK(world.get("/v1/registrations").items().empty());
    CHECK(world.get("/v1/registrations?purged=true").items().size() == 1);

    store::Claim claim;
    claim.now = SystemClock().now() + std::chrono::seconds(1);
    const auto requests = world.run(world.store->take_requests(claim));
    REQUIRE(requests.has_value());
    std::set<store::NodeRequest::Kind> kinds;
    for (const auto& each : *requests) kinds.insert(each.kind);
    CHECK(kinds == std::set{store::NodeRequest::Kind::cancel_location, store::NodeRequest::Kind::insert,
                            store::NodeRequest::Kind::reset});

    CHECK(world.ask("POST", "/v1/orders", R"({"order": "explode"})").problem() == "bad-request");
    CHECK(world.ask("POST", "/v1/orders", R"({"order": "detach"})").problem() == "bad-request");
    CHECK(world.ask("POST", "/v1/orders", R"({"order": "reset", "imsi_prefixes": [""]})").problem() ==
          "bad-request");
    // Not taken for an order to reset all.
    CHECK(world.ask("POST", "/v1/orders", R"({"order": "reset", "imsi": "001010000000001"})").problem() ==
          "bad-request");
    CHECK(world
              .ask("POST", "/v1/orders",
                   R"({"order": "detach", "imsi": "001010000000001", "imsi_prefixes": []})")
              .problem() == "bad-request");
    CHECK(world.ask("POST", "/v1/orders", R"({"order": "reset", "imsi_prefixes": "1"})").problem() ==
          "bad-request");
    CHECK(world.ask("POST", "/v1/subscribers/001010000000009/locate").problem() == "not-found");
}

TEST_CASE("alarms are listed, acknowledged and cleared, and the audit names who did what", "[management]") {
    OperationsWorld world;
    const auto raise = [&](const char* imsi) {
        alarm::Notice notice;
        notice.alarm.id = alarm::Id::imei_mismatch;
        notice.alarm.imsi = Imsi::parse(imsi);
        notice.alarm.session = "mme1.example;7;" + std::string(imsi);
        boost::asio::io_context io;
        boost::asio::co_spawn(io, world.store->record_alarm(notice), boost::asio::detached);
        io.run();
    };
    raise("001010000000001");
    raise("001010000000002");
    const auto rows = world.get("/v1/alarms").items();
    REQUIRE(rows.size() == 2);
    const auto of_first = world.get("/v1/alarms?imsi=001010000000001").items();
    REQUIRE(of_first.size() == 1);
    CHECK(of_first[0].at("session") == "mme1.example;7;001010000000001");
    CHECK(world.get("/v1/alarms?name=peer_down").items().empty());
    CHECK(
        world.get("/v1/alarms?severity=" + std::string(rows[0].at("severity").as_string())).items().size() ==
        2);
    const auto id = json::serialize(rows[0].at("id"));
    CHECK(world.good("POST", "/v1/alarms/acknowledge", R"({"id": )" + id + "}").object().at("alarms") == 1);
    CHECK(world.get("/v1/alarms").items().at(0).at("acknowledged") == "somebody@somewhere");
    CHECK(world.good("POST", "/v1/alarms/clear", R"({"imsi": "001010000000001"})").object().at("alarms") ==
          1);
    CHECK(world.get("/v1/alarms").items().size() == 1);
    CHECK(world.get("/v1/alarms?cleared=true").items().size() == 2);
    CHECK(world.ask("POST", "/v1/alarms/clear", "{}").problem() == "bad-request");
    CHECK(world.ask("POST", "/v1/alarms/clear", R"({"name": "no_such"})").problem() == "not-found");
    CHECK(world.ask("POST", "/v1/alarms/clear", R"({"id": "x"})").problem() == "bad-request");
    CHECK(world.good("POST", "/v1/alarms/clear", R"({"all": true})").object().at("alarms") == 1);

    world.caller.request = "request-7";
    world.subscriber("001010000000001");
    const auto audit = world.get("/v1/audit?request=request-7").items();
    REQUIRE(audit.size() == 1);
    CHECK(audit[0].at("who") == "somebody@somewhere");
    CHECK(world.get("/v1/audit?who=nobody").items().empty());
    CHECK(world.get("/v1/audit?since=2099-01-01T00:00:00Z").items().empty());
    CHECK(world.get("/v1/audit?since=now").problem() == "bad-request");
}

TEST_CASE("the daemon tells of itself, and without one the API says so", "[management]") {
    ToldDaemon daemon;
    OperationsWorld world(&daemon);
    CHECK(world.get("/v1/peers").items().at(0).at("identity") == "mme1");
    CHECK(world.get("/v1/status").object().at("version") == "1.0");
    CHECK(world.get("/v1/health").object().at("ready") == true);
    const auto events = world.get("/v1/events?after=2&limit=2&imsi=001010000000001").object();
    CHECK(events.at("items").as_array().size() == 2);
    CHECK(events.at("next") == 4);
    CHECK(events.at("items").as_array().at(0).at("imsi") == "001010000000001");
    CHECK(world.get("/v1/events?after=9").object().at("next") == 9);
    const auto configuration = world.get("/v1/config");
    CHECK(configuration.media_type == "application/yaml");
    CHECK(configuration.body == "identity: hss\n");
    CHECK(world.good("POST", "/v1/reload").object().at("changed").as_array().size() == 1);
    daemon.reload_problem = "bindhss.yaml:3: unknown key";
    CHECK(world.ask("POST", "/v1/reload").problem() == "refused");
    CHECK(world.get("/v1/openapi.json").object().at("openapi") == "3.1.0");

    OperationsWorld alone;
    for (const auto* path : {"/v1/peers", "/v1/status", "/v1/health", "/v1/events", "/v1/config"}) {
        CHECK(alone.get(path).status == 503);
        CHECK(alone.get(path).problem() == "no-daemon");
    }
    CHECK(alone.ask("POST", "/v1/reload").problem() == "no-daemon");
    CHECK(alone.get("/v1/openapi.json").status == 200);
}

}  // namespace bindhss
