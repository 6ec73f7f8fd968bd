// SPDX-License-Identifier: Apache-2.0
// Our own requests when the first way fails: another one, once each, as a retransmission (RFC 6733 5.5.4).
#include <future>

#include "diameter/route.h"
#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// hss.example with two relays of its realm and one of another.
NodeSettings three_relays() {
    auto settings = server_settings();
    settings.request_timeout = 1s;
    for (const auto& [identity, realm] :
         {std::pair("dra1.example", "example"), std::pair("dra2.example", "example"),
          std::pair("dra.elsewhere", "elsewhere")}) {
        settings.peers.push_back(peer(identity, realm));
        settings.peers.back().relay = true;
    }
    return settings;
}

struct Relay : RawPeer {
    Relay(std::uint16_t port, const std::string& identity, const std::string& realm = "example")
        : RawPeer(port), identity_(identity), realm_(realm) {
        REQUIRE(result_of(open({identity, realm, application_relay})) == diameter_success);
    }
    /// The next request that is not of the base protocol.
    std::optional<Message> request(std::chrono::milliseconds limit = 3s) {
        while (auto message = read(limit)) {
            if (message->header().application_id != 0) return message;
        }
        return std::nullopt;
    }
    void answer(const Header& request, std::uint32_t result, std::string_view origin = "mme9.example") {
        const bool error = result / 1000 == 3;
        auto octets = frame(
            error ? 0x60 : 0x40, request.command_code, request.application_id,
            concat({make_avp(avp_id::session_id, "x"), make_avp(avp_id::auth_session_state, 1U),
                    make_avp(avp_id::result_code, result),
                    make_avp(avp_id::origin_host, error && origin.empty() ? identity_ : std::string(origin)),
                    make_avp(avp_id::origin_realm, realm_)}));
        set_hop_by_hop(octets, request.hop_by_hop);
        send(octets);
    }

  private:
    std::string identity_;
    std::string realm_;
};

Message cancel_location(Node& node, std::string_view host, std::string_view realm = "example") {
    auto clr = Message::request(loaded_dictionary(), command_cancel_location, application_s6a);
    clr.add(avp_id::session_id, node.new_session_id());
    clr.add(avp_id::auth_session_state, 1U);
    clr.add(avp_id::origin_host, "hss.example");
    clr.add(avp_id::origin_realm, "example");
    clr.add(avp_id::destination_host, host);
    clr.add(avp_id::destination_realm, realm);
    encode(s6a::CancelLocationRequest{*Imsi::parse("001010000000007"), {}}, clr);
    return clr;
}

/// The Result-Code that comes back, or 0 when the request failed.
std::future<std::uint32_t> sending(Threads& threads, Node& node, std::string host = "mme9.example",
                                   std::string realm = "example",
                                   std::optional<std::chrono::milliseconds> patience = {}) {
    return asio::co_spawn(
        threads.io,
        [](Node& sender, std::string to, std::string its_realm,
           std::optional<std::chrono::milliseconds> its_patience) -> asio::awaitable<std::uint32_t> {
            auto message = cancel_location(sender, to, its_realm);
            const auto answer = co_await sender.send(std::move(message), its_patience);
            if (!answer) co_return 0;
            co_return answer->find(avp_id::result_code)->u32();
        }(node, std::move(host), std::move(realm), patience),
        asio::use_future);
}

bool is_retransmitted(const Message& message) {
    return (message.header().flags & Header::flag_retransmitted) != 0;
}

/// The relay that gets the request first, and the other one.
struct Turns {
    Relay* first;
    Relay* second;
    Header header;
};

Turns begin(Relay& one, Relay& two) {
    if (const auto request = one.request(200ms)) {
        CHECK_FALSE(is_retransmitted(*request));
        return {&one, &two, request->header()};
    }
    const auto request = two.request();
    REQUIRE(request);
    CHECK_FALSE(is_retransmitted(*request));
    return {&two, &one, request->header()};
}

void expect_retransmission(const std::optional<Message>& request, const Header& first) {
    REQUIRE(request);
    CHECK(is_retransmitted(*request));
    CHECK(request->header().end_to_end == first.end_to_end);
    CHECK(request->find(avp_id::user_name)->text() == "001010000000007");
}

}  // namespace

TEST_CASE("A request whose connection is lost goes another way, with the T flag and its End-to-End id") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    auto pending = sending(threads, server.node);
    const auto turns = begin(one, two);
    turns.first->close();
    const auto again = turns.second->request();
    expect_retransmission(again, turns.header);
    turns.second->answer(again->header(), diameter_success);
    CHECK(pending.get() == diameter_success);
}

TEST_CASE("What cannot be delivered on one way, or is too busy there, is tried on the next") {
    for (const auto result : {3002U, 3004U}) {
        CAPTURE(result);
        Threads threads;
        Server server(threads, answer_success, three_relays());
        Relay one(server.port(), "dra1.example");
        Relay two(server.port(), "dra2.example");
        auto pending = sending(threads, server.node);
        const auto turns = begin(one, two);
        turns.first->answer(turns.header, result, "");
        const auto again = turns.second->request();
        expect_retransmission(again, turns.header);
        turns.second->answer(again->header(), diameter_success);
        CHECK(pending.get() == diameter_success);
    }
}

