// SPDX-License-Identifier: Apache-2.0
// Each key of the configuration: is it as reloadable as the table says? A new key needs a line here.
#include <catch2/catch.hpp>
#include <map>

#include "app/app_settings.h"
#include "app/node_settings.h"
#include "config/config.h"

using namespace bindhss;

namespace {

struct Example {
    std::string before;
    std::string after;
};

/// A base for what is of use with a certificate or a database of one's own only.
const std::string tls = "diameter: {tls: {certificate: /c, private_key: /k, ca: /a";
const std::string database = "keys: {file: /k}\ndatabase: {url: postgresql://h/d";
const std::string webhook = "alarms: {webhook: {url: 'https://h/a', secret_file: /s";
const std::string listener =
    "provisioning: {https: {listen: ['127.0.0.1:8443'], certificate: /c, private_key: /k";
const std::string api = "api: {listen: ['127.0.0.1:9443'], certificate: /c, private_key: /k, token_file: /t";
const std::string registry = "provisioning: {registry: {url: 'https://h/k'";

/// Two configurations that differ in the one key.
const std::map<std::string, Example> examples{
    {"state_directory", {"", "state_directory: /s"}},
    {"threads", {"", "threads: 3"}},
    {"real_time_priority", {"", "real_time_priority: 5"}},
    {"diameter.identity", {"", "diameter: {identity: hss9.localdomain}"}},
    {"diameter.realm", {"", "diameter: {realm: other}"}},
    {"diameter.listen", {"", "diameter: {listen: ['127.0.0.1:3999']}"}},
    {"diameter.peers", {"", "diameter: {peers: [{identity: m.e, transport: tcp, addresses: [10.0.0.1]}]}"}},
    {"diameter.watchdog", {"", "diameter: {watchdog: 31s}"}},
    {"diameter.reconnect", {"", "diameter: {reconnect: 31s}"}},
    {"diameter.capabilities_timeout", {"", "diameter: {capabilities_timeout: 31s}"}},
    {"diameter.request_timeout", {"", "diameter: {request_timeout: 31s}"}},
    {"diameter.tls.certificate",
     {tls + "}}", "diameter: {tls: {certificate: /c2, private_key: /k, ca: /a}}"}},
    {"diameter.tls.private_key",
     {tls + "}}", "diameter: {tls: {certificate: /c, private_key: /k2, ca: /a}}"}},
    {"diameter.tls.ca", {tls + "}}", "diameter: {tls: {certificate: /c, private_key: /k, ca: /a2}}"}},
    {"diameter.tls.crl", {tls + "}}", tls + ", crl: /r}}"}},
    {"diameter.tls.listen", {tls + "}}", tls + ", listen: ['127.0.0.1:5868']}}"}},
    {"nodes", {"", "nodes: [{identity: m.e, quirks: [ula_error_stub]}]"}},
    {"roaming.unlisted_realms", {"", "roaming: {unlisted_realms: reject}"}},
    {"roaming.realms", {"", "roaming: {realms: [{realm: e, plmns: ['00101']}]}"}},
    {"database.url", {database + "}", "keys: {file: /k}\ndatabase: {url: postgresql://h/d2}"}},
    {"database.password_file", {database + "}", database + ", password_file: /p}"}},
    {"database.connections", {"", "database: {connections: 9}"}},
    {"database.batch_connections", {"", "database: {batch_connections: 9}"}},
    {"database.embedded_binaries", {"", "database: {embedded_binaries: /b}"}},
    {"keys.file", {"", "keys: {file: /k}"}},
    {"authentication.vectors_max", {"", "authentication: {vectors_max: 2}"}},
    {"authentication.amf_pre_processed_mask", {"", "authentication: {amf_pre_processed_mask: 0x0001}"}},
    {"authentication.amf_generation_mask", {"", "authentication: {amf_generation_mask: 0x0001}"}},
    {"binding.evidence_window", {"", "binding: {evidence_window: 31s}"}},
    {"binding.regular_vector_open", {"", "binding: {regular_vector_open: 31s}"}},
    {"binding.authenticated_within", {"", "binding: {authenticated_within: 5min}"}},
    {"binding.unanswered_after", {"", "binding: {unanswered_after: 31s}"}},
    {"binding.suspect_strong", {"", "binding: {suspect_strong: 9}"}},
    {"binding.suspect_weak", {"", "binding: {suspect_weak: 9}"}},
    {"binding.reprovision_interval", {"", "binding: {reprovision_interval: 31s}"}},
    {"binding.reprovisions_per_day", {"", "binding: {reprovisions_per_day: 9}"}},
    {"binding.old_key_grace", {"", "binding: {old_key_grace: 31s}"}},
    {"binding.reject_code", {"", "binding: {reject_code: 5421}"}},
    {"binding.imei_absent_monitor", {"", "binding: {imei_absent_monitor: reject}"}},
    {"binding.imei_absent_enforce", {"", "binding: {imei_absent_enforce: allow}"}},
    {"provisioning.enabled",
     {"provisioning: {nodes: [m.e], without_tls: true}",
      "provisioning: {nodes: [m.e], without_tls: true, enabled: true}"}},
    {"provisioning.kme_vendor_id", {"", "provisioning: {kme_vendor_id: 9}"}},
    {"provisioning.nodes", {"", "provisioning: {nodes: [m.e]}"}},
    {"provisioning.without_tls", {"", "provisioning: {without_tls: true}"}},
    {"provisioning.force_features", {"", "provisioning: {force_features: [m.e]}"}},
    {"provisioning.deadline", {"", "provisioning: {deadline: 7s}"}},
    {"provisioning.response_timer", {"", "provisioning: {response_timer: 3s}"}},
    {"provisioning.nas_container_type", {"", "provisioning: {nas_container_type: 76}"}},
    {"provisioning.home_mac", {"", "provisioning: {home_mac: false}"}},
    {"provisioning.session_kept", {"", "provisioning: {session_kept: 31s}"}},
    {"provisioning.reattach_after", {"", "provisioning: {reattach_after: 3s}"}},
    {"provisioning.retry_code", {"", "provisioning: {retry_code: 3002}"}},
    {"provisioning.pauses", {"", "provisioning: {pauses: [31s]}"}},
    {"provisioning.rand_algorithm", {"", "provisioning: {rand_algorithm: aes256}"}},
    {"provisioning.lifetime", {"", "provisioning: {lifetime: 1000h}"}},
    {"provisioning.renew_before", {"", "provisioning: {renew_before: 1h}"}},
    {"provisioning.stock_mme",
     {"provisioning: {restricted_profile: r}",
      "provisioning: {restricted_profile: r, stock_mme: restricted_apn}"}},
    {"provisioning.restricted_profile", {"", "provisioning: {restricted_profile: r}"}},
    {"provisioning.https.listen", {"", "provisioning: {https: {listen: ['127.0.0.1:8443']}}"}},
    {"provisioning.https.certificate",
     {listener + "}}",
      "provisioning: {https: {listen: ['127.0.0.1:8443'], certificate: /c2, private_key: /k}}"}},
    {"provisioning.https.private_key",
     {listener + "}}",
      "provisioning: {https: {listen: ['127.0.0.1:8443'], certificate: /c, private_key: /k2}}"}},
    {"provisioning.https.client_ca", {listener + "}}", listener + ", client_ca: /a}}"}},
    {"provisioning.https.token_file", {listener + "}}", listener + ", token_file: /t}}"}},
    {"provisioning.https.without_tls", {"", "provisioning: {https: {without_tls: true}}"}},
    {"provisioning.https.deadline", {"", "provisioning: {https: {deadline: 31s}}"}},
    {"provisioning.https.rate_address", {"", "provisioning: {https: {rate_address: 1/1s}}"}},
    {"provisioning.https.rate_imsi", {"", "provisioning: {https: {rate_imsi: 1/1s}}"}},
    {"provisioning.https.rate_imei", {"", "provisioning: {https: {rate_imei: 1/1s}}"}},
    {"provisioning.registry.url", {"", registry + "}}"}},
    {"provisioning.registry.ca", {registry + "}}", registry + ", ca: /a}}"}},
    {"provisioning.registry.token_file", {registry + "}}", registry + ", token_file: /t}}"}},
    {"provisioning.registry.timeout", {"", "provisioning: {registry: {timeout: 2s}}"}},
    {"provisioning.registry.cache_for", {"", "provisioning: {registry: {cache_for: 2s}}"}},
    {"provisioning.registry.cache_negative_for", {"", "provisioning: {registry: {cache_negative_for: 2s}}"}},
    {"limits.new_nodes", {"", "limits: {new_nodes: 1/1h}"}},
    {"limits.remembered", {"", "limits: {remembered: 1h}"}},
    {"subscription.update_rate", {"", "subscription: {update_rate: 9}"}},
    {"subscription.odb_unsupported", {"", "subscription: {odb_unsupported: ignore}"}},
    {"eir.unknown", {"", "eir: {unknown: prohibited}"}},
    {"alarms.repeat_interval", {"", "alarms: {repeat_interval: 31s}"}},
    {"alarms.escalate_after", {"", "alarms: {escalate_after: 9}"}},
    {"alarms.escalate_within", {"", "alarms: {escalate_within: 31s}"}},
    {"alarms.flood_after", {"", "alarms: {flood_after: 9}"}},
    {"alarms.keep_cleared", {"", "alarms: {keep_cleared: 31s}"}},
    {"alarms.rules", {"", "alarms: {rules: [{name: imei_missing, severity: info}]}"}},
    {"alarms.json_lines", {"", "alarms: {json_lines: /j}"}},
    {"alarms.syslog.to", {"", "alarms: {syslog: {to: 'udp://h:514'}}"}},
    {"alarms.syslog.facility", {"", "alarms: {syslog: {facility: local1}}"}},
    {"alarms.webhook.url", {webhook + "}}", "alarms: {webhook: {url: 'https://h/b', secret_file: /s}}"}},
    {"alarms.webhook.secret_file",
     {webhook + "}}", "alarms: {webhook: {url: 'https://h/a', secret_file: /s2}}"}},
    {"alarms.webhook.ca", {webhook + "}}", webhook + ", ca: /a}}"}},
    {"audit.keep", {"", "audit: {keep: 31s}"}},
    {"api.socket", {"", "api: {socket: /s}"}},
    {"api.socket_mode", {"", "api: {socket_mode: 0600}"}},
    {"api.socket_group",
     {"api: {socket_group: g, socket_roles: [read]}", "api: {socket_group: h, socket_roles: [read]}"}},
    {"api.socket_roles",
     {"api: {socket_group: g, socket_roles: [read]}", "api: {socket_group: g, socket_roles: [admin]}"}},
    {"api.listen",
     {api + "}", "api: {listen: ['127.0.0.1:9444'], certificate: /c, private_key: /k, token_file: /t}"}},
    {"api.certificate",
     {api + "}", "api: {listen: ['127.0.0.1:9443'], certificate: /c2, private_key: /k, token_file: /t}"}},
    {"api.private_key",
     {api + "}", "api: {listen: ['127.0.0.1:9443'], certificate: /c, private_key: /k2, token_file: /t}"}},
    {"api.client_ca", {api + "}", api + ", client_ca: /a}"}},
    {"api.certificates",
     {api + ", client_ca: /a}", api + ", client_ca: /a, certificates: [{name: n, roles: [read]}]}"}},
    {"api.token_file",
     {api + "}", "api: {listen: ['127.0.0.1:9443'], certificate: /c, private_key: /k, token_file: /t2}"}},
    {"api.workers", {"", "api: {workers: 3}"}},
    {"metrics.listen", {"", "metrics: {listen: []}"}},
    {"log.level", {"", "log: {level: debug}"}},
    {"log.format", {"", "log: {format: json}"}},
    {"log.file", {"", "log: {file: /l}"}},
};

std::optional<Example> example_of(const std::string& key) {
    const auto found = examples.find(key);
    if (found != examples.end()) return found->second;
    // limits.<object>.<kind>
    if (!key.starts_with("limits.")) return std::nullopt;
    const auto dot = key.rfind('.');
    return Example{"", "limits: {" + key.substr(7, dot - 7) + ": {" + key.substr(dot + 1) + ": 7/1min}}"};
}

/// What the parts of the daemon are given of a configuration: two that differ in a reloadable key are told
/// apart by it.
bool parts_differ(const config::Settings& a, const config::Settings& b) {
    const auto pa = procedure_settings(a);
    const auto pb = procedure_settings(b);
    const auto& xa = pa.provisioning;
    const auto& xb = pb.provisioning;
    const bool procedures =
        pa.amf_marks.pre_processed != pb.amf_marks.pre_processed ||
        pa.amf_marks.generation != pb.amf_marks.generation || pa.vectors_max != pb.vectors_max ||
        pa.evidence_window != pb.evidence_window || pa.regular_vector_open != pb.regular_vector_open ||
        pa.authenticated_within != pb.authenticated_within ||
        pa.evidence.unanswered_after != pb.evidence.unanswered_after ||
        pa.evidence.suspect_strong != pb.evidence.suspect_strong ||
        pa.evidence.suspect_weak != pb.evidence.suspect_weak ||
        pa.evidence.reprovision_interval != pb.evidence.reprovision_interval ||
        pa.evidence.reprovisions_per_day != pb.evidence.reprovisions_per_day ||
        pa.old_key_grace != pb.old_key_grace || pa.reject_cause != pb.reject_cause ||
        pa.imei_absent_allowed_monitor != pb.imei_absent_allowed_monitor ||
        pa.imei_absent_allowed_enforce != pb.imei_absent_allowed_enforce ||
        pa.odb_unsupported != pb.odb_unsupported || pa.unlisted_equipment != pb.unlisted_equipment;
    const bool provisioning =
        xa.on != xb.on || xa.nodes != xb.nodes || xa.without_tls != xb.without_tls ||
        xa.force_features != xb.force_features || xa.deadline != xb.deadline ||
        xa.response_timer != xb.response_timer || xa.nas_container_type != xb.nas_container_type ||
        xa.home_mac != xb.home_mac || xa.session_kept != xb.session_kept ||
        xa.rand_algorithm != xb.rand_algorithm || xa.lifetime != xb.lifetime ||
        xa.renew_before != xb.renew_before || xa.pauses != xb.pauses || xa.retry_cause != xb.retry_cause ||
        xa.reattach_after != xb.reattach_after || xa.stock_mme != xb.stock_mme ||
        xa.restricted_profile != xb.restricted_profile || xa.https_deadline != xb.https_deadline;
    const Plmn home = *Plmn::parse("00101");
    const Plmn other = *Plmn::parse("26201");
    const auto allows = [&](const procedure::Settings& settings) {
        std::string answers;
        for (const auto* realm : {"e", "other", "epc.mnc001.mcc001.3gppnetwork.org"})
            for (const auto& plmn : {home, other})
                answers += settings.serving_networks.check(realm, plmn) ? "-" : "+";
        return answers;
    };
    const auto ra = retention_settings(a);
    const auto rb = retention_settings(b);
    return procedures || provisioning || allows(pa) != allows(pb) ||
           peer_settings(a.diameter) != peer_settings(b.diameter) ||
           quirk_settings(a).size() != quirk_settings(b).size() || ra.cleared_alarms != rb.cleared_alarms ||
           ra.audit != rb.audit || a.limits != b.limits;
}

/// Those whose parts read them from config::Settings themselves, at a reload too: tests/reload/parts_test.cpp
/// and tests/system/reload.sh see what they do.
bool read_by_the_part(const std::string& key) {
    for (const auto* prefix : {"alarms.", "log.", "provisioning.https.", "provisioning.registry.",
                               "subscription.update_rate", "api.", "metrics."})
        if (key.starts_with(prefix)) return true;
    return false;
}

}  // namespace

