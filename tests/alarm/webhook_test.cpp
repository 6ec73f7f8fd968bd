// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/webhook.h"

#include <openssl/hmac.h>

#include <set>

#include "alarm/log_outlet.h"
#include "alarm/outlet_world.h"
#include "alarm/webhook_server.h"
#include "crypto/random.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

const std::string secret = "a secret of 28 octets, or so";

struct Time final : Clock {
    [[nodiscard]] WallTime now() const override { return WallTime{1'700'000'000'999ms}; }
};

struct WebhookWorld : OutletWorld {
    ~WebhookWorld() { stop(); }
    std::shared_ptr<alarm::Webhook> webhook(const std::string& url, alarm::CourierSettings courier_settings,
                                            std::shared_ptr<const crypto::TlsContext> tls = nullptr) {
        alarm::WebhookSettings settings;
        settings.to = alarm::WebAddress::parse(url);
        settings.secret = SecretString(as_octets(secret));
        settings.tls = std::move(tls);
        settings.origin = "hss.example";
        settings.deadline = deadline;
        return std::make_shared<alarm::Webhook>(io.get_executor(), std::move(courier_settings),
                                                std::move(settings), random, clock, log());
    }
    std::shared_ptr<alarm::Webhook> webhook(const std::string& url) {
        return webhook(url, courier("webhook"));
    }

    crypto::SystemRandom random;
    Time clock;
    std::chrono::milliseconds deadline{10'000};
};

std::string url_of(const WebhookServer& server, const std::string& scheme = "http://127.0.0.1") {
    return scheme + ":" + std::to_string(server.port()) + "/hooks/hss?team=core";
}

/// As a receiver computes it, with a library of its own.
std::string expected_signature(const WebRequest& request) {
    const auto text = std::string(request["BindHSS-Timestamp"]) + "." + request.body();
    std::array<unsigned char, 32> code{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
    return "v1=" + to_hex(code);
}

std::string failure_of(WebhookWorld& world) {
    wait_until([&] { return world.times_logged("alarm_outlet_failed") > 0; });
    return world.logged();
}

}  // namespace

TEST_CASE("an alarm is posted as JSON, signed, and with an id of its own") {
    WebhookServer server([](std::size_t) { return Reply{}; });
    WebhookWorld world;
    const auto webhook = world.webhook(url_of(server));
    webhook->tell(notice_of("1"));
    webhook->tell(notice_of("2"));
    wait_until([&] { return webhook->delivered() == 2; });
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& request = requests[i];
        CHECK(request.method() == web::verb::post);
        CHECK(request.target() == "/hooks/hss?team=core");
        CHECK(request[web::field::host] == "127.0.0.1:" + std::to_string(server.port()));
        CHECK(request[web::field::content_type] == "application/json");
        CHECK(request.body() == alarm::json_of(notice_of(std::to_string(i + 1)), "hss.example"));
        CHECK(request["BindHSS-Timestamp"] == "1700000000");
        CHECK(request["BindHSS-Signature"] == expected_signature(request));
        ids.insert(std::string(request["Idempotency-Key"]));
    }
    CHECK(ids.size() == 2);
    CHECK(world.logged().empty());
}

TEST_CASE("a request that fails is sent again with the same id, and the others wait behind it") {
    const std::vector<unsigned> statuses{500, 429, 200};
    WebhookServer server([&](std::size_t number) {
        return Reply{number < 3 ? statuses[number] : 201, "ok"};
    });
    WebhookWorld world;
    const auto webhook = world.webhook(url_of(server));
    webhook->tell(notice_of("1"));
    webhook->tell(notice_of("2"));
    wait_until([&] { return webhook->delivered() == 2; });
    const auto requests = server.requests();
    REQUIRE(requests.size() == 4);
    for (std::size_t i = 1; i < 3; ++i) {
        CHECK(requests[i]["Idempotency-Key"] == requests[0]["Idempotency-Key"]);
        CHECK(requests[i].body() == requests[0].body());
    }
    CHECK(requests[3]["Idempotency-Key"] != requests[0]["Idempotency-Key"]);
    wait_until([&] { return world.times_logged("alarm_outlet_works") == 1; });
    CHECK(world.times_logged("alarm_outlet_failed") == 1);
    CHECK_THAT(world.logged(), Catch::Contains("answers 500"));
}

