// SPDX-License-Identifier: Apache-2.0
// Who is let in, and what is said to those who are not (RFC 6733 5.3, 5.6).
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

void refused(std::uint16_t port, const CerAvps& avps, std::uint32_t result) {
    RawPeer raw(port);
    const auto cea = raw.open(avps);
    REQUIRE(cea.has_value());
    CHECK(result_of(cea) == result);
    CHECK(cea->header().is_error() == (result / 1000 == 3));
    CHECK(cea->find(avp_id::origin_host)->text() == "hss.example");
    CHECK(raw.closed());
}

std::string contents(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("A configured peer gets a CEA with our capabilities") {
    Threads threads;
    Server server(threads);
    RawPeer raw(server.port());
    const auto cea = raw.open();
    REQUIRE(cea.has_value());
    CHECK(result_of(cea) == diameter_success);
    CHECK_FALSE(cea->header().is_request());
    CHECK(cea->header().hop_by_hop == 0x01020304);
    CHECK(cea->header().end_to_end == 0x0a0b0c0d);
    CHECK(to_hex(cea->find(avp_id::host_ip_address)->octets()) == "00017f000001");
    CHECK(cea->find(avp_id::supported_vendor_id)->u32() == vendor_3gpp);
    CHECK(cea->find(avp_id::product_name)->text() == "BindHSS");
    const auto application = cea->find(avp_id::vendor_specific_application_id);
    REQUIRE(application.has_value());
    CHECK(application->find(avp_id::vendor_id)->u32() == vendor_3gpp);
    CHECK(application->find(avp_id::auth_application_id)->u32() == application_s6a);
    raw.send(air());
    CHECK(result_of(raw.read()) == diameter_success);
}

TEST_CASE("Identities are compared without case, and a relay has its application") {
    Threads threads;
    Server server(threads);
    {
        RawPeer raw(server.port());
        CHECK(result_of(raw.open({"MME.Example", "EXAMPLE"})) == diameter_success);
    }
    eventually([&] { return !is_open(server.node, "MME.Example"); });
    RawPeer raw(server.port());
    CHECK(result_of(raw.open({"mme.example", "example", application_relay})) == diameter_success);
}

TEST_CASE("A realm may be open to any identity, but not to ours") {
    Threads threads;
    auto settings = server_settings();
    settings.peers.push_back(peer("*", "roaming"));
    settings.peers.push_back(peer("*"));
    Server server(threads, answer_success, settings);
    RawPeer raw(server.port());
    CHECK(result_of(raw.open({"any.roaming", "roaming"})) == diameter_success);
    refused(server.port(), {"hss.example"}, diameter_unknown_peer);
}

TEST_CASE("Who is not configured is refused with UNKNOWN_PEER and the line to configure") {
    const auto file = std::filesystem::temp_directory_path() / ("bindhss-node-" + std::to_string(::getpid()));
    {
        log::Logger log({log::Level::info, log::Format::text, file});
        Threads threads;
        Server server(threads, answer_success, server_settings(), log);
        refused(server.port(), {"sgsn.example"}, diameter_unknown_peer);
        refused(server.port(), {"mme.example", "elsewhere"}, diameter_unknown_peer);
        server.stop();
        log.flush();
    }
    const auto text = contents(file);
    std::filesystem::remove(file);
    INFO(text);
    CHECK(text.find("peer_refused") != std::string::npos);
    CHECK(text.find("diameter.peers") != std::string::npos);
    CHECK(text.find("sgsn.example") != std::string::npos);
    CHECK(text.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("A peer may come from its addresses only") {
    Threads threads;
    auto settings = server_settings();
    settings.peers[0].addresses = {"192.0.2.1"};
    settings.peers.push_back(peer("mme2.example"));
    settings.peers[1].addresses = {"192.0.2.1", "127.0.0.1"};
    Server server(threads, answer_success, settings);
    refused(server.port(), {}, diameter_unknown_peer);
    RawPeer raw(server.port());
    CHECK(result_of(raw.open({"mme2.example"})) == diameter_success);
}

TEST_CASE("No common application, no common security, a missing AVP: each has its result") {
    Threads threads;
    Server server(threads);
    refused(server.port(), {"mme.example", "example", 4}, diameter_no_common_application);
    refused(server.port(),
            {"mme.example", "example", application_s6a, make_avp(avp_id::inband_security_id, 1U)}, 5017);
    refused(server.port(), {"mme.example", "example", application_s6a, make_avp({99'999}, "?")}, 5001);
    RawPeer raw(server.port());
    raw.send(frame(0x80, 257, 0, make_avp(avp_id::origin_host, "mme.example")));
    const auto cea = raw.read();
    CHECK(result_of(cea) == 5005);
    REQUIRE(cea.has_value());
    CHECK(cea->find(avp_id::failed_avp).has_value());
    CHECK(raw.closed());
}

TEST_CASE("Anything but CER at first closes the connection") {
    Threads threads;
    Server server(threads);
    for (const auto& octets : {air(), base_request(280), frame(0, 257, 0, {}), OctetString(64, 0xff)}) {
        RawPeer raw(server.port());
        raw.send(octets);
        CHECK(raw.closed());
    }
}

TEST_CASE("A connection that stays silent, or sends half a CER, is closed in time") {
    Threads threads;
    auto settings = server_settings();
    settings.capabilities_timeout = 200ms;
    Server server(threads, answer_success, settings);
    RawPeer silent(server.port());
    RawPeer slow(server.port());
    const auto octets = cer();
    slow.send(OctetView(octets).first(30));
    CHECK(silent.closed(5s));
    CHECK(slow.closed(5s));
}

TEST_CASE(
    "Connections without identity of one address are limited, keep no others out, and make room again") {
    Threads threads;
    Server server(threads);
    std::vector<std::unique_ptr<RawPeer>> idle;
    constexpr auto most = limits::connections_unidentified_per_address_max;
    for (std::size_t i = 0; i < most; ++i) idle.push_back(std::make_unique<RawPeer>(server.port()));
    REQUIRE(eventually([&] { return server.node.peers().size() >= most; }));
    RawPeer late(server.port());
    CHECK(late.closed());
    {
        RawPeer elsewhere(server.port(), "127.0.0.2");
        CHECK(result_of(elsewhere.open()) == diameter_success);
        // Who has said who it is takes no room of those who have not.
        RawPeer another(server.port(), "127.0.0.2");
        CHECK(result_of(another.open({"mme9.example"})) == diameter_unknown_peer);
    }
    idle.clear();
    REQUIRE(eventually([&] { return server.node.peers().size() == 1; }));
    RawPeer raw(server.port());
    CHECK(result_of(raw.open()) == diameter_success);
}

TEST_CASE("Connections without identity are limited all together, but not those that we make") {
    Threads threads;
    asio::ip::tcp::acceptor mme(threads.io, {asio::ip::make_address("127.0.0.1"), 0});
    auto settings = server_settings();
    settings.peers[0].connect = Endpoint{"127.0.0.1", mme.local_endpoint().port()};
    settings.reconnect_interval = 20ms;
    Server server(threads, answer_success, settings);
    std::vector<std::unique_ptr<RawPeer>> idle;
    for (std::size_t i = 0; i < limits::connections_unidentified_max; ++i) {
        const auto address = "127.0.1." + std::to_string(1 + i / 50);
        idle.push_back(std::make_unique<RawPeer>(server.port(), address));
    }
    REQUIRE(eventually([&] { return server.node.peers().size() >= limits::connections_unidentified_max; }));
    RawPeer late(server.port(), "127.0.2.1");
    CHECK(late.closed());
    asio::ip::tcp::socket socket(threads.io);
    mme.accept(socket);
    mme.close();
    RawPeer ours(std::move(socket));
    const auto request = ours.read();
    REQUIRE(request.has_value());
    CHECK(request->header().command_code == command_capabilities_exchange);
}

TEST_CASE("A peer may come from a network, and its entry is nobody else's way in") {
    Threads threads;
    auto settings = server_settings();
    settings.peers[0].addresses = {"127.0.4.0/24", "2001:db8::/32"};
    settings.peers.push_back(peer("*"));
    settings.peers[1].addresses = {"127.0.0.0/16"};
    Server server(threads, answer_success, settings);
    RawPeer elsewhere(server.port(), "127.0.5.1");
    CHECK(result_of(elsewhere.open()) == diameter_unknown_peer);
    RawPeer raw(server.port(), "127.0.4.77");
    CHECK(result_of(raw.open()) == diameter_success);
    RawPeer any(server.port(), "127.0.5.1");
    CHECK(result_of(any.open({"any.example"})) == diameter_success);
    RawPeer outside(server.port(), "127.1.0.1");
    CHECK(result_of(outside.open({"outside.example"})) == diameter_unknown_peer);
}

TEST_CASE("A second connection loses against a live one, and replaces a dead one") {
    Threads threads;
    Server server(threads);
    RawPeer first(server.port());
    REQUIRE(result_of(first.open()) == diameter_success);
    SECTION("live") {
        RawPeer second(server.port());
        second.send(cer());
        const auto dwr = first.read();
        REQUIRE(dwr.has_value());
        CHECK(dwr->header().command_code == 280);
        first.send(base_request(280));
        CHECK(result_of(second.read()) == diameter_election_lost);
        CHECK(second.closed());
        CHECK(result_of(first.read()) == diameter_success);
    }
    SECTION("dead") {
        RawPeer second(server.port());
        CHECK(result_of(second.open()) == diameter_success);
        CHECK(first.closed());
        second.send(air());
        CHECK(result_of(second.read()) == diameter_success);
    }
}

TEST_CASE("Two nodes that connect to each other end with one connection") {
    Threads threads;
    auto a_settings = server_settings();
    a_settings.peers = {peer("mme.example")};
    asio::ip::tcp::acceptor probe(threads.io, {asio::ip::make_address("127.0.0.1"), 0});
    const auto b_port = probe.local_endpoint().port();
    probe.close();
    a_settings.peers[0].connect = Endpoint{"127.0.0.1", b_port};
    a_settings.reconnect_interval = 50ms;
    Server a(threads, answer_success, a_settings);
    auto b_settings = client_settings(a.port());
    b_settings.listen.push_back({"127.0.0.1", b_port});
    b_settings.reconnect_interval = 50ms;
    Client b(threads, b_settings);
    const auto one_open = [](const Node& node) {
        const auto peers = node.peers();
        return peers.size() == 1 && peers[0].state == PeerState::open;
    };
    REQUIRE(eventually([&] { return one_open(a.node) && one_open(b.node); }));
    std::this_thread::sleep_for(300ms);
    CHECK(one_open(a.node));
    CHECK(one_open(b.node));
    auto request = b.s6a.make_request(command_authentication_information);
    encode(s6a::AuthenticationInformationRequest{*Imsi::parse("001010000000001"),
                                                 {},
                                                 *Plmn::parse("00101"),
                                                 s6a::RequestedAuthenticationInfo{},
                                                 std::nullopt},
           request);
    auto answer = threads.run(b.s6a.exchange(std::move(request)));
    REQUIRE(answer.has_value());
    CHECK(answer->find(avp_id::result_code)->u32() == diameter_success);
}

TEST_CASE("We do not stay connected to somebody else than expected") {
    Threads threads;
    Server server(threads);
    auto settings = client_settings(server.port());
    settings.peers[0].identity = "other.example";
    Client client(threads, settings);
    std::this_thread::sleep_for(200ms);
    CHECK_FALSE(is_open(client.node, "hss.example"));
    CHECK_FALSE(is_open(client.node, "other.example"));
}
