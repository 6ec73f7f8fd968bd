// SPDX-License-Identifier: Apache-2.0
// Nodes over TLS: who is let in by which certificate, and that nobody else is disturbed (RFC 6733 13.1).
#include <set>

#include "s6a/tls_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

Message air_of(Client& client) {
    auto request = client.s6a.make_request(command_authentication_information);
    s6a::AuthenticationInformationRequest air{*Imsi::parse("001010000000001"), {}, *Plmn::parse("00101")};
    air.eutran.emplace();
    encode(air, request);
    return request;
}

bool answers(Threads& threads, Client& client) {
    auto answer = threads.run(client.s6a.exchange(air_of(client)));
    return answer.has_value() && answer->find(avp_id::result_code)->u32() == diameter_success;
}

std::string protection_of(const Node& node, std::string_view identity) {
    for (const auto& status : node.peers()) {
        if (status.identity == identity && status.state == PeerState::open) return status.protection;
    }
    return "not open";
}

/// A peer with a good certificate, open before and served after whatever else happens.
class Witness {
  public:
    Witness(Threads& threads, TlsServer& server)
        : threads_(threads),
          client_(threads, server.client(server.authority.issue_for("mme.example"))),
          server_(server) {
        REQUIRE(eventually([&] { return is_open(server.node(), "mme.example"); }));
    }
    ~Witness() {
        CHECK(answers(threads_, client_));
        CHECK(is_open(server_.node(), "mme.example"));
        CHECK(eventually([&] { return server_.node().peers().size() == server_.settings.peers.size(); }));
    }
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

  private:
    Threads& threads_;
    Client client_;
    TlsServer& server_;
};

/// A second MME, which is refused in various ways.
void add_mme2(TlsServer& server) {
    server.settings.peers.push_back(peer("mme2.example"));
    server.settings.peers.back().transport = Transport::tls;
}

void refused_with(const Wanted& wanted, const std::string& detail) {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    server.start();
    const Witness witness(threads, server);
    const auto issued = server.authority.issue(wanted);
    RawTls raw(server.port(), server.authority, &issued);
    CHECK_FALSE(raw.open({"mme2.example"}).has_value());
    CHECK(server.logs("tls_refused"));
    INFO(server.log());
    CHECK(server.logs(detail));
}

}  // namespace

TEST_CASE("Two nodes with certificates of one CA talk over TLS 1.3, requests both ways") {
    Threads threads;
    TlsServer server(threads);
    server.start();
    Client client(threads, server.client(server.authority.issue_for("mme.example")));
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    CHECK(answers(threads, client));
    CHECK(protection_of(server.node(), "mme.example") == "TLSv1.3");
    CHECK(protection_of(client.node, "hss.example") == "TLSv1.3");
    CHECK(server.logs("transport=TLSv1.3"));
    auto dwr = Message::request(loaded_dictionary(), command_cancel_location, application_s6a);
    dwr.add(avp_id::session_id, server.node().new_session_id());
    dwr.add(avp_id::auth_session_state, 1U);
    dwr.add(avp_id::origin_host, "hss.example");
    dwr.add(avp_id::origin_realm, "example");
    dwr.add(avp_id::destination_host, "mme.example");
    dwr.add(avp_id::destination_realm, "example");
    dwr.add(avp_id::user_name, "001010000000001");
    dwr.add(avp_id::cancellation_type, 0U);
    const auto answer = threads.run(server.node().send(std::move(dwr)));
    REQUIRE(answer.has_value());
    CHECK(answer->find(avp_id::origin_host)->text() == "mme.example");
}

TEST_CASE("A request that came over TLS is known as such", "[R27]") {
    Threads threads;
    TlsServer server(threads);
    std::atomic<int> secured = 0;
    server.start([&secured](std::unique_ptr<IncomingRequest> request) {
        secured += request->secured() ? 1 : 100;
        answer_success(std::move(request));
    });
    Client client(threads, server.client(server.authority.issue_for("mme.example")));
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    CHECK(answers(threads, client));
    CHECK(secured == 1);
}