TEST_CASE("a key that is reloadable takes effect, and every other one is told to need a restart") {
    for (const auto& [key, reloadable] : config::all_keys()) {
        INFO(key);
        const auto example = example_of(key);
        REQUIRE(example.has_value());
        const auto before = config::parse(example->before, "f");
        const auto wanted = config::parse(example->after, "f");
        const auto changes = config::differences(before, wanted);
        REQUIRE(changes.size() == 1);
        CHECK(changes[0].key == key);
        const auto plan = config::plan_reload(before, wanted);
        CHECK(plan.changed.size() == (reloadable ? 1U : 0U));
        CHECK(plan.needs_restart.size() == (reloadable ? 0U : 1U));
        CHECK(config::differences(reloadable ? wanted : before, plan.settings).empty());
        if (reloadable && !read_by_the_part(key)) CHECK(parts_differ(before, plan.settings));
    }
}

TEST_CASE("what waits for a restart is told again at each reload until then") {
    const auto wanted = config::parse("threads: 3\nlog: {level: debug}", "f");
    const auto first = config::plan_reload({}, wanted);
    CHECK(first.changed == std::vector<std::string>{"log.level"});
    CHECK(first.needs_restart == std::vector<std::string>{"threads"});
    const auto second = config::plan_reload(first.settings, wanted);
    CHECK(second.changed.empty());
    CHECK(second.needs_restart == std::vector<std::string>{"threads"});
    CHECK(second.settings.threads == config::Settings{}.threads);
}

