// SPDX-License-Identifier: Apache-2.0
// What an open connection does with what comes in, and how it ends.
#include <mutex>

#include "s6a/node_world.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// Keeps requests until the test answers them.
class Shelf {
  public:
    RequestHandler handler() {
        return [this](std::unique_ptr<IncomingRequest> request) {
            const std::lock_guard lock(mutex_);
            requests_.push_back(std::move(request));
        };
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return requests_.size();
    }
    std::vector<std::unique_ptr<IncomingRequest>> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(requests_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<IncomingRequest>> requests_;
};

std::optional<Message> ask(RawPeer& raw, const OctetString& request) {
    raw.send(request);
    return raw.read();
}

OctetString with_flags(OctetString octets, std::uint8_t flags) {
    octets[4] = flags;
    return octets;
}

/// An AIR whose Origin-Realm is another one of the same length.
OctetString from_realm(std::string_view realm) {
    auto octets = air();
    const auto ours = make_avp(avp_id::origin_realm, "example");
    const auto place = std::search(octets.begin(), octets.end(), ours.begin(), ours.end());
    const auto other = make_avp(avp_id::origin_realm, realm);
    std::copy(other.begin(), other.end(), place);
    return octets;
}

}  // namespace

TEST_CASE("An answer has the ids, Session-Id first and the common AVPs, also when it is an error") {
    Threads threads;
    Server server(threads);
    RawPeer raw(server.port());
    raw.open();
    for (const auto& request : {air(77), air(77, "other.example")}) {
        const auto answer = ask(raw, request);
        REQUIRE(answer.has_value());
        CHECK(answer->header().hop_by_hop == 77);
        CHECK(answer->header().end_to_end == 0x0a0b0c0d);
        CHECK(answer->header().flags == Header::flag_proxiable);
        std::optional<AvpId> first;
        answer->each([&first](const AvpView& avp) {
            if (!first) first = avp.id();
        });
        CHECK(first == avp_id::session_id);
        CHECK(answer->find(avp_id::session_id)->text() == "mme.example;1;77");
        CHECK(answer->find(avp_id::auth_session_state)->u32() == 1);
        CHECK(answer->find(avp_id::vendor_specific_application_id).has_value());
    }
}

