// SPDX-License-Identifier: Apache-2.0
// The composition root: the one place where the parts are joined.
#pragma once

#include "config/config.h"
#include "log/log.h"

namespace bindhss {

/// Runs the daemon until SIGTERM or SIGINT; returns when every request in flight is answered and all is
/// closed. `source`: what `loaded` was read from, and is read from again at a reload. Throws
/// std::runtime_error with one clear line when it cannot start.
void run_daemon(config::Source source, config::Loaded loaded, log::Logger& log);

}  // namespace bindhss
