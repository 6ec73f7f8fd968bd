// SPDX-License-Identifier: Apache-2.0
// Our own requests: routed, answered, given up; and the seam under the connection.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "diameter/stream.h"
#include "s6a/node_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// A peer that only listens: the test plays the HSS.
struct Listener {
    Listener() : acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}) {}
    RawPeer accept() { return RawPeer(acceptor.accept()); }
    [[nodiscard]] std::uint16_t port() const { return acceptor.local_endpoint().port(); }
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor;
};

OctetString hss_origin() {
    return concat({make_avp(avp_id::result_code, 2001U), make_avp(avp_id::origin_host, "hss.example"),
                   make_avp(avp_id::origin_realm, "example")});
}

OctetString cea() {
    auto octets = cer({"hss.example"});
    return frame(0, 257, 0,
                 concat({make_avp(avp_id::result_code, 2001U),
                         OctetString(octets.begin() + header_octets, octets.end())}));
}

OctetString answer_to(const Header& request, std::uint32_t hop_by_hop) {
    auto octets = frame(
        0x40, request.command_code, request.application_id,
        concat({make_avp(avp_id::session_id, "x"), make_avp(avp_id::auth_session_state, 1U), hss_origin()}));
    const auto id = number_octets(hop_by_hop);
    std::copy(id.begin(), id.end(), octets.begin() + 12);
    return octets;
}

Message request(Client& client) {
    auto message = client.s6a.make_request(command_authentication_information);
    s6a::RequestedAuthenticationInfo requested;
    encode(
        s6a::AuthenticationInformationRequest{
            *Imsi::parse("001010000000001"), {}, *Plmn::parse("00101"), requested, {}},
        message);
    return message;
}

Message cancel_location(Node& node, std::string_view destination) {
    auto clr = Message::request(loaded_dictionary(), command_cancel_location, application_s6a);
    clr.add(avp_id::session_id, node.new_session_id());
    clr.add(avp_id::auth_session_state, 1U);
    clr.add(avp_id::origin_host, "hss.example");
    clr.add(avp_id::origin_realm, "example");
    clr.add(avp_id::destination_host, destination);
    clr.add(avp_id::destination_realm, "example");
    encode(s6a::CancelLocationRequest{*Imsi::parse("001010000000007"), {}}, clr);
    return clr;
}

/// A Stream that is no TCP socket.
class LocalStream final : public Stream {
  public:
    using Socket = asio::local::stream_protocol::socket;
    explicit LocalStream(Socket socket) : socket_(std::move(socket)) {}
    asio::awaitable<ReadResult> read_some(std::span<std::uint8_t> into) override {
        const auto buffer =
            asio::buffer(into.data(), std::min<std::size_t>(into.size(), 7));  // in small pieces
        auto [error, octets] = co_await socket_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
        co_return ReadResult{error, octets};
    }
    asio::awaitable<boost::system::error_code> write(OctetView octets) override {
        const auto buffer = asio::buffer(octets.data(), octets.size());
        auto [error, n] = co_await asio::async_write(socket_, buffer, asio::as_tuple(asio::use_awaitable));
        co_return error;
    }
    void close() noexcept override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    [[nodiscard]] asio::ip::address local_address() const override {
        return asio::ip::make_address("192.0.2.1");
    }
    [[nodiscard]] asio::ip::address remote_address() const override {
        return asio::ip::make_address("192.0.2.2");
    }

  private:
    Socket socket_;
};

}  // namespace

TEST_CASE("A request without a connected peer is undeliverable") {
    Threads threads;
    Listener nobody;
    Client client(threads, client_settings(nobody.port()));
    const auto answer = threads.run(client.s6a.exchange(request(client)));
    REQUIRE(answer.has_error());
    CHECK(answer.error().cause == Cause::unable_to_deliver);
}

TEST_CASE("Answers find their request by Hop-by-Hop id, and others are dropped and counted") {
    Threads threads;
    Listener listener;
    auto settings = client_settings(listener.port());
    settings.request_timeout = 1s;
    Client client(threads, settings);
    auto hss = listener.accept();
    REQUIRE(hss.read().has_value());
    hss.send(cea());
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    auto pending = asio::co_spawn(
        threads.io,
        [&]() -> asio::awaitable<std::uint32_t> {
            auto message = request(client);
            const auto answer = co_await client.s6a.exchange(std::move(message));
            co_return answer ? answer->header().hop_by_hop : 0;
        },
        asio::use_future);
    const auto received = hss.read();
    REQUIRE(received.has_value());
    const auto header = received->header();
    hss.send(answer_to(header, header.hop_by_hop + 1));
    auto other_command = header;
    other_command.command_code = 316;
    hss.send(answer_to(other_command, header.hop_by_hop));
    hss.send(answer_to(header, header.hop_by_hop));
    hss.send(answer_to(header, header.hop_by_hop));
    CHECK(pending.get() == header.hop_by_hop);
    CHECK(eventually([&] { return client.node.peers().front().answers_dropped == 3; }));
    CHECK(client.node.peers().front().requests_sent == 1);
}