TEST_CASE("Requests that cannot be served are answered with the error of RFC 6733 7.1") {
    Threads threads;
    Server server(threads);
    RawPeer raw(server.port());
    raw.open();
    const auto refused = [&raw](const OctetString& request, std::uint32_t result) {
        const auto answer = ask(raw, request);
        REQUIRE(answer.has_value());
        CHECK(result_of(answer) == result);
        CHECK(answer->header().is_error() == (result / 1000 == 3));
        CHECK_FALSE(answer->header().is_request());
    };
    refused(frame(0xc0, 318, 4711, request_head()), 3007);
    refused(frame(0xc0, 324, 16'777'252, request_head()),
            5005);  // S13 is served: it lacks Terminal-Information
    refused(frame(0xc0, 324, 16'777'251, request_head()), 3001);
    refused(frame(0xc0, 999, 16'777'251, request_head()), 3001);
    refused(frame(0xc0, 258, 0, request_head()), 3001);
    refused(with_flags(air(), 0xe0), 3008);
    refused(air(1, "mme.example", {make_avp(avp_id::destination_realm, "elsewhere")}), 3003);
    refused(air(1, "mme.example", {make_avp(avp_id::destination_host, "other.example")}), 3002);
    refused(air(1, "mme.example", {make_avp(avp_id::route_record, "HSS.example")}), 3005);
    refused(air(1, "mme2.example"), 5004);
    refused(from_realm("exampel"), 5004);
    refused(air(1, "mme.example", {make_avp({99'999}, "mandatory and unknown")}), 5001);
    refused(frame(0xc0, 318, 16'777'251, request_head()), 5005);
    refused(cer(), 5012);
}

TEST_CASE("Failed-AVP shows what was wrong") {
    Threads threads;
    Server server(threads);
    RawPeer raw(server.port());
    raw.open();
    const auto unknown = make_avp({99'999}, "abcd");
    raw.send(air(1, "mme.example", {unknown}));
    const auto octets = raw.read_octets();
    REQUIRE(octets.has_value());
    CHECK(to_hex(*octets).find(to_hex(unknown)) != std::string::npos);
}

TEST_CASE("A relay's request keeps its Proxy-Info on the way back, and its Origin-Host is its own") {
    Threads threads;
    auto settings = server_settings();
    settings.peers.push_back(peer("dra.example"));
    settings.peers.back().relay = true;
    Server server(threads, answer_success, settings);
    RawPeer raw(server.port());
    REQUIRE(result_of(raw.open({"dra.example", "example", application_relay})) == diameter_success);
    const auto info = [](std::string_view host) {
        return make_avp(avp_id::proxy_info,
                        OctetView(concat({make_avp(avp_id::proxy_host, host),
                                          make_avp(avp_id::proxy_state, OctetView(OctetString(5, 0)))})));
    };
    const auto request =
        air(9, "mme77.example",
            {info("a.example"), info("b.example"), make_avp(avp_id::route_record, "mme77.example")});
    raw.send(request);
    const auto octets = raw.read_octets();
    REQUIRE(octets.has_value());
    const auto answer = to_hex(*octets);
    const auto first = answer.find(to_hex(info("a.example")));
    const auto second = answer.find(to_hex(info("b.example")));
    REQUIRE(first != std::string::npos);
    REQUIRE(second != std::string::npos);
    CHECK(first < second);
    auto message = Message::parse(*octets);
    REQUIRE_FALSE(message->check(loaded_dictionary()).has_value());
    CHECK(result_of(message) == diameter_success);
    CHECK_FALSE(message->find(avp_id::route_record).has_value());
}

TEST_CASE("DWR is answered, and a peer that answers DWR is kept") {
    Threads threads;
    auto settings = server_settings();
    settings.watchdog_interval = 100ms;
    Server server(threads, answer_success, settings);
    RawPeer raw(server.port());
    raw.open();
    CHECK(result_of(ask(raw, base_request(280))) == diameter_success);
    const auto origin =
        concat({make_avp(avp_id::result_code, 2001U), make_avp(avp_id::origin_host, "mme.example"),
                make_avp(avp_id::origin_realm, "example")});
    for (int i = 0; i < 6; ++i) {
        const auto dwr = raw.read(500ms);
        REQUIRE(dwr.has_value());
        CHECK(dwr->header().command_code == 280);
        raw.send(frame(0, 280, 0, origin));
    }
    CHECK(is_open(server.node, "mme.example"));
}

TEST_CASE("The watchdog closes a silent peer after three intervals") {
    Threads threads;
    auto settings = server_settings();
    settings.watchdog_interval = 100ms;
    Server server(threads, answer_success, settings);
    RawPeer raw(server.port());
    raw.open();
    CHECK(raw.closed(5s));
    CHECK_FALSE(is_open(server.node, "mme.example"));
}

TEST_CASE("DPR is answered with DPA, and the connection ends") {
    Threads threads;
    Server server(threads);
    RawPeer raw(server.port());
    raw.open();
    CHECK(result_of(ask(raw, base_request(282, make_avp(avp_id::disconnect_cause, 0U)))) == diameter_success);
    CHECK_FALSE(is_open(server.node, "mme.example"));
    CHECK(raw.closed());
}

TEST_CASE("Junk ends that peer alone") {
    Threads threads;
    auto settings = server_settings();
    settings.peers.push_back(peer("mme2.example"));
    Server server(threads, answer_success, settings);
    RawPeer good(server.port());
    good.open({"mme2.example"});
    RawPeer bad(server.port());
    bad.open();
    bad.send(air());
    bad.send(OctetString(100, 0x5a));
    CHECK(result_of(bad.read()) == diameter_success);
    CHECK(bad.closed());
    CHECK(result_of(ask(good, air(3, "mme2.example"))) == diameter_success);
}

TEST_CASE("A handler that throws answers UNABLE_TO_COMPLY, and so does a request that is given up") {
    Threads threads;
    log::Logger silent({log::Level::error, log::Format::text, "/dev/null"});
    bool throws = true;
    Server server(
        threads,
        [&throws](std::unique_ptr<IncomingRequest> request) {
            if (throws) throw std::runtime_error("a fault");
            request.reset();
        },
        server_settings(), silent);
    RawPeer raw(server.port());
    raw.open();
    CHECK(result_of(ask(raw, air(1))) == 5012);
    throws = false;
    CHECK(result_of(ask(raw, air(2))) == 5012);
}

TEST_CASE("Reading pauses while too many requests are unanswered, and none is lost") {
    Threads threads;
    Shelf shelf;
    Server server(threads, shelf.handler());
    RawPeer raw(server.port());
    raw.open();
    const std::size_t count = limits::peer_requests_in_flight_max + 300;
    for (std::uint32_t i = 0; i < count; ++i) raw.send(air(i));
    CHECK(eventually([&] { return shelf.size() == limits::peer_requests_in_flight_max; }));
    std::this_thread::sleep_for(50ms);
    CHECK(shelf.size() == limits::peer_requests_in_flight_max);
    std::size_t answered = 0;
    CHECK(eventually([&] {
        for (auto& request : shelf.take()) {
            answer_success(std::move(request));
            ++answered;
        }
        return answered == count;
    }));
    for (std::size_t i = 0; i < count; ++i) REQUIRE(result_of(raw.read()) == diameter_success);
}

TEST_CASE("A peer that sends but never reads is not served without end") {
    Threads threads;
    auto settings = server_settings();
    settings.watchdog_interval = 200ms;
    Server server(threads, answer_success, settings);
    RawPeer raw(server.port());
    raw.open();
    // send() blocks once the server reads no more; the server then closes.
    std::atomic<bool> ended = false;
    std::thread sender([&] {
        while (raw.send(air())) {
        }
        ended = true;
    });
    CHECK(eventually([&] { return ended.load(); }, 20s));
    sender.join();
}

TEST_CASE("A request may be answered after its connection was lost or replaced") {
    Threads threads;
    Shelf shelf;
    Server server(threads, shelf.handler());
    auto raw = std::make_unique<RawPeer>(server.port());
    raw->open();
    raw->send(air(1));
    REQUIRE(eventually([&] { return shelf.size() == 1; }));
    auto old = shelf.take();
    raw = std::make_unique<RawPeer>(server.port());
    REQUIRE(result_of(raw->open()) == diameter_success);
    answer_success(std::move(old.front()));
    raw->send(air(2));
    REQUIRE(eventually([&] { return shelf.size() == 1; }));
    answer_success(std::move(shelf.take().front()));
    const auto answer = raw->read();
    REQUIRE(answer.has_value());
    CHECK(answer->header().hop_by_hop == 2);
}

TEST_CASE("stop() waits for what is in flight, refuses what is new, then says DPR") {
    Threads threads;
    Shelf shelf;
    Server server(threads, shelf.handler());
    RawPeer raw(server.port());
    raw.open();
    raw.send(air(1));
    REQUIRE(eventually([&] { return shelf.size() == 1; }));
    std::thread stopper([&] { server.stop(5s); });
    std::this_thread::sleep_for(50ms);
    CHECK(result_of(ask(raw, air(2))) == 3004);
    answer_success(std::move(shelf.take().front()));
    const auto answer = raw.read();
    REQUIRE(answer.has_value());
    CHECK(answer->header().hop_by_hop == 1);
    const auto dpr = raw.read();
    REQUIRE(dpr.has_value());
    CHECK(dpr->header().command_code == 282);
    CHECK(dpr->find(avp_id::disconnect_cause)->u32() == 0);
    raw.send(frame(0, 282, 0,
                   concat({make_avp(avp_id::result_code, 2001U), make_avp(avp_id::origin_host, "mme.example"),
                           make_avp(avp_id::origin_realm, "example")})));
    CHECK(raw.closed());
    stopper.join();
}

TEST_CASE("stop() does not wait beyond its deadline") {
    Threads threads;
    Shelf shelf;
    Server server(threads, shelf.handler());
    RawPeer raw(server.port());
    raw.open();
    raw.send(air(1));
    REQUIRE(eventually([&] { return shelf.size() == 1; }));
    const auto began = std::chrono::steady_clock::now();
    server.stop(100ms);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    CHECK(raw.closed());
    shelf.take();
}
