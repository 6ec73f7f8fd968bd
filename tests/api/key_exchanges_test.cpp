// SPDX-License-Identifier: Apache-2.0
// The provisioning of keys by HTTPS, from the request to the store in memory.
#include "api/key_exchanges.h"

#include <sstream>

#include "crypto/hash.h"
#include "key_world.h"
#include "s6a/certificates.h"
#include "types/base64.h"
#include "types/json_object.h"
#include "types/time_text.h"

namespace bindhss::test {

namespace {

struct ApiWorld : KeyWorld {
    explicit ApiWorld(api::KeyExchangeSettings api_settings = {})
        : log({log::Level::debug, log::Format::text, folder.path("log")}),
          served(live, std::move(api_settings), log) {}

    void use(store::Exchanges& other) {
        key_ports.exchanges = &other;
        live.replace(key_ports);
    }

    http::Response send(http::Request request) {
        if (request.peer.is_unspecified()) request.peer = boost::asio::ip::make_address("192.0.2.7");
        return run(served.serve(std::move(request)));
    }
    http::Response post(const std::string& path, const std::string& body) {
        http::Request request;
        request.method = "POST";
        request.path = path;
        request.fields = {{"content-type", "application/json"}};
        request.body = body;
        return send(std::move(request));
    }
    http::Response ask(const Imsi& of, Imei in) {
        return post("/kme/v1/exchanges", R"({"imsi":")" + of.str() + R"(","imei":")" + in.str() + "\"}");
    }
    http::Response ask() { return ask(imsi, own); }
    http::Response answer(const std::string& transaction, const OctetString& container) {
        return post("/kme/v1/exchanges/" + transaction, R"({"container":")" + to_base64(container) + R"("})");
    }
    OctetString device_answers(const http::Response& offer) {
        const auto container = from_base64(text_of(offer, "container")).value();
        return element.answer(container, imsi, std::nullopt, device).value();
    }
    static boost::json::object object_of(const http::Response& response) {
        const auto parsed = parse_json_object(response.body);
        INFO(response.body);
        REQUIRE(std::holds_alternative<boost::json::object>(parsed));
        return std::get<boost::json::object>(parsed);
    }
    static std::string text_of(const http::Response& response, const char* member) {
        return std::string(object_of(response).at(member).as_string());
    }
    std::string logged() {
        log.flush();
        std::ostringstream text;
        text << std::ifstream(folder.path("log")).rdbuf();
        return text.str();
    }

    Folder folder;
    log::Logger log;
    procedure::LivePorts live{key_ports};
    api::KeyExchanges served;
};

/// A database that is away.
class NoDatabase final : public store::Exchanges {
  public:
    store::Awaitable<std::variant<store::Begun, store::NotBegun>> begin_exchange(
        store::BeginExchange /*exchange*/) override {
        co_return away();
    }
    store::Awaitable<std::optional<store::PendingExchange>> load_exchange(
        binding::TransactionId /*transaction*/, WallTime /*now*/) override {
        co_return away();
    }
    store::Awaitable<store::Finished> finish_exchange(store::FinishExchange /*finish*/) override {
        co_return away();
    }
    store::Awaitable<store::Done> abort_exchange(Imsi /*imsi*/, std::string /*host*/) override {
        co_return away();
    }
    store::Awaitable<bool> exchange_pending(Imsi /*imsi*/, WallTime /*now*/) override { co_return away(); }
    store::Awaitable<bool> has_come_again(Imsi /*imsi*/, ServingNode /*node*/, WallTime /*since*/) override {
        co_return away();
    }
    store::Awaitable<store::Done> keep_session(Imsi /*imsi*/, binding::AkaSession /*session*/,
                                               WallTime /*until*/) override {
        co_return away();
    }
    store::Awaitable<std::optional<store::RestrictedProfile>> load_restricted(
        Imsi /*imsi*/, std::string /*profile*/) override {
        co_return away();
    }

    Cause cause = Cause::unable_to_comply;

  private:
    [[nodiscard]] Failure away() const { return fail(cause, "the database at 10.0.0.9 cannot be reached"); }
};

std::string field(const http::Response& response, const std::string& name) {
    for (const auto& [each, value] : response.fields)
        if (each == name) return value;
    return "";
}

}  // namespace

