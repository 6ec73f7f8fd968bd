// SPDX-License-Identifier: Apache-2.0
// Key pairs of devices in files: the private half for the emulator, the public half for the HSS.
#pragma once

#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "emu/secure_element.h"

namespace bindhss::emu {

/// x25519, p256, rsa2048, rsa3072, rsa4096.
struct DeviceKeyKind {
    crypto::KeyType type = crypto::KeyType::x25519;
    unsigned bits = 0;  ///< of RSA
};
[[nodiscard]] std::optional<DeviceKeyKind> parse_device_key_kind(std::string_view text);
/// For complaints.
[[nodiscard]] std::string device_key_kinds();
[[nodiscard]] crypto::DevicePrivateKey generate_device_key(const DeviceKeyKind& kind);

/// A PEM file (PKCS#8); or why it cannot be used.
[[nodiscard]] std::variant<crypto::DevicePrivateKey, std::string> read_device_key(const std::string& path);
/// All keys of a file, one behind the other; at least one.
[[nodiscard]] std::variant<std::vector<DeviceKeyPair>, std::string> read_device_keys(const std::string& path);
/// Readable by its owner alone. Throws std::runtime_error.
void write_device_keys(const std::string& path, const std::vector<DeviceKeyPair>& keys);

/// A device's key as `attach --kme` takes it; readable by its owner alone. Throws std::runtime_error.
void write_kme(const std::string& path, std::uint32_t generation, const SecretString& kme);

/// The header, and the line of one device, of a file for `bindhssctl device-key import`: IMEI and DER
/// SubjectPublicKeyInfo in hexadecimal.
inline constexpr const char* device_key_header = "imei,key,origin";
void write_device_key_line(std::ostream& out, Imei imei, const crypto::DevicePublicKey& key);

}  // namespace bindhss::emu
