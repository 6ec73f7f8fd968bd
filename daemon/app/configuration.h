// SPDX-License-Identifier: Apache-2.0
// The configuration in force, and how it becomes another one while the daemon serves.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.h"
#include "log/log.h"

namespace bindhss {

/// Any thread may call it. A reload happens in two steps, so that it happens as a whole or not at all: first
/// every part looks at what would change and reads the files that it names; when none of them objects, each
/// takes its change over.
class Configuration {
  public:
    /// Takes over what was prepared. Must not throw.
    using Apply = std::function<void()>;
    /// What a part does when the configuration is to become `wanted`, which it may not keep a reference to.
    /// Throws std::runtime_error with one clear line, without a secret, when it cannot; then nothing changes.
    /// It is called at every reload: a file may be another one although its name is the same.
    using Prepare = std::function<Apply(const config::Settings& wanted)>;

    /// The log outlives it.
    Configuration(config::Source source, config::Loaded loaded, log::Logger& log);

    [[nodiscard]] std::shared_ptr<const config::Settings> now() const;
    /// As YAML, secrets masked, with comments that say where values come from.
    [[nodiscard]] std::string shown() const;

    /// A part that follows reloads, in the order of these calls. REQUIRES: no reload is under way; the part
    /// lives as long as reloads may come.
    void follow(Prepare prepare);

    struct Outcome {
        std::vector<std::string> changed;        ///< keys that have taken effect
        std::vector<std::string> needs_restart;  ///< keys whose new values wait for a restart
    };
    /// Reads file and environment again. Throws std::runtime_error (config::Error for what is wrong with the
    /// file, a line each); then nothing has changed, and the log says so.
    Outcome reload();

  private:
    Outcome take_over(const config::Loaded& loaded);

    const config::Source source_;
    log::Logger& log_;
    std::mutex reloading_;  ///< one at a time
    std::vector<Prepare> parts_;
    mutable std::mutex mutex_;
    // guarded by mutex_:
    std::shared_ptr<const config::Settings> settings_;
    config::Origins origins_;
};

}  // namespace bindhss