TEST_CASE("A device fetches its container by HTTPS, answers it, and attaches on its key",
          "[kme][https][R19][R24][R29][I4]") {
    ApiWorld world;
    const auto offer = world.ask();
    REQUIRE(offer.status == 201);
    const auto object = ApiWorld::object_of(offer);
    CHECK(object.size() == 4);
    CHECK(object.at("generation").as_int64() == 1);
    const auto transaction = ApiWorld::text_of(offer, "transaction");
    CHECK(transaction.size() == 16);
    CHECK(field(offer, "location") == "/kme/v1/exchanges/" + transaction);
    const auto deadline = world.clock.now() + world.settings.provisioning.https_deadline;
    CHECK(ApiWorld::text_of(offer, "expires") == time_text(deadline));

    const auto done = world.answer(transaction, world.device_answers(offer));
    CHECK(done.status == 200);
    CHECK(done.body == R"({"outcome":"established"})");
    CHECK(world.alarms.count(alarm::Id::kme_established) == 1);
    const auto ula = world.attach_in(world.device, world.mme2, 0);
    REQUIRE(ula);
    CHECK(*ula);
}

TEST_CASE("An answer counts once and in time; whatever is over is not found", "[kme][https][R29][I4]") {
    ApiWorld world;
    const auto offer = world.ask();
    const auto transaction = ApiWorld::text_of(offer, "transaction");
    const auto answer = world.device_answers(offer);
    SECTION("a second time") {
        REQUIRE(world.answer(transaction, answer).status == 200);
    }
    SECTION("after the deadline") {
        world.later(std::chrono::seconds(301));
    }
    SECTION("after another one began") {
        REQUIRE(world.ask().status == 201);
    }
    CHECK(world.answer(transaction, answer).status == 404);
    CHECK(world.answer("0000000000000000", answer).status == 404);
    CHECK(world.answer("nothing", answer).status == 404);
}

TEST_CASE("What is no answer is told without costing the exchange; a wrong proof ends it",
          "[kme][https][R29]") {
    ApiWorld world;
    const auto offer = world.ask();
    const auto transaction = ApiWorld::text_of(offer, "transaction");
    CHECK(world.post("/kme/v1/exchanges/" + transaction, "{}").status == 400);
    CHECK(world.answer(transaction, OctetString{1, 2, 3}).status == 400);
    const auto right = world.device_answers(offer);
    auto parsed = binding::parse_container(right);
    auto response = std::get<binding::KmeResponse>(std::get<binding::Container>(parsed));
    SECTION("after those the right answer counts") {
        CHECK(world.answer(transaction, right).status == 200);
    }
    SECTION("a wrong Rsp") {
        response.rsp->at(0) ^= 1;
        const auto refused = world.answer(transaction, binding::encode(response));
        CHECK(refused.status == 409);
        CHECK(refused.media_type == "application/problem+json");
        CHECK(world.answer(transaction, right).status == 404);
        CHECK(world.alarms.count(alarm::Id::kme_rsp_invalid) == 1);
        const auto again = world.ask();
        CHECK(again.status == 429);
        CHECK(field(again, "retry-after") == "60");
    }
    SECTION("an answer to another transaction") {
        response.transaction[0] ^= 1;
        CHECK(world.answer(transaction, binding::encode(response)).status == 409);
    }
    SECTION("a device that refuses") {
        response.status = binding::DeviceStatus::storage;
        response.rsp.reset();
        const auto refused = world.answer(transaction, binding::encode(response));
        CHECK(refused.status == 422);
        CHECK(refused.body.find("cannot be stored") != std::string::npos);
    }
}

TEST_CASE("Whoever asks does not learn whom the HSS knows", "[kme][https][R14][I5]") {
    ApiWorld world;
    const auto nobody = world.ask(Imsi::parse("001019999999999").value(), world.own);
    CHECK(nobody.status == 403);
    CHECK(world.ask(world.imsi, world.stranger).body == nobody.body);
    world.put(store::SetLock{world.imsi, true});
    const auto locked = world.ask();
    CHECK(locked.status == 403);
    CHECK(locked.body == nobody.body);
    CHECK(locked.fields == nobody.fields);
    // Whoever runs the HSS does.
    CHECK(world.logged().find("the binding does not admit this device") != std::string::npos);
}

TEST_CASE("A device whose key is good is not given another one", "[kme][https]") {
    ApiWorld world;
    const auto offer = world.ask();
    REQUIRE(world.answer(ApiWorld::text_of(offer, "transaction"), world.device_answers(offer)).status == 200);
    CHECK(world.ask().status == 403);
    world.store.renew_kmes(world.own);
    const auto renewed = world.ask();
    REQUIRE(renewed.status == 201);
    CHECK(ApiWorld::object_of(renewed).at("generation").as_int64() == 2);
}

