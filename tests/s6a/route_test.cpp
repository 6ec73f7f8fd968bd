// SPDX-License-Identifier: Apache-2.0
// Whom a request may come from, directly and through relays (RFC 6733 6.1.3, 6.1.9, 6.7.1), and quirks of
// nodes.
#include <mutex>

#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

OctetString hop(std::string_view host) {
    return make_avp(avp_id::route_record, host);
}

/// hss.example behind the relay dra.example.
NodeSettings behind_a_relay() {
    auto settings = server_settings();
    settings.peers.push_back(peer("dra.example"));
    settings.peers.back().relay = true;
    return settings;
}

/// The AVP that an answer says is at fault.
std::string fault_of(const std::optional<Message>& answer) {
    const auto failed = answer->encoded(avp_id::failed_avp);
    return failed.empty() ? "" : to_hex(failed.front().subspan(8));
}

struct Relayed {
    explicit Relayed(NodeSettings settings = behind_a_relay())
        : server(threads, answer_success, std::move(settings)), relay(server.port()) {
        REQUIRE(result_of(relay.open({"dra.example", "example", application_relay})) == diameter_success);
    }
    std::optional<Message> ask(std::string_view origin, std::initializer_list<OctetString> hops) {
        relay.send(air(7, origin, hops));
        return relay.read();
    }

    Threads threads;
    Server server;
    RawPeer relay;
};

}  // namespace

TEST_CASE("Through a relay a request of anybody comes whose Route-Records begin with it") {
    Relayed world;
    CHECK(result_of(world.ask("mme9.example", {hop("mme9.example")})) == diameter_success);
    CHECK(result_of(world.ask("MME9.example", {hop("mme9.EXAMPLE")})) == diameter_success);
    CHECK(result_of(world.ask("mme9.example", {hop("mme9.example"), hop("dra1.example")})) ==
          diameter_success);
}

TEST_CASE("A relay may speak for itself, without Route-Record") {
    Relayed world;
    CHECK(result_of(world.ask("dra.example", {})) == diameter_success);
}

TEST_CASE("A request that a relay passes on without Route-Record, or with another way, is refused") {
    Relayed world;
    const auto none = world.ask("mme9.example", {});
    REQUIRE(result_of(none) == 5005);
    CHECK(fault_of(none) == to_hex(hop("")));
    const std::vector<OctetString> ways{hop("mme8.example"),
                                        concat({hop("dra1.example"), hop("mme9.example")}),
                                        concat({hop("mme9.example"), hop("dra.example")}), hop("")};
    for (const auto& way : ways) {
        const auto request = air(7, "mme9.example", {way});
        world.relay.send(request);
        const auto answer = world.relay.read();
        REQUIRE(result_of(answer) == 5004);
        CHECK(fault_of(answer).starts_with("0000011a"));
    }
}

TEST_CASE("A request that has passed us, or that is said to be ours, is a loop") {
    Relayed world;
    const auto looped = world.ask("mme9.example", {hop("mme9.example"), hop("hss.example")});
    REQUIRE(result_of(looped) == 3005);
    CHECK(looped->header().is_error());
    CHECK(result_of(world.ask("HSS.example", {hop("hss.example")})) == 3005);
    CHECK(result_of(world.ask("hss.example", {})) == 3005);
}

TEST_CASE("A relay that hides the hops behind it has to be named as such") {
    auto settings = behind_a_relay();
    Quirks quirks;
    quirks.no_route_record = true;
    settings.quirks.push_back({"dra.example", quirks});
    Relayed world(settings);
    CHECK(result_of(world.ask("mme9.example", {})) == diameter_success);
    CHECK(result_of(world.ask("mme9.example", {hop("hidden.example")})) == diameter_success);
    CHECK(result_of(world.ask("mme9.example", {hop("hss.example")})) == 3005);
}

TEST_CASE("Who is no relay speaks for itself alone") {
    Threads threads;
    Server server(threads);
    RawPeer raw(server.port());
    REQUIRE(result_of(raw.open()) == diameter_success);
    raw.send(air(1, "mme9.example", {hop("mme9.example")}));
    const auto answer = raw.read();
    REQUIRE(result_of(answer) == 5004);
    CHECK(fault_of(answer).starts_with(to_hex(make_avp(avp_id::origin_host, "mme9.example"))));
}

TEST_CASE("Quirks are those of the closest entry, of the node that sent the request") {
    Quirks stub;
    stub.ula_error_stub = true;
    Quirks both = stub;
    both.no_route_record = true;
    const std::vector<NodeQuirks> entries{
        {"*.lab.example", stub}, {"*", {}}, {"*.example", both}, {"mme1.lab.example", {}}};
    CHECK(quirks_of(entries, "mme2.LAB.example") == stub);
    CHECK(quirks_of(entries, "a.b.lab.example") == stub);
    CHECK(quirks_of(entries, "MME1.lab.example") == Quirks{});
    CHECK(quirks_of(entries, "lab.example") == both);
    CHECK(quirks_of(entries, "example") == Quirks{});
    CHECK(quirks_of(entries, "mme.other") == Quirks{});
    CHECK(quirks_of({}, "mme.other") == Quirks{});

    auto settings = behind_a_relay();
    settings.quirks.push_back({"mme9.example", stub});
    std::mutex mutex;
    std::vector<Quirks> seen;
    Threads threads;
    Server server(
        threads,
        [&](std::unique_ptr<IncomingRequest> request) {
            {
                const std::lock_guard lock(mutex);
                seen.push_back(request->quirks());
            }
            answer_success(std::move(request));
        },
        settings);
    RawPeer relay(server.port());
    REQUIRE(result_of(relay.open({"dra.example", "example", application_relay})) == diameter_success);
    for (const auto* host : {"mme9.example", "mme8.example"}) {
        relay.send(air(1, host, {hop(host)}));
        CHECK(result_of(relay.read()) == diameter_success);
    }
    const std::lock_guard lock(mutex);
    CHECK(seen == std::vector<Quirks>{stub, Quirks{}});
}
