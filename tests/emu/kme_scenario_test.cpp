// SPDX-License-Identifier: Apache-2.0
// The exchange of keys in the language of scenarios.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "emu/device_key_file.h"
#include "emu/scenario_runner.h"
#include "fake_exchange.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

// The private key is that of TS 33.501 Annex C.4.3.
const std::string parties = R"(nodes:
  mme1: {identity: mme1.test, realm: test, plmn: "00101", kme: [provisioning, provisioning_only]}
  full: {identity: full.test, realm: test, plmn: "00101", kme: all, features: {list_1: 0x1ff}, answers: {KME: [lost, delay 3s]}}
  stock: {identity: stock.test, realm: test, plmn: "00101"}
usims:
  card: {imsi: "001010123456789", k: 465b5ce8b199b49faa5f0a2ee238a6bc, opc: cd63cb71954a9f4e48a5994e37a02baf}
devices:
  own:
    imei: "35824005111111"
    private_key: {x25519: c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d}
    requires_home_mac: true
    answers_after: 5ms
  thief: {imei: "35824005222222", private_key: {generate: p256}, conduct: lying}
  plain: {imei: "35824005333333"}
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

std::string with(const std::string& what, const std::string& instead) {
    auto text = parties + "  []\n";
    text.replace(text.find(what), what.size(), instead);
    return error_of(text);
}

std::vector<StepReport> play(const std::string& steps) {
    test::ProvisioningHss hss;
    hss.hss.subscribers["001010123456789"] = {test::set1_k, test::set1_opc, 100};
    hss.hss.data.apn_configuration_profile.emplace().apns.push_back({1, "internet"});
    test::Collected trace;
    const auto scenario = parse_scenario(parties + steps, "s.yaml");
    for (const auto& [name, device] : scenario.devices) {
        if (device.private_key) hss.public_keys.emplace(device.imei.str(), device.private_key->public_key());
    }
    const auto port_of = [&hss](const std::string&) -> HssPort& { return hss; };
    ScenarioRunner runner(scenario, port_of, trace);
    hss.node = [&](const HssRequest& request) {
        const auto host = std::get<s6a::InsertSubscriberDataRequest>(request).destination.host;
        return runner.node(host.substr(0, host.find('.')))->serve(request);
    };
    return test::run(runner.run([](std::size_t, const Step&) {}));
}

}  // namespace

TEST_CASE("Scenario: devices with key pairs, and nodes with the KME AVPs, are read", "[emu][scenario][kme]") {
    const auto scenario = parse_scenario(parties + R"(
  - attach: {usim: card, device: own, node: mme1, ue: wrong_res, again: true}
    expect: {outcome: provisioned, bearer: false, kme: {cause: 5, ula: [binding_established, reattach_expected]}}
  - answers: {node: mme1, KME: [delay 20ms, unreachable]}
  - notify: {usim: card, node: full, emm_cause: 0x100}
    expect: 2001
)",
                                         "s.yaml");
    namespace feature = s6a::feature_kme;
    const auto& nodes = scenario.nodes;
    CHECK(nodes.at("mme1").settings.kme_features == (feature::provisioning | feature::provisioning_only));
    CHECK(nodes.at("full").settings.announced() == s6a::Features{0x1ff, 0, 7});
    CHECK_FALSE(nodes.at("stock").settings.announced());
    CHECK(nodes.at("full").relays ==
          std::vector{*parse_scripted_relay("lost"), *parse_scripted_relay("delay 3s")});
    const auto& own = scenario.devices.at("own");
    REQUIRE(own.private_key);
    CHECK(to_hex(own.private_key->public_key().fingerprint()).starts_with("6b8f63005cf9dbd9"));  // vector E1
    CHECK(own.requires_home_mac);
    CHECK(own.nas.answers_after == std::chrono::milliseconds(5));
    CHECK(scenario.devices.at("thief").conduct == ExchangeConduct::lying);
    CHECK_FALSE(scenario.devices.at("plain").private_key);
    const auto& attach = std::get<AttachStep>(scenario.steps.at(0).action);
    CHECK(attach.options.ue == UeConduct::wrong_res);
    CHECK(attach.options.again);
    CHECK(attach.expect.fields == Fields{{"bearer", "false"},
                                         {"kme.cause", "5"},
                                         {"kme.ula", "binding_established,reattach_expected"}});
    CHECK(std::get<NotifyStep>(scenario.steps.at(2).action).options.emm_cause == 256U);
}