TEST_CASE("Thousands of messages and more than a record's octets pass over TLS unchanged") {
    Threads threads;
    TlsServer server(threads);
    server.start();
    const auto issued = server.authority.issue_for("mme.example");
    RawTls raw(server.port(), server.authority, &issued);
    REQUIRE(result_of(raw.open()) == diameter_success);
    std::thread sender([&] {
        OctetString all;
        for (std::uint32_t id = 1; id <= 400; ++id) {
            // An unknown AVP without M is passed over; it makes the message longer than one record.
            const auto one = air(id, "mme.example",
                                 {make_avp({99'999}, OctetView(OctetString(id % 20 * 2'000, 0x55)), 0)});
            all.insert(all.end(), one.begin(), one.end());
        }
        raw.send(all);
    });
    std::set<std::uint32_t> answered;
    sender.join();
    for (int i = 0; i < 400; ++i) {
        const auto answer = raw.read();
        REQUIRE(result_of(answer) == diameter_success);
        answered.insert(answer->header().hop_by_hop);
    }
    CHECK(answered.size() == 400);
}

TEST_CASE("TLS 1.2 is accepted, TLS 1.1 is not") {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    server.start();
    const Witness witness(threads, server);
    const auto issued = server.authority.issue_for("mme2.example");
    {
        RawTls old(server.port(), server.authority, &issued, [](SSL_CTX* context) {
            SSL_CTX_set_security_level(context, 0);
            SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
            SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
        });
        CHECK_FALSE(old.handshake());
        CHECK(server.logs("it offers neither TLS 1.2 nor 1.3"));
    }
    RawTls raw(server.port(), server.authority, &issued,
               [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); });
    CHECK(result_of(raw.open({"mme2.example"})) == diameter_success);
    CHECK(raw.version() == "TLSv1.2");
}

TEST_CASE("A certificate of an unknown CA is refused") {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    server.start();
    const Witness witness(threads, server);
    Authority other("another CA");
    const auto issued = other.issue_for("mme2.example");
    RawTls raw(server.port(), server.authority, &issued);
    CHECK_FALSE(raw.open({"mme2.example"}).has_value());
    CHECK(server.logs("add the CA there"));
}

TEST_CASE("Who shows no certificate is refused") {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    server.start();
    const Witness witness(threads, server);
    RawTls raw(server.port(), server.authority, nullptr);
    CHECK_FALSE(raw.open({"mme2.example"}).has_value());
    CHECK(server.logs("it shows no certificate"));
}

TEST_CASE("A certificate that has expired, is not yet valid, or is for other uses is refused") {
    Wanted wanted;
    wanted.alternative_names = "DNS:mme2.example";
    SECTION("expired") {
        wanted.valid_from_days = -10;
        wanted.valid_to_days = -1;
        refused_with(wanted, "certificate has expired");
    }
    SECTION("not yet valid") {
        wanted.valid_from_days = 1;
        refused_with(wanted, "certificate is not yet valid");
    }
    SECTION("of a server only") {
        wanted.purposes = "serverAuth";
        refused_with(wanted, "extended key usage");
    }
}

