// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>

#include "types/secret.h"

namespace bindhss::crypto {

/// Others than its owner may read or write it. A file of root that nobody may write and only root and its
/// group may read (0440) is not such a one: that is how systemd hands over a credential, whose list of access
/// names our user besides.
[[nodiscard]] bool open_to_others(const struct stat& status);
/// What to say of it.
inline constexpr std::string_view open_to_others_text = "may be read by group or others: chmod 600 it";

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
