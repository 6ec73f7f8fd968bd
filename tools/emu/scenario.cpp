// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "emu/scenario_parts.h"
#include "types/limits.h"
#include "types/result_code.h"

namespace bindhss::emu {
namespace {

std::string rand_text(bool encrypted) {
    return encrypted ? "encrypted RAND" : "plain RAND";
}
std::string resynchronised_text(bool resynchronised) {
    return resynchronised ? "resynchronised" : "in step";
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
    root.require_keys({"amf_marks", "connect", "destination", "mmes", "nodes", "usims", "devices", "steps"});
    Scenario scenario;
    if (root.has("amf_marks")) scenario.masks = read_masks(root.at("amf_marks"));
    read_connection(root, scenario);
    const auto parties = [&root](const std::string& key, auto& into, auto read) {
        root.at(key).each_entry([&](const std::string& name, const ScenarioNode& node) {
            if (into.size() == limits::emu_parties_max) node.fail("too many " + key);
            if (!into.emplace(name, read(name, node)).second) node.fail("there are two nodes '" + name + "'");
        });
    };
    parties("usims", scenario.usims, [](const auto&, const auto& node) { return read_usim(node); });
    parties("devices", scenario.devices, [](const auto&, const auto& node) { return read_device(node); });
    if (!root.has("mmes") && !root.has("nodes")) root.fail("the scenario needs 'nodes'");
    for (const auto* key : {"mmes", "nodes"}) {
        if (root.has(key)) parties(key, scenario.nodes, read_node);
    }
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
    if (resynchronised && result.resynchronised != *resynchronised) return false;
    return emu::fits(fields, result.fields);
}

std::string Expectation::str() const {
    std::string text(name_of(outcome));
    if (code) text += " " + std::to_string(*code);
    if (encrypted_rand) text += ", " + rand_text(*encrypted_rand);
    if (resynchronised) text += ", " + resynchronised_text(*resynchronised);
    if (!fields.empty()) text += ", " + text_of(fields);
    return text;
}

std::string Expectation::came(const AttachResult& result) const {
    auto text = result.str();
    if (encrypted_rand) text += ", " + rand_text(result.encrypted_rand);
    if (resynchronised) text += ", " + resynchronised_text(result.resynchronised);
    if (!fields.empty()) text += ", " + text_of(selected(fields, result.fields));
    return text;
}

bool Scenario::needs_ctl() const {
    return std::any_of(steps.begin(), steps.end(),
                       [](const Step& step) { return std::holds_alternative<CtlStep>(step.action); });
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
