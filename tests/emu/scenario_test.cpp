// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "emu/printer.h"
#include "emu/scenario_runner.h"
#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

const std::string parties = R"(mmes:
  mme1: {identity: mme1.test, realm: test, plmn: "00101"}
usims:
  card: {imsi: "001010123456789", k: 465b5ce8b199b49faa5f0a2ee238a6bc, opc: cd63cb71954a9f4e48a5994e37a02baf}
devices:
  own: {imei: "35824005111111", kme: 000102030405060708090a0b0c0d0e0f}
  other: {imei: "35824005222222", legacy: true}
steps:
)";

std::string error_of(const std::string& text) {
    try {
        (void)parse_scenario(text, "s.yaml");
    } catch (const ScenarioError& error) {
        return error.what();
    }
    return "no error";
}

std::vector<StepReport> play(const std::string& steps, test::FakeHss& hss, Trace& trace) {
    const auto port_of = [&hss](const std::string&) -> HssPort& { return hss; };
    ScenarioRunner runner(parse_scenario(parties + steps, "s.yaml"), port_of, trace);
    return test::run(runner.run([](std::size_t, const Step&) {}));
}

}  // namespace

TEST_CASE("Scenario: what a file may say is read", "[emu][scenario]") {
    const auto scenario = parse_scenario(R"(
connect: ["127.0.0.1:3868"]
destination: {realm: home.test, host: hss.home.test}
amf_marks: {pre_processed: 0x01, generation: 0x02}
)" + parties + R"(
  - title: in its device
    attach: {usim: card, device: own, mme: mme1}
    expect: {outcome: attached, rand: encrypted, resynchronised: false}
  - desync: {usim: card, ahead: 1000}
  - attach: {usim: card, device: other}
    expect: rejected 5003
  - expect_cancel: {usim: card, mme: mme1, type: 0}
)",
                                         "s.yaml");
    CHECK(scenario.connect == std::vector<std::string>{"127.0.0.1:3868"});
    CHECK(scenario.destination_host == "hss.home.test");
    CHECK(scenario.masks.pre_processed == 1);
    CHECK(scenario.devices.at("own").kmes.at(0).size() == 16);
    CHECK(scenario.devices.at("other").feature == Me::Feature::legacy);
    REQUIRE(scenario.steps.size() == 4);
    CHECK(scenario.steps[0].title == "in its device");
    const auto& first = std::get<AttachStep>(scenario.steps[0].action);
    CHECK(first.expect.str() == "attached, encrypted RAND, in step");
    const auto& third = std::get<AttachStep>(scenario.steps[2].action);
    CHECK(third.node == "mme1");
    CHECK(third.expect.code == 5003U);
}

TEST_CASE("Scenario: OP is accepted in place of OPc", "[emu][scenario]") {
    auto text = parties + "  []\n";
    text.replace(text.find("opc: cd63cb71954a9f4e48a5994e37a02baf"), 37,
                 "op: cdc202d5123e20f62b6d676ac72cb318");
    CHECK(parse_scenario(text, "s.yaml").usims.at("card").keys == test::set1_keys);
}

