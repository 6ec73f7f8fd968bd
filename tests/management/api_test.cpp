// SPDX-License-Identifier: Apache-2.0
// What the API does with every request, whatever its operation: roles, tags, keys, limits, the queue.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "management/answers.h"
#include "operations_world.h"

namespace bindhss {

using namespace test;

namespace {

const std::string somebody = "/v1/subscribers/001010000000001";

/// A store whose database is away.
class AwayStore final : public store::MemoryStore {
  public:
    std::vector<store::ProfileRow> profiles(const store::Page&) override {
        throw store::Unavailable("the database cannot be reached");
    }
    std::optional<store::ProfileRow> profile(const std::string&) override {
        throw std::runtime_error("something is wrong with the program");
    }
};

/// A store that answers when it is told to.
class SlowStore final : public store::MemoryStore {
  public:
    explicit SlowStore(std::shared_future<void> released) : released_(std::move(released)) {}
    std::vector<store::ProfileRow> profiles(const store::Page& page) override {
        released_.wait();
        return store::MemoryStore::profiles(page);
    }

  private:
    std::shared_future<void> released_;
};

http::Request reading(const std::string& path) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    return request;
}

}  // namespace

TEST_CASE("each role may do its own, and read", "[management][roles]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const auto as = [&](std::initializer_list<Role> roles) {
        world.caller.roles = Roles();
        for (const auto role : roles) world.caller.roles.add(role);
    };
    const std::string kme = R"({"kme": ")" + std::string(some_kme) + "\"}";
    const auto allowed = [&] {
        std::string text;
        if (world.get(somebody).status == 200) text += "read ";
        if (world.ask("PATCH", somebody, R"({"msisdn": "491"})").status == 200) text += "provision ";
        if (world.ask("PUT", "/v1/kmes/35693803564380", kme).status == 200) text += "keys ";
        if (world.ask("GET", "/v1/config").problem() != "role-missing") text += "admin ";
        return text;
    };
    as({});
    CHECK(allowed().empty());
    as({Role::read});
    CHECK(allowed() == "read ");
    as({Role::provision});
    CHECK(allowed() == "read provision ");
    as({Role::keys});
    CHECK(allowed() == "read keys ");
    as({Role::provision, Role::keys});
    CHECK(allowed() == "read provision keys ");
    as({Role::admin});
    CHECK(allowed() == "read provision keys admin ");
    as({Role::read});
    const auto refused = world.ask("DELETE", somebody);
    CHECK(refused.status == 403);
    CHECK(refused.detail() == "This needs the role provision, which somebody@somewhere does not have.");
}

TEST_CASE("an unknown path, method or parameter is an answer that says so", "[management]") {
    OperationsWorld world;
    CHECK(world.get("/v1/nothing").problem() == "not-found");
    const auto answer = world.ask("DELETE", "/v1/profiles");
    CHECK(answer.status == 405);
    CHECK(answer.fields.at("allow") == "GET, HEAD");
    CHECK(world.get("/v1/profiles?limt=5").problem() == "bad-request");
    CHECK(world.get("/v1/profiles?limit=0").problem() == "bad-request");
    CHECK(world.get("/v1/profiles?limit=1001").problem() == "bad-request");
    CHECK(world.get("/v1/profiles?cursor=!").problem() == "bad-request");
    CHECK(world.get("/v1/profiles?dry_run=true").problem() == "bad-request");
    CHECK(world.ask("PATCH", somebody + "?dry_run=yes", "{}").problem() == "bad-request");
    const auto head = world.ask("HEAD", "/v1/profiles");
    CHECK(head.status == 200);
}

TEST_CASE("a change is refused when what it is based on has changed", "[management][etag]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const auto before = world.get(somebody).etag();
    CHECK(world.get(somebody, {{"if-none-match", before}}).status == 304);
    CHECK(world.get(somebody, {{"if-none-match", before}}).body.empty());
    CHECK(world.get(somebody, {{"if-none-match", "\"other\""}}).status == 200);
    const auto change = [&](const std::string& msisdn, http::Fields fields) {
        return world.ask("PATCH", somebody, R"({"msisdn": ")" + msisdn + "\"}", std::move(fields));
    };
    const auto first = change("491", {{"if-match", before}});
    REQUIRE(first.status == 200);
    CHECK(first.etag() == world.get(somebody).etag());
    CHECK(first.etag() != before);
    const auto lost = change("492", {{"if-match", before}});
    CHECK(lost.problem() == "changed-meanwhile");
    CHECK(world.get(somebody).object().at("msisdn") == "491");
    CHECK(change("493", {{"if-match", "\"other\", " + first.etag()}}).status == 200);
    CHECK(change("494", {{"if-match", "*"}}).status == 200);
    CHECK(change("495", {{"if-match", "W/" + world.get(somebody).etag()}}).status == 412);
    CHECK(change("495", {{"if-match", "no tag"}}).problem() == "bad-request");
    CHECK(world.ask("DELETE", somebody, {}, {{"if-match", before}}).status == 412);
    // It must not be there yet.
    const std::string body = std::string(R"({"k": ")") + some_k + R"(", "opc": ")" + some_opc + "\"}";
    CHECK(world.ask("PUT", somebody, body, {{"if-none-match", "*"}}).status == 412);
    CHECK(world.ask("PUT", "/v1/subscribers/001010000000002", body, {{"if-none-match", "*"}}).status == 200);
    // What has no tag is not changed as if it had been looked at.
    CHECK(world.ask("PUT", "/v1/groups/g", "{}", {{"if-match", "*"}}).problem() == "bad-request");
    CHECK(world.get("/v1/groups").items().empty());
}

