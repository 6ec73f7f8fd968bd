// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <vector>

#include "emu/scenario.h"

namespace bindhss::emu {

/// A YAML node with its file, whose every complaint is "file:line: what". A value is never quoted in a
/// complaint: it may be a key. One thread at a time.
class ScenarioNode {
  public:
    ScenarioNode(YAML::Node node, const std::string& file, std::string name)
        : node_(std::move(node)), file_(file), name_(std::move(name)) {}

    [[noreturn]] void fail(const std::string& what) const;
    /// What a path in the scenario is relative to: the folder of its file.
    [[nodiscard]] std::string beside_the_file(const std::string& path) const;
    /// Complains when this is no mapping, or has a key that is not in the list or twice.
    void require_keys(const std::vector<std::string_view>& keys) const;

    [[nodiscard]] bool has(const std::string& key) const;
    [[nodiscard]] bool is_scalar() const { return node_.IsScalar(); }
    [[nodiscard]] ScenarioNode at(const std::string& key) const;
    void each_entry(const std::function<void(const std::string& key, const ScenarioNode&)>& visit) const;
    void each_item(const std::function<void(const ScenarioNode&)>& visit) const;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string text(const std::string& key) const { return at(key).text(); }
    [[nodiscard]] std::string text_or(const std::string& key, std::string fallback) const;
    [[nodiscard]] std::uint64_t number() const;
    [[nodiscard]] std::uint32_t number_32() const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::chrono::milliseconds duration() const;
    /// Every value below this node under its keys joined by dots; a list is its items joined by commas, a
    /// hexadecimal number a decimal one.
    [[nodiscard]] Fields fields() const;
    /// Hexadecimal octets of one of the sizes.
    [[nodiscard]] OctetString octets(std::initializer_list<std::size_t> sizes) const;
    /// A value by a parser that gives an optional; `what` says what it should be.
    template <class Parse>
    [[nodiscard]] auto parsed(Parse parse, const std::string& what) const {
        auto value = parse(text());
        if (!value) fail(name_ + " is not " + what);
        return *value;
    }

  private:
    /// What a mapping takes over from another one that it names ("<<: *other"); yaml-cpp leaves that to us.
    static constexpr const char* merge_key = "<<";
    [[nodiscard]] YAML::Node find(const std::string& key) const;
    void add_fields_to(Fields& fields, const std::string& prefix) const;
    [[nodiscard]] std::string field_text() const;

    YAML::Node node_;
    const std::string& file_;
    std::string name_;
};

}  // namespace bindhss::emu
