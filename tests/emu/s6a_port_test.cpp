// SPDX-License-Identifier: Apache-2.0
// The emulator's MME over real sockets, against a small HSS on the same node.
#include "emu/s6a_port.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"
#include "diameter_dict/dictionary.h"
#include "emu/load.h"
#include "emu/scenario_runner.h"
#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;
namespace asio = boost::asio;

namespace {

constexpr const char* digits = "001010123456789";

const diameter_dict::Dictionary& test_dictionary() {
    static const diameter_dict::Dictionary one;  // libfdproto allows one a process
    return one;
}

/// FakeHss behind a Diameter node.
class Server {
  public:
    Server(asio::io_context& io, log::Logger& log)
        : io_(io),
          node_(
              io, test_dictionary(), settings(),
              [this](std::unique_ptr<diameter::IncomingRequest> incoming) {
                  asio::co_spawn(io_, answer(std::move(incoming)), asio::detached);
              },
              log) {
        node_.start();
    }
    [[nodiscard]] std::uint16_t port() const { return node_.listening().at(0).port; }
    asio::awaitable<void> stop() {
        co_await node_.stop(diameter::DisconnectCause::rebooting, std::chrono::milliseconds(200));
    }
    asio::awaitable<bool> cancel(Imsi imsi, std::string host) {
        auto message = diameter::Message::request(test_dictionary(), diameter::command_cancel_location,
                                                  diameter::application_s6a);
        message.add(diameter::avp_id::session_id, node_.new_session_id());
        message.add(diameter::avp_id::auth_session_state, 1U);
        message.add(diameter::avp_id::origin_host, std::string_view("hss.test"));
        message.add(diameter::avp_id::origin_realm, std::string_view("test"));
        message.add(diameter::avp_id::destination_host, host);
        message.add(diameter::avp_id::destination_realm, std::string_view("test"));
        const s6a::CancelLocationRequest request{imsi, {host, "test"}};
        encode(request, message);
        auto answer = co_await node_.send(std::move(message));
        co_return answer&& diameter::decode_cancel_location_answer(*answer);
    }

    test::FakeHss hss;

  private:
    static diameter::NodeSettings settings() {
        diameter::NodeSettings node;
        node.identity = "hss.test";
        node.realm = "test";
        node.listen = {{"127.0.0.1", 0}};
        diameter::PeerSettings anybody;
        anybody.identity = "*";
        anybody.realm = "test";
        node.peers = {anybody};
        return node;
    }

    asio::awaitable<void> answer(std::unique_ptr<diameter::IncomingRequest> incoming) {
        auto decoded = diameter::decode_request(incoming->message());
        if (const auto* rejection = std::get_if<diameter::Rejection>(&decoded)) {
            incoming->reject(*rejection);
            co_return;
        }
        auto reply = incoming->make_answer();
        auto& request = std::get<s6a::Request>(decoded);
        if (auto* air = std::get_if<s6a::AuthenticationInformationRequest>(&request)) {
            const auto result = co_await hss.authentication_information(*air);
            if (result)
                encode(s6a::Answer(*result), reply);
            else
                encode(result.error(), reply);
        } else {
            auto ulr = std::get<s6a::UpdateLocationRequest>(request);
            std::optional<TerminalReport> report;
            if (ulr.terminal_information) {
                report =
                    TerminalReport{ulr.terminal_information->imei->str(), *ulr.terminal_information->svn};
            }
            const auto result = co_await hss.update_location(ulr, report);
            if (result)
                encode(s6a::Answer(*result), reply);
            else
                encode(result.error(), reply);
        }
        incoming->answer(reply);
    }

    asio::io_context& io_;
    diameter::Node node_;
};

S6aSettings mme_settings(std::uint16_t port) {
    S6aSettings settings;
    settings.identity = {"mme1.test", "test"};
    settings.connect = {"127.0.0.1", port};
    settings.destination_realm = "test";
    return settings;
}

struct Bench {
    asio::io_context io{1};
    log::Logger log{log::Settings{log::Level::error}};
    Server server{io, log};
    Mme* mme = nullptr;
    S6aPort port{io, test_dictionary(), mme_settings(server.port()),
                 [this](const s6a::CancelLocationRequest& request) {
                     if (mme != nullptr) mme->cancel_location(request);
                 },
                 log};