TEST_CASE("Scenario: what a device or a node of the exchange cannot have is refused with its line",
          "[emu][scenario][kme]") {
    CHECK(with("kme: all", "kme: everything") == "s.yaml:3: kme is a list of features, or all");
    CHECK(with("[provisioning, ", "[provision, ") ==
          "s.yaml:2: kme is a list of provisioning, provisioning_only, auth_failure_report");
    CHECK(with("kme: all", "kme: all, type: sgsn") == "s.yaml:3: an SGSN carries no containers");
    CHECK(with("KME: [lost", "KME: [lots").starts_with("s.yaml:3: KME 1 is not one of right, unreachable"));
    CHECK(with("generate: p256", "generate: p521") ==
          "s.yaml:13: generate is not one of x25519, p256, rsa2048, rsa3072, rsa4096");
    CHECK(with("conduct: lying", "conduct: polite").starts_with("s.yaml:13: conduct is not one of right"));
    CHECK(with("35824005333333\"", "35824005333333\", conduct: silent") ==
          "s.yaml:14: 'conduct' belongs to a device with 'private_key'");
    CHECK(with("{generate: p256}", "nowhere.pem") ==
          "s.yaml:13: the private key file nowhere.pem cannot be read");
    CHECK(with("c53c22208b61860b", "") == "s.yaml:10: x25519 has to have 64 hexadecimal digits");
    CHECK(with("{generate: p256}", "{p256: " + std::string(64, '0') + "}") ==
          "s.yaml:13: p256 is no scalar of that curve");
}

TEST_CASE("Scenario: a private key file stands beside the scenario", "[emu][scenario][kme]") {
    const auto folder =
        std::filesystem::temp_directory_path() / ("bindhss-emu-scenario-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const DeviceKeyPair keys(crypto::DevicePrivateKey::generate(crypto::KeyType::p256));
    write_device_keys((folder / "own.pem").string(), {keys});
    auto text = parties + "  []\n";
    text.replace(text.find("{generate: p256}"), 16, "own.pem");
    const auto scenario = parse_scenario(text, (folder / "s.yaml").string());
    std::filesystem::remove_all(folder);
    CHECK(scenario.devices.at("thief").private_key->public_key().fingerprint() ==
          keys.public_half.fingerprint());
}

TEST_CASE("Scenario: the exchange is played, from the first attach to the encrypted RAND",
          "[emu][scenario][kme][R31][R32]") {
    const auto reports = play(R"(
  - attach: {usim: card, device: own, node: stock}
    expect: {outcome: rejected 5003, bearer: false, kme: absent}
  - attach: {usim: card, device: thief, node: mme1}
    expect: {outcome: rejected 5003, kme: {cause: 6, delivery: 0}}
  - attach: {usim: card, device: plain, node: mme1}
    expect: {outcome: rejected 5003, kme: {cause: 5, delivery: absent}}
  - answers: {node: mme1, KME: [unreachable, right]}
  - attach: {usim: card, device: own, node: mme1}
    expect: {outcome: rejected 5012, kme: {cause: 8, delivery: 2}}
  - attach: {usim: card, device: own, node: mme1}
    expect: {outcome: provisioned, rand: plain, bearer: false, kme: {delivery: 0, status: 0, generation: 1}}
  - expect_idr: {usim: card, node: mme1, count: 3, kme: {container_type: 75}}
  - attach: {usim: card, device: own, node: mme1}
    expect: {outcome: attached, rand: encrypted, bearer: true, apns: internet, kme: {vector: av_pre_processed}}
  - attach: {usim: card, device: thief, node: full}
    expect: {outcome: mac_failure, report: 2001}
  - notify: {usim: card, node: full, emm_cause: 20}
    expect: 2001
  - attach: {usim: card, device: own, node: mme1}
    expect: {outcome: attached, kme: absent}
)");
    REQUIRE(reports.size() == 11);
    for (std::size_t i = 0; i < reports.size(); ++i) {
        INFO(reports[i].title << ": " << reports[i].came);
        CHECK(reports[i].as_expected == (i != 10));
    }
    CHECK(reports[10].came == "attached, kme present");
}

TEST_CASE("Scenario: with `again` one step has the whole of it", "[emu][scenario][kme]") {
    const auto reports = play(R"(
  - attach: {usim: card, device: own, node: mme1, again: true}
    expect: {outcome: attached, rand: encrypted, attaches: 2, bearer: true, kme: {status: 0}}
)");
    CHECK(reports.at(0).as_expected);
}