TEST_CASE("Scenario: errors name file and line, and never quote a key", "[emu][scenario]") {
    const auto with = [](const std::string& what, const std::string& instead) {
        auto text = parties + "  - desync: {usim: card, ahead: 1}\n";
        text.replace(text.find(what), what.size(), instead);
        return error_of(text);
    };
    CHECK(with("k: 465b5ce8b199b49faa5f0a2ee238a6bc", "k: 465b5c") ==
          "s.yaml:4: k has to have 32 hexadecimal digits");
    CHECK(with("kme: 000102030405060708090a0b0c0d0e0f", "kme: 0001zz") ==
          "s.yaml:6: kme has to have 32 or 64 hexadecimal digits");
    CHECK(with("\"001010123456789\"", "\"00101x\"") ==
          "s.yaml:4: imsi is not an IMSI of 6 to 15 digits (quote it)");
    CHECK(with("\"35824005222222\"", "\"123\"") ==
          "s.yaml:7: imei is not an IMEI of 14, 15 or 16 digits (quote it)");
    CHECK(with("legacy: true", "legacy: yes") == "s.yaml:7: legacy is neither true nor false");
    CHECK(with("legacy: true", "legasy: true") == "s.yaml:7: unknown key 'legasy' in devices 'other'");
    CHECK(with("desync: {usim: card", "desync: {usim: cart") == "s.yaml:9: there is no usim 'cart'");
    CHECK(with("ahead: 1", "ahead: -1") == "s.yaml:9: ahead is not a whole number");
    CHECK(with("ahead: 1", "ahead: 1, ahead: 2") == "s.yaml:9: key 'ahead' is twice in desync");
    CHECK(with("plmn: \"00101\"", "plmn: x") == "s.yaml:2: plmn is not a PLMN such as \"00101\" (quote it)");
    CHECK(with("mmes:", "mmse:") == "s.yaml:1: unknown key 'mmse' in the scenario");
    CHECK(with("desync", "attach") == "s.yaml:9: unknown key 'ahead' in attach");
}

TEST_CASE("Scenario: files that are no scenario are refused with a line", "[emu][scenario]") {
    CHECK(error_of("").starts_with("s.yaml:"));
    CHECK(error_of("just text").starts_with("s.yaml:1: the scenario has to be a mapping"));
    CHECK(error_of("usims: [").starts_with("s.yaml:"));
    CHECK(error_of("usims: {}\nmmes: {}\ndevices: {}\n") == "s.yaml:1: the scenario needs 'steps'");
    CHECK(error_of(parties + "  - attach: {usim: card, device: own}\n    expect: fine\n")
              .starts_with("s.yaml:10: unknown outcome 'fine'"));
    CHECK(error_of(parties + "  - expect_cancel: {usim: card, mme: mme9}\n") ==
          "s.yaml:9: there is no mme 'mme9'");
    CHECK_THROWS_AS(load_scenario("/nonexistent/file.yaml"), ScenarioError);
}

TEST_CASE("Scenario: steps are played and compared with what is expected", "[emu][scenario]") {
    test::FakeHss hss;
    hss.subscribers["001010123456789"] = {test::set1_k, test::set1_opc, 100, test::kme128};
    std::ostringstream out;
    Printer printer(out, false);
    const auto reports = play(R"(
  - attach: {usim: card, device: own}
    expect: {outcome: attached, rand: encrypted}
  - attach: {usim: card, device: other}
    expect: mac_failure
  - desync: {usim: card, ahead: 1000}
  - attach: {usim: card, device: own}
    expect: {outcome: attached, resynchronised: true}
  - attach: {usim: card, device: own}
    expect: rejected 5003
)",
                              hss, printer);
    REQUIRE(reports.size() == 5);
    for (std::size_t i = 0; i < 4; ++i) CHECK(reports[i].as_expected);
    CHECK_FALSE(reports[4].as_expected);
    CHECK(reports[4].expected == "rejected 5003");
    CHECK(reports[4].came == "attached");
    CHECK(out.str().find("the card is moved into another device") != std::string::npos);
    printer.table(reports);
    CHECK(out.str().find("FAIL") != std::string::npos);
    CHECK(out.str().find('\033') == std::string::npos);
}

TEST_CASE("Scenario: a CLR that does not come is not as expected", "[emu][scenario]") {
    test::FakeHss hss;
    test::Collected trace;
    const auto reports = play("  - expect_cancel: {usim: card, mme: mme1}\n", hss, trace);
    CHECK_FALSE(reports.at(0).as_expected);
    CHECK(reports.at(0).came == "no CLR");
}

