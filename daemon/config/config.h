// SPDX-License-Identifier: Apache-2.0
// The configuration file: read, checked, shown. One table (config/table.cpp) drives all of it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace bindhss::config {

/// Everything that is wrong with a file, one "file:line: key: what" a line. Never holds the value of a
/// secret.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Reads and checks a file; what it leaves out has its default. Throws Error.
[[nodiscard]] Settings load(const std::string& path);
/// The same for a text; `name` stands for the file in messages.
[[nodiscard]] Settings parse(const std::string& text, const std::string& name);

/// What is allowed and perhaps not meant, one "key: what" each.
[[nodiscard]] std::vector<std::string> warnings(const Settings& settings);

/// Every setting as YAML that load() would read, but for passwords, which are masked.
[[nodiscard]] std::string render(const Settings& settings);
/// The commented file with every default: config/bindhssd.yaml.
[[nodiscard]] std::string render_default_file();

struct Change {
    std::string key;
    bool reloadable;  ///< false: takes effect at the next start only
};
/// The settings in which two configurations differ, in the order of the table.
[[nodiscard]] std::vector<Change> differences(const Settings& before, const Settings& after);

[[nodiscard]] inline bool embedded(const Settings& settings) {
    return settings.database.url.empty();
}
/// keys.file, or for the embedded database "<state_directory>/keys".
[[nodiscard]] std::string keys_file(const Settings& settings);
/// Where the embedded cluster lives (ClusterSettings::directory): the daemon and its tools agree on it here.
[[nodiscard]] inline const std::string& cluster_directory(const Settings& settings) {
    return settings.state_directory;
}
/// A connection string (URI or keywords) with every password replaced by "***".
[[nodiscard]] std::string masked_url(std::string_view url);

}  // namespace bindhss::config
