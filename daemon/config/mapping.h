// SPDX-License-Identifier: Apache-2.0
// Reading a mapping of YAML by a table of settings; not for other layers.
#pragma once

#include <algorithm>
#include <set>

#include "config/table.h"

namespace bindhss::config {

/// Calls visit(name, key node, value node) for each entry; doubled keys and keys that are no text are told
/// instead.
template <class Visit>
void each_entry(const YAML::Node& node, const std::string& prefix, Problems& problems, Visit visit) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
        if (!entry.first.IsScalar()) {
            problems.add(entry.first, prefix + "?", "is a key that is not a name");
        } else if (const auto& name = entry.first.Scalar(); !seen.insert(name).second) {
            problems.add(entry.first, prefix + name, "is given twice");
        } else {
            visit(name, entry.first, entry.second);
        }
    }
}

/// The name right below `section` on the way to a key; empty when the key lies elsewhere.
inline std::string_view name_below(std::string_view section, std::string_view key) {
    if (!section.empty()) {
        if (!key.starts_with(section) || key.substr(section.size()).substr(0, 1) != ".") return {};
        key.remove_prefix(section.size() + 1);
    }
    return key.substr(0, key.find('.'));
}

/// The keys and sections right below a section.
template <class T>
std::vector<std::string_view> names_in(const std::vector<Setting<T>>& table, std::string_view section) {
    std::vector<std::string_view> names;
    for (const auto& setting : table) {
        const auto name = name_below(section, setting.key);
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    return names;
}

/// Where else a key of that name is, for one that was put into the wrong section.
template <class T>
std::string elsewhere(const std::vector<Setting<T>>& table, std::string_view name) {
    for (const auto& setting : table)
        if (setting.name() == name) return ", did you mean '" + std::string(setting.key) + "'?";
    return {};
}

template <class T>
void read_section(T& t, const YAML::Node& node, const std::vector<Setting<T>>& table,
                  std::string_view section, const std::string& prefix, Problems& problems) {
    each_entry(
        node, prefix, problems, [&](const std::string& name, const YAML::Node& key, const YAML::Node& value) {
            const auto setting = std::find_if(table.begin(), table.end(), [&](const Setting<T>& candidate) {
                return candidate.section() == section && candidate.name() == name;
            });
            const auto names = names_in(table, section);
            if (setting != table.end()) {
                setting->read(t, value, prefix + name, problems);
            } else if (std::find(names.begin(), names.end(), name) != names.end()) {
                if (value.IsMap()) {
                    const auto below = section.empty() ? name : std::string(section) + "." + name;
                    read_section(t, value, table, below, prefix + name + ".", problems);
                } else if (!value.IsNull()) {  // a section with nothing in it is one whose keys are commented
                                               // out
                    problems.add(key, prefix + name, "is a section: its keys stand below it, indented");
                }
            } else {
                auto hint = did_you_mean(name, names);
                if (hint.empty()) hint = elsewhere(table, name);
                problems.add(key, prefix + name, "is not a known key" + hint);
            }
        });
}

/// Reads a list of mappings: each item by the table, then by `check`, which sees the items before it too.
template <class T, class Check>
std::vector<T> read_items(const YAML::Node& node, const std::vector<Setting<T>>& table,
                          const std::string& name, std::string_view what, Problems& problems, Check check) {
    std::vector<T> items;
    if (!node.IsSequence()) {
        problems.add(node, name, "is not a list: begin each with '- " + std::string(table[0].key) + ": ...'");
        return items;
    }
    for (const auto& item : node) {
        const auto item_name = name + "[" + std::to_string(items.size() + 1) + "]";
        auto& read = items.emplace_back();
        if (!item.IsMap()) {
            problems.add(
                item, item_name,
                "is not a " + std::string(what) + ": it has keys, at least " + std::string(table[0].key));
            continue;
        }
        read_section(read, item, table, "", item_name + ".", problems);
        for (const auto& setting : table) {
            const bool there = std::any_of(item.begin(), item.end(), [&setting](const auto& entry) {
                return entry.first.IsScalar() && entry.first.Scalar() == setting.key;
            });
            if (setting.required && !there)
                problems.add(item, item_name + "." + std::string(setting.key), "is missing");
        }
        check(items, item, item_name);
    }
    return items;
}

/// The items as blocks of YAML below a key of that indentation; "[]" for none.
template <class T>
std::string write_items(const std::vector<T>& items, const std::vector<Setting<T>>& table,
                        const std::string& indent) {
    if (items.empty()) return "[]";
    std::string text;
    for (const auto& item : items) {
        std::string_view lead = "- ";
        for (const auto& setting : table) {
            const auto value = setting.write(item);
            if (value.empty()) continue;
            text += "\n" + indent + "  " + std::string(lead) + std::string(setting.key) + ": " + value;
            lead = "  ";
        }
    }
    return text;
}

/// An item as comment lines with what each of its keys means, for the default file.
template <class T>
std::string write_example(const T& item, const std::vector<Setting<T>>& table, const std::string& indent) {
    std::string text;
    std::string_view lead = "- ";
    for (const auto& setting : table) {
        auto line =
            indent + "#   " + std::string(lead) + std::string(setting.key) + ": " + setting.write(item);
        line.resize(std::max<std::size_t>(line.size(), 48), ' ');
        text += line + "  # " + std::string(setting.description) + "\n";
        lead = "  ";
    }
    return text;
}

}  // namespace bindhss::config
