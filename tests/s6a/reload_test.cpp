// SPDX-License-Identifier: Apache-2.0
// Other peers while a node serves: connections that stay, those that end, and requests of both.
#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

PeerSettings relay(PeerSettings peer) {
    peer.relay = true;
    return peer;
}

/// The Disconnect-Cause of a DPR that comes next; nothing: something else came, or nothing.
std::optional<std::uint32_t> cause_of_dpr(RawPeer& peer) {
    const auto dpr = peer.read();
    if (!dpr || dpr->header().command_code != command_disconnect_peer) return std::nullopt;
    const auto cause = dpr->find(avp_id::disconnect_cause);
    return cause ? std::optional(cause->u32()) : std::nullopt;
}

/// Does the connection serve requests?
bool answers(RawPeer& peer, std::string_view host = "mme.example") {
    return peer.send(air(7, host)) && result_of(peer.read()) == diameter_success;
}

CerAvps who(std::string host) {
    CerAvps avps;
    avps.host = std::move(host);
    return avps;
}

}  // namespace

TEST_CASE("A peer that is added may connect, and the connections of the others are not touched") {
    Threads threads;
    Server server(threads);
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    {
        RawPeer stranger(server.port());
        REQUIRE(result_of(stranger.open(who("mme2.example"))) == diameter_unknown_peer);
    }
    server.node.set_peers({peer("mme.example"), peer("mme2.example")}, {});
    RawPeer second(server.port());
    CHECK(result_of(second.open(who("mme2.example"))) == diameter_success);
    CHECK(answers(second, "mme2.example"));
    CHECK(answers(mme));
}

TEST_CASE("A peer that is taken out is told that we do not want to talk to it, and is refused from then on") {
    Threads threads;
    auto settings = server_settings();
    settings.peers.push_back(peer("mme2.example"));
    Server server(threads, answer_success, settings);
    RawPeer stays(server.port());
    RawPeer goes(server.port());
    REQUIRE(result_of(stays.open()) == diameter_success);
    REQUIRE(result_of(goes.open(who("mme2.example"))) == diameter_success);
    server.node.set_peers({peer("mme.example")}, {});
    CHECK(cause_of_dpr(goes) == 2U);
    CHECK(goes.closed());
    RawPeer again(server.port());
    CHECK(result_of(again.open(who("mme2.example"))) == diameter_unknown_peer);
    CHECK(answers(stays));
    CHECK_FALSE(is_open(server.node, "mme2.example"));
}

TEST_CASE(
    "A peer whose entry is another one is disconnected so that it comes again, and comes under the new one") {
    Threads threads;
    Server server(threads);
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    server.node.set_peers({relay(peer("mme.example"))}, {});
    CHECK(cause_of_dpr(mme) == 0U);
    CHECK(mme.closed());
    RawPeer again(server.port());
    CHECK(result_of(again.open()) == diameter_success);
    CHECK(answers(again));
}

TEST_CASE("Other addresses end a connection only when it would not be let in from where it is") {
    Threads threads;
    Server server(threads);
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    auto entry = peer("mme.example");
    entry.addresses = {"127.0.0.0/8"};
    server.node.set_peers({entry}, {});
    CHECK(answers(mme));
    entry.addresses = {"192.0.2.0/24"};
    server.node.set_peers({entry}, {});
    CHECK(cause_of_dpr(mme) == 2U);
}

TEST_CASE("A request that is in flight when its peer is taken out is answered before the connection ends") {
    Threads threads;
    std::mutex mutex;
    std::unique_ptr<IncomingRequest> held;
    Server server(threads, [&](std::unique_ptr<IncomingRequest> request) {
        const std::lock_guard lock(mutex);
        held = std::move(request);
    });
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    mme.send(air());
    REQUIRE(eventually([&] {
        const std::lock_guard lock(mutex);
        return held != nullptr;
    }));
    server.node.set_peers({}, {});
    std::this_thread::sleep_for(100ms);
    answer_success(std::move(held));
    CHECK(result_of(mme.read()) == diameter_success);
    CHECK(cause_of_dpr(mme) == 2U);
}

TEST_CASE(
    "A peer that we are to connect to is connected after a reload, and not again once it is taken out") {
    Threads threads;
    Server server(threads);
    auto settings = client_settings(server.port());
    const auto entry = settings.peers.front();
    settings.peers.clear();
    Client client(threads, settings);
    client.node.set_peers({entry}, {});
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    const auto received = [&] {
        std::uint64_t count = 0;
        for (const auto& status : server.node.peers()) count += status.requests_received;
        return count;
    };
    const auto before = received();
    client.node.set_peers({entry}, {});
    std::this_thread::sleep_for(200ms);
    CHECK(is_open(client.node, "hss.example"));
    CHECK(received() == before);
    client.node.set_peers({}, {});
    CHECK(eventually([&] { return !is_open(server.node, "mme.example"); }));
    std::this_thread::sleep_for(400ms);  // several times reconnect_interval
    CHECK_FALSE(is_open(server.node, "mme.example"));
}

TEST_CASE("Quirks are those of the last reload, on connections that were there before") {
    Threads threads;
    std::atomic<int> with = 0;
    std::atomic<int> without = 0;
    Server server(threads, [&](std::unique_ptr<IncomingRequest> request) {
        ++(request->quirks().ula_error_stub ? with : without);
        answer_success(std::move(request));
    });
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    CHECK(answers(mme));
    Quirks quirks;
    quirks.ula_error_stub = true;
    server.node.set_peers({peer("mme.example")}, {{"mme.example", quirks}});
    CHECK(answers(mme));
    CHECK(with == 1);
    CHECK(without == 1);
}

TEST_CASE("A peer with TLS cannot be added to a node that has no certificate") {
    Threads threads;
    Server server(threads);
    auto entry = peer("mme2.example");
    entry.transport = Transport::tls;
    CHECK_THROWS_WITH(server.node.set_peers({entry}, {}),
                      "peer mme2.example needs TLS, for which there is no certificate");
    RawPeer mme(server.port());
    CHECK(result_of(mme.open()) == diameter_success);
}

TEST_CASE("Under full load a hundred reloads lose no request of a peer that stays") {
    Threads threads(3);
    Server server(threads);
    const auto with_another = [](int number) {
        return std::vector{peer("mme.example"), peer("mme" + std::to_string(number) + ".example")};
    };
    constexpr std::uint32_t window = 64;
    constexpr std::uint32_t total = 20'000;
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    std::atomic<bool> done = false;
    std::thread reloads([&] {
        for (int i = 0; i < 100 && !done; ++i) {
            server.node.set_peers(with_another(i), {{"*", Quirks{}}});
            std::this_thread::sleep_for(5ms);
        }
    });
    std::uint32_t sent = 0;
    std::uint32_t good = 0;
    while (sent < window) mme.send(air(++sent));
    for (std::uint32_t answered = 0; answered < total; ++answered) {
        if (result_of(mme.read()) != diameter_success) break;
        ++good;
        if (sent < total) mme.send(air(++sent));
    }
    done = true;
    reloads.join();
    CHECK(good == total);
}
