// SPDX-License-Identifier: Apache-2.0
// The registry outside, as a server that does what the test says.
#include "alarm/webhook_server.h"
#include "http/http_world.h"
#include "registry/https_key_registry.h"
#include "store/exchange_rules.h"
#include "types/base64.h"
#include "types/time_text.h"

namespace bindhss::test {

namespace {

using Found = Result<std::optional<store::DeviceKey>>;

/// Read by one thread and moved by another.
class SharedClock final : public Clock {
  public:
    [[nodiscard]] WallTime now() const override { return WallTime(std::chrono::milliseconds(now_)); }
    void advance(std::chrono::milliseconds time) { now_ += time.count(); }

  private:
    std::atomic<std::int64_t> now_{1'780'000'000'000};
};

struct RegistryWorld : HttpThreads {
    RegistryWorld() : key(crypto::DevicePrivateKey::generate(crypto::KeyType::x25519).public_key()) {}
    /// The registry asks the server with what the settings say.
    void use(const WebhookServer& server) {
        settings.url =
            alarm::WebAddress::parse("http://127.0.0.1:" + std::to_string(server.port()) + "/keys/");
        asked.emplace(io, settings, time, log);
    }
    Found find(Imei device) { return run(asked->find(device)); }
    [[nodiscard]] std::string body(const std::string& more = "") const {
        return R"({"key":")" + to_base64(key.der()) + "\"" + more + "}";
    }

    const Imei imei = Imei::parse("35824005111111").value();
    const Imei other = Imei::parse("35824005222222").value();
    crypto::DevicePublicKey key;
    SharedClock time;
    registry::HttpsKeyRegistrySettings settings;
    std::optional<registry::HttpsKeyRegistry> asked;
};

bool has_key(const Found& found) {
    return found && *found;
}
bool is_none(const Found& found) {
    return found && !*found;
}
/// There is one, and it must not be used.
bool is_bad(const Found& found, const SharedClock& time) {
    return has_key(found) && !store::is_valid(**found, time.now());
}
bool is_good(const Found& found, const SharedClock& time) {
    return has_key(found) && store::is_valid(**found, time.now());
}

}  // namespace

TEST_CASE("The registry is asked for a device by its IMEI, with our token, and its key is taken",
          "[kme][R20]") {
    RegistryWorld world;
    WebhookServer server([&](std::size_t) { return Reply{200, world.body()}; });
    world.settings.token = SecretString(as_octets("a token of ours"));
    world.use(server);
    const auto found = world.find(world.imei);
    REQUIRE(has_key(found));
    CHECK((*found)->der == world.key.der());
    CHECK((*found)->imei == world.imei);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].target() == "/keys/35824005111111");
    CHECK(requests[0]["authorization"] == "Bearer a token of ours");
}

TEST_CASE("An answer is remembered for its time, a missing key for a shorter one", "[kme][R20]") {
    RegistryWorld world;
    WebhookServer server([&](std::size_t number) {
        return number < 2 ? Reply{200, world.body()} : Reply{404, "{}"};
    });
    world.use(server);
    for (int i = 0; i < 3; ++i) CHECK(has_key(world.find(world.imei)));
    CHECK(server.count() == 1);
    world.time.advance(59'999ms);
    CHECK(has_key(world.find(world.imei)));
    CHECK(server.count() == 1);
    world.time.advance(1ms);
    CHECK(has_key(world.find(world.imei)));
    CHECK(server.count() == 2);
    CHECK(is_none(world.find(world.other)));
    world.time.advance(9'999ms);
    CHECK(is_none(world.find(world.other)));
    CHECK(server.count() == 3);
    world.time.advance(1ms);
    CHECK(is_none(world.find(world.other)));
    CHECK(server.count() == 4);
}

TEST_CASE("Without a cache each look-up is a request, and a full one forgets what nobody asks for",
          "[kme][R20]") {
    RegistryWorld world;
    WebhookServer server([&](std::size_t) { return Reply{200, world.body()}; });
    SECTION("no cache") {
        world.settings.cache_for = 0ms;
        world.use(server);
        for (int i = 0; i < 3; ++i) CHECK(has_key(world.find(world.imei)));
        CHECK(server.count() == 3);
    }
    SECTION("a full one") {
        world.settings.cached_max = 2;
        world.use(server);
        const auto third = Imei::parse("35824005333333").value();
        for (const auto& each : {world.imei, world.other, world.imei, third, world.imei})
            CHECK(has_key(world.find(each)));
        CHECK(server.count() == 3);
        CHECK(has_key(world.find(world.other)));
        CHECK(server.count() == 4);
    }
}

TEST_CASE("A key that is revoked or not valid now is known, and not good", "[kme][R20]") {
    RegistryWorld world;
    std::string answer;
    WebhookServer server([&](std::size_t) { return Reply{200, answer}; });
    SECTION("revoked") {
        answer = world.body(R"(,"revoked":true)");
    }
    SECTION("over") {
        answer = world.body(R"(,"valid_until":"2020-01-01T00:00:00Z")");
    }
    SECTION("not yet") {
        answer = world.body(R"(,"valid_from":"2099-01-01T00:00:00Z")");
    }
    world.use(server);
    CHECK(is_bad(world.find(world.imei), world.time));
}

TEST_CASE("A record that is wrong, or of a weak key, is none", "[kme][R20]") {
    RegistryWorld world;
    std::string answer;
    WebhookServer server([&](std::size_t) { return Reply{200, answer}; });
    SECTION("weak") {
        answer = R"({"key":{"kty":"RSA","e":"AQAB","n":"_____w"}})";
    }
    SECTION("no record") {
        answer = "nothing";
    }
    world.use(server);
    CHECK(is_none(world.find(world.imei)));
}

TEST_CASE("A key that becomes good while it is remembered is found then, and one that ends is not",
          "[kme][R20]") {
    RegistryWorld world;
    const auto soon = time_text(world.time.now() + 5s);
    std::string answer;
    WebhookServer server([&](std::size_t) { return Reply{200, answer}; });
    world.use(server);
    SECTION("begins") {
        answer = world.body(R"(,"valid_from":")" + soon + "\"");
        CHECK(is_bad(world.find(world.imei), world.time));
        world.time.advance(6s);
        CHECK(is_good(world.find(world.imei), world.time));
    }
    SECTION("ends") {
        answer = world.body(R"(,"valid_until":")" + soon + "\"");
        CHECK(is_good(world.find(world.imei), world.time));
        world.time.advance(6s);
        CHECK(is_bad(world.find(world.imei), world.time));
    }
    CHECK(server.count() == 1);
}

