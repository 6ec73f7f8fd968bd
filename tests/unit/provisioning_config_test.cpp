// SPDX-License-Identifier: Apache-2.0
// provisioning.*, and what the procedures are told of it.
#include <catch2/catch.hpp>

#include "app/app_settings.h"
#include "config_problems.h"

using namespace bindhss;
using bindhss::test::problems_of;
using namespace std::chrono_literals;

namespace {

const std::string enabled = R"(
provisioning: {enabled: true, nodes: ["*.example"], without_tls: true)";

}  // namespace

TEST_CASE("provisioning has the defaults of the specification, and is off", "[kme]") {
    const auto settings = procedure_settings(config::Settings{});
    CHECK(settings.features.vendor == 0);
    CHECK_FALSE(settings.provisioning.on);
    const config::ProvisioningSettings defaults;
    CHECK(defaults.kme_vendor_id == 32'473);
    // What the file says when it says nothing is what the procedures have when nobody says anything.
    const procedure::ProvisioningSettings unsaid;
    const auto& said = settings.provisioning;
    CHECK(said.nodes == unsaid.nodes);
    CHECK(said.without_tls == unsaid.without_tls);
    CHECK(said.force_features == unsaid.force_features);
    CHECK(said.deadline == 6s);
    CHECK(said.deadline == unsaid.deadline);
    CHECK(said.response_timer == 4s);
    CHECK(said.response_timer == unsaid.response_timer);
    CHECK(said.nas_container_type == 75);
    CHECK(said.nas_container_type == unsaid.nas_container_type);
    CHECK(said.home_mac);
    CHECK(said.session_kept == 120s);
    CHECK(said.session_kept == unsaid.session_kept);
    CHECK(said.rand_algorithm == unsaid.rand_algorithm);
    CHECK(said.lifetime == unsaid.lifetime);
    CHECK(said.renew_before == unsaid.renew_before);
    CHECK(said.pauses == std::vector{60s, 300s, 3600s});
    CHECK(said.pauses == unsaid.pauses);
    CHECK(said.retry_cause == Cause::unable_to_comply);
    CHECK(said.retry_cause == unsaid.retry_cause);
    CHECK(said.reattach_after == 2s);
    CHECK(said.reattach_after == unsaid.reattach_after);
    CHECK(said.stock_mme == procedure::StockMme::reject);
    CHECK(said.restricted_profile.empty());
    CHECK(config::warnings(config::Settings{}).empty());
}

TEST_CASE("all of provisioning is configured, shown as it was, and reaches the procedures",
          "[R19][R27][kme]") {
    const auto settings = config::parse(R"(
provisioning:
  enabled: true
  kme_vendor_id: 99999
  nodes: [mme1.epc.example, "*.partner.example"]
  without_tls: true
  force_features: [lab.epc.example]
  deadline: 8s
  response_timer: 5500ms
  nas_container_type: 100
  home_mac: false
  session_kept: 60s
  reattach_after: 3s
  retry_code: 3004
  pauses: [10s, 2min]
  rand_algorithm: 2
  lifetime: 8760h
  renew_before: 720h
  stock_mme: restricted_apn
  restricted_profile: walled
)",
                                        "f");
    const auto again = config::parse(config::render(settings), "g");
    CHECK(config::differences(settings, again).empty());
    CHECK(settings.provisioning.kme_vendor_id == 99'999);
    for (const auto& each : {settings, again}) {
        const auto procedures = procedure_settings(each);
        CHECK(procedures.features.vendor == 0x7);
        const auto& told = procedures.provisioning;
        CHECK(told.on);
        CHECK(told.nodes == std::vector<std::string>{"mme1.epc.example", "*.partner.example"});
        CHECK(told.without_tls);
        CHECK(told.force_features == std::vector<std::string>{"lab.epc.example"});
        CHECK(told.deadline == 8s);
        CHECK(told.response_timer == 5500ms);
        CHECK(told.nas_container_type == 100);
        CHECK_FALSE(told.home_mac);
        CHECK(told.session_kept == 60s);
        CHECK(told.reattach_after == 3s);
        CHECK(told.retry_cause == Cause::too_busy);
        CHECK(told.pauses == std::vector{10s, 120s});
        CHECK(told.rand_algorithm == binding::RandAlgorithm::aes256);
        CHECK(told.lifetime == 8760h);
        CHECK(told.renew_before == 720h);
        CHECK(told.stock_mme == procedure::StockMme::restricted_apn);
        CHECK(told.restricted_profile == "walled");
    }
}

TEST_CASE("the algorithm of RAND is a name, or its number on the air") {
    for (const auto& [text, algorithm] :
         {std::pair("aes128", config::RandAlgorithm::aes128), std::pair("1", config::RandAlgorithm::aes128),
          std::pair("aes256", config::RandAlgorithm::aes256),
          std::pair("2", config::RandAlgorithm::aes256)}) {
        CAPTURE(text);
        const auto settings = config::parse("provisioning: {rand_algorithm: " + std::string(text) + "}", "f");
        CHECK(settings.provisioning.rand_algorithm == algorithm);
    }
    CHECK(problems_of("provisioning: {rand_algorithm: 3}").find("f:1: provisioning.rand_algorithm: '3'") ==
          0);
}

TEST_CASE("a setting of provisioning that cannot be is refused with line, key and reason", "[kme]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"provisioning: {deadline: 15s}", "f:1: provisioning.deadline: is outside 1s to 14999ms"},
        {"provisioning: {deadline: 14999ms}", ""},
        {"provisioning: {deadline: 4s}",
         "f:1: provisioning.response_timer: is not shorter than provisioning.deadline"},
        {"provisioning: {response_timer: 7s}",
         "f:1: provisioning.response_timer: is not shorter than provisioning.deadline"},
        {"provisioning: {deadline: 4001ms}", ""},
        {"provisioning: {nas_container_type: 0}",
         "f:1: provisioning.nas_container_type: is outside 1 to 255"},
        {"provisioning: {nas_container_type: 256}",
         "f:1: provisioning.nas_container_type: is outside 1 to 255"},
        {"provisioning: {kme_vendor_id: 0}", "f:1: provisioning.kme_vendor_id: is outside 1 to 4294967295"},
        {"provisioning: {kme_vendor_id: 10415}",
         "f:1: provisioning.kme_vendor_id: is 3GPP's: the KME AVPs need a Vendor-Id of their own"},
        {"provisioning: {nodes: [\"*\"]}",
         "f:1: provisioning.nodes: is not the name of a node, or \"*.<realm>\" for all of a realm"},
        {"provisioning: {nodes: [\"a b\"]}",
         "f:1: provisioning.nodes: is not the name of a node, or \"*.<realm>\" for all of a realm"},
        {"provisioning: {retry_code: 5003}",
         "f:1: provisioning.retry_code: '5003' is none of 5012, 3002, 3004, did you mean '5012'?"},
        {"provisioning: {pauses: []}", "f:1: provisioning.pauses: has 0 entries, not 1 to 16"},
        {"provisioning: {lifetime: 24h}",
         "f:1: provisioning.lifetime: is no longer than provisioning.renew_before: a new key would be due at "
         "once"},
        {"provisioning: {lifetime: 24h, renew_before: 1h}", ""},
        {"provisioning: {stock_mme: restricted_apn}",
         "f:1: provisioning.stock_mme: needs provisioning.restricted_profile: restricted to which APN?"},
        {"provisioning: {enabled: true, without_tls: true}",
         "f:1: provisioning.enabled: needs provisioning.nodes: which nodes are trusted to pass keys on?"},
        {"provisioning: {enabled: true, nodes: [mme.example]}",
         "f:1: provisioning.enabled: needs diameter.tls; or provisioning.without_tls, where something else "
         "protects S6a"},
        {enabled + "}", ""},
    };
    for (const auto& [text, problem] : cases) {
        CAPTURE(text);
        CHECK(problems_of(text) == problem);
    }
}

TEST_CASE("what is allowed and perhaps not meant is told as a warning", "[kme]") {
    const auto warnings = [](const std::string& text) { return config::warnings(config::parse(text, "f")); };
    for (const auto* type : {"1", "2", "128", "255"}) {
        CAPTURE(type);
        const auto told = warnings("provisioning: {nas_container_type: " + std::string(type) + "}");
        REQUIRE(told.size() == 1);
        CHECK(told[0].starts_with("provisioning.nas_container_type: " + std::string(type) + " "));
    }
    for (const auto* type : {"3", "75", "127"}) {
        CAPTURE(type);
        CHECK(warnings("provisioning: {nas_container_type: " + std::string(type) + "}").empty());
    }
    CHECK(warnings(enabled + ", force_features: [a.example]}").size() == 1);
    CHECK(warnings("provisioning: {stock_mme: restricted_apn, restricted_profile: walled}").size() == 1);
}
