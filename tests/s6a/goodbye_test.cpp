// SPDX-License-Identifier: Apache-2.0
// How peers part, and when they meet again (RFC 6733 5.4).
#include <mutex>

#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

OctetString dpr(DisconnectCause cause) {
    return base_request(command_disconnect_peer,
                        make_avp(avp_id::disconnect_cause, static_cast<std::uint32_t>(cause)));
}

/// Keeps one request until it is told to answer.
class OneRequest {
  public:
    RequestHandler handler() {
        return [this](std::unique_ptr<IncomingRequest> request) {
            const std::lock_guard lock(mutex_);
            request_ = std::move(request);
        };
    }
    bool has_come() {
        const std::lock_guard lock(mutex_);
        return request_ != nullptr;
    }
    void answer() {
        const std::lock_guard lock(mutex_);
        answer_success(std::move(request_));
    }

  private:
    std::mutex mutex_;
    std::unique_ptr<IncomingRequest> request_;
};

/// A node that connects to mme.example at this port, every 40 ms.
NodeSettings connecting_to(std::uint16_t port) {
    auto settings = server_settings();
    settings.peers[0].connect = Endpoint{"127.0.0.1", port};
    settings.reconnect_interval = 40ms;
    return settings;
}

/// What mme.example answers to the CER of a node.
OctetString cea(const Header& header) {
    auto octets = cer();
    octets[4] = 0;
    const auto result = make_avp(avp_id::result_code, diameter_success);
    octets.insert(octets.end(), result.begin(), result.end());
    const auto length = number_octets(static_cast<std::uint32_t>(octets.size()));
    std::copy(length.begin() + 1, length.end(), octets.begin() + 1);
    const auto hop = number_octets(header.hop_by_hop);
    const auto end = number_octets(header.end_to_end);
    std::copy(hop.begin(), hop.end(), octets.begin() + 12);
    std::copy(end.begin(), end.end(), octets.begin() + 16);
    return octets;
}

/// mme.example: takes a connection, says good-bye for that cause, and tells when it is connected again.
std::optional<std::chrono::milliseconds> absence_after(DisconnectCause cause,
                                                       std::chrono::milliseconds longest) {
    Threads threads;
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    Server server(threads, answer_success, connecting_to(acceptor.local_endpoint().port()));
    {
        RawPeer mme(acceptor.accept());
        const auto request = mme.read();
        REQUIRE(request.has_value());
        mme.send(cea(request->header()));
        REQUIRE(eventually([&] { return is_open(server.node, "mme.example"); }));
        mme.send(dpr(cause));
        CHECK(result_of(mme.read()) == diameter_success);
    }
    const auto left = std::chrono::steady_clock::now();
    acceptor.non_blocking(true);
    std::optional<std::chrono::milliseconds> away;
    static_cast<void>(eventually(
        [&] {
            boost::system::error_code error;
            acceptor.accept(error);
            if (!error)
                away = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - left);
            return !error;
        },
        longest));
    return away;
}

}  // namespace

TEST_CASE("DPA follows the answers to what the peer has asked before") {
    Threads threads;
    OneRequest kept;
    Server server(threads, kept.handler());
    RawPeer raw(server.port());
    REQUIRE(result_of(raw.open()) == diameter_success);
    raw.send(air(1));
    REQUIRE(eventually([&] { return kept.has_come(); }));
    raw.send(dpr(DisconnectCause::rebooting));
    raw.send(dpr(DisconnectCause::rebooting));  // once is enough
    CHECK(eventually([&] { return !is_open(server.node, "mme.example"); }));
    raw.send(air(2));
    const auto late = raw.read();
    CHECK(result_of(late) == 3004);
    kept.answer();
    const auto answer = raw.read();
    REQUIRE(answer.has_value());
    CHECK(answer->header().command_code == command_authentication_information);
    CHECK(result_of(answer) == diameter_success);
    const auto dpa = raw.read();
    REQUIRE(dpa.has_value());
    CHECK(dpa->header().command_code == command_disconnect_peer);
    CHECK(result_of(dpa) == diameter_success);
    CHECK(raw.closed());
}

TEST_CASE("DPA does not wait for ever") {
    Threads threads;
    OneRequest kept;
    Server server(threads, kept.handler());
    RawPeer raw(server.port());
    REQUIRE(result_of(raw.open()) == diameter_success);
    raw.send(air(1));
    REQUIRE(eventually([&] { return kept.has_come(); }));
    const auto began = std::chrono::steady_clock::now();
    raw.send(dpr(DisconnectCause::rebooting));
    const auto dpa = raw.read(10s);
    REQUIRE(dpa.has_value());
    CHECK(dpa->header().command_code == command_disconnect_peer);
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(limits::farewell_ms));
    kept.answer();  // nobody is there any more
}

TEST_CASE(
    "A peer that reboots is connected again soon, one that is busy later, one that does not want us not for "
    "long") {
    const auto rebooting = absence_after(DisconnectCause::rebooting, 5s);
    REQUIRE(rebooting.has_value());
    const auto busy = absence_after(DisconnectCause::busy, 10s);
    REQUIRE(busy.has_value());
    CHECK(*busy >= 40ms * limits::reconnect_busy_factor / 2);
    CHECK_FALSE(absence_after(DisconnectCause::do_not_want_to_talk_to_you, 1s).has_value());
}

TEST_CASE("A peer that comes back by itself is welcome, and is connected to again when it is lost") {
    Threads threads;
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    Server server(threads, answer_success, connecting_to(acceptor.local_endpoint().port()));
    {
        RawPeer mme(acceptor.accept());
        const auto request = mme.read();
        REQUIRE(request.has_value());
        mme.send(cea(request->header()));
        REQUIRE(eventually([&] { return is_open(server.node, "mme.example"); }));
        mme.send(dpr(DisconnectCause::do_not_want_to_talk_to_you));
        CHECK(result_of(mme.read()) == diameter_success);
    }
    {
        RawPeer back(server.port());
        CHECK(result_of(back.open()) == diameter_success);
    }
    RawPeer again(acceptor.accept());
    CHECK(again.read().has_value());
}
