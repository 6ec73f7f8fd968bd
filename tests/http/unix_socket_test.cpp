// SPDX-License-Identifier: Apache-2.0
// The HTTP server on a Unix socket.
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>

#include "http_world.h"

namespace bindhss::test {

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

asio::awaitable<http::Response> who(http::Request request) {
    http::Response response;
    if (request.unix_peer)
        response.body = std::to_string(request.unix_peer->user) + ":" +
                        std::to_string(request.unix_peer->group) + " " +
                        std::to_string(request.unix_peer->groups.size());
    else
        response.body = request.peer.to_string();
    co_return response;
}

std::string answer_of(const std::string& path, const std::string& text) {
    asio::io_context io;
    stream_protocol::socket socket(io);
    socket.connect(stream_protocol::endpoint(path));
    const timeval patience{20, 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    asio::write(socket, asio::buffer(text));
    std::string answer;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
}

std::string get(const std::string& path) {
    return answer_of(path, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

/// Closed without an answer; whether the question still got out is a matter of chance.
bool is_refused(const std::string& path) {
    try {
        return get(path).empty();
    } catch (const boost::system::system_error&) {
        return true;
    }
}

::mode_t mode_of(const std::string& path) {
    struct ::stat file {};
    REQUIRE(::lstat(path.c_str(), &file) == 0);
    return file.st_mode & 07777U;
}

/// As a daemon that was killed leaves it.
void leave_socket(const std::string& path) {
    asio::io_context io;
    stream_protocol::acceptor acceptor(io, stream_protocol::endpoint(path));
}

std::string refusal(HttpWorld& world) {
    try {
        world.start();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("A Unix socket serves beside the network, and knows who comes", "[http][unix]") {
    HttpWorld world;
    const auto path = world.folder.path("api.sock");
    world.settings.unix_socket = http::UnixListen{path, 0640, ::getegid()};
    world.start(who);
    CHECK(mode_of(path) == 0640);
    CHECK(world.server().listening().size() == 1);
    const auto expected = std::to_string(::geteuid()) + ":" + std::to_string(::getegid()) + " " +
                          std::to_string(::getgroups(0, nullptr));
    const auto answer = get(path);
    CHECK(status_line(answer) == "HTTP/1.1 200 OK");
    CHECK(answer.ends_with("\r\n\r\n" + expected));
    const auto by_network =
        conversation(world.port(), "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(by_network.ends_with("\r\n\r\n127.0.0.1"));
    world.stop();
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("Connections over the network do not use up those over the socket, nor the other way round",
          "[http][unix]") {
    HttpWorld world;
    const auto path = world.folder.path("api.sock");
    world.settings.unix_socket = http::UnixListen{path, 0600, std::nullopt};
    world.settings.connections_max = 2;
    world.settings.local_connections_max = 1;
    world.start(who);
    {
        const RawClient first(world.port());
        const RawClient second(world.port());
        CHECK(eventually([&] { return world.server().connections() == 2; }));
        CHECK(status_line(get(path)) == "HTTP/1.1 200 OK");
        CHECK(RawClient(world.port()).read_all().empty());
    }
    CHECK(eventually([&] { return world.server().connections() == 0; }));
    asio::io_context io;
    stream_protocol::socket local(io);
    local.connect(stream_protocol::endpoint(path));
    CHECK(eventually([&] { return world.server().connections() == 1; }));
    CHECK(is_refused(path));
    const auto by_network =
        conversation(world.port(), "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(status_line(by_network) == "HTTP/1.1 200 OK");
}

TEST_CASE("A socket's file is taken over when nobody answers on it, and only then", "[http][unix]") {
    HttpWorld world;
    const auto path = world.folder.path("api.sock");
    world.settings.listen.clear();
    world.settings.unix_socket = http::UnixListen{path, 0600, std::nullopt};
    leave_socket(path);
    world.start();
    CHECK(status_line(get(path)) == "HTTP/1.1 200 OK");
    {
        HttpWorld second;
        second.settings.listen.clear();
        second.settings.unix_socket = world.settings.unix_socket;
        CHECK(refusal(second) == "cannot listen on the socket " + path + ": somebody answers on it already");
    }
    CHECK(status_line(get(path)) == "HTTP/1.1 200 OK");
    // Somebody else's file is not ours to remove.
    std::filesystem::remove(path);
    leave_socket(path);
    world.stop();
    CHECK(std::filesystem::exists(path));
    std::filesystem::remove(path);
    world.folder.write("api.sock", "a file");
    CHECK(refusal(world) ==
          "cannot listen on the socket " + path + ": there is a file of this name, which is no socket");
    world.settings.unix_socket->path = "/tmp/" + std::string(120, 'x');
    CHECK(refusal(world) == "cannot listen on the socket " + world.settings.unix_socket->path +
                                ": the path has more than 107 octets");
    world.settings.unix_socket->path = world.folder.path("nowhere/api.sock");
    CHECK(refusal(world) ==
          "cannot listen on the socket " + world.settings.unix_socket->path + ": No such file or directory");
}

TEST_CASE("A request that may not come is answered before its body is read", "[http][unix]") {
    HttpWorld world;
    const auto path = world.folder.path("api.sock");
    world.settings.unix_socket = http::UnixListen{path, 0600, std::nullopt};
    world.settings.body_octets_max = 10'000'000;
    std::atomic<int> handled = 0;
    world.settings.admit = [](const http::Request& head) -> std::optional<http::Response> {
        if (head.path == "/good" && head.unix_peer && head.unix_peer->user == ::geteuid())
            return std::nullopt;
        return http::problem(403, "not you");
    };
    world.start([&handled](http::Request request) {
        ++handled;
        return echo(std::move(request));
    });
    const auto announced =
        answer_of(path, "POST /bad HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\nonly the beginning");
    CHECK(status_line(announced) == "HTTP/1.1 403 Forbidden");
    CHECK(announced.find("connection: close") != std::string::npos);
    const auto continued = answer_of(
        path, "POST /bad HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n");
    CHECK(status_line(continued) == "HTTP/1.1 403 Forbidden");
    CHECK(handled == 0);
    const auto good = answer_of(
        path, "POST /good HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody");
    CHECK(good.ends_with("POST /good [] body"));
    CHECK(handled == 1);
    // Who has no body is looked at too.
    CHECK(status_line(answer_of(path, "GET /bad HTTP/1.1\r\nHost: h\r\n\r\n")) == "HTTP/1.1 403 Forbidden");
    CHECK(status_line(answer_of(path, "GET bad HTTP/1.1\r\nHost: h\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
}

}  // namespace bindhss::test
