// SPDX-License-Identifier: Apache-2.0
// The server behind TLS, with and without certificates of clients.
#include "http_world.h"

namespace bindhss::test {

namespace {

boost::asio::awaitable<http::Response> tell_names(http::Request request) {
    http::Response response;
    for (const auto& name : request.client_names) response.body += name + ";";
    co_return response;
}

struct TlsHttpWorld : HttpWorld {
    TlsHttpWorld() { renew("DNS:hss.example,DNS:localhost"); }
    /// A certificate for the server.
    void renew(const std::string& names) {
        Wanted wanted;
        wanted.alternative_names = names;
        const auto issued = authority.issue(wanted);
        crypto::TlsFiles files{folder.write("server.pem", issued.certificate),
                               folder.write("server.key", issued.key), "", "", false};
        if (settings.tls) files.ca = settings.tls->ca;
        files.ask_for_certificates = !files.ca.empty();
        settings.tls = files;
    }
    void ask_clients(Authority& of) {
        settings.tls->ca = folder.write("clients.pem", of.pem());
        settings.tls->ask_for_certificates = true;
    }
    std::shared_ptr<const crypto::TlsContext> anonymous() {
        return crypto::TlsContext::load_client(folder.write("ca.pem", authority.pem()));
    }
    std::shared_ptr<const crypto::TlsContext> client(Authority& of, const std::string& name) {
        const auto issued = of.issue_for(name);
        const crypto::TlsFiles files{folder.write("client.pem", issued.certificate),
                                     folder.write("client.key", issued.key),
                                     folder.write("ca.pem", authority.pem()), ""};
        return crypto::TlsContext::load(files);
    }
    std::variant<http::Response, std::string> get(std::shared_ptr<const crypto::TlsContext> tls) {
        http::Asking where{"localhost", port(), "localhost", std::move(tls), 10s};
        http::Request request;
        request.method = "GET";
        request.path = "/x";
        return run(http::ask(boost::asio::make_strand(io), where, request));
    }
    std::string body(std::shared_ptr<const crypto::TlsContext> tls) {
        const auto answer = get(std::move(tls));
        if (const auto* problem = std::get_if<std::string>(&answer)) return "problem: " + *problem;
        return std::get<http::Response>(answer).body;
    }

    Authority authority;
};

}  // namespace

TEST_CASE("A server with TLS serves clients that show no certificate, when it asks for none") {
    TlsHttpWorld world;
    world.start();
    CHECK(world.body(world.anonymous()) == "GET /x [] ");
    Authority other("another CA");
    const auto distrusting = crypto::TlsContext::load_client(world.folder.write("other.pem", other.pem()));
    CHECK(world.body(distrusting).starts_with("problem: "));
}

TEST_CASE("A server that asks for certificates serves who has one of the CA, and knows the name") {
    TlsHttpWorld world;
    Authority servers("device management");
    Authority other("another CA");
    world.ask_clients(servers);
    world.start(tell_names);
    CHECK(world.body(world.client(servers, "lwm2m.example")) == "lwm2m.example;");
    CHECK(world.body(world.anonymous()).starts_with("problem: "));
    CHECK(world.body(world.client(other, "lwm2m.example")).starts_with("problem: "));
    CHECK(eventually([&] { return world.logged().find("http_handshake_failed") != std::string::npos; }));
}

TEST_CASE("A server may ask for certificates without needing them; one that is shown has to be good") {
    TlsHttpWorld world;
    Authority servers("operators");
    Authority other("another CA");
    world.ask_clients(servers);
    world.settings.tls->certificates_required = false;
    world.start(tell_names);
    CHECK(world.body(world.client(servers, "oss.example")) == "oss.example;");
    CHECK(world.body(world.anonymous()).empty());
    CHECK(world.body(world.client(other, "oss.example")).starts_with("problem: "));
}

TEST_CASE("What is not TLS is closed without an answer, and who stays in the handshake too") {
    TlsHttpWorld world;
    world.settings.handshake = 200ms;
    world.start();
    RawClient plain(world.port());
    plain.send("GET / HTTP/1.1\r\n" + host_field + "\r\n");
    CHECK(plain.read_all().find("HTTP/") == std::string::npos);
    RawClient silent(world.port());
    CHECK(silent.read_all().empty());
    RawClient begins(world.port());
    begins.send(std::string("\x16\x03\x01\x02", 4));
    CHECK(begins.read_all().find("HTTP/") == std::string::npos);
    CHECK(world.body(world.anonymous()) == "GET /x [] ");
}

TEST_CASE("A certificate that was renewed is used by new connections when the server is told to") {
    TlsHttpWorld world;
    world.renew("DNS:before.example");
    world.start();
    CHECK(world.body(world.anonymous()).starts_with("problem: "));
    world.renew("DNS:localhost");
    world.server().reload_certificates();
    CHECK(world.body(world.anonymous()) == "GET /x [] ");
    // What cannot be read is told of, and the old one stays.
    world.folder.write("server.pem", "nothing");
    world.server().reload_certificates();
    CHECK(world.body(world.anonymous()) == "GET /x [] ");
    CHECK(world.logged().find("tls_reload_failed") != std::string::npos);
}

TEST_CASE("A file that cannot be used keeps the server from starting, and is named") {
    TlsHttpWorld world;
    world.settings.tls->certificate = world.folder.path("missing.pem");
    CHECK_THROWS_WITH(world.start(), Catch::Contains("missing.pem"));
}

}  // namespace bindhss::test
