// SPDX-License-Identifier: Apache-2.0
// The blocking client against a server that does what a test says, octet by octet.
#include "http/blocking_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

using namespace bindhss;

namespace {

/// For each connection the texts that answer its requests; behind the last one it is closed.
class Peer {
  public:
    explicit Peer(std::vector<std::vector<std::string>> connections) : connections_(std::move(connections)) {
        ::unlink(path.c_str());
        listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(listener_, reinterpret_cast<::sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_, 4) == 0);
        thread_ = std::thread([this] { serve(); });
    }
    ~Peer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
        ::unlink(path.c_str());
    }
    const std::string path = "/tmp/bindhss-blocking-" + std::to_string(::getpid());
    int requests = 0;

  private:
    void serve() {
        for (const auto& answers : connections_) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0) return;
            for (const auto& answer : answers) {
                char block[4096];
                if (::recv(connection, block, sizeof block, 0) <= 0) break;
                ++requests;
                static_cast<void>(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
            }
            ::close(connection);
        }
    }
    std::vector<std::vector<std::string>> connections_;
    int listener_ = -1;
    std::thread thread_;
};

http::Destination to(const std::string& path) {
    http::Destination where;
    where.socket = path;
    where.deadline = std::chrono::milliseconds(2'000);
    return where;
}

http::Request request(const std::string& method) {
    http::Request result;
    result.method = method;
    result.path = "/x";
    if (method == "POST") result.body = "{}";
    return result;
}

const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: value\r\n\r\nok";

}  // namespace

TEST_CASE("blocking client: a connection stays for several requests, and fields are understood") {
    Peer peer({{good, good}});
    http::BlockingClient client(to(peer.path));
    const auto first = client.ask(request("GET"));
    CHECK(first.status == 200);
    CHECK(first.body == "ok");
    CHECK(first.fields.back() == std::pair<std::string, std::string>("x-name", "value"));
    CHECK(client.ask(request("POST")).body == "ok");
    CHECK(peer.requests == 2);
}

TEST_CASE("blocking client: a connection that ends without an answer is no answer") {
    Peer peer({{""}});
    http::BlockingClient client(to(peer.path));
    try {
        static_cast<void>(client.ask(request("POST")));
        FAIL("there is no answer");
    } catch (const http::NoAnswer& none) {
        CHECK(none.sent());
        CHECK(std::string(none.what()) == peer.path + ": the connection ended before the answer did");
    }
}

TEST_CASE("blocking client: nor is one that ends within its answer") {
    Peer peer({{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"}});
    http::BlockingClient client(to(peer.path));
    CHECK_THROWS_AS(static_cast<void>(client.ask(request("GET"))), http::NoAnswer);
}

TEST_CASE(
    "blocking client: what is not safe to repeat is sent once, other requests again on a new connection") {
    Peer peer({{good, ""}, {good, ""}, {good}});
    http::BlockingClient client(to(peer.path));
    CHECK(client.ask(request("GET")).status == 200);
    CHECK(client.ask(request("GET")).status == 200);
    CHECK_THROWS_AS(static_cast<void>(client.ask(request("POST"))), http::NoAnswer);
    CHECK(peer.requests == 4);
    CHECK(client.ask(request("POST")).status == 200);
}

TEST_CASE("blocking client: a server that is silent is waited for no longer than the deadline") {
    Peer peer({{"HTTP/1.1 200 OK\r\n", "", ""}});
    auto where = to(peer.path);
    where.deadline = std::chrono::milliseconds(200);
    http::BlockingClient client(where);
    CHECK_THROWS_WITH(static_cast<void>(client.ask(request("GET"))), peer.path + ": it took too long");
}

TEST_CASE("blocking client: nobody listens") {
    http::BlockingClient client(to("/tmp/bindhss-nobody-listens"));
    try {
        static_cast<void>(client.ask(request("GET")));
        FAIL("nobody listens");
    } catch (const http::NoAnswer& none) {
        CHECK_FALSE(none.sent());
        CHECK(std::string(none.what()) ==
              "the socket /tmp/bindhss-nobody-listens does not exist: is bindhssd running?");
    }
}