TEST_CASE("a change with a key happens once", "[management][idempotency]") {
    OperationsWorld world;
    world.subscriber("001010000000001");
    const http::Fields key{{"idempotency-key", "order-1"}};
    const auto ask = [&](const std::string& what) { return world.ask("PATCH", somebody, what, key); };
    const auto first = ask(R"({"msisdn": "491"})");
    REQUIRE(first.status == 200);
    CHECK_FALSE(first.fields.contains("idempotency-replayed"));
    world.good("PATCH", somebody, R"({"msisdn": "555"})");
    const auto again = ask(R"({"msisdn": "491"})");
    CHECK(again.status == 200);
    CHECK(again.fields.at("idempotency-replayed") == "true");
    CHECK(world.get(somebody).object().at("msisdn") == "555");
    const auto other = ask(R"({"msisdn": "492"})");
    CHECK(other.status == 422);
    CHECK(other.problem() == "idempotency-key-reused");
    // Somebody else's key is another one.
    world.caller.name = "another";
    CHECK_FALSE(ask(R"({"msisdn": "492"})").fields.contains("idempotency-replayed"));
    CHECK(world.get(somebody).object().at("msisdn") == "492");
    CHECK(world.ask("PATCH", somebody, "{}", {{"idempotency-key", std::string(129, 'x')}}).problem() ==
          "bad-request");
    CHECK(world.ask("PATCH", somebody, "{}", {{"idempotency-key", "a\x01"}}).problem() == "bad-request");
}

TEST_CASE("what was asked for under a name is audited under it, with who asked", "[management]") {
    OperationsWorld world;
    world.caller.request = "ticket-42";
    const auto answer = world.good("PUT", "/v1/groups/meters", "{}");
    CHECK(answer.fields.at("x-request-id") == "ticket-42");
    const auto audit = world.get("/v1/audit?request=ticket-42").items();
    REQUIRE(audit.size() == 1);
    CHECK(audit[0].as_object().at("who") == "somebody@somewhere");
    CHECK(world.get("/v1/audit?request=other").items().empty());
}

TEST_CASE("a body is as long as its operation takes, told before it is read", "[management]") {
    OperationsWorld world;
    log::Logger log({log::Level::error, log::Format::text, "/dev/null"});
    management::Api api({.workers = 0}, {}, nullptr, log);
    management::Caller caller{"somebody", Roles(Role::provision), "r"};
    http::Request head;
    head.method = "PUT";
    head.path = somebody;
    head.fields = {{"content-length", std::to_string(limits::api_body_octets_max)}};
    CHECK_FALSE(api.refusal_of(head, caller));
    head.fields = {{"content-length", std::to_string(limits::api_body_octets_max + 1)}};
    REQUIRE(api.refusal_of(head, caller));
    CHECK(api.refusal_of(head, caller)->status == 413);
    head.method = "POST";
    head.path = "/v1/changes";
    head.fields = {{"content-length", std::to_string(limits::api_change_octets_max)}};
    CHECK_FALSE(api.refusal_of(head, caller));
    // For whoever may not send it none of it is read.
    caller.roles = Roles(Role::read);
    CHECK(api.refusal_of(head, caller)->status == 403);
    head.path = "/v1/nothing";
    CHECK(api.refusal_of(head, caller)->status == 404);
    CHECK(world.ask("PATCH", somebody, std::string(limits::api_body_octets_max + 1, ' ')).problem() ==
          "too-large");
}

TEST_CASE("without its database the API answers 503, and after a fault 500 that tells nothing",
          "[management]") {
    log::Logger log({log::Level::error, log::Format::text, "/dev/null"});
    management::Api api({.workers = 0}, {}, nullptr, log);
    const auto away = std::make_shared<AwayStore>();
    management::Stores stores{away, away};
    const management::Caller caller{"somebody", Roles(Role::read), ""};
    const auto response = api.serve_here(reading("/v1/profiles"), caller, stores);
    CHECK(response.status == 503);
    CHECK(response.body.find("urn:bindhss:problem:database-away") != std::string::npos);
    CHECK(std::count(response.fields.begin(), response.fields.end(),
                     std::pair<std::string, std::string>("retry-after", "1")) == 1);
    const auto fault = api.serve_here(reading("/v1/profiles/p"), caller, stores);
    CHECK(fault.status == 500);
    CHECK(fault.body.find("wrong with the program") == std::string::npos);
    CHECK(api.serve_here(reading("/v1/peers"), caller, stores).status == 503);  // no daemon
}

