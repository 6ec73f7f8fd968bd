// SPDX-License-Identifier: Apache-2.0
// The emulator's MME over real sockets, against a small HSS on the same node.
#include "emu/s6a_port.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include "diameter/s6a_codec.h"
#include "diameter/s6a_request.h"
#include "diameter_dict/dictionary.h"
#include "emu/load.h"
#include "emu/scenario_runner.h"
#include "fake_hss.h"
#include "types/result_code.h"

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
    /// Sends what an HSS sends, and gives the result of the answer; 0: none came.
    template <class Request>
    asio::awaitable<std::uint32_t> ask(std::uint32_t command, Request request) {
        auto message = diameter::make_s6a_request(node_, command, {"mme1.test", "test"});
        encode(request, message);
        auto answer = co_await node_.send(std::move(message));
        if (!answer) co_return 0;
        last_answer = std::make_unique<diameter::Message>(std::move(*answer));
        const auto failure = diameter::failure_of(*last_answer);
        co_return failure ? result_code(failure->cause).number : diameter_success;
    }

    std::unique_ptr<diameter::Message> last_answer;
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
        const auto result = co_await serve(std::get<s6a::Request>(std::move(decoded)));
        if (result) {
            encode(*result, reply);
        } else {
            encode(result.error(), reply);
        }
        incoming->answer(reply);
    }

    template <class T>
    static Result<s6a::Answer> answer_of(const Result<T>& result) {
        if (!result) return result.error();
        return s6a::Answer(*result);
    }
    static std::optional<TerminalReport> report_of(std::optional<TerminalInformation>& terminal) {
        if (!terminal) return std::nullopt;
        TerminalReport report{terminal->imei->str(), terminal->svn.value_or("")};
        terminal.reset();
        return report;
    }
    asio::awaitable<Result<s6a::Answer>> serve(s6a::Request request) {
        if (auto* air = std::get_if<s6a::AuthenticationInformationRequest>(&request)) {
            co_return answer_of(co_await hss.authentication_information(*air));
        }
        if (auto* ulr = std::get_if<s6a::UpdateLocationRequest>(&request)) {
            const auto report = report_of(ulr->terminal_information);
            co_return answer_of(co_await hss.update_location(*ulr, report));
        }
        if (auto* pur = std::get_if<s6a::PurgeUeRequest>(&request)) {
            co_return answer_of(co_await hss.purge_ue(*pur));
        }
        if (auto* nor = std::get_if<s6a::NotifyRequest>(&request)) {
            const auto report = report_of(nor->terminal_information);
            co_return answer_of(co_await hss.notify(*nor, report));
        }
        auto& ecr = std::get<s6a::MeIdentityCheckRequest>(request);
        const TerminalReport report{ecr.terminal_information.imei->str(), {}};
        co_return answer_of(co_await hss.check_me_identity(ecr, report));
    }

    asio::io_context& io_;
    diameter::Node node_;
};

S6aSettings mme_settings(std::uint16_t port) {
    S6aSettings settings;
    settings.identity = {"mme1.test", "test"};
    settings.connect = {"127.0.0.1", port};
    settings.destination_realm = "test";
    settings.request_timeout = std::chrono::milliseconds(2'000);
    settings.connect_timeout = std::chrono::milliseconds(5'000);
    return settings;
}

struct Bench {
    asio::io_context io{1};
    log::Logger log{log::Settings{log::Level::error}};
    Server server{io, log};
    CoreNode* node = nullptr;
    S6aPort port{io, test_dictionary(), mme_settings(server.port()),
                 [this](const HssRequest& request) {
                     return node != nullptr ? node->serve(request) : success_of(request);
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
        run(port.disconnect());
        run(server.stop());
    }
};

}  // namespace

namespace {

/// A node with a UE behind it, on the bench's connection.
struct Served {
    explicit Served(Bench& of, NodeType type = NodeType::mme)
        : bench(of), node(settings(type), of.port, trace) {
        auto& subscriber = bench.server.hss.subscribers[digits];
        subscriber.k = test::set1_k;
        subscriber.opc = test::set1_opc;
        bench.node = &node;
    }
    ~Served() { bench.node = nullptr; }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    static CoreNodeSettings settings(NodeType type) {
        CoreNodeSettings made{"mme1", {"mme1.test", "test"}, test::plmn("00101")};
        made.type = type;
        return made;
    }
    std::string attach() { return bench.run(node.attach(Ue{me, usim})).str(); }

    Bench& bench;
    test::Collected trace;
    CoreNode node;
    Me me{*Imei::parse("35824005111111")};
    Usim usim{test::imsi(digits), test::set1_keys};
};

const ServingNode self{"mme1.test", "test"};

}  // namespace

TEST_CASE("S6a port: an attach and a cancellation over sockets", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.connect()));
    Served served(bench);
    bench.server.hss.subscribers[digits].kme = test::kme128;
    served.me.load_kme(0, test::kme128);
    served.usim.sequence().advance(5000);

    const auto result = bench.run(served.node.attach(Ue{served.me, served.usim}));
    CHECK(result.str() == "attached");
    CHECK(result.resynchronised);
    CHECK(bench.server.hss.last_report->imei == "35824005111111");

    const s6a::CancelLocationRequest clr{test::imsi(digits), self};
    CHECK(bench.run(bench.server.ask(diameter::command_cancel_location, clr)) == 2001);
    CHECK(served.node.take(HssCommand::clr, test::imsi(digits)));
    bench.server.hss.subscribers.clear();
    CHECK(served.attach() == "rejected 5001");
}

