// SPDX-License-Identifier: Apache-2.0
// What the API of operators works on, where there is a daemon about it.
#pragma once

#include <chrono>
#include <string>

#include "crypto/key_ring.h"
#include "management/api.h"
#include "types/limits.h"
#include "types/seams.h"

namespace bindhss {

/// What a statement of a request may take. Nobody waits longer for what somebody else has locked than a
/// client waits for an answer.
struct ApiPatience {
    std::chrono::milliseconds statement{limits::api_statement_ms};
    std::chrono::milliseconds lock_wait{limits::api_lock_wait_ms};
};

/// For one thread, with connections of their own that are made when they are needed. Does not throw
/// Unavailable. What it borrows outlives the stores.
[[nodiscard]] management::Stores open_api_stores(const std::string& url, const crypto::KeyRing& keys,
                                                 Random& random, const ApiPatience& patience = {});

}  // namespace bindhss