TEST_CASE("Scenario: nodes of every kind with their scripts and quirks are read", "[emu][scenario]") {
    auto text = parties;
    text.replace(0, text.find("usims:"), R"(nodes:
  mme1: {identity: mme1.test, realm: test, plmn: "00101", behaves_like: open5gs, answers: {IDR: [silent, 5001E]}}
  sgsn1: {identity: sgsn1.test, realm: test, plmn: "00101", type: sgsn, features: {list_1: 0x1ff}}
  both: {identity: both.test, realm: test, plmn: "00101", type: combined}
)");
    const auto scenario = parse_scenario(text + R"(
  - attach: {usim: card, device: own, node: sgsn1, vectors: geran, number: 5, features: {list_2: 1}}
    expect: {outcome: attached, vectors: {geran: 5}}
  - update_location: {usim: card, device: own, node: both, domain: sgsn, flags: {single_registration: true}}
    expect: {outcome: attached, data: absent}
  - purge: {usim: card, node: both, purged_in_mme: false, purged_in_sgsn: true}
    expect: {result: 2001, freeze_p_tmsi: true}
  - notify: {usim: card, node: mme1, device: other, pdn_gateway: {apn: internet, host: pgw.test, realm: test}}
    expect: 5423
  - check_imei: {imei: "358240052222221", node: mme1}
    expect: prohibited
  - answers: {node: mme1, CLR: delay 3s}
  - expect_idr: {usim: card, node: mme1, count: 1, parts: ambr, data: {ambr.uplink: 0x10}}
  - expect_data: {usim: card, node: mme1, registered: mme, data: {apns: [internet, ims]}}
  - ctl: profile set gold --ambr 1G
    prints: gold
  - disconnect: {node: mme1}
  - wait: 20ms
)",
                                         "s.yaml");
    CHECK(scenario.nodes.at("mme1").settings.behaves_like_open5gs);
    CHECK(scenario.nodes.at("mme1").answers.at(HssCommand::idr).at(1).refusal == Refusal{5001, true});
    CHECK(scenario.nodes.at("sgsn1").settings.features == s6a::Features{0x1ff, 0, 0});
    CHECK(scenario.needs_ctl());
    const auto& attach = std::get<AttachStep>(scenario.steps.at(0).action);
    CHECK(attach.options.vectors == VectorKind::geran);
    CHECK(attach.options.rat_type == s6a::RatType::geran);
    CHECK_FALSE(attach.options.flags.s6a_indicator);
    CHECK(attach.options.features == s6a::Features{0, 1, 0});
    CHECK(attach.expect.str() == "attached, vectors.geran 5");
    const auto& update = std::get<AttachStep>(scenario.steps.at(1).action);
    CHECK_FALSE(update.options.authenticate);
    CHECK_FALSE(update.options.flags.initial_attach_indicator);
    CHECK(update.options.flags.node_type_indicator);
    CHECK(update.options.domain == s6a::Domain::sgsn);
    const auto& notify = std::get<NotifyStep>(scenario.steps.at(3).action);
    CHECK(notify.options.pdn_gateway->gateway->host == "pgw.test");
    const auto& idr = std::get<ExpectRequestStep>(scenario.steps.at(6).action);
    CHECK(idr.fields == Fields{{"parts", "ambr"}, {"ambr.uplink", "16"}});
    const auto& data = std::get<ExpectDataStep>(scenario.steps.at(7).action);
    CHECK(data.fields == Fields{{"registered", "mme"}, {"apns", "internet,ims"}});
}

TEST_CASE("Scenario: a party takes over what another one is", "[emu][scenario]") {
    auto text = parties + "  []\n";
    text.replace(0, text.find("usims:"), R"(nodes:
  one: &one {identity: one.test, realm: test, plmn: "00101", type: sgsn}
  two: {<<: *one, identity: two.test}
)");
    const auto scenario = parse_scenario(text, "s.yaml");
    const auto& two = scenario.nodes.at("two").settings;
    CHECK(two.identity == ServingNode{"two.test", "test"});
    CHECK(two.type == NodeType::sgsn);
}

TEST_CASE("Scenario: the scenarios of the system tests are scenarios", "[emu][scenario]") {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(BINDHSS_SCENARIOS)) {
        INFO(entry.path().string());
        CHECK_FALSE(load_scenario(entry.path()).steps.empty());
        ++count;
    }
    CHECK(count >= 8);
}