TEST_CASE("S6a port: an SGSN attaches, notifies, asks for a device and purges over sockets", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.connect()));
    Served served(bench, NodeType::sgsn);
    REQUIRE(served.attach() == "attached");
    CHECK_FALSE(bench.server.hss.last_ulr->flags.s6a_indicator);
    const auto imsi = test::imsi(digits);
    NotifyOptions notify;
    notify.pdn_gateway = s6a::ActiveApn{1, "internet", PdnGateway{"pgw.test", "test", {}}, {}};
    const auto told = bench.run(served.node.notify(imsi, TerminalReport{"35824005222222", "02"}, notify));
    CHECK(told.at("result") == "2001");
    CHECK(bench.server.hss.last_report->imei == "35824005222222");
    CHECK(bench.server.hss.last_notify->pdn_gateway->gateway->host == "pgw.test");
    bench.server.hss.equipment["35824005222222"] = s6a::EquipmentStatus::tracked;
    const auto status = bench.run(served.node.check_imei(TerminalReport{"35824005222222", {}}, imsi));
    CHECK(status.at("status") == "tracked");
    CHECK(bench.server.hss.last_check->imsi == imsi);
    PurgeOptions purge;
    purge.sgsn = true;
    CHECK(bench.run(served.node.purge(imsi, purge)).at("freeze_m_tmsi") == "true");
    CHECK(bench.server.hss.last_purge->purged_in_sgsn == true);
}

TEST_CASE("S6a port: what the HSS asks is obeyed and answered, refused, late or not at all", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.connect()));
    Served served(bench);
    REQUIRE(served.attach() == "attached");
    s6a::InsertSubscriberDataRequest idr{test::imsi(digits), self};
    idr.subscription_data.ambr = Ambr{7'000'000'000, 8};
    idr.flags.eps_user_state_request = true;
    const auto ask = [&] {
        return bench.run(bench.server.ask(diameter::command_insert_subscriber_data, idr));
    };
    CHECK(ask() == 2001);
    CHECK(served.node.visitors().find(test::imsi(digits))->data.ambr == Ambr{7'000'000'000, 8});
    const auto answer = diameter::decode_insert_subscriber_data_answer(*bench.server.last_answer);
    CHECK(answer->mme_user_state == s6a::UserState::attached_reachable_for_paging);

    const auto script = [&served](const char* reply) {
        served.node.answers().set(HssCommand::idr, {*parse_scripted_reply(reply)});
    };
    script("5001E");
    CHECK(ask() == 5001);
    script("delay 100ms 5012");
    CHECK(ask() == 5012);
    script("silent");
    CHECK(ask() == 0);

    s6a::DeleteSubscriberDataRequest dsr{test::imsi(digits), self};
    dsr.dsr_flags = s6a::dsr_flag::stn_sr;
    CHECK(bench.run(bench.server.ask(diameter::command_delete_subscriber_data, dsr)) == 2001);
    s6a::ResetRequest rsr;
    rsr.destination = self;
    CHECK(bench.run(bench.server.ask(diameter::command_reset, rsr)) == 2001);
    CHECK_FALSE(served.node.visitors().find(test::imsi(digits))->confirmed);
}

TEST_CASE("S6a port: a node that went away comes again", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.connect()));
    Served served(bench);
    bench.run(bench.port.disconnect());
    CHECK(served.attach() == "rejected 3002");
    REQUIRE(bench.run(bench.port.connect()));
    CHECK(served.attach() == "attached");
}

TEST_CASE("S6a port: load over sockets is verified", "[emu][s6a]") {
    Bench bench;
    REQUIRE(bench.run(bench.port.connect()));
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
    auto settings = mme_settings(1);
    settings.connect_timeout = std::chrono::milliseconds(200);
    S6aPort port(io, test_dictionary(), settings, success_of, log);
    auto opened = asio::co_spawn(io, port.connect(), asio::use_future);
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
