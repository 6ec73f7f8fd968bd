// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <set>

#include "emu/duration.h"

namespace bindhss::emu {

void ScenarioNode::fail(const std::string& what) const {
    const auto mark = node_.IsDefined() ? node_.Mark() : YAML::Mark::null_mark();
    throw ScenarioError(file_ + ":" + std::to_string(mark.line + 1) + ": " + what);
}

std::string ScenarioNode::beside_the_file(const std::string& path) const {
    return (std::filesystem::path(file_).parent_path() / path).string();
}

void ScenarioNode::require_keys(const std::vector<std::string_view>& keys) const {
    if (!node_.IsMap()) fail(name_ + " has to be a mapping");
    std::set<std::string> seen;
    for (const auto& entry : node_) {
        const ScenarioNode key(entry.first, file_, "a key of " + name_);
        const auto name = key.text();
        if (name == merge_key) continue;  // of a mapping that was looked at where it stands
        if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
            key.fail("unknown key '" + name + "' in " + name_);
        }
        if (!seen.insert(name).second) key.fail("key '" + name + "' is twice in " + name_);
    }
}

YAML::Node ScenarioNode::find(const std::string& key) const {
    if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
    const auto own = node_[key];
    if (own.IsDefined() || !node_[merge_key].IsDefined()) return own;
    return ScenarioNode(node_[merge_key], file_, name_).find(key);
}

bool ScenarioNode::has(const std::string& key) const {
    return find(key).IsDefined();
}

ScenarioNode ScenarioNode::at(const std::string& key) const {
    const auto found = find(key);
    if (!found.IsDefined()) fail(name_ + " needs '" + key + "'");
    return {found, file_, key};
}

void ScenarioNode::each_entry(
    const std::function<void(const std::string&, const ScenarioNode&)>& visit) const {
    if (!node_.IsMap()) fail(name_ + " has to be a mapping");
    std::set<std::string> seen;
    for (const auto& entry : node_) {
        const ScenarioNode key(entry.first, file_, "a name in " + name_);
        const auto name = key.text();
        if (!seen.insert(name).second) key.fail("'" + name + "' is twice in " + name_);
        visit(name, ScenarioNode(entry.second, file_, name_ + " '" + name + "'"));
    }
}

void ScenarioNode::each_item(const std::function<void(const ScenarioNode&)>& visit) const {
    if (!node_.IsSequence()) fail(name_ + " has to be a list");
    std::size_t number = 0;
    for (const YAML::Node& item : node_)
        visit(ScenarioNode(item, file_, name_ + " " + std::to_string(++number)));
}

std::string ScenarioNode::text() const {
    if (!node_.IsScalar()) fail(name_ + " has to be a single value");
    return node_.Scalar();
}

std::string ScenarioNode::text_or(const std::string& key, std::string fallback) const {
    return has(key) ? text(key) : std::move(fallback);
}

std::uint64_t ScenarioNode::number() const {
    auto value = text();
    const bool hexadecimal = value.starts_with("0x");
    const auto* first = value.data() + (hexadecimal ? 2 : 0);
    const auto* last = value.data() + value.size();
    std::uint64_t result = 0;
    const auto [end, error] = std::from_chars(first, last, result, hexadecimal ? 16 : 10);
    if (error != std::errc() || end != last) fail(name_ + " is not a whole number");
    return result;
}

std::uint32_t ScenarioNode::number_32() const {
    const auto value = number();
    if (value > std::numeric_limits<std::uint32_t>::max()) fail(name_ + " has more than 32 bits");
    return static_cast<std::uint32_t>(value);
}

std::chrono::milliseconds ScenarioNode::duration() const {
    const auto value = parse_duration(text());
    if (!value) fail(name_ + " is no duration such as 500ms or 3s");
    return *value;
}

std::string ScenarioNode::field_text() const {
    const auto value = text();
    return value.starts_with("0x") ? std::to_string(number()) : value;
}

void ScenarioNode::add_fields_to(Fields& fields, const std::string& prefix) const {
    if (node_.IsMap()) {
        each_entry([&](const std::string& key, const ScenarioNode& value) {
            value.add_fields_to(fields, prefix.empty() ? key : prefix + "." + key);
        });
    } else if (node_.IsSequence()) {
        std::string text;
        each_item(
            [&text](const ScenarioNode& item) { text += (text.empty() ? "" : ",") + item.field_text(); });
        fields[prefix] = text;
    } else {
        fields[prefix] = field_text();
    }
}

Fields ScenarioNode::fields() const {
    Fields result;
    if (!node_.IsMap()) fail(name_ + " has to be a mapping");
    add_fields_to(result, "");
    return result;
}

bool ScenarioNode::boolean() const {
    const auto value = text();
    if (value == "true") return true;
    if (value == "false") return false;
    fail(name_ + " is neither true nor false");
}

OctetString ScenarioNode::octets(std::initializer_list<std::size_t> sizes) const {
    auto octets = from_hex(text());
    if (octets && std::find(sizes.begin(), sizes.end(), octets->size()) != sizes.end()) return *octets;
    std::string allowed;
    for (const auto size : sizes) allowed += (allowed.empty() ? "" : " or ") + std::to_string(2 * size);
    fail(name_ + " has to have " + allowed + " hexadecimal digits");
}

}  // namespace bindhss::emu
