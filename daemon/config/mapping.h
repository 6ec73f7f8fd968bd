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

template <class T>
std::vector<std::string_view> names_in(const std::vector<Setting<T>>& table, std::string_view section) {
    std::vector<std::string_view> names;
    for (const auto& setting : table) {
        if (setting.section() == section) {
            names.push_back(setting.name());
        } else if (section.empty() &&
                   std::find(names.begin(), names.end(), setting.section()) == names.end()) {
            names.push_back(setting.section());
        }
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
            } else if (section.empty() && std::find(names.begin(), names.end(), name) != names.end()) {
                if (value.IsMap()) {
                    read_section(t, value, table, name, prefix + name + ".", problems);
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

}  // namespace bindhss::config