TEST_CASE("Scenario: what a step cannot have is refused with its line", "[emu][scenario]") {
    const auto step = [](const std::string& text) { return error_of(parties + "  - " + text + "\n"); };
    CHECK(step("attach: {usim: card, device: own}") == "s.yaml:9: steps 1 needs 'expect'");
    CHECK(step("attach: {usim: card, device: own, domain: sgsn}\n    expect: attached") ==
          "s.yaml:9: the node is no such node");
    CHECK(step("attach: {usim: card, device: own, rat_type: 5g}\n    expect: attached")
              .starts_with("s.yaml:9: '5g' is none of wlan"));
    CHECK(step("answers: {mme: mme1, IDR: sometimes}").starts_with("s.yaml:9: IDR is not success, silent"));
    CHECK(step("wait: soon") == "s.yaml:9: wait is no duration such as 500ms or 3s");
    CHECK(step("expect_reset: {usim: card}").starts_with("s.yaml:9: unknown key 'usim'"));
    CHECK(step("wait: 1s\n    expect: success") == "s.yaml:10: 'expect' has nothing to do with this step");
    CHECK(step("wait: 1s\n    desync: {usim: card, ahead: 1}")
              .starts_with("s.yaml:9: a step has one of attach"));
}

TEST_CASE("Scenario: requests of the HSS are counted, compared and taken; what a node knows is compared",
          "[emu][scenario]") {
    test::FakeHss hss;
    hss.subscribers["001010123456789"] = {test::set1_k, test::set1_opc, 100};
    hss.data.ambr = Ambr{1, 2};
    test::Collected trace;
    /// A change of subscription while the scenario goes on.
    struct Operator final : OperatorPort {
        boost::asio::awaitable<CtlResult> run(std::vector<std::string> arguments) override {
            s6a::InsertSubscriberDataRequest idr{test::imsi("001010123456789"), {"mme1.test", "test"}};
            idr.subscription_data.ambr = Ambr{7, 8};
            (void)runner->node("mme1")->serve(HssRequest(idr));
            CtlResult result{arguments.at(0) == "fails" ? 1 : 0, "changed"};
            co_return result;
        }
        ScenarioRunner* runner = nullptr;
    } ctl;
    const auto port_of = [&hss](const std::string&) -> HssPort& { return hss; };
    ScenarioRunner runner(parse_scenario(parties + R"(
  - attach: {usim: card, device: own}
    expect: attached
  - expect_data: {usim: card, registered: mme, data: {ambr.uplink: 1}}
  - ctl: change ambr
    prints: changed
  - expect_idr: {usim: card, count: 1, parts: ambr, data: {ambr: {uplink: 7, downlink: 8}}}
  - expect_data: {usim: card, data: {ambr.uplink: 7}}
  - expect_idr: {usim: card, count: 0, within: 10ms}
  - ctl: fails
    expect: fails
  - expect_idr: {usim: card, parts: apns}
  - expect_idr: {usim: card, within: 10ms}
  - purge: {usim: card}
    expect: {result: 2001, freeze_m_tmsi: true}
  - expect_data: {usim: card, registered: none}
  - disconnect: {}
)",
                                         "s.yaml"),
                          port_of, trace, &ctl);
    ctl.runner = &runner;
    const auto reports = test::run(runner.run([](std::size_t, const Step&) {}));
    REQUIRE(reports.size() == 12);
    for (std::size_t i = 0; i < reports.size(); ++i) {
        INFO(reports[i].title << ": " << reports[i].came);
        CHECK(reports[i].as_expected == (i != 7 && i != 8));
    }
    CHECK(reports[7].came == "IDR, parts ambr");
    CHECK(reports[8].came == "no IDR");
    CHECK_FALSE(hss.connected);
}

TEST_CASE("Scenario: the demo's file is a scenario", "[emu][scenario]") {
    CHECK_FALSE(load_scenario(BINDHSS_DEMO_SCENARIO).steps.empty());
}
