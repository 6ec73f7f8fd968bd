// SPDX-License-Identifier: Apache-2.0
// The key file against the database: whether these are the keys that its secrets are sealed under.
#pragma once

#include <stdexcept>
#include <string>

#include "crypto/key_ring.h"

namespace bindhss::store::postgres {

/// The keys do not belong to the database; the text is one clear line that names the key file.
class KeyMismatch : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Throws KeyMismatch unless every key of `keys` that the database knows is the one it knows, one of them at
/// least is known, and nothing is sealed under a key that `keys` lacks. Keys that the database does not know
/// yet (its first start, a key that was added, a database older than its check values) are noted in it, after
/// what is sealed under them was seen to open. Programs that start at once agree on the first one's keys.
/// `file` is where the keys came from, for the message. Blocking; any thread. Throws Unavailable
/// (provisioning.h) when the database cannot be used. REQUIRES: the schema is up to date (migrations.h).
void check_keys(const std::string& url, const crypto::KeyRing& keys, Random& random, const std::string& file);

/// Forgets which keys the database knows, so that new ones may be made for it; false, and nothing is
/// forgotten, when something is sealed under them. For a database that nobody else uses. Blocking; any
/// thread. Throws Unavailable. REQUIRES: the schema is up to date.
[[nodiscard]] bool forget_unused_keys(const std::string& url);

}  // namespace bindhss::store::postgres
