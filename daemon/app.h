// SPDX-License-Identifier: Apache-2.0
// The composition root: the one place where the parts are joined.
#pragma once

#include "config/settings.h"

namespace bindhss {

/// Runs the daemon until SIGTERM or SIGINT; returns when every request in flight is answered and all is
/// closed. Throws std::runtime_error with one clear line when it cannot start.
void run_daemon(const config::Settings& settings, log::Logger& log);

}  // namespace bindhss