TEST_CASE("A revoked certificate is refused, and an old list refuses all") {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    const auto good = server.authority.issue_for("mme2.example");
    const auto bad = server.authority.issue_for("mme2.example");
    server.settings.tls->files.crl = server.folder.write("crl", server.authority.crl({bad.serial}));
    server.start();
    {
        const Witness witness(threads, server);
        RawTls revoked(server.port(), server.authority, &bad);
        CHECK_FALSE(revoked.open({"mme2.example"}).has_value());
        CHECK(server.logs("is revoked by the list in diameter.tls.crl"));
        RawTls raw(server.port(), server.authority, &good);
        CHECK(result_of(raw.open({"mme2.example"})) == diameter_success);
    }
    server.folder.write("crl", server.authority.crl({}, 0));
    REQUIRE(server.node().reload_certificates());
    std::this_thread::sleep_for(1'100ms);
    RawTls raw(server.port(), server.authority, &good);
    CHECK_FALSE(raw.open({"mme2.example"}).has_value());
    CHECK(server.logs("CRL has expired"));
}

TEST_CASE("The certificate's name has to be the identity that CER tells") {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    server.settings.peers.push_back(peer("*", "roaming"));
    server.settings.peers.back().transport = Transport::tls;
    server.start();
    Wanted wanted;
    const auto opens = [&](const std::string& identity, const std::string& realm = "example") {
        const auto issued = server.authority.issue(wanted);
        RawTls raw(server.port(), server.authority, &issued);
        const auto result = result_of(raw.open({identity, realm}));
        return result;
    };
    SECTION("another name") {
        wanted.alternative_names = "DNS:mme.example";
        CHECK(opens("mme2.example") == diameter_unknown_peer);
        CHECK(server.logs("made out to [mme.example], not to mme2.example"));
        CHECK_FALSE(is_open(server.node(), "mme2.example"));
    }
    SECTION("one of several, without case") {
        wanted.alternative_names = "DNS:x.example,DNS:MME2.Example";
        CHECK(opens("mme2.example") == diameter_success);
    }
    SECTION("a wildcard for one label") {
        wanted.alternative_names = "DNS:*.roaming";
        CHECK(opens("mme.roaming", "roaming") == diameter_unknown_peer);  // nothing but a top-level domain
        wanted.alternative_names = "DNS:*.epc.roaming";
        CHECK(opens("mme.epc.roaming", "roaming") == diameter_success);
        CHECK(opens("a.mme.epc.roaming", "roaming") == diameter_unknown_peer);
        CHECK(opens("epc.roaming", "roaming") == diameter_unknown_peer);
        wanted.alternative_names = "DNS:m*.epc.roaming";
        CHECK(opens("mme.epc.roaming", "roaming") == diameter_unknown_peer);
    }
    SECTION("the CN counts only where there is no subjectAltName") {
        wanted.common_name = "mme2.example";
        CHECK(opens("mme2.example") == diameter_success);
        wanted.alternative_names = "DNS:other.example";
        CHECK(opens("mme2.example") == diameter_unknown_peer);
    }
    SECTION("who is let in by its realm is held to its name as well") {
        wanted.alternative_names = "DNS:a.roaming";
        CHECK(opens("a.roaming", "roaming") == diameter_success);
        CHECK(opens("b.roaming", "roaming") == diameter_unknown_peer);
    }
}

TEST_CASE("We do not talk to a server whose certificate is made out to somebody else") {
    Threads threads;
    TlsServer server(threads);
    Wanted wanted;
    wanted.alternative_names = "DNS:other.example";
    server.settings.tls->files =
        files_of(server.folder, "hss", server.authority.issue(wanted), server.authority.pem());
    server.start();
    CHECK(server.logs("tls_certificate_name"));
    Client client(threads, server.client(server.authority.issue_for("mme.example")));
    std::this_thread::sleep_for(300ms);
    CHECK_FALSE(is_open(client.node, "hss.example"));
}

TEST_CASE("A peer that has to use TLS is refused without, and its name is nobody else's") {
    Threads threads;
    TlsServer server(threads);
    server.settings.listen.push_back({"127.0.0.1", 0});
    server.settings.peers.push_back(peer("*"));
    server.settings.peers.back().addresses = {"127.0.0.0/8"};
    server.start();
    const auto plain = server.node().listening().front().port;
    RawPeer thief(plain);
    CHECK(result_of(thief.open({"mme.example"})) == 5017);
    CHECK(thief.closed());
    CHECK(server.logs("mme.example comes without TLS"));
    RawPeer other(plain);
    CHECK(result_of(other.open({"sgsn.example"})) == diameter_success);
    CHECK(protection_of(server.node(), "sgsn.example") == "tcp");
    // More protection than asked for is no reason to refuse, but the name has to be right then too.
    const auto issued = server.authority.issue_for("mme7.example");
    RawTls raw(server.port(), server.authority, &issued);
    CHECK(result_of(raw.open({"mme7.example"})) == diameter_success);
    RawTls wrong(server.port(), server.authority, &issued);
    CHECK(result_of(wrong.open({"mme8.example"})) == diameter_unknown_peer);
}

TEST_CASE("Diameter to the port of TLS and TLS to the port of Diameter end without harm") {
    Threads threads;
    TlsServer server(threads);
    server.settings.listen.push_back({"127.0.0.1", 0});
    server.start();
    const Witness witness(threads, server);
    RawPeer plain(server.port());
    plain.send(cer());
    CHECK(plain.closed());
    CHECK(server.logs("what it sends is not TLS"));
    RawPeer web(server.port());
    web.send(as_octets("GET / HTTP/1.1\r\n\r\n"));
    CHECK(web.closed());
    const auto issued = server.authority.issue_for("mme2.example");
    RawTls raw(server.node().listening().front().port, server.authority, &issued);
    CHECK_FALSE(raw.handshake());
    for (const std::size_t size : {1U, 5U, 100U, 20'000U}) {
        RawPeer noise(server.port());
        OctetString octets(size);
        for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i * 37 + size);
        noise.send(octets);
        noise.finish();
        CHECK(noise.closed());
    }
}

TEST_CASE("A slow handshake is ended in time, and counts as a connection without identity") {
    Threads threads;
    TlsServer server(threads);
    server.settings.capabilities_timeout = 4s;
    server.start();
    std::vector<std::unique_ptr<RawPeer>> silent;
    for (std::size_t i = 0; i < limits::connections_unidentified_per_address_max; ++i)
        silent.push_back(std::make_unique<RawPeer>(server.port()));
    REQUIRE(eventually([&] { return server.node().peers().size() >= silent.size(); }, 3s));
    RawPeer late(server.port());
    CHECK(late.closed(900ms));
    for (auto& peer : silent) CHECK(peer->closed(10s));
    const Witness witness(threads, server);
}

TEST_CASE("New certificates are for new connections, and a broken file keeps the old ones") {
    Threads threads;
    TlsServer server(threads);
    add_mme2(server);
    server.start();
    const auto mme2 = server.authority.issue_for("mme2.example");
    Authority next("next CA");
    {
        const Witness witness(threads, server);
        server.folder.write("hss.pem", "no certificate");
        CHECK_FALSE(server.node().reload_certificates());
        CHECK(server.logs("tls_reload_failed"));
        {
            RawTls raw(server.port(), server.authority, &mme2);
            CHECK(result_of(raw.open({"mme2.example"})) == diameter_success);
        }
        const auto renewed = next.issue_for("hss.example");
        server.folder.write("hss.pem", renewed.certificate);
        CHECK_FALSE(server.node().reload_certificates());  // its key is still the old one
        server.folder.write("hss.key", renewed.key);
        server.folder.write("hss.ca", next.pem());
        CHECK(server.node().reload_certificates());
        RawTls old(server.port(), server.authority, &mme2);
        CHECK_FALSE(old.handshake());
        const auto issued = next.issue_for("mme2.example");
        RawTls raw(server.port(), next, &issued);
        CHECK(result_of(raw.open({"mme2.example"})) == diameter_success);
    }
}

TEST_CASE("Files that change are read without being told to") {
    Threads threads;
    TlsServer server(threads);
    server.settings.tls->check_interval = 20ms;
    server.start();
    Authority next("next CA");
    const auto renewed = next.issue_for("hss.example");
    server.folder.write("hss.pem", renewed.certificate);
    server.folder.write("hss.key", renewed.key);
    server.folder.write("hss.ca", next.pem());
    CHECK(server.logs("tls_reloaded"));
    const auto issued = next.issue_for("mme.example");
    CHECK(eventually([&] {
        RawTls raw(server.port(), next, &issued);
        return result_of(raw.open()) == diameter_success;
    }));
}

TEST_CASE("A certificate that ends soon is told of at the start") {
    Threads threads;
    TlsServer server(threads);
    Wanted wanted;
    wanted.alternative_names = "DNS:hss.example";
    wanted.valid_to_days = GENERATE(10L, 100L);
    server.settings.tls->files =
        files_of(server.folder, "hss", server.authority.issue(wanted), server.authority.pem());
    server.start();
    CHECK(server.logs("tls_certificate "));
    CHECK((server.log().find("tls_certificate_expires") != std::string::npos) ==
          (wanted.valid_to_days == 10));
}
