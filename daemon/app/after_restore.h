// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "config/settings.h"
#include "log/log.h"

namespace bindhss {

/// Makes a restored database fit to serve (store/postgres/restore.h), and returns without serving. Throws
/// std::runtime_error with one line that says what is wrong.
void run_after_restore(const config::Settings& settings, log::Logger& log, std::uint64_t seq_ahead);

}  // namespace bindhss
