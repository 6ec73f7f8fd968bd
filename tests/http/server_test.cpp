// SPDX-License-Identifier: Apache-2.0
// What the server makes of requests, good and bad.
#include <boost/asio/this_coro.hpp>

#include "http_world.h"
#include "types/json_object.h"

namespace bindhss::test {

namespace {

const std::string closing = "Connection: close\r\n";

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

/// The detail of an RFC 9457 answer, whose other members have to fit.
std::string problem_of(const std::string& answer, unsigned status) {
    CHECK(answer.find("content-type: application/problem+json\r\n") != std::string::npos);
    const auto parsed = parse_json_object(body_of(answer));
    const auto& problem = std::get<boost::json::object>(parsed);
    CHECK(problem.at("status").as_int64() == status);
    CHECK(problem.at("title").as_string() == http::reason_of(status));
    return std::string(problem.at("detail").as_string());
}

/// What a handler waits for, and whether it does.
struct Gate {
    std::atomic<bool> began = false;
    std::atomic<bool> open = false;
};

/// Answers when the test says so.
boost::asio::awaitable<http::Response> wait_at(std::shared_ptr<Gate> gate, http::Request request) {
    gate->began = true;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    while (!gate->open) {
        timer.expires_after(2ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return co_await echo(std::move(request));
}

}  // namespace

TEST_CASE("A request is told to the handler, and its answer is sent with date, length and no-store") {
    HttpWorld world;
    world.start([](http::Request request) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.status = 201;
        response.body = request.method + " " + request.path + " " + request.query + " " + request.body + " " +
                        std::string(request.field("x-what")) + " " + request.media_type() + " " +
                        request.peer.to_string();
        response.fields.emplace_back("location", "/there");
        co_return response;
    });
    const auto answer =
        conversation(world.port(), "POST /a/b?c=d&e HTTP/1.1\r\n" + host_field + closing +
                                       "X-What: this\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
                                       "Content-Length: 4\r\n\r\nbody");
    CHECK(status_line(answer) == "HTTP/1.1 201 Created");
    CHECK(body_of(answer) == "POST /a/b c=d&e body this application/json 127.0.0.1");
    CHECK(answer.find("\r\ncontent-length: " + std::to_string(body_of(answer).size()) + "\r\n") !=
          std::string::npos);
    CHECK(answer.find("\r\ncache-control: no-store\r\n") != std::string::npos);
    CHECK(answer.find("\r\nlocation: /there\r\n") != std::string::npos);
    CHECK(answer.find(" GMT\r\n") != std::string::npos);
    CHECK(answer.find("\r\nconnection: close\r\n") != std::string::npos);
}

TEST_CASE("One connection brings many requests, one behind the other and all at once") {
    HttpWorld world;
    world.start();
    RawClient client(world.port());
    client.send("GET /1 HTTP/1.1\r\n" + host_field + "\r\n");
    CHECK(client.read_until("GET /1 [] ").find("HTTP/1.1 200 OK") == 0);
    std::string several;
    for (const auto* name : {"/2", "/3", "/4"})
        several += "GET " + std::string(name) + " HTTP/1.1\r\n" + host_field + "\r\n";
    client.send(several);
    for (const auto* name : {"/2", "/3", "/4"}) (void)client.read_until("GET " + std::string(name) + " [] ");
    client.send("GET /5 HTTP/1.1\r\n" + host_field + closing + "\r\n");
    CHECK(body_of(client.read_all()) == "GET /5 [] ");
}

TEST_CASE("A request in single octets and one of HTTP/1.0 are understood") {
    HttpWorld world;
    world.start();
    RawClient slowly(world.port());
    for (const char c : "PUT /slow HTTP/1.1\r\n" + host_field + closing + "Content-Length: 2\r\n\r\nok")
        slowly.send(std::string(1, c));
    CHECK(body_of(slowly.read_all()) == "PUT /slow [] ok");
    CHECK(body_of(conversation(world.port(), "GET /old HTTP/1.0\r\n\r\n")) == "GET /old [] ");
}

TEST_CASE("A body without a length is refused before it is read") {
    HttpWorld world;
    world.start();
    for (const std::string rest : {"", "3\r\nabc\r\n0\r\n\r\n", "0\r\nTrailer: without an end"}) {
        const auto answer = conversation(
            world.port(), "POST /x HTTP/1.1\r\n" + host_field + "Transfer-Encoding: chunked\r\n\r\n" + rest);
        CHECK(status_line(answer) == "HTTP/1.1 411 Length Required");
        CHECK_FALSE(problem_of(answer, 411).empty());
    }
}

TEST_CASE("HEAD is answered without a body, and the length that it would have") {
    HttpWorld world;
    world.start();
    const auto answer = conversation(world.port(), "HEAD /h HTTP/1.1\r\n" + host_field + closing + "\r\n");
    CHECK(body_of(answer).empty());
    CHECK(answer.find("content-length: " + std::to_string(std::string("HEAD /h [] ").size())) !=
          std::string::npos);
}

TEST_CASE("A client that waits to be told so is told to send the body") {
    HttpWorld world;
    world.start();
    RawClient client(world.port());
    client.send("POST /e HTTP/1.1\r\n" + host_field + closing +
                "Expect: 100-Continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    CHECK(body_of(client.read_all()) == "POST /e [] body");
}

TEST_CASE("What is no request is answered 400 and ends its connection, and no other one") {
    HttpWorld world;
    world.start();
    RawClient other(world.port());
    const auto port = world.port();
    for (const auto* text :
         {"garbage\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET http://elsewhere/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
          "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nBad\x01Name: a\r\nHost: a\r\n\r\n"}) {
        CAPTURE(text);
        const auto answer = conversation(port, text);
        CHECK(status_line(answer) == "HTTP/1.1 400 Bad Request");
        CHECK_FALSE(problem_of(answer, 400).empty());
    }
    CHECK(status_line(conversation(port, "GET / HTTP/2.0\r\n\r\n")) ==
          "HTTP/1.1 505 HTTP Version Not Supported");
    other.send("GET /fine HTTP/1.1\r\n" + host_field + closing + "\r\n");
    CHECK(body_of(other.read_all()) == "GET /fine [] ");
}

TEST_CASE("A handler that throws is told of in the log and answered 500, and the server goes on") {
    HttpWorld world;
    world.start([](http::Request request) -> boost::asio::awaitable<http::Response> {
        if (request.path == "/bad") throw std::runtime_error("a fault of ours");
        co_return co_await echo(std::move(request));
    });
    RawClient client(world.port());
    client.send("GET /bad HTTP/1.1\r\n" + host_field + "\r\n");
    CHECK(client.read_until("}").find("HTTP/1.1 500 Internal Server Error") == 0);
    client.send("GET /good HTTP/1.1\r\n" + host_field + closing + "\r\n");
    CHECK(body_of(client.read_all()) == "GET /good [] ");
    CHECK(world.logged().find("a fault of ours") != std::string::npos);
}

TEST_CASE("When the server stops, a request under way is answered, and those who wait are let go") {
    HttpWorld world;
    const auto gate = std::make_shared<Gate>();
    world.start([gate](http::Request request) { return wait_at(gate, std::move(request)); });
    const auto port = world.port();
    RawClient idle(port);
    RawClient busy(port);
    REQUIRE(eventually([&] { return world.server().connections() == 2; }));
    busy.send("GET /last HTTP/1.1\r\n" + host_field + "\r\nGET /never HTTP/1.1\r\n" + host_field + "\r\n");
    REQUIRE(eventually([&] { return gate->began.load(); }));
    auto stopped = boost::asio::co_spawn(world.io, world.server().stop(20s), boost::asio::use_future);
    CHECK(idle.read_all().empty());
    CHECK(stopped.wait_for(20ms) == std::future_status::timeout);
    gate->open = true;
    const auto answer = busy.read_all();
    CHECK(answer.find("GET /last") != std::string::npos);
    CHECK(answer.find("GET /never") == std::string::npos);
    CHECK(answer.find("connection: close") != std::string::npos);
    stopped.get();
    CHECK(world.server().connections() == 0);
    CHECK_THROWS(RawClient(port));
}

TEST_CASE("A request that does not end by itself is ended when the time to stop is over") {
    HttpWorld world;
    const auto gate = std::make_shared<Gate>();
    world.start([gate](http::Request request) { return wait_at(gate, std::move(request)); });
    RawClient client(world.port());
    client.send("GET /long HTTP/1.1\r\n" + host_field + "\r\n");
    REQUIRE(eventually([&] { return gate->began.load(); }));
    world.run(world.server().stop(50ms));
    CHECK(client.read_all().empty());
    gate->open = true;
    CHECK(eventually([&] { return world.server().connections() == 0; }));
}

TEST_CASE("A place to listen that cannot be had is named") {
    HttpWorld world;
    world.start();
    http::ServerSettings settings;
    settings.name = "second";
    settings.listen = {{"203.0.113.1", 1}};
    CHECK_THROWS_WITH(http::Server(world.io, settings, echo, world.clock, world.log),
                      Catch::StartsWith("cannot listen on 203.0.113.1 port 1 for second: "));
}

}  // namespace bindhss::test
