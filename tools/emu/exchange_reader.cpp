// SPDX-License-Identifier: Apache-2.0
// What a scenario says of the exchange of keys: private keys of devices, features and faults of nodes.
#include "emu/device_key_file.h"
#include "emu/scenario_parts.h"

namespace bindhss::emu {
namespace {

/// {generate: TYPE}, or {x25519: SCALAR}, {p256: SCALAR}: 32 octets.
crypto::DevicePrivateKey read_made_key(const ScenarioNode& node) {
    node.require_keys({"generate", "x25519", "p256"});
    if (node.has("generate") + node.has("x25519") + node.has("p256") != 1) {
        node.fail("private_key is a PEM file, or one of generate, x25519, p256");
    }
    if (node.has("generate")) {
        const auto kind = node.at("generate").parsed(parse_device_key_kind, "one of " + device_key_kinds());
        return generate_device_key(kind);
    }
    const std::string type = node.has("x25519") ? "x25519" : "p256";
    const SecretString scalar(node.at(type).octets({32}));
    auto key = crypto::DevicePrivateKey::of_scalar(
        type == "x25519" ? crypto::KeyType::x25519 : crypto::KeyType::p256, scalar.view());
    if (!key) node.at(type).fail(type + " is no scalar of that curve");
    return *key;
}

crypto::DevicePrivateKey read_private_key(const ScenarioNode& node) {
    if (!node.is_scalar()) return read_made_key(node);
    auto key = read_device_key(node.beside_the_file(node.text()));
    if (const auto* complaint = std::get_if<std::string>(&key)) node.fail(*complaint);
    return std::get<crypto::DevicePrivateKey>(key);
}

}  // namespace

void read_exchange(const ScenarioNode& node, DeviceDefinition& device) {
    if (!node.has("private_key")) {
        for (const auto key : exchange_keys) {
            const std::string name(key);
            if (node.has(name)) node.at(name).fail("'" + name + "' belongs to a device with 'private_key'");
        }
        return;
    }
    device.private_key = read_private_key(node.at("private_key"));
    if (node.has("conduct")) {
        device.conduct =
            node.at("conduct").parsed(parse_exchange_conduct, "one of " + exchange_conduct_names());
    }
    if (device.conduct == ExchangeConduct::slow) device.nas.answers_after = DeviceNas::slow_answer;
    if (node.has("answers_after")) device.nas.answers_after = node.at("answers_after").duration();
    if (node.has("requires_home_mac")) device.requires_home_mac = node.at("requires_home_mac").boolean();
    if (!node.has("nas_container_type")) return;
    const auto type = node.at("nas_container_type").number();
    if (type == 0 || type > 0xff) node.at("nas_container_type").fail("nas_container_type has to be 1 to 255");
    device.nas.container_type = static_cast<std::uint8_t>(type);
}

std::uint32_t read_kme_features(const ScenarioNode& node) {
    namespace feature = s6a::feature_kme;
    constexpr std::array<std::pair<std::string_view, std::uint32_t>, 3> names{{
        {"provisioning", feature::provisioning},
        {"provisioning_only", feature::provisioning_only},
        {"auth_failure_report", feature::auth_failure_report},
    }};
    std::uint32_t features = 0;
    if (node.is_scalar()) {
        if (node.text() != "all") node.fail("kme is a list of features, or all");
        for (const auto& [name, bit] : names) features |= bit;
        return features;
    }
    node.each_item([&](const ScenarioNode& item) {
        std::uint32_t found = 0;
        for (const auto& [name, bit] : names) {
            if (name == item.text()) found = bit;
        }
        if (found == 0) item.fail("kme is a list of provisioning, provisioning_only, auth_failure_report");
        features |= found;
    });
    return features;
}

std::vector<ScriptedRelay> read_relays(const ScenarioNode& node) {
    std::vector<ScriptedRelay> relays;
    if (!node.has("KME")) return relays;
    const auto script = node.at("KME");
    const auto read_one = [&relays](const ScenarioNode& one) {
        relays.push_back(
            one.parsed(parse_scripted_relay, "one of " + relay_fault_names() + ", or 'delay 3s'"));
    };
    if (script.is_scalar()) {
        read_one(script);
    } else {
        script.each_item(read_one);
    }
    return relays;
}

}  // namespace bindhss::emu
