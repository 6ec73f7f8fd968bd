// SPDX-License-Identifier: Apache-2.0
// Changes that are made to what somebody has seen: If-Match and If-None-Match against lost updates.
#include <algorithm>
#include <cctype>

#include "management/openapi.h"
#include "operations_world.h"

namespace bindhss {

using namespace test;

namespace {

http::Fields if_match(const std::string& etag) {
    return {{"if-match", etag}};
}

}  // namespace

TEST_CASE("of two who change the same thing as they saw it one is told that it has changed", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    world.good(
        "PUT", "/v1/profiles/meters",
        R"({"document": {"ambr": {"uplink": "1M", "downlink": "1M"}, "apns": {"1": {"apn": "iot"}}}})");
    world.good("PUT", "/v1/terms/strict", R"({"policy": "kme"})");
    world.good("PUT", "/v1/devices/35824005111111", R"({"comment": "cellar"})");
    const std::string other_document =
        R"({"document": {"ambr": {"uplink": "2M", "downlink": "1M"}, "apns": {"1": {"apn": "iot"}}}})";
    const std::vector<std::tuple<std::string, std::string, std::string>> changes{
        {"PATCH", "/v1/subscribers/001010000000001", R"({"msisdn": "491"})"},
        {"PUT", "/v1/subscribers/001010000000001", R"({"msisdn": "492"})"},
        {"PUT", "/v1/profiles/meters", other_document},
        {"PATCH", "/v1/terms/strict", R"({"on_shared": "lock"})"},
        {"PUT", "/v1/terms/strict", R"({"policy": "kme+imei"})"},
        {"PUT", "/v1/devices/35824005111111", R"({"comment": "roof"})"}};
    for (const auto& [method, path, body] : changes) {
        INFO(method << " " << path);
        const auto seen = world.get(path);
        const auto first = world.ask(method, path, body, if_match(seen.etag()));
        INFO(first.body);
        CHECK(first.status == 200);
        CHECK(first.etag() != seen.etag());
        CHECK(first.etag() == world.get(path).etag());
        const auto second = world.ask(method, path, body, if_match(seen.etag()));
        CHECK(second.status == 412);
        CHECK(second.problem() == "changed-meanwhile");
        // A list of tags, and any.
        CHECK(world.ask(method, path, body, if_match("\"x\", " + first.etag())).status == 200);
        CHECK(world.ask(method, path, body, if_match("*")).status == 200);
        CHECK(world.ask(method, path, body, {{"if-none-match", "*"}}).status == 412);
    }
}

TEST_CASE("a card that authenticates does not spoil what an operator changes meanwhile", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const std::string path = "/v1/subscribers/001010000000001";
    const auto seen = world.get(path).etag();
    store::VectorReservationRequest request{*Imsi::parse("001010000000001"), {"mme1.example", "example"}};
    request.now = SystemClock().now();
    REQUIRE(world.run(world.store->reserve_vectors(request)).has_value());
    CHECK(world.get(path).etag() != seen);
    CHECK(world.ask("GET", path, {}, {{"if-none-match", seen}}).status == 200);
    CHECK(world.ask("PATCH", path, R"({"msisdn": "491"})", if_match(seen)).status == 200);
    CHECK(world.ask("PATCH", path, R"({"msisdn": "492"})", if_match(seen)).status == 412);
}

TEST_CASE("a thing is made only where there is none, and removed only as it was seen", "[management]") {
    OperationsWorld world;
    const std::string path = "/v1/terms/strict";
    CHECK(world.ask("PUT", path, R"({"policy": "kme"})", if_match("*")).status == 412);
    CHECK(world.ask("PUT", path, R"({"policy": "kme"})", {{"if-none-match", "*"}}).status == 200);
    CHECK(world.ask("PUT", path, R"({"policy": "off"})", {{"if-none-match", "*"}}).status == 412);
    const auto seen = world.get(path).etag();
    world.good("PATCH", path, R"({"on_shared": "lock"})");
    CHECK(world.ask("DELETE", path, {}, if_match(seen)).status == 412);
    CHECK(world.ask("DELETE", path, {}, if_match(world.get(path).etag())).status == 204);

    world.subscriber("001010000000001");
    const auto subscriber = world.get("/v1/subscribers/001010000000001").etag();
    CHECK(world.ask("POST", "/v1/bindings/001010000000001/lock", {}, if_match(subscriber)).status == 200);
    CHECK(world.ask("POST", "/v1/bindings/001010000000001/unlock", {}, if_match(subscriber)).status == 412);
    CHECK(world.ask("DELETE", "/v1/subscribers/001010000000001", {}, if_match(subscriber)).status == 412);
}

TEST_CASE("what was seen already is not sent again", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const std::string path = "/v1/subscribers/001010000000001";
    const auto seen = world.get(path).etag();
    const auto again = world.get(path, {{"if-none-match", seen}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    world.good("PATCH", path, R"({"msisdn": "491"})");
    CHECK(world.get(path, {{"if-none-match", seen}}).status == 200);
}

TEST_CASE("If-Match is refused where nothing would keep it", "[management]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const auto refused = [&](const std::string& method, const std::string& path, const std::string& body) {
        return world.ask(method, path, body, if_match("\"x\"")).problem() == "bad-request";
    };
    CHECK(refused("PUT", "/v1/groups/lifts", "{}"));
    CHECK(refused("POST", "/v1/rules", R"({"subscriptions": "*", "devices": "*", "action": "allow"})"));
    CHECK(refused("PUT", "/v1/models/35824005", "{}"));
    CHECK(world.change(R"({"type": "device", "imei": "35824005111111"})", if_match("\"x\"")).problem() ==
          "bad-request");
    CHECK(world.get("/v1/rules").items().empty());
    // Neither do these store anything that If-Match could be about.
    CHECK(refused("POST", "/v1/orders", R"({"order": "reset"})"));
    CHECK(refused("POST", "/v1/subscribers/001010000000001/detach", ""));
    CHECK(refused("POST", "/v1/alarms/acknowledge", R"({"all": true})"));
    CHECK(refused("POST", "/v1/alarms/clear", R"({"all": true})"));
    CHECK(refused("POST", "/v1/kmes/import", ""));
    CHECK(refused("PUT", "/v1/kmes/35693803564380", "{}"));
    CHECK(refused("POST", "/v1/kmes/35693803564380/renew", ""));
    CHECK(refused("POST", "/v1/device-keys/import", ""));
    CHECK(refused("POST", "/v1/device-keys/35693803564380/revoke", ""));
    CHECK(refused("POST", "/v1/reload", ""));
    CHECK(world.ask("POST", "/v1/orders", R"({"order": "reset"})", {{"if-none-match", "*"}}).status == 400);
}

TEST_CASE("If-Match is described for just the operations that keep it", "[management][openapi]") {
    const auto document = json::parse(management::openapi_document()).as_object();
    for (const auto& route : management::all_routes()) {
        INFO(route.id);
        std::string method(route.method);
        std::transform(method.begin(), method.end(), method.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto& operation = document.at("paths").as_object().at(route.path).as_object().at(method);
        std::string parameters;
        if (const auto* list = operation.as_object().if_contains("parameters"))
            parameters = json::serialize(*list);
        const bool described = parameters.find("parameters/IfMatch\"") != std::string::npos;
        CHECK(described == (route.nature == management::Nature::guarded));
    }
}

}  // namespace bindhss