TEST_CASE("A request fails when no answer comes in time, and at once when the connection is lost") {
    Threads threads;
    Listener listener;
    auto settings = client_settings(listener.port());
    settings.request_timeout = 150ms;
    Client client(threads, settings);
    auto hss = std::make_unique<RawPeer>(listener.acceptor.accept());
    REQUIRE(hss->read().has_value());
    hss->send(cea());
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    auto answer = threads.run(client.s6a.exchange(request(client)), 2s);
    REQUIRE(answer.has_error());
    CHECK(answer.error().cause == Cause::unable_to_deliver);
    CHECK(answer.error().detail.find("in time") != std::string::npos);

    std::thread closer([&] {
        hss->read();
        hss->read();
        hss->close();
    });
    answer = threads.run(client.s6a.exchange(request(client)), 2s);
    REQUIRE(answer.has_error());
    CHECK(answer.error().cause == Cause::unable_to_deliver);
    closer.join();
}

TEST_CASE("A lost connection is made again") {
    Threads threads;
    auto server = std::make_unique<Server>(threads);
    auto settings = server_settings();
    settings.listen[0].port = server->port();
    Client client(threads, client_settings(server->port()));
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    server = nullptr;
    REQUIRE(eventually([&] { return !is_open(client.node, "hss.example"); }));
    server = std::make_unique<Server>(threads, answer_success, settings);
    CHECK(eventually([&] { return is_open(client.node, "hss.example"); }));
}

TEST_CASE("CLR reaches the MME by its host name, and its answer comes back") {
    Threads threads;
    auto settings = server_settings();
    settings.peers.push_back(peer("mme2.example"));
    Server server(threads, answer_success, settings);
    std::atomic<int> first = 0;
    std::atomic<int> second = 0;
    std::string imsi;
    Client one(threads, client_settings(server.port()), {"example", "", ""}, [&](const auto&) { ++first; });
    Client two(threads, client_settings(server.port(), "mme2.example"), {"example", "", ""},
               [&](const s6a::CancelLocationRequest& clr) {
                   imsi = clr.imsi.str();
                   ++second;
               });
    REQUIRE(eventually(
        [&] { return is_open(server.node, "mme.example") && is_open(server.node, "mme2.example"); }));
    const auto answer = threads.run(server.node.send(cancel_location(server.node, "mme2.example")));
    REQUIRE(answer.has_value());
    CHECK(answer->find(avp_id::result_code)->u32() == diameter_success);
    CHECK(first == 0);
    CHECK(second == 1);
    CHECK(imsi == "001010000000007");
}

TEST_CASE("A host that is not connected is reached through a relay, not through another host of its realm") {
    Threads threads;
    auto settings = server_settings();
    settings.peers.push_back(peer("dra.example"));
    settings.peers.back().relay = true;
    Server server(threads, answer_success, settings);
    std::atomic<int> mme = 0;
    Client host(threads, client_settings(server.port()), {"example", "", ""}, [&](const auto&) { ++mme; });
    REQUIRE(eventually([&] { return is_open(server.node, "mme.example"); }));
    const auto lost = threads.run(server.node.send(cancel_location(server.node, "mme9.example")));
    REQUIRE(lost.has_error());
    CHECK(lost.error().cause == Cause::unable_to_deliver);

    RawPeer relay(server.port());
    REQUIRE(result_of(relay.open({"dra.example", "example", application_relay})) == diameter_success);
    auto pending = asio::co_spawn(
        threads.io,
        [&]() -> asio::awaitable<bool> {
            auto message = cancel_location(server.node, "mme9.example");
            const auto answer = co_await server.node.send(std::move(message));
            co_return answer.has_value();
        },
        asio::use_future);
    const auto clr = relay.read();
    REQUIRE(clr.has_value());
    CHECK(clr->find(avp_id::destination_host)->text() == "mme9.example");
    relay.send(answer_to(clr->header(), clr->header().hop_by_hop));
    CHECK(pending.get());
    CHECK(mme == 0);
}

TEST_CASE("A connection runs over any Stream, in pieces of any size") {
    Threads threads;
    Server server(threads);
    LocalStream::Socket ours(threads.io);
    asio::io_context io;
    LocalStream::Socket theirs(io);
    asio::local::connect_pair(ours, theirs);
    server.node.adopt(std::make_unique<LocalStream>(std::move(ours)));
    const auto ask = [&theirs](const OctetString& octets) {
        asio::write(theirs, asio::buffer(octets));
        OctetString head(header_octets);
        asio::read(theirs, asio::buffer(head));
        OctetString all(Header::read(head)->length);
        std::copy(head.begin(), head.end(), all.begin());
        asio::read(theirs, asio::buffer(all.data() + head.size(), all.size() - head.size()));
        auto message = Message::parse(all);
        static_cast<void>(message->check(loaded_dictionary()));
        return message;
    };
    const auto cea_message = ask(cer());
    CHECK(result_of(cea_message) == diameter_success);
    CHECK(to_hex(cea_message->find(avp_id::host_ip_address)->octets()) == "0001c0000201");
    CHECK(server.node.peers().front().address == "192.0.2.2");
    CHECK(result_of(ask(air(5))) == diameter_success);
}