TEST_CASE("requests that find the queue full are answered 429, and all others are answered", "[management]") {
    log::Logger log({log::Level::error, log::Format::text, "/dev/null"});
    std::promise<void> release;
    const auto store = std::make_shared<SlowStore>(release.get_future().share());
    boost::asio::io_context io;
    std::map<unsigned, int> statuses;
    {
        management::Api api(
            {.workers = 2},
            [&] {
                return management::Stores{store, store};
            },
            nullptr, log);
        constexpr int asked = static_cast<int>(limits::api_queue_max) + 20;
        for (int i = 0; i < asked; ++i) {
            boost::asio::co_spawn(io, api.serve(reading("/v1/profiles"), {"somebody", Roles(Role::read), ""}),
                                  [&](const std::exception_ptr& failed, http::Response response) {
                                      REQUIRE(!failed);
                                      // All that had no place have been told so before the first is done.
                                      if (++statuses[response.status] == 1 && response.status == 429)
                                          release.set_value();
                                  });
        }
        io.run();
        CHECK(statuses[429] >= 1);
        CHECK(statuses[429] <= 20);
        CHECK(statuses[200] + statuses[429] == asked);
    }
}

TEST_CASE("what needs no database does not wait behind what waits for it", "[management]") {
    log::Logger log({log::Level::error, log::Format::text, "/dev/null"});
    std::promise<void> release;
    const auto store = std::make_shared<SlowStore>(release.get_future().share());
    ToldDaemon daemon;
    boost::asio::io_context io;
    management::Api api(
        {.workers = 2},
        [&] {
            return management::Stores{store, store};
        },
        &daemon, log);
    std::vector<unsigned> done;
    std::once_flag once;
    const auto let_go = [&] { std::call_once(once, [&] { release.set_value(); }); };
    const auto ask = [&](const http::Request& request) {
        boost::asio::co_spawn(io, api.serve(request, {"somebody", Roles(Role::admin), ""}),
                              [&](const std::exception_ptr& failed, const http::Response& response) {
                                  REQUIRE(!failed);
                                  done.push_back(response.status);
                                  // All that is quick is done.
                                  if (done.size() == 4) let_go();
                              });
    };
    for (int i = 0; i < 6; ++i) ask(reading("/v1/profiles"));
    ask(reading("/v1/health"));
    ask(reading("/v1/status"));
    ask(reading("/v1/openapi.json"));
    auto reload = reading("/v1/reload");
    reload.method = "POST";
    ask(reload);
    io.run_for(std::chrono::seconds(60));
    let_go();
    REQUIRE(done.size() >= 4);
    io.run();
    CHECK(done == std::vector<unsigned>(10, 200));
}

TEST_CASE("a name service that takes its time holds up a worker alone, and is asked once", "[management]") {
    log::Logger log({log::Level::error, log::Format::text, "/dev/null"});
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::atomic<int> asked = 0;
    const auto store = std::make_shared<store::MemoryStore>();
    boost::asio::io_context io;
    management::Api api(
        {.workers = 1,
         .user_name =
             [&](::uid_t uid) {
                 ++asked;
                 released.wait();
                 return "user-" + std::to_string(uid);
             }},
        [&] {
            return management::Stores{store, store};
        },
        nullptr, log);
    auto put = reading("/v1/groups/meters");
    put.method = "PUT";
    int stored = 0;
    for (int i = 0; i < 2; ++i) {
        management::Caller caller{"1234@here", Roles(Role::admin), "r"};
        caller.local_user = 1234;
        boost::asio::co_spawn(io, api.serve(put, caller),
                              [&](const std::exception_ptr& failed, const http::Response& response) {
                                  REQUIRE(!failed);
                                  stored += response.status == 200 ? 1 : 0;
                              });
    }
    // The thread of connections comes here although nobody has been named.
    io.poll();
    CHECK(stored == 0);
    release.set_value();
    io.run();
    CHECK(stored == 2);
    CHECK(asked == 1);
    for (const auto& row : store->audit(store::Page(10))) CHECK(row.who.starts_with("user-1234@"));
}

TEST_CASE("a worker opens its stores again after the database was away", "[management]") {
    log::Logger log({log::Level::error, log::Format::text, "/dev/null"});
    std::atomic<int> opened = 0;
    management::Api api(
        {.workers = 1},
        [&]() -> management::Stores {
            if (++opened == 1) throw store::Unavailable("not yet");
            const auto store = std::make_shared<store::MemoryStore>();
            return {store, store};
        },
        nullptr, log);
    const auto status = [&](const std::string& path) {
        boost::asio::io_context io;
        auto future = boost::asio::co_spawn(io, api.serve(reading(path), {"somebody", Roles(Role::read), ""}),
                                            boost::asio::use_future);
        io.run();
        return future.get().status;
    };
    CHECK(status("/v1/profiles") == 503);
    CHECK(status("/v1/profiles") == 200);
    CHECK(status("/v1/profiles") == 200);
    CHECK(opened == 2);
}

}  // namespace bindhss