TEST_CASE("a receiver that does not answer in time is asked again") {
    WebhookServer server([](std::size_t number) { return Reply{204, "", number == 0}; });
    WebhookWorld world;
    world.deadline = 300ms;
    const auto webhook = world.webhook(url_of(server));
    webhook->tell(notice_of("1"));
    wait_until([&] { return webhook->delivered() == 1; });
    CHECK(server.count() == 2);
    CHECK_THAT(world.logged(), Catch::Contains("it took too long"));
}

TEST_CASE("what is no answer is none, and neither is half of one") {
    for (const auto* raw : {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 20", "HTTP/1.1 100 Continue\r\n\r\n"}) {
        WebhookServer server([&](std::size_t number) {
            Reply reply;
            if (number == 0) reply.raw = raw;
            return reply;
        });
        WebhookWorld world;
        const auto webhook = world.webhook(url_of(server));
        webhook->tell(notice_of("1"));
        wait_until([&] { return webhook->delivered() == 1; });
        CHECK(server.count() == 2);
    }
}

TEST_CASE("an answer without an end counts by its status") {
    WebhookServer server([](std::size_t) { return Reply{200, std::string(1'000'000, 'x')}; });
    WebhookWorld world;
    const auto webhook = world.webhook(url_of(server));
    webhook->tell(notice_of("1"));
    wait_until([&] { return webhook->delivered() == 1; });
    CHECK(server.count() == 1);
}

TEST_CASE("a notice that is not wanted is given up, told of, and the next one goes out") {
    WebhookServer server([](std::size_t number) { return Reply{number == 0 ? 400U : 204U}; });
    WebhookWorld world;
    const auto webhook = world.webhook(url_of(server));
    webhook->tell(notice_of("1"));
    webhook->tell(notice_of("2"));
    wait_until([&] { return webhook->waiting() == 0; });
    CHECK(webhook->delivered() == 1);
    CHECK(webhook->dropped() == 1);
    CHECK(server.count() == 2);
    CHECK_THAT(world.logged(), Catch::Contains(R"("event":"alarm_notice_refused","outlet":"webhook",)"
                                               R"("id":"pair_unauthorised","reason":"127.0.0.1:)"));
    CHECK_THAT(world.logged(), Catch::Contains("answers 400"));
}

TEST_CASE("a receiver that is gone costs a bounded queue, and gets what is in it when it is back") {
    std::uint16_t port = 0;
    {
        port = WebhookServer([](std::size_t) { return Reply{}; }).port();
    }
    WebhookWorld world;
    auto courier = WebhookWorld::courier("webhook");
    courier.waiting_max = 5;
    const auto webhook = world.webhook("http://127.0.0.1:" + std::to_string(port) + "/", std::move(courier));
    for (int i = 0; i < 8; ++i) webhook->tell(notice_of(std::to_string(i)));
    CHECK_THAT(failure_of(world), Catch::Contains("cannot be connected to"));
    CHECK(webhook->waiting() == 5);
    CHECK(webhook->dropped() == 3);
    WebhookServer server([](std::size_t) { return Reply{}; }, nullptr, port);
    wait_until([&] { return webhook->delivered() == 5; });
    const auto requests = server.requests();
    for (int i = 0; i < 5; ++i)
        CHECK(requests[static_cast<std::size_t>(i)].body() ==
              alarm::json_of(notice_of(std::to_string(i)), "hss.example"));
}

TEST_CASE("https trusts the CA that is named, for the host of the URL alone") {
    Authority authority;
    Authority other("other CA");
    const auto issued = authority.issue_for("localhost");
    const auto elsewhere = authority.issue_for("elsewhere.example");
    WebhookWorld world;
    const auto ca = world.folder.write("ca.pem", authority.pem());
    const auto other_ca = world.folder.write("other.pem", other.pem());
    const auto serve = [](const Issued& shown) {
        auto context = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
        context->use_certificate_chain(boost::asio::buffer(shown.certificate));
        context->use_private_key(boost::asio::buffer(shown.key), boost::asio::ssl::context::pem);
        return context;
    };
    const auto failure = [&](const Issued& shown, const std::string& trusted) {
        const auto tls = serve(shown);
        WebhookServer server([](std::size_t) { return Reply{}; }, tls.get());
        const auto webhook =
            world.webhook(url_of(server, "https://localhost"), WebhookWorld::courier("webhook"),
                          crypto::TlsContext::load_client(trusted));
        webhook->tell(notice_of("1"));
        auto reason = failure_of(world);
        CHECK(server.count() == 0);
        return reason;
    };
    SECTION("that is ours") {
        const auto tls = serve(issued);
        WebhookServer server([](std::size_t) { return Reply{}; }, tls.get());
        const auto webhook =
            world.webhook(url_of(server, "https://localhost"), WebhookWorld::courier("webhook"),
                          crypto::TlsContext::load_client(ca));
        for (int i = 0; i < 3; ++i) webhook->tell(notice_of(std::to_string(i)));
        wait_until([&] { return webhook->delivered() == 3; });
        CHECK(server.requests()[0]["BindHSS-Signature"] == expected_signature(server.requests()[0]));
        CHECK(world.logged().empty());
    }
    SECTION("that of somebody else is not") {
        CHECK_THAT(failure(issued, other_ca), Catch::Contains("TLS failed: "));
    }
    SECTION("nor those of this machine, when they do not know it") {
        CHECK_THAT(failure(issued, ""), Catch::Contains("TLS failed: "));
    }
    SECTION("a certificate for another host is not enough") {
        CHECK_THAT(failure(elsewhere, ca), Catch::Contains("its certificate is not made out to localhost"));
    }
    SECTION("and a receiver without TLS gets nothing") {
        WebhookServer server([](std::size_t) { return Reply{}; });
        const auto webhook =
            world.webhook(url_of(server, "https://localhost"), WebhookWorld::courier("webhook"),
                          crypto::TlsContext::load_client(ca));
        webhook->tell(notice_of("1"));
        (void)failure_of(world);
        CHECK(server.count() == 0);
    }
}

TEST_CASE("a CA file that is none is refused at the start") {
    const Folder folder;
    CHECK_THROWS_WITH(crypto::TlsContext::load_client(folder.path("absent")),
                      Catch::Contains("absent: No such file"));
    CHECK_THROWS_WITH(crypto::TlsContext::load_client(folder.write("empty", "")),
                      Catch::Contains("holds no certificate in PEM"));
}

TEST_CASE("the secret of a webhook is read from a file that nobody else may read") {
    const Folder folder;
    const auto loaded = alarm::load_webhook_secret(folder.write("good", secret + "\n"));
    CHECK(loaded == SecretString(as_octets(secret)));
    CHECK_THROWS_WITH(alarm::load_webhook_secret(folder.path("absent")), Catch::Contains("No such file"));
    CHECK_THROWS_WITH(alarm::load_webhook_secret(folder.write("open", secret, 0640)),
                      Catch::Contains("may be read by group or others: chmod 600 it"));
    CHECK_THROWS_WITH(alarm::load_webhook_secret(folder.write("short", "15 octets, then\n\n")),
                      Catch::Contains("has fewer than 16 octets"));
    CHECK_THROWS_WITH(alarm::load_webhook_secret(folder.write("long", std::string(5'000, 'x'))),
                      Catch::Contains("has more than 4096 octets"));
    CHECK_THROWS_WITH(alarm::load_webhook_secret(folder.path(".")), Catch::Contains("is not a regular file"));
}