TEST_CASE("A registry that fails is unable_to_deliver, told in the log, and asked again", "[kme][R20]") {
    RegistryWorld world;
    Reply reply;
    SECTION("an error") {
        reply.status = 500;
    }
    SECTION("a redirection") {
        reply.status = 302;
    }
    SECTION("silence") {
        reply.hang = true;
    }
    SECTION("something else") {
        reply.raw = "SSH-2.0\r\n";
    }
    SECTION("too much") {
        reply.raw = "HTTP/1.1 200 OK\r\n\r\n" + std::string(20'000, ' ');
    }
    WebhookServer server([&](std::size_t number) { return number == 0 ? reply : Reply{200, world.body()}; });
    world.settings.timeout = 300ms;
    world.use(server);
    const auto found = world.find(world.imei);
    REQUIRE(found.has_error());
    CHECK(found.error().cause == Cause::unable_to_deliver);
    CHECK(world.logged().find("key_registry_failed") != std::string::npos);
    world.settings.timeout = 10s;
    world.use(server);
    CHECK(has_key(world.find(world.imei)));
}

TEST_CASE("Look-ups of one device at the same time are one request; of others, so many and no more",
          "[kme][R20]") {
    RegistryWorld world;
    std::atomic<bool> open = false;
    WebhookServer server([&](std::size_t) {
        (void)eventually([&] { return open.load(); });
        return Reply{200, world.body()};
    });
    world.settings.timeout = 30s;
    world.settings.lookups_max = 1;
    world.settings.waiting_max = 2;
    world.use(server);
    // The first one asks, two wait for it, and there is no room for the rest.
    constexpr int all = 10;
    std::atomic<int> refused = 0;
    std::atomic<int> good = 0;
    for (int i = 0; i < all; ++i) {
        boost::asio::co_spawn(
            world.io, world.asked->find(world.imei),
            [&](const std::exception_ptr&, const Found& found) { ++(found ? good : refused); });
    }
    REQUIRE(eventually([&] { return refused == all - 3 && server.count() == 1; }));
    CHECK(world.find(world.other).error().cause == Cause::unable_to_deliver);
    open = true;
    CHECK(eventually([&] { return good == 3; }));
    CHECK(server.count() == 1);
}

TEST_CASE("With https the registry's certificate has to be its own", "[kme][R20]") {
    RegistryWorld world;
    Authority authority;
    const auto issued = authority.issue_for("localhost");
    boost::asio::ssl::context tls(boost::asio::ssl::context::tls_server);
    tls.use_certificate_chain(boost::asio::buffer(issued.certificate));
    tls.use_private_key(boost::asio::buffer(issued.key), boost::asio::ssl::context::pem);
    WebhookServer server([&](std::size_t) { return Reply{200, world.body()}; }, &tls);
    world.settings.timeout = 10s;
    const auto ask_as = [&](const std::string& host, const std::string& ca) {
        world.settings.url =
            alarm::WebAddress::parse("https://" + host + ":" + std::to_string(server.port()) + "/keys");
        world.settings.tls = crypto::TlsContext::load_client(world.folder.write("ca.pem", ca));
        world.asked.emplace(world.io, world.settings, world.time, world.log);
        return has_key(world.find(world.imei));
    };
    CHECK(ask_as("localhost", authority.pem()));
    CHECK_FALSE(ask_as("127.0.0.1", authority.pem()));
    CHECK_FALSE(ask_as("localhost", Authority("another CA").pem()));
    CHECK(server.count() == 1);
}

}  // namespace bindhss::test