    template <class T>
    T run(asio::awaitable<T> coroutine) {
        auto result = asio::co_spawn(io, std::move(coroutine), asio::use_future);
        io.restart();
        while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready && io.run_one() != 0) {
        }
        return result.get();
    }
    ~Bench() {
        run(port.close());
        run(server.stop());
    }
};

}  // namespace

TEST_CASE("S6a port: an attach and a cancellation over sockets", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.open(std::chrono::seconds(5))));
    auto& subscriber = bench.server.hss.subscribers[digits];
    subscriber.k = test::set1_k;
    subscriber.opc = test::set1_opc;
    subscriber.kme = test::kme128;
    test::Collected trace;
    const MmeSettings settings{"mme1", {"mme1.test", "test"}, test::plmn("00101")};
    Mme mme(settings, bench.port, trace);
    bench.mme = &mme;
    Me me(*Imei::parse("35824005111111"));
    me.load_kme(0, test::kme128);
    Usim usim(test::imsi(digits), test::set1_keys);
    usim.sequence().advance(5000);

    const auto result = bench.run(mme.attach(Ue{me, usim}));
    CHECK(result.str() == "attached");
    CHECK(result.resynchronised);
    CHECK(bench.server.hss.last_report->imei == "35824005111111");

    CHECK(bench.run(bench.server.cancel(test::imsi(digits), "mme1.test")));
    CHECK(mme.take_cancelled(test::imsi(digits)));
    bench.server.hss.subscribers.clear();
    CHECK(bench.run(mme.attach(Ue{me, usim})).str() == "rejected 5001");
    bench.mme = nullptr;
}

TEST_CASE("S6a port: load over sockets is verified", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.open(std::chrono::seconds(5))));
    FleetSettings fleet_settings;
    fleet_settings.count = 10;
    fleet_settings.key_seed = "test";
    Fleet fleet(fleet_settings);
    for (std::uint64_t i = 0; i < fleet_settings.count; ++i) {
        const auto member = fleet.member(i);
        auto& subscriber = bench.server.hss.subscribers[member.imsi.str()];
        subscriber.k = member.k;
        subscriber.opc = member.opc;
        if (member.bound) subscriber.kme = SecretString(member.kme.view());
    }
    ExactLedger ledger(fleet_settings.count);
    LoadSettings settings{fleet_settings, test::plmn("00101")};
    settings.window = 16;
    settings.end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    LoadPeer peer(settings, {"mme1.test", "test"}, bench.port, ledger, 1);
    bench.run(peer.run());
    CHECK(peer.report().fault_count() == 0);
    CHECK(peer.report().verified > 16);
    CHECK(peer.report().undelivered == 0);
}

TEST_CASE("S6a port: nobody listening is told in time", "[emu][s6a]") {
    asio::io_context io(1);
    log::Logger log{log::Settings{log::Level::error}};
    S6aPort port(
        io, test_dictionary(), mme_settings(1), [](const s6a::CancelLocationRequest&) {}, log);
    auto opened = asio::co_spawn(io, port.open(std::chrono::milliseconds(200)), asio::use_future);
    while (opened.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    CHECK_FALSE(opened.get());
}

TEST_CASE("Endpoint: host and port are read, and what is none is refused", "[emu]") {
    CHECK(parse_endpoint("127.0.0.1:3869")->port == 3869);
    CHECK(parse_endpoint("hss.example")->port == 3868);
    CHECK(parse_endpoint("[::1]:3869")->host == "::1");
    for (const char* text :
         {"", ":3868", "host:", "host:0", "host:70000", "host:38x", "[::1", "[::1]x", "[::1]:"}) {
        CHECK_FALSE(parse_endpoint(text));
    }
}
