// SPDX-License-Identifier: Apache-2.0
// What nobody can take from the server: its time, its memory, its connections.
#include "http_world.h"

namespace bindhss::test {

namespace {

/// How long the server bears it.
template <class Work>
std::chrono::milliseconds time_of(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("A connection that says nothing is closed", "[R43]") {
    HttpWorld world;
    world.settings.idle = 100ms;
    world.settings.handshake = 100ms;
    world.start();
    RawClient silent(world.port());
    CHECK(silent.read_all().empty());
    RawClient once(world.port());
    once.send("GET /1 HTTP/1.1\r\n" + host_field + "\r\n");
    CHECK(once.read_all().find("GET /1") != std::string::npos);
    CHECK(eventually([&] { return world.server().connections() == 0; }));
}

TEST_CASE("A request has to be there in time, however alive its sender seems", "[R43]") {
    HttpWorld world;
    world.settings.request = 300ms;
    world.start();
    RawClient client(world.port());
    const auto time = time_of([&] {
        client.send("POST /slow HTTP/1.1\r\n" + host_field + "Content-Length: 1000\r\n\r\n");
        for (int i = 0; i < 100 && world.server().connections() != 0; ++i) {
            client.send("x");
            std::this_thread::sleep_for(10ms);
        }
        CHECK(client.read_all().empty());
    });
    CHECK(time >= 250ms);
    CHECK(time < 20s);
}

TEST_CASE("Who does not read his answers is closed", "[R43]") {
    HttpWorld world;
    world.settings.response = 200ms;
    world.start([](http::Request) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body = std::string(32 * 1024 * 1024, 'x');
        co_return response;
    });
    RawClient client(world.port());
    client.send("GET /big HTTP/1.1\r\n" + host_field + "\r\n");
    CHECK(eventually([&] { return world.server().connections() == 1; }));
    CHECK(eventually([&] { return world.server().connections() == 0; }));
}

TEST_CASE("A header or a body that is too long is refused before it is read", "[R43]") {
    HttpWorld world;
    world.settings.body_octets_max = 1'000;
    world.start();
    const auto port = world.port();
    CHECK(status_line(conversation(port, "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n")) ==
          "HTTP/1.1 431 Request Header Fields Too Large");
    std::string many = "GET / HTTP/1.1\r\n" + host_field;
    for (int i = 0; i < 2'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
    CHECK(status_line(conversation(port, many + "\r\n")) == "HTTP/1.1 431 Request Header Fields Too Large");
    CHECK(status_line(
              conversation(port, "POST / HTTP/1.1\r\n" + host_field + "Content-Length: 1001\r\n\r\n")) ==
          "HTTP/1.1 413 Payload Too Large");
    // The answer gets through to a client that goes on sending.
    CHECK(status_line(conversation(port, "POST / HTTP/1.1\r\n" + host_field +
                                             "Content-Length: 500000\r\n\r\n" + std::string(500'000, 'x'))) ==
          "HTTP/1.1 413 Payload Too Large");
    const auto fits =
        conversation(port, "POST / HTTP/1.1\r\n" + host_field +
                               "Connection: close\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'x'));
    CHECK(status_line(fits) == "HTTP/1.1 200 OK");
}

TEST_CASE("One address has so many connections and no more, and the log tells of it", "[R43]") {
    HttpWorld world;
    world.settings.connections_per_address_max = 3;
    world.start();
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(std::make_unique<RawClient>(world.port()));
    REQUIRE(eventually([&] { return world.server().connections() == 3; }));
    RawClient further(world.port());
    CHECK(further.read_all().empty());
    CHECK(world.logged().find("http_connection_refused") != std::string::npos);
    clients.pop_back();
    REQUIRE(eventually([&] { return world.server().connections() == 2; }));
    CHECK(conversation(world.port(), "GET /again HTTP/1.0\r\n\r\n").find("GET /again") != std::string::npos);
}

TEST_CASE("All addresses together have so many connections and no more", "[R43]") {
    HttpWorld world;
    world.settings.connections_max = 2;
    world.start();
    RawClient first(world.port());
    RawClient second(world.port());
    REQUIRE(eventually([&] { return world.server().connections() == 2; }));
    RawClient third(world.port());
    CHECK(third.read_all().empty());
    CHECK(world.server().connections() == 2);
}

TEST_CASE("A connection brings so many requests, and is closed then") {
    HttpWorld world;
    world.settings.requests_per_connection_max = 3;
    world.start();
    std::string all;
    for (int i = 1; i <= 5; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\n" + host_field + "\r\n";
    const auto answers = conversation(world.port(), all);
    CHECK(answers.find("GET /3") != std::string::npos);
    CHECK(answers.find("GET /4") == std::string::npos);
}

TEST_CASE("Clients that break off leave nothing behind") {
    HttpWorld world;
    world.start();
    const auto port = world.port();
    for (const std::string text : {"", "GET", "GET / HTTP/1.1\r\nHost: a\r\n",
                                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"}) {
        RawClient ends(port);
        ends.send(text);
        ends.end_sending();
        CHECK(ends.read_all().empty());
        RawClient dies(port);
        dies.send(text);
        dies.reset();
    }
    CHECK(eventually([&] { return world.server().connections() == 0; }));
}

}  // namespace bindhss::test
