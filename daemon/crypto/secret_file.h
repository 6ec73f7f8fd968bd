// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "types/secret.h"

namespace bindhss::crypto {

/// What a file with one secret is, and how long the secret may be.
struct SecretFile {
    std::string what;  ///< for people: "webhook secret"
    std::size_t octets_min = 1;
    std::size_t octets_max = 1;
};

/// The secret, without the line break at its end. Throws std::runtime_error that names the file: it cannot be
/// read, others may read it, it is too short or too long. It never holds anything of the secret.
[[nodiscard]] SecretString load_secret(const SecretFile& file, const std::string& path);

}  // namespace bindhss::crypto
