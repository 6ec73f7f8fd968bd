// SPDX-License-Identifier: Apache-2.0
// The API over PostgreSQL: what a request may take there, how it ends, and what the audit calls it.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "app/api_stores.h"
#include "crypto/random.h"
#include "support/postgres_fixture.h"

namespace bindhss {

using namespace std::chrono_literals;
using test::TestDatabase;

namespace {

const std::string somebody = "/v1/subscribers/001010000000001";
const std::string card =
    R"({"k": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "opc": "cd63cb71954a9f4e48a5994e37a02baf"})";
constexpr ApiPatience endless{0ms, 0ms};

http::Request request_of(const std::string& method, const std::string& path, const std::string& body = {},
                         const std::string& type = "application/json") {
    http::Request request;
    request.method = method;
    request.path = path.substr(0, path.find('?'));
    if (path.find('?') != std::string::npos) request.query = path.substr(path.find('?') + 1);
    request.body = body;
    if (!body.empty()) request.fields.emplace_back("content-type", type);
    return request;
}

management::Caller admin() {
    return {"ann@desk", management::Roles(management::Role::admin), "ticket-7"};
}

struct World {
    TestDatabase database;
    crypto::SystemRandom random;

    management::Stores open(const ApiPatience& patience) {
        return open_api_stores(database.url(), test::test_keys(), random, patience);
    }
    http::Response ask(management::Stores& stores, const http::Request& request) {
        management::Api api({.workers = 0}, {}, nullptr, test::quiet_log());
        return api.serve_here(request, admin(), stores);
    }
    void make_somebody() {
        auto stores = open({});
        REQUIRE(ask(stores, request_of("PUT", somebody, card)).status == 200);
    }
    std::string msisdn() const {
        return database.query("SELECT coalesce(msisdn, '') FROM subscriber WHERE imsi = '001010000000001'");
    }
};

/// Somebody whose transaction holds what a change needs.
class Holder {
  public:
    explicit Holder(const TestDatabase& database) : connection_(database.url()), transaction_(connection_) {
        transaction_.exec("LOCK TABLE subscriber IN ACCESS EXCLUSIVE MODE");
    }

  private:
    pqxx::connection connection_;
    pqxx::work transaction_;
};

bool has_field(const http::Response& response, const std::string& name) {
    return std::any_of(response.fields.begin(), response.fields.end(),
                       [&](const auto& field) { return field.first == name; });
}

const http::Request change = request_of("PATCH", somebody, R"({"msisdn": "491"})");

}  // namespace

TEST_CASE("a change does not wait without end for what another one has locked", "[management][bounds]") {
    World world;
    world.make_somebody();
    auto stores = world.open({10s, 200ms});
    {
        const Holder holder(world.database);
        const auto began = std::chrono::steady_clock::now();
        const auto response = world.ask(stores, change);
        CHECK(response.status == 503);
        CHECK(response.body.find("urn:bindhss:problem:database-busy") != std::string::npos);
        CHECK(has_field(response, "retry-after"));
        CHECK(std::chrono::steady_clock::now() - began < 8s);
    }
    CHECK(world.msisdn().empty());
    CHECK(world.ask(stores, change).status == 200);
    CHECK(world.msisdn() == "491");
}

TEST_CASE("a statement takes no longer than it may", "[management][bounds]") {
    World world;
    world.make_somebody();
    auto stores = world.open({200ms, 0ms});
    {
        const Holder holder(world.database);
        const auto response = world.ask(stores, change);
        CHECK(response.status == 503);
        CHECK(response.body.find("urn:bindhss:problem:took-too-long") != std::string::npos);
        CHECK_FALSE(has_field(response, "retry-after"));
    }
    CHECK(world.ask(stores, change).status == 200);
}

TEST_CASE("a daemon that ends does not wait for a statement, of which nothing is stored",
          "[management][bounds]") {
    World world;
    world.make_somebody();
    boost::asio::io_context io;
    {
        const Holder holder(world.database);
        auto api = std::make_unique<management::Api>(
            management::ApiSettings{.workers = 2}, [&] { return world.open(endless); }, nullptr,
            test::quiet_log());
        boost::asio::co_spawn(io, api->serve(change, admin()), boost::asio::detached);
        io.poll();
        const auto waiting = [&] {
            return world.database.query(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE NOT l.granted AND d.datname = current_database()");
        };
        while (waiting() == "0") std::this_thread::sleep_for(5ms);
        const auto began = std::chrono::steady_clock::now();
        api.reset();
        CHECK(std::chrono::steady_clock::now() - began < 10s);
        // PostgreSQL notices that nobody waits for it any more.
        for (int i = 0; i < 300 && waiting() != "0"; ++i) std::this_thread::sleep_for(100ms);
        CHECK(waiting() == "0");
    }
    CHECK(world.msisdn().empty());
}

TEST_CASE("the connections of a worker have the limits of the API", "[management][bounds]") {
    const ApiPatience usual;
    CHECK(usual.statement == std::chrono::milliseconds(limits::api_statement_ms));
    CHECK(usual.lock_wait == std::chrono::milliseconds(limits::api_lock_wait_ms));
}

TEST_CASE("the audit names the request behind orders, acts on alarms, and imports of keys", "[management]") {
    World world;
    world.make_somebody();
    auto stores = world.open({});
    const auto good = [&](const http::Request& request) {
        const auto response = world.ask(stores, request);
        INFO(request.path << ": " << response.body);
        CHECK(response.status == 200);
    };
    good(request_of("POST", "/v1/orders", R"({"order": "reset"})"));
    good(request_of("POST", "/v1/alarms/acknowledge", R"({"all": true})"));
    good(request_of("POST", "/v1/alarms/clear", R"({"all": true})"));
    good(request_of("POST", "/v1/kmes/import",
                    R"({"type": "kme", "imei": "35693803564380", "kme": "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"})",
                    "application/x-ndjson"));
    good(request_of("POST", "/v1/kmes/35693803564380/renew"));
    const auto response = world.ask(stores, request_of("GET", "/v1/audit?request=ticket-7"));
    const auto body = boost::json::parse(response.body);
    std::set<std::string> told;
    for (const auto& row : body.at("items").as_array()) {
        CHECK(row.at("who") == "ann@desk");
        told.emplace(row.at("what").as_string());
    }
    CHECK(told.contains("reset nodes"));
    CHECK(told.contains("acknowledge alarms"));
    CHECK(told.contains("clear alarms"));
    CHECK(told.contains("import KMEs"));
    CHECK(told.size() >= 6);  // who was put, and the renewal, besides
}

}  // namespace bindhss
