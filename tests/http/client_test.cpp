// SPDX-License-Identifier: Apache-2.0
// What becomes of a request to somebody else's server.
#include "alarm/webhook_server.h"
#include "http_world.h"

namespace bindhss::test {

namespace {

using Answered = std::variant<http::Response, std::string>;

Answered ask(HttpThreads& world, http::Asking where, http::Request request) {
    return world.run(http::ask(boost::asio::make_strand(world.io), std::move(where), std::move(request)));
}

http::Asking where_of(std::uint16_t port) {
    return {"127.0.0.1", port, "127.0.0.1:" + std::to_string(port), nullptr, 10s};
}

Answered get(HttpThreads& world, http::Asking where) {
    http::Request request;
    request.method = "GET";
    request.path = "/keys/1";
    request.fields = {{"accept", "application/json"}};
    return ask(world, std::move(where), std::move(request));
}

std::string problem_of(const Answered& answered) {
    REQUIRE(std::holds_alternative<std::string>(answered));
    return std::get<std::string>(answered);
}

}  // namespace

TEST_CASE("A client sends method, path, fields and body, and brings status, type and body") {
    HttpThreads world;
    WebhookServer server([](std::size_t) { return Reply{404, "none"}; });
    http::Request request;
    request.method = "POST";
    request.path = "/a";
    request.query = "b=c";
    request.fields = {{"X-Mine", "1"}};
    request.body = "body";
    const auto answered = ask(world, where_of(server.port()), request);
    REQUIRE(std::holds_alternative<http::Response>(answered));
    CHECK(std::get<http::Response>(answered).status == 404);
    CHECK(std::get<http::Response>(answered).body == "none");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].target() == "/a?b=c");
    CHECK(requests[0]["x-mine"] == "1");
    CHECK(requests[0].body() == "body");
}

TEST_CASE("A client waits no longer than it was told to") {
    HttpThreads world;
    WebhookServer server([](std::size_t) {
        Reply reply;
        reply.hang = true;
        return reply;
    });
    auto where = where_of(server.port());
    where.deadline = 100ms;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(problem_of(get(world, where)).find("it took too long") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begin < 15s);
}

TEST_CASE("An answer that is too long, broken off, or none at all is a problem") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + std::string(2'000, 'x'), "too long"},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n" + std::string(2'000, 'x'),
         "too long"},
        {"HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, 'x'), "too long"},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nX: " + std::string(200'000, 'x'),
         "too long"},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x'), "too long"},
        {"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nshort", "ended before the answer did"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), "not HTTP"},
    };
    HttpThreads world;
    for (const auto& [raw, problem] : cases) {
        WebhookServer server([&raw](std::size_t) {
            Reply reply;
            reply.raw = raw;
            return reply;
        });
        auto where = where_of(server.port());
        where.answer_octets_max = 1'000;
        CAPTURE(raw.substr(0, 60));
        CHECK(problem_of(get(world, where)).find(problem) != std::string::npos);
    }
}

TEST_CASE("Where nobody listens there is no answer") {
    HttpThreads world;
    std::uint16_t port = 0;
    {
        WebhookServer server([](std::size_t) { return Reply{}; });
        port = server.port();
    }
    CHECK(problem_of(get(world, where_of(port))).find("cannot be connected to") != std::string::npos);
}

}  // namespace bindhss::test
