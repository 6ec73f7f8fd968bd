// SPDX-License-Identifier: Apache-2.0
// The table of settings: one definition a key drives reading, showing, the commented default file and what a
// reload may change. Not for other layers.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/value.h"

namespace bindhss::config {

struct Problem {
    int line;
    std::string key;
    std::string text;
};

/// Collects what is wrong, so that all of it is told at once.
class Problems {
  public:
    void add(const YAML::Node& node, std::string key, std::string text) {
        add(node.IsDefined() ? node.Mark().line + 1 : 1, std::move(key), std::move(text));
    }
    void add(int line, std::string key, std::string text) {
        list_.push_back({line, std::move(key), std::move(text)});
    }
    /// From here on the value of a key is that of a variable of the environment, which is to be named.
    void comes_from(std::string key, std::string variable) {
        variables_[std::move(key)] = std::move(variable);
    }
    [[nodiscard]] bool empty() const { return list_.empty(); }
    /// One "name:line: key: text" or "VARIABLE: key: text" a line: the file's in its order, then the others.
    [[nodiscard]] std::string str(const std::string& name) const;

  private:
    [[nodiscard]] const std::string* variable_for(const Problem& problem) const;

    std::vector<Problem> list_;
    std::map<std::string, std::string, std::less<>> variables_;
};

/// One key of a T. The default is what a T{} holds.
template <class T>
struct Setting {
    std::string_view key;  ///< "section.name", "section.section.name", or "name" outside any section
    std::string type;      ///< for people, with the range
    bool reloadable;
    std::string_view description;
    /// Reads into T; on a bad value adds a problem under the name given and leaves T alone.
    std::function<void(T&, const YAML::Node&, const std::string& name, Problems&)> read;
    /// The value as YAML, as it stands behind "key: ".
    std::function<std::string(const T&)> write;
    std::function<void(T& to, const T& from)> copy;
    /// Of the path of a file, which may be "credential:NAME" too; absent: it is something else.
    std::function<std::string&(T&)> path = {};
    bool list = false;      ///< or a mapping: more than one scalar
    bool secret = false;    ///< shown masked
    bool required = false;  ///< has no default

