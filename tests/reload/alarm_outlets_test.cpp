// SPDX-License-Identifier: Apache-2.0
// Outlets of alarms that a reload adds, changes and takes out: who has which notice then.
#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "alarm/outlet_world.h"
#include "alarm/webhook_server.h"
#include "app/alarms.h"
#include "crypto/random.h"
#include "store/memory/memory_store.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

struct AlarmsWorld : OutletWorld {
    AlarmsWorld() {
        settings.diameter.identity = "hss.example";
        alarms.emplace(settings, load_webhook(settings), at_hand());
    }
    ~AlarmsWorld() { stop(); }
    Alarms::World at_hand() {
        Alarms::World world{io.get_executor(), store, random, clock, log()};
        return world;
    }
    /// As SIGHUP does it.
    void reload() { alarms->prepare(settings, load_webhook(settings))(); }
    void post_to(const WebhookServer& server, const std::string& secret = "the first secret of many") {
        settings.alarms.webhook.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/hook";
        settings.alarms.webhook.secret_file = folder.write("secret", secret);
    }
    /// Raises one of its own; `name` is found in what an outlet has of it.
    void raise(const std::string& name) {
        alarms->sink().raise(
            {alarm::Id::pair_unauthorised, std::nullopt, std::nullopt, name, "", clock.now()});
    }

    config::Settings settings;
    store::MemoryStore store;
    crypto::SystemRandom random;
    SystemClock clock;
    std::optional<Alarms> alarms;
};

/// A receiver that is there or not; `names` are those of all requests, in their order.
struct Receiver {
    std::atomic<bool> well{true};
    WebhookServer server{[this](std::size_t) {
        Reply reply;
        reply.status = well ? 204 : 503;
        return reply;
    }};
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& request : server.requests())
            all.emplace_back(boost::json::parse(request.body()).at("peer").as_string());
        return all;
    }
};

std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        names.emplace_back(boost::json::parse(line).at("peer").as_string());
    return names;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a file that a reload adds, moves or takes out has what was raised meanwhile, and nothing twice") {
    AlarmsWorld world;
    const auto first = world.folder.path("first.jsonl"), second = world.folder.path("second.jsonl");
    world.raise("before");
    world.settings.alarms.json_lines = first;
    world.reload();
    world.raise("in the first");
    world.reload();  // as it is
    world.raise("in the first again");
    world.settings.alarms.json_lines = second;
    world.reload();
    world.raise("in the second");
    world.settings.alarms.json_lines.clear();
    world.reload();
    world.raise("after");
    wait_until([&] { return names_in(second).size() == 1 && names_in(first).size() == 2; });
    world.stop();
    CHECK(names_in(first) == Names{"in the first", "in the first again"});
    CHECK(names_in(second) == Names{"in the second"});
}

TEST_CASE("a webhook that a reload adds has what is raised from then on, and none once it is taken out") {
    Receiver receiver, other;
    AlarmsWorld world;
    world.raise("before");
    world.post_to(receiver.server);
    world.reload();
    world.raise("one");
    wait_until([&] { return receiver.names().size() == 1; });
    world.post_to(other.server);
    world.reload();
    world.raise("two");
    wait_until([&] { return other.names().size() == 1; });
    world.settings.alarms.webhook = {};
    world.reload();
    world.raise("after");
    std::this_thread::sleep_for(100ms);
    CHECK(receiver.names() == Names{"one"});
    CHECK(other.names() == Names{"two"});
}

TEST_CASE("what waits for a webhook that stays is delivered, signed with the secret of now") {
    Receiver receiver;
    AlarmsWorld world;
    world.post_to(receiver.server);
    world.reload();
    receiver.well = false;
    world.raise("one");
    world.raise("two");
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    const auto tried = receiver.names().size();
    world.post_to(receiver.server, "another secret that came with the reload");
    world.reload();
    receiver.well = true;
    wait_until(
        [&] { return world.times_logged("alarm_outlet_works") == 1 && receiver.names().back() == "two"; });
    auto names = receiver.names();
    names.erase(names.begin(), names.end() - 2);
    CHECK(names == Names{"one", "two"});
    CHECK(receiver.names().size() > tried);
    CHECK(world.times_logged("alarm_outlet_ended") == 0);
    const auto requests = receiver.server.requests();
    const auto of_one = [&](std::size_t at) { return std::string(requests[at]["Idempotency-Key"]); };
    CHECK(of_one(0) == of_one(requests.size() - 2));
    CHECK(requests.front()["BindHSS-Signature"] != requests[requests.size() - 2]["BindHSS-Signature"]);
}

TEST_CASE("a webhook that is taken out is told once more what it still has") {
    Receiver receiver;
    AlarmsWorld world;
    world.post_to(receiver.server);
    world.reload();
    receiver.well = false;
    world.raise("one");
    world.raise("two");
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    world.settings.alarms.webhook = {};

    SECTION("and gets it when it is there again") {
        receiver.well = true;
        world.reload();
        wait_until([&] { return receiver.names().back() == "two"; });
        const auto names = receiver.names();
        CHECK(Names(names.end() - 2, names.end()) == Names{"one", "two"});
        CHECK(world.times_logged("alarm_outlet_ended") == 0);
    }
    SECTION("and what it does not take is given up, which the log tells") {
        world.reload();
        wait_until([&] {
            return world.times_logged(R"("alarm_outlet_ended","outlet":"webhook","dropped":2)") == 1;
        });
        const auto tried = receiver.names().size();
        receiver.well = true;
        world.raise("three");
        std::this_thread::sleep_for(1'500ms);  // longer than the pause before another attempt
        CHECK(receiver.names().size() == tried);
    }
}

TEST_CASE("what is raised while the database is away is in the table of alarms when it is back") {
    AlarmsWorld world;
    world.store.fail_with(fail(Cause::unable_to_comply, "the database cannot be reached"));
    for (const auto* name : {"one", "two", "three"}) world.raise(name);
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    CHECK(world.store.alarms(10).empty());
    world.store.fail_with({});
    wait_until([&] { return world.store.alarms(10).size() == 3; });
    wait_until([&] { return world.times_logged("alarm_outlet_works") == 1; });
    CHECK(world.logged().find("the database cannot be reached") != std::string::npos);
}
