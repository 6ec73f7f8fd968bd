// SPDX-License-Identifier: Apache-2.0
// The emulator's MME over real sockets, against a small HSS on the same node.
#include "emu/s6a_port.h"

#include <catch2/catch.hpp>

#include "emu/load.h"
#include "emu/scenario_runner.h"
#include "fake_server.h"

using namespace bindhss;
using namespace bindhss::emu;
namespace asio = boost::asio;

namespace {

constexpr const char* digits = "001010123456789";

using Bench = test::SocketBench<test::FakeHss>;

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
    auto settings = test::mme_settings(1);
    settings.connect_timeout = std::chrono::milliseconds(200);
    S6aPort port(io, test::test_dictionary(), settings, success_of, log);
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