TEST_CASE("Paths, methods and bodies that are not those of the API are refused by their kind",
          "[kme][https]") {
    ApiWorld world;
    for (const auto* path : {"/", "/kme/v1/exchange", "/kme/v1/exchangesX", "/kme/v2/exchanges", "/kme"}) {
        CAPTURE(path);
        CHECK(world.post(path, "{}").status == 404);
    }
    http::Request request;
    request.path = "/kme/v1/exchanges";
    for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
        request.method = method;
        const auto refused = world.send(request);
        CHECK(refused.status == 405);
        CHECK(field(refused, "allow") == "POST");
    }
    request.method = "POST";
    CHECK(world.send(request).status == 415);
    request.fields = {{"content-type", "text/plain"}};
    CHECK(world.send(request).status == 415);
    request.fields = {{"content-type", "Application/JSON ; charset=utf-8"}};
    CHECK(world.send(request).status == 400);
}

TEST_CASE("So many containers for one card, for one device and by one client", "[kme][https][R43]") {
    ApiWorld world;
    SECTION("a card") {
        for (int i = 0; i < 6; ++i) CHECK(world.ask().status == 201);
        const auto refused = world.ask();
        CHECK(refused.status == 429);
        CHECK(field(refused, "retry-after") == "10");
        for (int i = 0; i < 10; ++i) CHECK(world.ask().status == 429);
        CHECK(world.alarms.count(alarm::Id::rate_limited) == 1);
        CHECK(world.alarms.raised.back().peer == "192.0.2.7");
        world.later(std::chrono::seconds(10));
        CHECK(world.ask().status == 201);
    }
    SECTION("a card that nobody knows, the same") {
        const auto nobody = Imsi::parse("001019999999999").value();
        for (int i = 0; i < 6; ++i) CHECK(world.ask(nobody, world.own).status == 403);
        CHECK(world.ask(nobody, world.own).status == 429);
    }
    SECTION("a client, whatever it asks; its neighbours in IPv6 are the same one") {
        http::Request request;
        request.path = "/";
        int refused = 0;
        for (int i = 0; i < 100; ++i) {
            request.peer = boost::asio::ip::make_address("2001:db8::" + std::to_string(i + 1));
            refused += world.send(request).status == 429 ? 1 : 0;
        }
        CHECK(refused == 40);
        request.peer = boost::asio::ip::make_address("2001:db8:0:1::1");
        CHECK(world.send(request).status == 404);
    }
}

TEST_CASE("Where tokens are asked for, nobody without one comes any further", "[kme][https][R43]") {
    const std::string secret = "correct-horse-battery";
    api::KeyExchangeSettings settings;
    settings.tokens = http::BearerTokens::parse(
        "lwm2m-server " + to_hex(crypto::sha256(as_octets(secret))) + "\n", "tokens");
    ApiWorld world(settings);
    const auto refused = world.ask();
    CHECK(refused.status == 401);
    CHECK(field(refused, "www-authenticate") == "Bearer");
    http::Request request;
    request.method = "POST";
    request.path = "/kme/v1/exchanges";
    request.body = R"({"imsi":")" + world.imsi.str() + R"(","imei":")" + world.own.str() + "\"}";
    request.fields = {{"content-type", "application/json"}, {"authorization", "Bearer wrong"}};
    CHECK(world.send(request).status == 401);
    request.fields.back().second = "Bearer " + secret;
    CHECK(world.send(request).status == 201);
    const auto log = world.logged();
    CHECK(log.find("lwm2m-server") != std::string::npos);
    CHECK(log.find(secret) == std::string::npos);
    CHECK(log.find("wrong") == std::string::npos);
}

TEST_CASE("While the database is away it is said when to try again, and no more", "[kme][https]") {
    ApiWorld world;
    const auto offer = world.ask();
    const auto transaction = ApiWorld::text_of(offer, "transaction");
    const auto answer = world.device_answers(offer);
    NoDatabase away;
    world.use(away);
    for (const auto cause : {Cause::unable_to_comply, Cause::too_busy}) {
        away.cause = cause;
        for (const auto& refused : {world.ask(), world.answer(transaction, answer)}) {
            CHECK(refused.status == 503);
            CHECK(field(refused, "retry-after") == "5");
            CHECK(refused.body.find("10.0.0.9") == std::string::npos);
        }
    }
    world.use(world.store);
    CHECK(world.answer(transaction, answer).status == 200);
}

TEST_CASE("Neither key nor container nor Rsp is in the log", "[kme][https]") {
    ApiWorld world;
    const auto offer = world.ask();
    const auto answer = world.device_answers(offer);
    REQUIRE(world.answer(ApiWorld::text_of(offer, "transaction"), answer).status == 200);
    const auto log = world.logged();
    CHECK(log.find("key_offered") != std::string::npos);
    CHECK(log.find("key_answered") != std::string::npos);
    CHECK(log.find(ApiWorld::text_of(offer, "container").substr(0, 16)) == std::string::npos);
    CHECK(log.find(to_base64(answer).substr(8, 16)) == std::string::npos);
    CHECK(log.find(to_hex(world.device.kme(1).view())) == std::string::npos);
}

}  // namespace bindhss::test