    [[nodiscard]] std::string_view section() const {
        const auto dot = key.rfind('.');
        return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
    }
    [[nodiscard]] std::string_view name() const {
        const auto dot = key.rfind('.');
        return dot == std::string_view::npos ? key : key.substr(dot + 1);
    }
};

template <class T, class Get, class Read, class Write>
Setting<T> one_value(std::string_view key, std::string type, bool reloadable, std::string_view description,
                     Get get, Read read, Write write) {
    const auto read_into = [get, read](T& t, const YAML::Node& node, const std::string& name,
                                       Problems& problems) {
        try {
            get(t) = read(node);
        } catch (const BadValue& error) {
            problems.add(node, name, error.what());
        }
    };
    return {key,
            std::move(type),
            reloadable,
            description,
            read_into,
            [get, write](const T& t) { return write(get(t)); },
            [get](T& to, const T& from) { get(to) = get(from); }};
}

/// The path of a file, or "credential:NAME".
template <class Get>
Setting<Settings> file_setting(std::string_view key, bool reloadable, std::string_view description, Get get) {
    auto setting =
        one_value<Settings>(key, "absolute path", reloadable, description, get, read_file, write_text);
    setting.path = [get](Settings& settings) -> std::string& { return get(settings); };
    return setting;
}

/// A list whose items are read one by one; every bad item is told.
template <class T, class Get, class Read, class Write>
Setting<T> list_of(std::string_view key, std::string type, bool reloadable, std::string_view description,
                   Get get, Read read, Write write) {
    const auto read_into = [get, read](T& t, const YAML::Node& node, const std::string& name,
                                       Problems& problems) {
        if (!node.IsSequence())
            return problems.add(node, name, "is not a list: write [a, b], or [] for none");
        std::remove_reference_t<decltype(get(t))> list;
        for (const auto& item : node) {
            try {
                list.push_back(read(item));
            } catch (const BadValue& error) {
                problems.add(item, name, error.what());
            }
        }
        get(t) = std::move(list);
    };
    const auto write_from = [get, write](const T& t) {
        std::string text;
        for (const auto& item : get(t)) text += (text.empty() ? "" : ", ") + write(item);
        return "[" + text + "]";
    };
    Setting<T> setting{
        key, std::move(type), reloadable, description, read_into, write_from, [get](T& to, const T& from) {
            get(to) = get(from);
        }};
    setting.list = true;
    return setting;
}

/// A list of mappings, or anything else that reads and writes itself.
template <class Get>
Setting<Settings> items_of(
    std::string_view key, std::string type, std::string_view description, Get get,
    std::function<void(Settings&, const YAML::Node&, const std::string&, Problems&)> read,
    std::function<std::string(const Settings&)> write) {
    Setting<Settings> setting{key,
                              std::move(type),
                              true,
                              description,
                              std::move(read),
                              std::move(write),
                              [get](Settings& to, const Settings& from) { get(to) = get(from); }};
    setting.list = true;
    return setting;
}

[[nodiscard]] const std::vector<Setting<Settings>>& table();
[[nodiscard]] const std::vector<Setting<PeerSettings>>& peer_table();
/// The list diameter.peers, in peer_table.cpp.
[[nodiscard]] Setting<Settings> peers_setting();
/// diameter.tls.*, in tls_table.cpp, and what is wrong with TLS and its peers together.
void add_tls(std::vector<Setting<Settings>>& table);
void check_tls(const Settings& settings, const YAML::Node& root, Problems& problems);
/// alarms.* and audit.*, in alarm_table.cpp, and what its keys need of each other.
void add_alarms(std::vector<Setting<Settings>>& table);
void add_audit(std::vector<Setting<Settings>>& table);
/// metrics.*, in metrics_table.cpp.
void add_metrics(std::vector<Setting<Settings>>& table);
void check_alarms(const Settings& settings, const YAML::Node& root, Problems& problems);
/// nodes and roaming.*, in roaming_table.cpp.
void add_nodes(std::vector<Setting<Settings>>& table);
void add_roaming(std::vector<Setting<Settings>>& table);

/// provisioning.*, in provisioning_table.cpp, and what its keys need of each other.
void add_provisioning(std::vector<Setting<Settings>>& table);
void check_provisioning(const Settings& settings, const YAML::Node& root, Problems& problems);
/// provisioning.https.* and provisioning.registry.*, in provisioning_https_table.cpp.
void add_provisioning_https(std::vector<Setting<Settings>>& table);
void check_provisioning_https(const Settings& settings, const YAML::Node& root, Problems& problems);
[[nodiscard]] std::string_view describe_provisioning(std::string_view section);

/// api.*, in api_table.cpp, and what its keys need of each other.
void add_api(std::vector<Setting<Settings>>& table);
void check_api(const Settings& settings, const YAML::Node& root, Problems& problems);
/// What is to be said of it; empty: nothing.
[[nodiscard]] std::string api_warning(const Settings& settings);
[[nodiscard]] std::string api_certificates_example();

/// limits.*, in limits_table.cpp.
void add_limits(std::vector<Setting<Settings>>& table);
[[nodiscard]] std::string_view describe_limits(std::string_view section);
/// "60/1min", or "off".
[[nodiscard]] Rate read_rate(const YAML::Node& node);
[[nodiscard]] std::string write_rate(const Rate& rate);

/// In environment.cpp. What the environment says goes into settings and origins.
void read_environment(Settings& settings, const Source& source, Origins& origins, Problems& problems);
/// Puts the path in the place of each "credential:NAME".
void put_credentials(Settings& settings, const Source& source, const YAML::Node& root, Problems& problems);

/// The line of a key that has a value in the file.
[[nodiscard]] std::optional<int> line_of_value(const YAML::Node& node, std::string_view key);
/// The line of a key in the file; of its section, or 1, when it is not there.
[[nodiscard]] int line_of(const YAML::Node& node, std::string_view key, int otherwise = 1);
/// How an entry of a list is written, as comment for the default file.
[[nodiscard]] std::string peers_example();
[[nodiscard]] std::string nodes_example();
[[nodiscard]] std::string realms_example();
[[nodiscard]] std::string alarm_rules_example();

/// What a section is about, for the default file.
[[nodiscard]] std::string_view describe_section(std::string_view section);

}  // namespace bindhss::config
