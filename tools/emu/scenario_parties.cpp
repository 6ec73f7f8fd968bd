// SPDX-License-Identifier: Apache-2.0
#include "aka/algorithm_set.h"
#include "emu/scenario_parts.h"

namespace bindhss::emu {
namespace {

AkaAlgorithm read_algorithm(const ScenarioNode& node) {
    if (!node.has("algorithm")) return AkaAlgorithm::milenage;
    return node.at("algorithm").parsed(parse_algorithm, "one of milenage, tuak, xor");
}

std::uint8_t small_number(const ScenarioNode& node, const std::string& key, std::uint8_t fallback) {
    if (!node.has(key)) return fallback;
    const auto number = node.at(key).number();
    if (number > 255) node.at(key).fail(key + " is too large");
    return static_cast<std::uint8_t>(number);
}

/// Refuses what another algorithm would be given.
void refuse_foreign_keys(const ScenarioNode& node, AkaAlgorithm algorithm) {
    const auto refuse = [&](std::initializer_list<const char*> keys) {
        for (const auto* key : keys) {
            if (!node.has(key)) continue;
            node.at(key).fail("'" + std::string(key) + "' does not belong to the algorithm " +
                              std::string(name_of(algorithm)));
        }
    };
    if (algorithm != AkaAlgorithm::milenage) refuse({"opc", "op"});
    if (algorithm != AkaAlgorithm::tuak) refuse({"topc", "top"});
}

/// OPc or TOPc, as it stands in the file or derived from OP or TOP.
void read_operator_key(const ScenarioNode& node, AkaKeys& keys) {
    if (keys.algorithm == AkaAlgorithm::xor_test) return;
    const bool tuak = keys.algorithm == AkaAlgorithm::tuak;
    const std::string derived = tuak ? "topc" : "opc";
    const std::string given = tuak ? "top" : "op";
    const std::size_t octets = tuak ? 32 : 16;
    if (node.has(derived) == node.has(given)) {
        node.fail("a USIM needs either '" + derived + "' or '" + given + "'");
    }
    if (node.has(derived)) {
        keys.opc = SecretString(node.at(derived).octets({octets}));
    } else {
        const auto op = node.at(given).octets({octets});
        keys.opc = aka::derive_operator_key(keys, op);
    }
}

ImeiReport read_imei_report(const ScenarioNode& node) {
    const auto report = node.text();
    if (report == "none") return ImeiReport::none;
    if (report == "14") return ImeiReport::digits_14;
    if (report == "15") return ImeiReport::digits_15;
    if (report == "16") return ImeiReport::digits_16;
    node.fail("report_imei is one of none, 14, 15, 16 (digits)");
}

}  // namespace

UsimDefinition read_usim(const ScenarioNode& node) {
    node.require_keys(
        {"imsi", "k", "opc", "op", "topc", "top", "algorithm", "tuak_iterations", "res_octets", "seq"});
    const auto imsi = node.at("imsi").parsed(Imsi::parse, "an IMSI of 6 to 15 digits (quote it)");
    AkaKeys keys;
    keys.algorithm = read_algorithm(node);
    const bool tuak = keys.algorithm == AkaAlgorithm::tuak;
    keys.k = SecretString(tuak ? node.at("k").octets({16, 32}) : node.at("k").octets({16}));
    keys.tuak_iterations = small_number(node, "tuak_iterations", keys.tuak_iterations);
    keys.res_octets = small_number(node, "res_octets", keys.res_octets);
    read_operator_key(node, keys);
    refuse_foreign_keys(node, keys.algorithm);
    if (const auto fault = fault_of(keys)) node.fail(*fault);
    const auto seq = node.has("seq") ? node.at("seq").number() : 0;
    if (seq > Sqn::seq_max) node.at("seq").fail("seq has more than 43 bits");
    return {imsi, keys, seq};
}

DeviceDefinition read_device(const ScenarioNode& node) {
    std::vector<std::string_view> keys{"imei", "svn", "legacy", "kme"};
    keys.insert(keys.end(), exchange_keys.begin(), exchange_keys.end());
    node.require_keys(keys);
    DeviceDefinition device{node.at("imei").parsed(Imei::parse, "an IMEI of 14, 15 or 16 digits (quote it)")};
    device.svn = node.text_or("svn", "01");
    if (device.svn.size() != 2 || device.svn.find_first_not_of("0123456789") != std::string::npos) {
        node.at("svn").fail("svn has to have two digits");
    }
    if (node.has("legacy") && node.at("legacy").boolean()) device.feature = Me::Feature::legacy;
    read_exchange(node, device);
    if (!node.has("kme")) return device;
    if (node.at("kme").is_scalar()) {  // one key: that of generation 0, the factory key
        device.kmes.emplace(0U, SecretString(node.at("kme").octets({16, 32})));
        return device;
    }
    node.at("kme").each_entry([&device](const std::string& generation, const ScenarioNode& key) {
        if (generation.empty() || generation.size() > 9 ||
            generation.find_first_not_of("0123456789") != std::string::npos) {
            key.fail("kme has to be one key, or keys by their generation");
        }
        device.kmes.emplace(static_cast<std::uint32_t>(std::stoul(generation)),
                            SecretString(key.octets({16, 32})));
    });
    return device;
}

s6a::Features read_features(const ScenarioNode& node) {
    node.require_keys({"list_1", "list_2", "vendor"});
    const auto list = [&node](const std::string& key) -> std::uint32_t {
        if (!node.has(key)) return 0;
        return node.at(key).number_32();
    };
    return {list("list_1"), list("list_2"), list("vendor")};
}

ScriptedReplies read_replies(const ScenarioNode& node) {
    ScriptedReplies replies;
    const auto read_one = [](const ScenarioNode& one) {
        return one.parsed(parse_scripted_reply,
                          "success, silent, 'delay 3s', or a result code such as 5012 or 5001E");
    };
    for (std::size_t i = 0; i < hss_command_count; ++i) {
        const auto command = static_cast<HssCommand>(i);
        const std::string key(name_of(command));
        if (!node.has(key)) continue;
        auto& into = replies[command];
        if (node.at(key).is_scalar()) {
            into.push_back(read_one(node.at(key)));
        } else {
            node.at(key).each_item([&](const ScenarioNode& item) { into.push_back(read_one(item)); });
        }
    }
    return replies;
}

NodeDefinition read_node(const std::string& name, const ScenarioNode& node) {
    node.require_keys(
        {"identity", "realm", "plmn", "report_imei", "type", "behaves_like", "features", "answers", "kme"});
    NodeDefinition definition{{name,
                               {node.text("identity"), node.text("realm")},
                               node.at("plmn").parsed(Plmn::parse, "a PLMN such as \"00101\" (quote it)")},
                              {},
                              {}};
    auto& settings = definition.settings;
    if (node.has("report_imei")) settings.imei_report = read_imei_report(node.at("report_imei"));
    if (node.has("type")) {
        settings.type = node.at("type").parsed(parse_node_type, "one of mme, sgsn, combined");
    }
    if (node.has("behaves_like")) {
        if (node.text("behaves_like") != "open5gs") node.at("behaves_like").fail("behaves_like is open5gs");
        settings.behaves_like_open5gs = true;
    }
    if (node.has("features")) settings.features = read_features(node.at("features"));
    if (node.has("kme")) {
        if (settings.type == NodeType::sgsn) node.at("kme").fail("an SGSN carries no containers");
        settings.kme_features = read_kme_features(node.at("kme"));
    }
    if (node.has("answers")) {
        node.at("answers").require_keys({"CLR", "IDR", "DSR", "RSR", "KME"});
        definition.answers = read_replies(node.at("answers"));
        definition.relays = read_relays(node.at("answers"));
    }
    return definition;
}

}  // namespace bindhss::emu
