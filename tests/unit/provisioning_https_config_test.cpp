// SPDX-License-Identifier: Apache-2.0
// provisioning.https.* and provisioning.registry.*.
#include <catch2/catch.hpp>

#include "app/app_settings.h"
#include "config_problems.h"

using namespace bindhss;
using bindhss::test::problems_of;
using namespace std::chrono_literals;

TEST_CASE("keys are offered by https where a listener is configured, and only there", "[kme][https]") {
    const auto off = procedure_settings(config::Settings{});
    CHECK_FALSE(off.provisioning.https);
    CHECK(off.provisioning.https_deadline == procedure::ProvisioningSettings{}.https_deadline);
    const auto on =
        config::parse(R"(provisioning: {https: {listen: ["127.0.0.1:8443"], deadline: 2min}})", "f");
    CHECK(procedure_settings(on).provisioning.https);
    CHECK(procedure_settings(on).provisioning.https_deadline == 2min);
    // S6a is a matter of its own.
    CHECK_FALSE(procedure_settings(on).provisioning.on);
}

TEST_CASE("the listener and the registry are configured, and shown as they were", "[kme][https][R20]") {
    const auto settings = config::parse(R"(
provisioning:
  https:
    listen: ["10.0.0.5:8443", "[2001:db8::5]"]
    certificate: /etc/bindhss/https.pem
    private_key: /etc/bindhss/https.key
    client_ca: /etc/bindhss/clients.pem
    token_file: /etc/bindhss/tokens
    deadline: 10min
    rate_address: 600/1min
    rate_imsi: off
    rate_imei: 3/10s
  registry:
    url: https://keys.example/v1/devices
    ca: /etc/bindhss/registry.pem
    token_file: /etc/bindhss/registry.token
    timeout: 800ms
    cache_for: 0s
    cache_negative_for: 1h
)",
                                        "f");
    for (const auto& each : {settings, config::parse(config::render(settings), "g")}) {
        const auto& https = each.provisioning.https;
        CHECK(https.listen == std::vector<config::Endpoint>{{"10.0.0.5", 8443}, {"2001:db8::5", 443}});
        CHECK(https.certificate == "/etc/bindhss/https.pem");
        CHECK(https.private_key == "/etc/bindhss/https.key");
        CHECK(https.client_ca == "/etc/bindhss/clients.pem");
        CHECK(https.token_file == "/etc/bindhss/tokens");
        CHECK(https.deadline == 10min);
        CHECK(https.rate_address == Rate{600, 1min});
        CHECK(https.rate_imsi.off());
        CHECK(https.rate_imei == Rate{3, 10s});
        const auto& registry = each.provisioning.registry;
        CHECK(registry.url == "https://keys.example/v1/devices");
        CHECK(registry.ca == "/etc/bindhss/registry.pem");
        CHECK(registry.token_file == "/etc/bindhss/registry.token");
        CHECK(registry.timeout == 800ms);
        CHECK(registry.cache_for == 0ms);
        CHECK(registry.cache_negative_for == 1h);
    }
    CHECK(config::warnings(settings).empty());
}

TEST_CASE("a listener or a registry that would not be safe is refused with line, key and reason",
          "[kme][https][R20]") {
    const std::string tls = "certificate: /c, private_key: /k";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"https: {listen: [\"127.0.0.1:80\"]}", ""},
        {"https: {listen: [\"[::1]:80\", \"localhost:81\"]}", ""},
        {"https: {listen: [\"10.0.0.5:443\"], " + tls + "}", ""},
        {"https: {listen: [\"0.0.0.0:80\"], without_tls: true}", ""},
        {"https: {listen: [\"0.0.0.0:80\"]}",
         "f:1: provisioning.https.listen: needs provisioning.https.certificate and private_key; or "
         "without_tls, "
         "where a proxy in front has the TLS"},
        {"https: {listen: [\"127.0.0.1:80\", \"127.hss.example:80\"]}",
         "f:1: provisioning.https.listen: needs provisioning.https.certificate and private_key; or "
         "without_tls, "
         "where a proxy in front has the TLS"},
        {"https: {certificate: /c}",
         "f:1: provisioning.https.private_key: is missing: the key of the certificate"},
        {"https: {private_key: /k}",
         "f:1: provisioning.https.certificate: is missing: the certificate of the key"},
        {"https: {client_ca: /c}",
         "f:1: provisioning.https.client_ca: needs provisioning.https.certificate: without TLS nobody shows "
         "one"},
        {"https: {without_tls: true, " + tls + "}",
         "f:1: provisioning.https.without_tls: and provisioning.https.certificate contradict each other"},
        {"https: {deadline: 9s}", "f:1: provisioning.https.deadline: is outside 10s to 24h"},
        {"https: {rate_imsi: often}",
         "f:1: provisioning.https.rate_imsi: is not a rate, such as 60/1min, 1000/1s, or off for no limit"},
        {"https: {certificate: https.pem}", "f:1: provisioning.https.certificate: is not an absolute path"},
        {"registry: {url: \"http://127.0.0.1:9/keys\"}", ""},
        {"registry: {url: \"http://keys.example/keys\"}",
         "f:1: provisioning.registry.url: is not https: whoever is between could give devices keys of his "
         "own"},
        {"registry: {url: \"https://u:p@keys.example\"}",
         "f:1: provisioning.registry.url: names a user: what has to be secret belongs into a file that the "
         "configuration names"},
        {"registry: {url: \"https://keys.example/?imei=\"}",
         "f:1: provisioning.registry.url: has a '?': the IMEI is added to the path"},
        {"registry: {url: \"keys.example\"}",
         "f:1: provisioning.registry.url: begins with neither https:// nor http://"},
        {"registry: {ca: /c}",
         "f:1: provisioning.registry.url: is missing, and other settings of provisioning.registry are given"},
        {"registry: {url: \"http://127.0.0.1:9\", ca: /c}",
         "f:1: provisioning.registry.ca: needs a url with https"},
        {"registry: {url: \"https://keys.example\", timeout: 3s}", ""},
        {"deadline: 5s, registry: {url: \"https://keys.example\", timeout: 2501ms}",
         "f:1: provisioning.registry.timeout: is more than half of provisioning.deadline"},
        {"registry: {timeout: 4s}", "f:1: provisioning.registry.timeout: is outside 100ms to 3s"},
    };
    for (const auto& [text, problem] : cases) {
        CAPTURE(text);
        CHECK(problems_of("provisioning: {" + text + "}") == problem);
    }
}

TEST_CASE("a listener that asks nobody who he is is told of", "[kme][https]") {
    const auto warnings = [](const std::string& more) {
        return config::warnings(
            config::parse("provisioning: {https: {listen: [\"127.0.0.1:80\"]" + more + "}}", "f"));
    };
    REQUIRE(warnings("").size() == 1);
    CHECK(warnings("")[0].starts_with("provisioning.https: neither client_ca nor token_file"));
    CHECK(warnings(", token_file: /t").empty());
    CHECK(warnings(", certificate: /c, private_key: /k, client_ca: /a").empty());
}
