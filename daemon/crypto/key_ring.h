// SPDX-License-Identifier: Apache-2.0
// Secrets sealed at rest (spec 5.4): AES-256-GCM under a key-encryption key that never enters the database.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "types/seams.h"
#include "types/secret.h"

namespace bindhss::crypto {

/// What a sealed value belongs to; a value moved to another table, column or row does not open.
struct SealContext {
    std::string_view table;
    std::string_view column;
    std::string_view row;
};

/// The key-encryption keys, by number; the highest number seals, every number opens. Immutable after loading:
/// any thread may seal and open.
///
/// File: one key a line, "<number 1..255> <64 hexadecimal digits>", '#' begins a comment.
/// Sealed value: version 0x01 | key number (1) | nonce (12) | ciphertext (as long as the secret) | tag (16).
class KeyRing {
  public:
    static constexpr std::size_t overhead_octets = 2 + 12 + 16;

    /// Reads a key file. Throws std::runtime_error naming the file and what is wrong: it cannot be read,
    /// group or others may read it, a line is malformed, there is no key.
    static KeyRing load(const std::string& path);
    /// Writes a new file with one random key, mode 0600, synced to disk. Throws std::runtime_error, also when
    /// the file exists: a key is never overwritten.
    static void create(const std::string& path, Random& random);
    /// A ring with one key, for tests and tools.
    static KeyRing of(std::uint8_t number, const Secret<32>& key);

    [[nodiscard]] OctetString seal(OctetView secret, const SealContext& context, Random& random) const;
    /// The same under the key of that number. REQUIRES: it is one of numbers().
    [[nodiscard]] OctetString seal_under(std::uint8_t number, OctetView secret, const SealContext& context,
                                         Random& random) const;
    /// Nothing when the value was sealed for another place, under a key that is not in the ring, or was
    /// changed.
    [[nodiscard]] std::optional<SecretString> open(OctetView sealed, const SealContext& context) const;
    /// Of the keys, ascending: the last one seals.
    [[nodiscard]] std::vector<std::uint8_t> numbers() const;

  private:
    std::map<std::uint8_t, Secret<32>> keys_;
};

}  // namespace bindhss::crypto