TEST_CASE("peers wait for the restart that brings our realm or the certificates that they need") {
    const auto peers = [](const std::string& more) {
        return config::parse(
            "diameter:\n  peers: [{identity: m.e, transport: tcp, addresses: [10.0.0.1]}]\n" + more, "f");
    };
    const auto renamed = config::plan_reload(peers(""), peers("  realm: other"));
    CHECK(renamed.changed.empty());
    CHECK(renamed.needs_restart == std::vector<std::string>{"diameter.realm", "diameter.peers"});
    const auto secured =
        config::plan_reload({}, config::parse(tls + "}, peers: [{identity: m.e, connect: m.e}]}", "f"));
    CHECK(secured.changed.empty());
    CHECK(secured.settings.diameter.peers.empty());
}

TEST_CASE("a token is not taken away before the certificates that take its place are in force") {
    const auto before = config::parse(listener + ", token_file: /t}}", "f");
    const auto plan = config::plan_reload(before, config::parse(listener + ", client_ca: /a}}", "f"));
    CHECK(plan.changed.empty());
    CHECK(plan.settings.provisioning.https.token_file == "/t");
}

TEST_CASE("a token is not taken away while the listener that asks for it stays") {
    const auto before = config::parse(listener + ", token_file: /t}}", "f");
    for (const auto* after : {"provisioning: {https: {}}",
                              "provisioning: {https: {listen: ['127.0.0.1:8080'], without_tls: true}}"}) {
        INFO(after);
        const auto plan = config::plan_reload(before, config::parse(after, "f"));
        CHECK(plan.changed.empty());
        CHECK(plan.settings.provisioning.https.token_file == "/t");
    }
}

TEST_CASE("what another group of users may do is not given to the group of before") {
    const auto plan =
        config::plan_reload(config::parse("api: {socket_group: staff, socket_roles: [read]}", "f"),
                            config::parse("api: {socket_group: wheel, socket_roles: [admin]}", "f"));
    CHECK(plan.changed.empty());
    CHECK(plan.settings.api.socket_roles == std::vector{config::ApiRole::read});
}
