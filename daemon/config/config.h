// SPDX-License-Identifier: Apache-2.0
// The configuration file: read, checked, shown. One table (config/table.cpp) drives all of it.
#pragma once

#include <map>
#include <optional>
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

/// A variable of the environment.
struct Variable {
    std::string name;
    std::string value;
};

/// Where a configuration comes from. The environment goes before the file, and the file before the default.
struct Source {
    std::string file;
    std::vector<Variable> environment;  ///< those that begin with "BINDHSS_"; others are of no interest
    /// Where systemd puts what LoadCredential= names, for values "credential:NAME"; absent: nowhere, and such
    /// a value is refused.
    std::optional<std::string> credentials;
};
/// The source of this process: its variables BINDHSS_*, and $CREDENTIALS_DIRECTORY.
[[nodiscard]] Source source_of_process(std::string file);

/// By key: where its value comes from, "file:line" or the name of a variable. Defaults are not in it.
using Origins = std::map<std::string, std::string, std::less<>>;

struct Loaded {
    Settings settings;
    Origins origins;
};

/// Reads and checks file and environment; what they leave out has its default. Throws Error, whose lines
/// begin with "file:line: key" or "VARIABLE: key".
[[nodiscard]] Loaded load(const Source& source);
/// The same for a program beside the daemon, which systemd hands nothing to: values "credential:NAME" are
/// kept as they are. Without a file's name there is the environment alone.
[[nodiscard]] Settings load_beside(const Source& source);
/// A file alone, as it stands there: values "credential:NAME" are kept as they are.
[[nodiscard]] Settings load(const std::string& path);
/// The same for a text; `name` stands for the file in messages.
[[nodiscard]] Settings parse(const std::string& text, const std::string& name);
/// The same with the rest of a source, whose file is not looked at.
[[nodiscard]] Loaded parse(const std::string& text, const std::string& name, const Source& source);

/// The variable of a key: BINDHSS_DIAMETER_IDENTITY of diameter.identity.
[[nodiscard]] std::string variable_of(std::string_view key);

/// What is allowed and perhaps not meant, one "key: what" each.
[[nodiscard]] std::vector<std::string> warnings(const Settings& settings);

/// Every setting as YAML that load() would read, but for passwords, which are masked. What is in `origins`
/// has a comment that says where it comes from.
[[nodiscard]] std::string render(const Settings& settings, const Origins& origins = {});
/// The commented file with every default: config/bindhssd.yaml.
[[nodiscard]] std::string render_default_file();

struct Change {
    std::string key;
    bool reloadable;  ///< false: takes effect at the next start only
};
/// Every key, in the order of the table.
[[nodiscard]] std::vector<Change> all_keys();
/// The settings in which two configurations differ, in the order of the table.
[[nodiscard]] std::vector<Change> differences(const Settings& before, const Settings& after);

/// What a reload brings to a daemon that runs.
struct Reload {
    Settings settings;                       ///< in force from then on
    std::vector<std::string> changed;        ///< keys that take effect
    std::vector<std::string> needs_restart;  ///< keys that are other than in force, and stay so until a start
};
/// Takes of `wanted` what is reloadable. A key that is, but would do harm without another one that is not,
/// waits for the restart with it: peers for our realm, say. Pure.
[[nodiscard]] Reload plan_reload(const Settings& in_force, const Settings& wanted);

[[nodiscard]] inline bool embedded(const Settings& settings) {
    return settings.database.url.empty();
}
/// keys.file, or for the embedded database "<state_directory>/keys".
[[nodiscard]] std::string keys_file(const Settings& settings);
/// Where the API's socket is: api.socket, or "<state_directory>/api.sock". Nothing: there is none.
[[nodiscard]] std::optional<std::string> api_socket(const Settings& settings);
/// Where the embedded cluster lives (ClusterSettings::directory): the daemon and its tools agree on it here.
[[nodiscard]] inline const std::string& cluster_directory(const Settings& settings) {
    return settings.state_directory;
}
/// A connection string (URI or keywords) with every password replaced by "***".
[[nodiscard]] std::string masked_url(std::string_view url);

}  // namespace bindhss::config