TEST_CASE("A silent way leaves time for the next, and its late answer is dropped") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    const auto began = std::chrono::steady_clock::now();
    auto pending = sending(threads, server.node);
    const auto turns = begin(one, two);
    const auto again = turns.second->request();
    expect_retransmission(again, turns.header);
    turns.first->answer(turns.header, 5012U);
    turns.second->answer(again->header(), diameter_success);
    CHECK(pending.get() == diameter_success);
    CHECK(std::chrono::steady_clock::now() - began < 950ms);
    CHECK(eventually([&] {
        return std::ranges::any_of(server.node.peers(), [](const auto& p) { return p.answers_dropped == 1; });
    }));
}

TEST_CASE("Each way is tried once; when all are silent the request fails in its time") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    const auto began = std::chrono::steady_clock::now();
    auto pending = sending(threads, server.node);
    const auto turns = begin(one, two);
    CHECK(turns.second->request());
    CHECK(pending.get() == 0);
    CHECK(std::chrono::steady_clock::now() - began >= 950ms);
    CHECK_FALSE(one.request(300ms));
    CHECK_FALSE(two.request(300ms));
}

TEST_CASE(
    "Whoever has patience gets an answer that comes after the usual time, from the way that was asked") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    auto pending = sending(threads, server.node, "mme9.example", "example", 4s);
    const auto turns = begin(one, two);
    // Longer than request_timeout; and no other way is tried meanwhile, for a device is asked but once.
    CHECK_FALSE(turns.second->request(1300ms));
    turns.first->answer(turns.header, diameter_success);
    CHECK(pending.get() == diameter_success);
}

TEST_CASE("Patience may be shorter than the usual time, and is over when it is over") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    const auto began = std::chrono::steady_clock::now();
    auto pending = sending(threads, server.node, "mme9.example", "example", 200ms);
    CHECK(one.request());
    CHECK(pending.get() == 0);
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(took >= 190ms);
    CHECK(took < 900ms);
}

TEST_CASE("Patience is no reason to wait for a way that is lost") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    auto pending = sending(threads, server.node, "mme9.example", "example", 10s);
    const auto turns = begin(one, two);
    turns.first->close();
    const auto again = turns.second->request();
    expect_retransmission(again, turns.header);
    turns.second->answer(again->header(), diameter_success);
    CHECK(pending.get() == diameter_success);
}

TEST_CASE("The last answer is what the sender gets when no way is left") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    auto pending = sending(threads, server.node);
    const auto turns = begin(one, two);
    turns.first->answer(turns.header, 3004U, "");
    const auto again = turns.second->request();
    REQUIRE(again);
    turns.second->answer(again->header(), 3002U, "");
    CHECK(pending.get() == 3002);
}

TEST_CASE("What its destination itself answers is final, however busy it is") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay one(server.port(), "dra1.example");
    Relay two(server.port(), "dra2.example");
    for (const auto result : {3004U, 5012U}) {
        auto pending = sending(threads, server.node);
        const auto turns = begin(one, two);
        turns.first->answer(turns.header, result, "mme9.example");
        CHECK(pending.get() == result);
        CHECK_FALSE(turns.second->request(100ms));
    }
}

TEST_CASE("A host that is connected is asked first, then relays of its realm, then others") {
    Threads threads;
    Server server(threads, answer_success, three_relays());
    Relay far(server.port(), "dra.elsewhere", "elsewhere");
    Relay near(server.port(), "dra1.example");
    RawPeer mme(server.port());
    REQUIRE(result_of(mme.open()) == diameter_success);
    auto pending = sending(threads, server.node, "mme.example");
    const auto direct = mme.read();
    REQUIRE(direct);
    mme.close();
    const auto second = near.request();
    expect_retransmission(second, direct->header());
    near.answer(second->header(), 3002U, "");
    const auto third = far.request();
    expect_retransmission(third, direct->header());
    far.answer(third->header(), diameter_success, "mme.example");
    CHECK(pending.get() == diameter_success);

    auto foreign = sending(threads, server.node, "mme.elsewhere", "elsewhere");
    const auto asked = far.request();
    REQUIRE(asked);
    far.answer(asked->header(), diameter_success, "mme.elsewhere");
    CHECK(foreign.get() == diameter_success);
    CHECK_FALSE(near.request(50ms));
}

TEST_CASE("An answer of another host than the one asked is told from a relay's protocol error") {
    auto request = Message::request(loaded_dictionary(), command_cancel_location, application_s6a);
    request.add(avp_id::destination_host, std::string_view("mme.example"));
    const auto answer_of = [&request](std::string_view origin, bool error) {
        auto answer = Message::answer(loaded_dictionary(), request.header());
        answer.add(avp_id::origin_host, origin);
        answer.set_flag(Header::flag_error, error);
        return answered_by_another(request, answer);
    };
    CHECK_FALSE(answer_of("MME.example", false));
    CHECK_FALSE(answer_of("dra.example", true));
    CHECK(answer_of("mme2.example", false) == "mme2.example");
}
