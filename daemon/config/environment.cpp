// SPDX-License-Identifier: Apache-2.0
// Settings from the environment, and files that systemd hands over as credentials.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "config/config.h"
#include "config/table.h"

namespace bindhss::config {

namespace {

constexpr std::string_view prefix = "BINDHSS_";
/// Variables of bindhssctl and of the tests, which may be there when a daemon is started.
constexpr std::array<std::string_view, 8> of_tools{"BINDHSS_API", "BINDHSS_TOKEN",   "BINDHSS_TOKEN_FILE",
                                                   "BINDHSS_CA",  "BINDHSS_BUILD",   "BINDHSS_DICT",
                                                   "BINDHSS_EMU", "BINDHSS_SANITIZE"};

char upper_case(char c) {
    if (c == '.') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// A single value is the text of the variable as it is: a password needs no quotes. A list is YAML.
void read_variable(Settings& settings, const Setting<Settings>& setting, const Variable& variable,
                   Problems& problems) {
    const std::string key(setting.key);
    problems.comes_from(key, variable.name);
    if (!setting.list) return setting.read(settings, YAML::Node(variable.value), key, problems);
    try {
        setting.read(settings, YAML::Load(variable.value), key, problems);
    } catch (const YAML::Exception& error) {
        problems.add(YAML::Node(), key, "is not YAML: " + error.msg);
    }
}

std::vector<std::string> variables() {
    std::vector<std::string> names;
    for (const auto& setting : table()) names.push_back(variable_of(setting.key));
    return names;
}

void refuse_unknown(const std::string& name, Problems& problems) {
    if (std::find(of_tools.begin(), of_tools.end(), name) != of_tools.end()) return;
    const auto all = variables();
    const std::vector<std::string_view> names(all.begin(), all.end());
    problems.comes_from(name, name);
    problems.add(YAML::Node(), name, "is the variable of no key" + did_you_mean(name, names));
}

/// Where the value of a path comes from, for messages: the file's line, unless a variable has it.
void refuse(const Setting<Settings>& setting, const YAML::Node& root, std::string text, Problems& problems) {
    problems.add(line_of(root, setting.key), std::string(setting.key), std::move(text));
}

}  // namespace

std::string variable_of(std::string_view key) {
    std::string name(prefix);
    std::transform(key.begin(), key.end(), std::back_inserter(name), upper_case);
    return name;
}

Source source_of_process(std::string file) {
    Source source{std::move(file), {}, std::nullopt};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (!text.starts_with(prefix) || equals == std::string_view::npos) continue;
        source.environment.push_back(
            {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))});
    }
    // Read before any thread is there.
    if (const char* const folder = std::getenv("CREDENTIALS_DIRECTORY"))  // NOLINT(concurrency-mt-unsafe)
        source.credentials = folder;
    return source;
}

void read_environment(Settings& settings, const Source& source, Origins& origins, Problems& problems) {
    for (const auto& variable : source.environment) {
        const auto setting = std::find_if(table().begin(), table().end(), [&](const auto& candidate) {
            return variable_of(candidate.key) == variable.name;
        });
        if (setting == table().end()) {
            refuse_unknown(variable.name, problems);
            continue;
        }
        read_variable(settings, *setting, variable, problems);
        origins[std::string(setting->key)] = variable.name;
    }
}

void put_credentials(Settings& settings, const Source& source, const YAML::Node& root, Problems& problems) {
    for (const auto& setting : table()) {
        if (!setting.path) continue;
        auto& path = setting.path(settings);
        if (!path.starts_with(credential_scheme)) continue;
        if (!source.credentials) {
            refuse(
                setting, root,
                "is a credential, and there is no $CREDENTIALS_DIRECTORY: systemd makes it for a unit with "
                "LoadCredential=" +
                    path.substr(credential_scheme.size()) + ":FILE",
                problems);
        } else {
            path = *source.credentials + "/" + path.substr(credential_scheme.size());
        }
    }
}

}  // namespace bindhss::config
