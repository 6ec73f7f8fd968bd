// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario.h"

#include <fstream>
#include <sstream>

#include "aka/milenage.h"
#include "emu/scenario_reader.h"
#include "types/limits.h"

namespace bindhss::emu {
namespace {

std::string resynchronised_text(bool resynchronised) {
    return resynchronised ? "resynchronised" : "in step";
}

UsimDefinition read_usim(const ScenarioNode& node) {
    node.require_keys({"imsi", "k", "opc", "op", "seq"});
    const auto imsi = node.at("imsi").parsed(Imsi::parse, "an IMSI of 6 to 15 digits (quote it)");
    const auto k = *SubscriberKey::from(node.at("k").octets({SubscriberKey::size}));
    if (node.has("opc") == node.has("op")) node.fail("a USIM needs either 'opc' or 'op'");
    const auto opc = node.has("opc") ? *Opc::from(node.at("opc").octets({Opc::size}))
                                     : aka::derive_opc(k, node.at("op").octets({Opc::size}));
    const auto seq = node.has("seq") ? node.at("seq").number() : 0;
    if (seq > Sqn::seq_max) node.at("seq").fail("seq has more than 43 bits");
    return {imsi, AkaKeys::milenage(k, opc), seq};
}

DeviceDefinition read_device(const ScenarioNode& node) {
    node.require_keys({"imei", "svn", "legacy", "kme"});
    DeviceDefinition device{node.at("imei").parsed(Imei::parse, "an IMEI of 14, 15 or 16 digits (quote it)")};
    device.svn = node.text_or("svn", "01");
    if (device.svn.size() != 2 || device.svn.find_first_not_of("0123456789") != std::string::npos) {
        node.at("svn").fail("svn has to have two digits");
    }
    if (node.has("legacy") && node.at("legacy").boolean()) device.feature = Me::Feature::legacy;
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

MmeDefinition read_mme(const ScenarioNode& node) {
    node.require_keys({"identity", "realm", "plmn", "report_imei"});
    MmeDefinition mme{{node.text("identity"), node.text("realm")},
                      node.at("plmn").parsed(Plmn::parse, "a PLMN such as \"00101\" (quote it)")};
    if (!node.has("report_imei")) return mme;
    const auto report = node.text("report_imei");
    if (report == "none") {
        mme.imei_report = ImeiReport::none;
    } else if (report == "14") {
        mme.imei_report = ImeiReport::digits_14;
    } else if (report == "15") {
        mme.imei_report = ImeiReport::digits_15;
    } else if (report == "16") {
        mme.imei_report = ImeiReport::digits_16;
    } else {
        node.at("report_imei").fail("report_imei is one of none, 14, 15, 16 (digits)");
    }
    return mme;
}

Expectation read_expectation(const ScenarioNode& node) {
    Expectation expect;
    const auto outcome_of = [](const ScenarioNode& value, Expectation& into) {
        auto text = value.text();
        if (text.starts_with("rejected ")) {
            const auto digits = text.substr(9);
            if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos) {
                value.fail("'rejected' is followed by a result code of four digits");
            }
            into.code = static_cast<std::uint32_t>(std::stoul(digits));
            text = "rejected";
        }
        const auto outcome = parse_outcome(text);
        if (!outcome) {
            value.fail(
                "unknown outcome '" + text +
                "': attached, mac_failure, synch_failure, non_eps_challenge, bad_vector, rejected [CODE]");
        }
        into.outcome = *outcome;
    };
    if (node.is_scalar()) {
        outcome_of(node, expect);
        return expect;
    }
    node.require_keys({"outcome", "rand", "resynchronised"});
    outcome_of(node.at("outcome"), expect);
    if (node.has("rand")) {
        const auto rand = node.text("rand");
        if (rand != "encrypted" && rand != "plain")
            node.at("rand").fail("rand is either 'encrypted' or 'plain'");
        expect.encrypted_rand = rand == "encrypted";
    }
    if (node.has("resynchronised")) expect.resynchronised = node.at("resynchronised").boolean();
    return expect;
}

template <class T>
std::string reference(const ScenarioNode& node, const std::string& key,
                      const std::map<std::string, T>& known) {
    auto name = node.text(key);
    if (!known.contains(name)) node.at(key).fail("there is no " + key + " '" + name + "'");
    return name;
}

/// With one MME in the file a step need not name it.
std::string mme_of(const ScenarioNode& node, const Scenario& scenario) {
    if (!node.has("mme") && scenario.mmes.size() == 1) return scenario.mmes.begin()->first;
    return reference(node, "mme", scenario.mmes);
}

Step read_step(const ScenarioNode& node, const Scenario& scenario) {
    node.require_keys({"title", "attach", "desync", "expect_cancel", "expect"});
    const int actions = node.has("attach") + node.has("desync") + node.has("expect_cancel");
    if (actions != 1) node.fail("a step has one of 'attach', 'desync', 'expect_cancel'");
    if (node.has("attach") != node.has("expect")) node.fail("'attach' and 'expect' belong together");
    if (node.has("attach")) {
        const auto attach = node.at("attach");
        attach.require_keys({"usim", "device", "mme"});
        AttachStep step{reference(attach, "usim", scenario.usims),
                        reference(attach, "device", scenario.devices), mme_of(attach, scenario),
                        read_expectation(node.at("expect"))};
        return {node.text_or("title", step.usim + " attaches in " + step.device), step};
    }
    if (node.has("desync")) {
        const auto desync = node.at("desync");
        desync.require_keys({"usim", "ahead"});
        DesyncStep step{reference(desync, "usim", scenario.usims), desync.at("ahead").number()};
        return {node.text_or("title", step.usim + " gets out of step"), step};
    }
    const auto cancel = node.at("expect_cancel");
    cancel.require_keys({"usim", "mme", "type"});
    ExpectCancelStep step{reference(cancel, "usim", scenario.usims), mme_of(cancel, scenario), std::nullopt};
    if (cancel.has("type")) step.type = static_cast<std::uint32_t>(cancel.at("type").number());
    return {node.text_or("title", "the HSS cancels " + step.usim + " at " + step.mme), step};
}

AmfMasks read_masks(const ScenarioNode& node) {
    node.require_keys({"pre_processed", "generation"});
    AmfMasks masks;
    const auto mask = [&node](const std::string& key, std::uint16_t fallback) {
        if (!node.has(key)) return fallback;
        const auto value = node.at(key).number();
        // spec 4.2: the proprietary area of AMF only
        if (value == 0 || value > 0xFF) node.at(key).fail(key + " has to lie within 0x00FF");
        return static_cast<std::uint16_t>(value);
    };
    masks.pre_processed = mask("pre_processed", masks.pre_processed);
    masks.generation = mask("generation", masks.generation);
    if ((masks.pre_processed & masks.generation) != 0) node.fail("the masks of amf_marks overlap");
    return masks;
}

void read_connection(const ScenarioNode& root, Scenario& scenario) {
    if (root.has("connect")) {
        root.at("connect").each_item(
            [&](const ScenarioNode& item) { scenario.connect.push_back(item.text()); });
    }
    if (!root.has("destination")) return;
    const auto destination = root.at("destination");
    destination.require_keys({"realm", "host"});
    scenario.destination_realm = destination.text_or("realm", "");
    scenario.destination_host = destination.text_or("host", "");
}

Scenario read_scenario(const ScenarioNode& root) {
    root.require_keys({"amf_marks", "connect", "destination", "mmes", "usims", "devices", "steps"});
    Scenario scenario;
    if (root.has("amf_marks")) scenario.masks = read_masks(root.at("amf_marks"));
    read_connection(root, scenario);
    const auto parties = [&root](const std::string& key, auto& into, auto read) {
        root.at(key).each_entry([&](const std::string& name, const ScenarioNode& node) {
            if (into.size() == limits::emu_parties_max) node.fail("too many " + key);
            into.emplace(name, read(node));
        });
    };
    parties("usims", scenario.usims, read_usim);
    parties("devices", scenario.devices, read_device);
    parties("mmes", scenario.mmes, read_mme);
    root.at("steps").each_item([&scenario](const ScenarioNode& node) {
        if (scenario.steps.size() == limits::emu_steps_max) node.fail("too many steps");
        scenario.steps.push_back(read_step(node, scenario));
    });
    return scenario;
}

}  // namespace

bool Expectation::fits(const AttachResult& result) const {
    if (result.outcome != outcome) return false;
    if (code && (!result.cause || result_code(*result.cause).number != *code)) return false;
    if (encrypted_rand && result.encrypted_rand != *encrypted_rand) return false;
    return !resynchronised || result.resynchronised == *resynchronised;
}

std::string Expectation::str() const {
    std::string text(name_of(outcome));
    if (code) text += " " + std::to_string(*code);
    if (encrypted_rand) text += *encrypted_rand ? ", encrypted RAND" : ", plain RAND";
    if (resynchronised) text += ", " + resynchronised_text(*resynchronised);
    return text;
}

Scenario parse_scenario(const std::string& text, const std::string& file) {
    try {
        return read_scenario(ScenarioNode(YAML::Load(text), file, "the scenario"));
    } catch (const YAML::Exception& error) {
        throw ScenarioError(file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
    }
}

Scenario load_scenario(const std::string& path) {
    std::ifstream input(path);
    if (!input) throw ScenarioError(path + ":1: cannot be read");
    std::ostringstream text;
    text << input.rdbuf();
    return parse_scenario(text.str(), path);
}

}  // namespace bindhss::emu
